/**
 * The line, counted from 1, on which a JSON pointer (RFC 6901) leads in a text that was parsed as JSON before; where
 * what it names is not there, that of the innermost value that is.
 */
export function lineOf(text: string, pointer: string): number {
  const names = pointer
    .split("/")
    .slice(1)
    .map((name) => name.replaceAll("~1", "/").replaceAll("~0", "~"));
  let at = afterSpace(text, 0);
  for (const name of names) {
    const inside = memberAt(text, at, name);
    if (inside === null) break;
    at = inside;
  }
  return text.slice(0, at).split("\n").length;
}

const afterSpace = (text: string, at: number): number => {
  let next = at;
  while (/\s/.test(text[next] ?? "")) next++;
  return next;
};

/** Where the member of that name, or the item of that number, begins in the object or list at `at`; null without one. */
function memberAt(text: string, at: number, name: string): number | null {
  const isObject = text[at] === "{";
  if (!isObject && text[at] !== "[") return null;
  let next = afterSpace(text, at + 1);
  for (let place = 0; next < text.length && text[next] !== "}" && text[next] !== "]"; place++) {
    let key = `${place}`;
    if (isObject) {
      const end = afterText(text, next);
      key = JSON.parse(text.slice(next, end)) as string;
      next = afterSpace(text, afterSpace(text, end) + 1);
    }
    if (key === name) return next;
    next = afterSpace(text, afterValue(text, next));
    if (text[next] === ",") next = afterSpace(text, next + 1);
  }
  return null;
}

function afterText(text: string, at: number): number {
  let next = at + 1;
  while (next < text.length && text[next] !== '"') next += text[next] === "\\" ? 2 : 1;
  return next + 1;
}

function afterValue(text: string, at: number): number {
  let depth = 0;
  for (let next = at; next < text.length; next++) {
    const character = text[next] as string;
    if (character === '"') next = afterText(text, next) - 1;
    else if (character === "{" || character === "[") depth++;
    else if (character === "}" || character === "]") depth--;
    if (depth < 0 || (depth === 0 && character === ",")) return next;
    if (depth === 0 && (character === "}" || character === "]")) return next + 1;
  }
  return text.length;
}
