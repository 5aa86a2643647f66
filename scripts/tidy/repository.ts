import { execFileSync } from "node:child_process";
import { readdirSync, readFileSync, statSync } from "node:fs";
import { join } from "node:path";
import { codeOf, type Token, tokensOf } from "./tokens.ts";

export interface Finding {
  readonly path: string;
  readonly line: number;
  /** What is wrong, and what to write in its place. */
  readonly found: string;
  readonly instead: string;
}

export interface Rule {
  readonly name: string;
  check(repository: Repository): Iterable<Finding>;
}

/** Tests, and what stands beside the sources to help them: `testing.ts`, `testing-server.ts`. */
export const isTestPath = (path: string): boolean =>
  /\.test\.tsx?$|(?:^|\/)testing(?:-[\w-]+)?\.ts$|^test\/(?:support|setup|sim|e2e)\//.test(path);

/** One file that is, or could be, in git. */
export class SourceFile {
  readonly path: string;
  readonly text: string;
  readonly size: number;
  #tokens: Token[] | undefined;

  constructor(path: string, text: string, size = text.length) {
    this.path = path;
    this.text = text;
    this.size = size;
  }

  get lines(): string[] {
    return this.text.split("\n");
  }

  get isCode(): boolean {
    return /\.(?:[cm]?ts|tsx|[cm]?js)$/.test(this.path);
  }

  get isTest(): boolean {
    return isTestPath(this.path);
  }

  /** "core" for src/core/amount.ts, "web" for what stands in web/; undefined elsewhere. */
  get layer(): string | undefined {
    const [, inSource, web] = /^(?:src\/([^/]+)|(web))\//.exec(this.path) ?? [];
    return inSource ?? web;
  }

  get tokens(): Token[] {
    this.#tokens ??= this.isCode ? tokensOf(this.text) : [];
    return this.#tokens;
  }

  get code(): Token[] {
    return codeOf(this.tokens);
  }

  finding(line: number, found: string, instead: string): Finding {
    return { path: this.path, line, found, instead };
  }
}

export class Repository {
  readonly files: readonly SourceFile[];
  readonly #byPath: ReadonlyMap<string, SourceFile>;

  constructor(files: readonly SourceFile[]) {
    this.files = files;
    this.#byPath = new Map(files.map((file) => [file.path, file]));
  }

  file(path: string): SourceFile | undefined {
    return this.#byPath.get(path);
  }

  /** Also true for a folder that holds files. */
  has(path: string): boolean {
    return this.#byPath.has(path) || this.files.some((file) => file.path.startsWith(`${path}/`));
  }

  json(path: string): Record<string, Record<string, unknown> | undefined> {
    const file = this.file(path);
    return file === undefined ? {} : (JSON.parse(file.text) as Record<string, Record<string, unknown>>);
  }
}

/** A repository made of texts, for tests. */
export const repositoryOf = (texts: Readonly<Record<string, string>>): Repository =>
  new Repository(Object.entries(texts).map(([path, text]) => new SourceFile(path, text)));

/** Larger files are data: only their size is looked at. */
const readBytesMax = 1_000_000;

export function readRepository(root: string): Repository {
  const paths = trackedFiles(root) ?? walk(root, "");
  return new Repository(paths.flatMap((path) => readSource(root, path)));
}

function readSource(root: string, path: string): SourceFile[] {
  const found = statSync(join(root, path), { throwIfNoEntry: false });
  if (found === undefined || !found.isFile()) return [];
  const text = found.size > readBytesMax ? "" : readFileSync(join(root, path), "utf8");
  return [new SourceFile(path, text.includes("\0") ? "" : text, found.size)];
}

/** Tracked files and new ones that git would not ignore; undefined where this is no git clone, or another user's. */
function trackedFiles(root: string): string[] | undefined {
  try {
    const args = ["-c", `safe.directory=${root}`, "ls-files", "-z", "--cached", "--others", "--exclude-standard"];
    const output = execFileSync("git", args, { cwd: root, encoding: "utf8", stdio: ["ignore", "pipe", "ignore"] });
    return [...new Set(output.split("\0").filter((path) => path !== ""))].sort();
  } catch {
    return undefined;
  }
}

const neverTracked = new Set(["node_modules", "dist", "coverage", ".git", ".stamp"]);

function walk(root: string, folder: string): string[] {
  return readdirSync(join(root, folder), { withFileTypes: true })
    .filter((entry) => !neverTracked.has(entry.name))
    .flatMap((entry) => {
      const path = folder === "" ? entry.name : `${folder}/${entry.name}`;
      return entry.isDirectory() ? walk(root, path) : [path];
    })
    .sort();
}
