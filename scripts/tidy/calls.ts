import { layers } from "./layers.ts";
import type { Finding, Rule, SourceFile } from "./repository.ts";
import { occurrences, type Token } from "./tokens.ts";

/** What would make two machines, or today and tomorrow, disagree; each with what to use in its place. */
const time = "take the time as a parameter (lane time comes from the entry)";
const machine = "take it as a parameter: main wires it in";
const locale = "compare with < and >, format by hand: locales differ between machines";

const impureNames: Readonly<Record<string, string>> = {
  Date: time,
  performance: time,
  setTimeout: time,
  setInterval: time,
  setImmediate: time,
  queueMicrotask: "return the work to be done; the caller schedules it",
  crypto: "take the hash, the key or the randomness as a parameter",
  fetch: machine,
  process: machine,
  globalThis: machine,
  console: "return what is to be said; cli and main print",
  Intl: locale,
};

const impureMembers: Readonly<Record<string, string>> = {
  localeCompare: locale,
  toLocaleString: locale,
  toLocaleDateString: locale,
  toLocaleTimeString: locale,
  toLocaleUpperCase: "toUpperCase",
  toLocaleLowerCase: "toLowerCase",
};

/** IEEE 754 and ECMAScript fix these to the bit. Logarithms, powers and angles may differ between engines. */
const exactMath = new Set(
  ["abs", "ceil", "clz32", "floor", "fround", "imul", "max", "min", "round", "sign", "sqrt", "trunc"].concat([
    "E",
    "LN2",
    "LN10",
    "LOG2E",
    "LOG10E",
    "PI",
    "SQRT1_2",
    "SQRT2",
  ]),
);

export const purity: Rule = {
  name: "purity",
  *check(repository) {
    for (const file of repository.files) {
      if (!layers[file.layer ?? ""]?.pure || file.isTest) continue;
      const { code } = file;
      for (const [i, token] of code.entries()) yield* impure(file, code, token, i);
    }
  },
};

function* impure(file: SourceFile, code: readonly Token[], token: Token, i: number): Iterable<Finding> {
  if (token.kind !== "word") return;
  const isMember = code[i - 1]?.text === ".";
  const table = isMember ? impureMembers : impureNames;
  const isKey = code[i + 1]?.text === ":" || (code[i + 1]?.text === "?" && code[i + 2]?.text === ":");
  const instead = Object.hasOwn(table, token.text) && !isKey ? table[token.text] : undefined;
  if (instead !== undefined) yield file.finding(token.line, `${token.text} in a pure folder`, instead);
  const member = code[i + 2]?.text ?? "";
  if (token.text !== "Math" || isMember || code[i + 1]?.text !== "." || exactMath.has(member)) return;
  const found = `Math.${member} in a pure folder`;
  yield file.finding(token.line, found, "an integer table in the repository: engines differ in the last bit");
}

/** What has one home in src: what it looks like, where it lives, what others do. */
interface Home {
  readonly what: string;
  readonly layers: readonly string[];
  readonly instead: string;
  find(code: readonly Token[]): Token[];
}

const transactionStart = /^\s*(?:begin|start\s+transaction)\s*(?:;|$|work\b|transaction\b|isolation\b|read\b)/i;

const homes: readonly Home[] = [
  {
    what: "process.env",
    layers: ["main"],
    instead: "take a setting as a parameter; src/main reads the environment",
    find: (code) => occurrences(code, ["process", ".", "env"]),
  },
  {
    what: "starting a database transaction",
    layers: ["engine"],
    instead: "take a dbTx as a parameter; src/engine opens it",
    find: (code) => code.filter((token) => token.kind === "text" && transactionStart.test(token.text)),
  },
  {
    what: "console",
    layers: ["cli", "main"],
    instead: "return it or hand it to a logger; cli and main print",
    find: (code) => occurrences(code, ["console", "."]),
  },
];

export const homesOfThings: Rule = {
  name: "homes",
  *check(repository) {
    for (const file of repository.files) {
      if (file.layer === undefined || file.isTest) continue;
      for (const home of homes) {
        if (home.layers.includes(file.layer)) continue;
        for (const token of home.find(file.code)) yield file.finding(token.line, `${home.what} here`, home.instead);
      }
    }
  },
};
