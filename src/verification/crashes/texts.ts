/** What terminals and logs show: everything else is noise, or was put there to deceive. */
export function onlyPrintable(line: string): string {
  let out = "";
  for (const each of line) if (each === "\t" || (each >= " " && each <= "~")) out += each;
  return out;
}

/** As types are written: the first letter large, all others small. */
export const capitalise = (text: string): string => text.slice(0, 1).toUpperCase() + text.slice(1).toLowerCase();

export const hyphenate = (text: string): string => text.replaceAll(" ", "-");

/** Both ends without these characters. */
export function strip(text: string, characters: string): string {
  let [from, to] = [0, text.length];
  while (from < to && characters.includes(text[from] as string)) from++;
  while (to > from && characters.includes(text[to - 1] as string)) to--;
  return text.slice(from, to);
}

/** The name of a source file, without its folders and its line. */
export function fileNameOf(path: string): string {
  const [beforeColon = ""] = strip(path, " .'\"[]").split(":");
  const [name = ""] = beforeColon.split("(");
  return baseName(name);
}

export const baseName = (path: string): string => {
  const forward = path.replaceAll("\\", "/");
  return forward.slice(forward.lastIndexOf("/") + 1);
};

/** What a failed check asserted, without the values that it found: they differ from run to run. */
export function assertedIn(message: string): string {
  const prefix = "Check failed: ";
  let text = message.startsWith(prefix) ? message.slice(prefix.length) : message;
  text = cutComparison(text, "failed: ", "failed:".length);
  text = cutUnclosed(cutComparison(text, " (", 0));
  return strip(cutQuotedValue(text), " .'\"[]");
}

/** `a == b (1 vs. 2)` compares values from `opening` on; `kept` of its characters stay. */
function cutComparison(text: string, opening: string, kept: number): string {
  const open = text.indexOf(opening);
  return open !== -1 && text.indexOf(" vs. ", open) !== -1 ? text.slice(0, open + kept) : text;
}

/** `a == b (` compares values that go on in the next line. */
function cutUnclosed(text: string): string {
  const open: number[] = [];
  for (let i = 0; i < text.length; i++) {
    if (text[i] === "(") open.push(i);
    else if (text[i] === ")") open.pop();
  }
  const first = open[0];
  return first !== undefined && text[first - 1] === " " ? text.slice(0, first - 1) : text;
}

/** `name: "value"` and `name = 'value'` at the end. */
function cutQuotedValue(text: string): string {
  const quote = text.at(-1);
  if (quote !== "'" && quote !== '"') return text;
  const last = text.length - 1;
  for (let i = 0; i < last; i++) {
    if (text[i] !== ":" && text[i] !== "=") continue;
    let value = i + 1;
    while (text[value] === " ") value++;
    if (text[value] === quote && value < last) return text.slice(0, i).trimEnd();
    i = value - 1;
  }
  return text;
}
