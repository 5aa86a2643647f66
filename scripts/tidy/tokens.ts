/**
 * A scanner for TypeScript and JavaScript that knows just enough to tell code from comments and strings. TypeScript 7
 * has no compiler API, and rules over plain text would find their words in every comment.
 */
export type TokenKind = "word" | "number" | "text" | "regex" | "comment" | "punctuation";

export interface Token {
  readonly kind: TokenKind;
  /** For `text` (a string, or a piece of a template) what stands between the quotes. */
  readonly text: string;
  readonly line: number;
}

const patterns: readonly (readonly [TokenKind | "space", RegExp])[] = [
  ["space", /\s+/y],
  ["comment", /\/\/[^\n]*|\/\*[\s\S]*?\*\/|^#![^\n]*/y],
  ["word", /[#@]?[\p{ID_Start}$_][\p{ID_Continue}$]*/uy],
  ["number", /\d[\w.]*/y],
  ["text", /"(?:[^"\\\n]|\\[\s\S])*"|'(?:[^'\\\n]|\\[\s\S])*'/y],
  ["regex", /\/(?![*/])(?:[^/\\[\n]|\\.|\[(?:[^\]\\\n]|\\.)*\])+\/[a-z]*/y],
  ["punctuation", /[\s\S]/y],
];

const templatePiece = /(?:[^`\\$]|\\[\s\S]|\$(?!\{))*(\$\{|`|$)/y;

/** Words after which a slash begins a regular expression, not a division. */
const operators = new Set(["return", "typeof", "case", "in", "of", "do", "else", "void", "delete", "throw", "await"]);

export function tokensOf(source: string): Token[] {
  const tokens: Token[] = [];
  /** Open braces inside each template that surrounds this place. */
  const templates: number[] = [];
  let at = 0;
  let line = 1;

  const emit = (kind: TokenKind | "space", raw: string, text = raw): void => {
    if (kind !== "space") tokens.push({ kind, text, line });
    for (const character of raw) if (character === "\n") line++;
    at += raw.length;
  };
  const template = (open: string): void => {
    templatePiece.lastIndex = at + open.length;
    const piece = templatePiece.exec(source)?.[0] ?? "";
    const close = piece.endsWith("${") ? "${" : piece.endsWith("`") ? "`" : "";
    if (close === "${") templates.push(0);
    emit("text", open + piece, piece.slice(0, piece.length - close.length));
  };

  while (at < source.length) {
    const depth = templates.at(-1);
    if (source[at] === "`") template("`");
    else if (source[at] === "}" && depth === 0) {
      templates.pop();
      template("}");
    } else {
      const [kind, raw] = next(source, at, tokens);
      if (depth !== undefined && raw === "{") templates[templates.length - 1] = depth + 1;
      if (depth !== undefined && raw === "}") templates[templates.length - 1] = depth - 1;
      emit(kind, raw, kind === "text" ? raw.slice(1, -1) : raw);
    }
  }
  return tokens;
}

function next(source: string, at: number, before: readonly Token[]): [TokenKind | "space", string] {
  for (const [kind, pattern] of patterns) {
    if (kind === "regex" && !mayStartRegex(before)) continue;
    pattern.lastIndex = at;
    const raw = pattern.exec(source)?.[0];
    if (raw !== undefined && raw !== "") return [kind, raw];
  }
  return ["punctuation", source[at] as string];
}

function mayStartRegex(before: readonly Token[]): boolean {
  const last = before.findLast((token) => token.kind !== "comment");
  if (last === undefined) return true;
  if (last.kind === "word") return operators.has(last.text);
  return last.kind === "punctuation" && ![")", "]", "}"].includes(last.text);
}

/** The program without its comments. */
export const codeOf = (tokens: readonly Token[]): Token[] => tokens.filter((token) => token.kind !== "comment");

/** Where these texts stand one after the other in code: `Date.now` is the words Date and now with a point between. */
export function occurrences(code: readonly Token[], texts: readonly string[]): Token[] {
  return code.filter((_, start) =>
    texts.every((text, i) => code[start + i]?.text === text && code[start + i]?.kind !== "text"),
  );
}
