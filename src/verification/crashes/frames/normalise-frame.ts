const withoutMeaning = ["non-virtual thunk to ", "(anonymous namespace)::", "`anonymous namespace'::"];

/**
 * The function of a frame: without namespaces that have no name, the module in front, arguments, template parameters
 * of the call and the file. What is left is the same in every build of a program.
 */
export function normaliseFrame(frame: string): string {
  let text = frame;
  for (const each of withoutMeaning) text = text.replaceAll(each, "");
  text = text.slice(text.lastIndexOf("!") + 1);
  const cut = firstOf(text.indexOf("("), text.indexOf("["));
  if (cut > 0) return text.slice(0, cut).trim();
  const trimmed = text.trim();
  const space = trimmed.indexOf(" ");
  return space === -1 ? trimmed : trimmed.slice(0, space);
}

const firstOf = (one: number, other: number): number =>
  one === -1 ? other : other === -1 ? one : Math.min(one, other);
