/**
 * How a line of a report is recognised: text with holes, matched from the start of the line in time linear in its
 * length, whatever the line holds. Reports come from strangers, and a regular expression that backtracks is an attack.
 *
 * - `text` stands for itself.
 * - `{}` is anything up to the next text (at the end: the rest of the line), `{name}` the same and remembered.
 *   `{>}` and `{name>}` reach to the last such text instead of the first.
 * - `{:class}` is a run of at least one character of a class, `{name:class}` the same and remembered; `*` behind the
 *   class allows none.
 * - `{$}` is the end of the line.
 *
 * Where a run follows the text behind a hole, the hole ends at the first (or last) place where both are. Nothing else
 * is tried twice.
 */
export interface Pattern {
  readonly steps: readonly Step[];
  readonly isCaseIgnored: boolean;
}

/** What the holes of a pattern held, by name. */
export type Captures = Readonly<Record<string, string>>;

type Step =
  | { readonly type: "text"; readonly text: string }
  | { readonly type: "run"; readonly name: string; readonly isOf: CharacterClass; readonly min: number }
  | { readonly type: "gap"; readonly name: string; readonly isGreedy: boolean }
  | { readonly type: "end" };

type CharacterClass = (code: number) => boolean;

const between = (from: string, to: string): CharacterClass => {
  const [low, high] = [from.charCodeAt(0), to.charCodeAt(0)];
  return (code) => code >= low && code <= high;
};

const oneOf = (characters: string): CharacterClass => {
  const codes = new Set(Array.from(characters, (each) => each.charCodeAt(0)));
  return (code) => codes.has(code);
};

const either =
  (...classes: readonly CharacterClass[]): CharacterClass =>
  (code) =>
    classes.some((isOf) => isOf(code));

export const isDigit = between("0", "9");
const isUpper = between("A", "Z");
const isLetter = either(isUpper, between("a", "z"));
export const isSpace = oneOf(" \t\v\f\r");
const isWord = either(isDigit, isLetter, oneOf("_"));

const classes = {
  digits: isDigit,
  upper: isUpper,
  letters: isLetter,
  word: isWord,
  space: isSpace,
  /** A number in base 16, with or without its `0x`. */
  hex: either(isDigit, between("a", "f"), between("A", "F"), oneOf("xX")),
  /** 64-bit addresses of Windows' debuggers have a grave accent in the middle. */
  address: either(isDigit, isLetter, oneOf("`")),
  token: (code: number) => !isSpace(code),
  /** What Go writes between a function's name and its arguments. */
  goName: either(isWord, oneOf(".-\\/()*")),
  /** What may stand behind a sanitizer's name. */
  colon: oneOf(": "),
  /** Up to what follows the kind of fault in a sanitizer's first line. */
  kind: (code: number) => !oneOfKindEnds(code),
} as const satisfies Readonly<Record<string, CharacterClass>>;

const oneOfKindEnds = oneOf("(:;");

type ClassName = keyof typeof classes;

export const pattern = (template: string): Pattern => ({ steps: stepsOf(template), isCaseIgnored: false });

/** The template in lower case; what is remembered keeps its case. */
export const patternInAnyCase = (template: string): Pattern => ({ steps: stepsOf(template), isCaseIgnored: true });

function stepsOf(template: string): Step[] {
  const steps: Step[] = [];
  let at = 0;
  while (at < template.length) {
    const open = template.indexOf("{", at);
    const text = template.slice(at, open === -1 ? template.length : open);
    if (text !== "") steps.push({ type: "text", text });
    if (open === -1) break;
    const close = template.indexOf("}", open);
    steps.push(holeOf(template.slice(open + 1, close)));
    at = close + 1;
  }
  return steps;
}

function holeOf(hole: string): Step {
  if (hole === "$") return { type: "end" };
  const colon = hole.indexOf(":");
  if (colon === -1) {
    const isGreedy = hole.endsWith(">");
    return { type: "gap", name: isGreedy ? hole.slice(0, -1) : hole, isGreedy };
  }
  const mayBeNone = hole.endsWith("*");
  const className = hole.slice(colon + 1, mayBeNone ? -1 : undefined) as ClassName;
  return { type: "run", name: hole.slice(0, colon), isOf: classes[className], min: mayBeNone ? 0 : 1 };
}

/** What the pattern's holes hold in this line, or null where it does not match. */
export function matchLine({ steps, isCaseIgnored }: Pattern, line: string): Captures | null {
  const searched = isCaseIgnored ? toLowerAscii(line) : line;
  const captures: Record<string, string> = {};
  let at = 0;
  for (let i = 0; i < steps.length; i++) {
    const step = steps[i] as Step;
    const start = at;
    if (step.type === "gap") {
      const end = endOfGap(steps, i, searched, at, step.isGreedy);
      if (end === -1) return null;
      at = end;
    } else {
      const length = lengthAt(step, searched, at);
      if (length === -1) return null;
      at += length;
    }
    if ((step.type === "gap" || step.type === "run") && step.name !== "") captures[step.name] = line.slice(start, at);
  }
  return captures;
}

/** How far a step reaches from here, or −1 where it does not match. */
function lengthAt(step: Exclude<Step, { readonly type: "gap" }>, line: string, at: number): number {
  switch (step.type) {
    case "text":
      return line.startsWith(step.text, at) ? step.text.length : -1;
    case "end":
      return at === line.length ? 0 : -1;
    case "run": {
      let end = at;
      while (end < line.length && step.isOf(line.charCodeAt(end))) end++;
      return end - at >= step.min ? end - at : -1;
    }
  }
}

/** Where the text behind a gap begins, or −1. The text is looked for once from one side, so that time stays linear. */
function endOfGap(steps: readonly Step[], gap: number, line: string, from: number, isGreedy: boolean): number {
  const next = steps[gap + 1];
  if (next?.type !== "text") return line.length;
  const after = steps[gap + 2];
  if (after?.type === "end") {
    const end = line.length - next.text.length;
    return end >= from && line.endsWith(next.text) ? end : -1;
  }
  let found = isGreedy ? line.lastIndexOf(next.text) : line.indexOf(next.text, from);
  while (found >= from) {
    if (after?.type !== "run" || after.min === 0 || startsRun(after.isOf, line, found + next.text.length)) return found;
    if (isGreedy && found === 0) return -1;
    found = isGreedy ? line.lastIndexOf(next.text, found - 1) : line.indexOf(next.text, found + 1);
  }
  return -1;
}

const startsRun = (isOf: CharacterClass, line: string, at: number): boolean =>
  at < line.length && isOf(line.charCodeAt(at));

/** Keeps the length, which `toLowerCase` does not for every letter of Unicode. */
function toLowerAscii(line: string): string {
  const lower = line.toLowerCase();
  return lower.length === line.length ? lower : line;
}
