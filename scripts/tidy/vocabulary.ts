import type { Finding, Rule, SourceFile } from "./repository.ts";
import type { Token } from "./tokens.ts";

/**
 * One word a concept. GLOSSARY.md says which words are out, in `code` in the last column of its tables. Most of these
 * have an innocent meaning as well, so a rule that refused them everywhere would teach people to ignore it: names are
 * looked at, not prose, and a word listed in `homonyms` is refused only where it names the thing itself.
 */
export interface Refused {
  /** The words of a name one after the other, in lower case: ["withdrawal", "request"]. */
  readonly words: readonly string[];
  readonly use: string;
}

/** Words with another meaning here: refused only as a type of that name, as `wordId`, and as a table or column. */
const homonyms: Readonly<Record<string, string>> = {
  client: "an HTTP or RPC client, a pg client, src/client",
  worker: "a worker thread; the column of recorded crowd answers",
  user: "an operating system user, a database user",
  project: "a TypeScript project; to project a value",
  job: "a background job, a CI job",
  partition: "to partition a list",
  hit: "a cache hit, a search hit",
  lease: "leaseExpiresAt, leaseSeconds: how long an assignment is reserved",
  solution: "a solver's solution of an equation",
  result: "a query's result, `earnest results`",
  approved: "an approved wallet dialogue",
  paid: "an answer that was paid, submitToPaidMs",
  validator: "a Solana validator, a schema validator",
  sponsor: "who pays a transaction's fees and rent",
  skill: "a language skill in an eligibility rule's text",
};

/** Types that are, as a rule, the other thing: a database's client, a queued job, a thread. */
const foreignTypes = new Set(["Client", "Job", "Worker", "Result", "User"]);

export const vocabulary: Rule = {
  name: "vocabulary",
  *check(repository) {
    const refused = refusedWords(repository.file("GLOSSARY.md")?.text ?? "");
    for (const file of repository.files) {
      if (file.isCode && !file.path.startsWith("scripts/tidy/")) yield* inNames(file, refused);
      if (file.path.endsWith(".sql") && !file.path.endsWith("schema.sql")) yield* inTables(file, refused);
    }
  },
};

/** Rows of the glossary's tables: `| use | for | not |`. */
export function refusedWords(glossary: string): Refused[] {
  return glossary.split("\n").flatMap((line) => {
    const [, use, , not] = line.split("|").map((cell) => cell.trim());
    if (use === undefined || not === undefined) return [];
    return [...not.matchAll(/`([^`]+)`/g)].map((match) => ({ words: (match[1] ?? "").toLowerCase().split(" "), use }));
  });
}

/** "leaseExpiresAt", "lease_expires_at" and "LEASE_EXPIRES" all begin with the word lease. */
export function wordsOf(name: string): string[] {
  const spaced = name.replace(/([\p{Ll}\d])(\p{Lu})/gu, "$1 $2").replace(/(\p{Lu})(\p{Lu}\p{Ll})/gu, "$1 $2");
  return spaced
    .toLowerCase()
    .split(/[^\p{L}\d]+/u)
    .filter((word) => word !== "");
}

function* inNames(file: SourceFile, refused: readonly Refused[]): Iterable<Finding> {
  const { code } = file;
  const foreign = importedNames(code);
  for (const [i, token] of code.entries()) {
    if (token.kind !== "word" || foreign.has(token.text)) continue;
    // A member of somebody else's object (`reply.client`) is named by them; ours are caught where they are declared.
    if (code[i - 1]?.text === ".") continue;
    const isType = ["interface", "type", "class", "enum"].includes(code[i - 1]?.text ?? "");
    const use = replacement(token.text, isType && !foreignTypes.has(token.text), refused);
    if (use !== undefined) yield file.finding(token.line, `the name ${token.text}`, `say ${use} (GLOSSARY.md)`);
  }
}

/** What a module brings in from a package keeps the package's word. */
function importedNames(code: readonly Token[]): Set<string> {
  const names = new Set<string>();
  for (const [i, token] of code.entries()) {
    if (token.text !== "import" || token.kind !== "word") continue;
    const end = code.findIndex((each, at) => at > i && each.kind === "text");
    if (code[end]?.text.startsWith(".") !== false) continue;
    for (const each of code.slice(i, end)) if (each.kind === "word") names.add(each.text);
  }
  return names;
}

function replacement(name: string, isType: boolean, refused: readonly Refused[]): string | undefined {
  const words = wordsOf(name);
  return refused.find(({ words: out }) => {
    const at = words.findIndex((_, start) => out.every((word, i) => sameWord(words[start + i], word)));
    if (at < 0) return false;
    if (out.length > 1 || !Object.hasOwn(homonyms, out[0] ?? "")) return true;
    const isWhole = words.length === 1;
    return (isType && isWhole) || ["id", "ids"].includes(words[at + 1] ?? "");
  })?.use;
}

const sameWord = (found: string | undefined, word: string): boolean => found === word || found === `${word}s`;

const tableOrColumn = /^\s*(?:create\s+table\s+(?:if\s+not\s+exists\s+)?)?(?:"?\w+"?\.)?"?([a-z_]+)"?\s+\(?/i;

/** Tables and columns are ours alone, so there every refused word counts. */
function* inTables(file: SourceFile, refused: readonly Refused[]): Iterable<Finding> {
  for (const [i, line] of file.lines.entries()) {
    const name = line.trimStart().startsWith("--") ? undefined : tableOrColumn.exec(line)?.[1];
    const words = name === undefined ? [] : wordsOf(name);
    const use = refused.find(
      ({ words: out }) => out.length <= words.length && out.every((w, at) => sameWord(words[at], w)),
    );
    if (use !== undefined) yield file.finding(i + 1, `the name ${name}`, `say ${use.use} (GLOSSARY.md)`);
  }
}

/** For the test that every homonym is still a refused word. */
export const homonymWords = (): string[] => Object.keys(homonyms);
