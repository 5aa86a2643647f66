import { chmod, chown, mkdir, realpath, stat } from "node:fs/promises";
import { dirname } from "node:path";
import type { Account } from "./account.ts";
import { folderError, unreachable, unreachablePart } from "./failures.ts";
import type { Layout } from "./layout.ts";

/** Creates the data folder where it is missing and returns its real path, free of symbolic links. */
export async function createDataFolder(folder: string): Promise<string> {
  const isRoot = process.getuid?.() === 0;
  try {
    const first = await mkdir(folder, { recursive: true, mode: isRoot ? 0o755 : 0o700 });
    const real = await realpath(folder);
    if (first !== undefined && isRoot) await openTo(real, await realpath(first));
    if (!(await stat(real)).isDirectory()) throw Object.assign(new Error("not a folder"), { code: "ENOTDIR" });
    return real;
  } catch (error) {
    throw folderError(error, folder);
  }
}

/** What we have just created as root must let the account pass, also under a strict umask. */
async function openTo(folder: string, first: string): Promise<void> {
  for (let path = folder; path.length >= first.length; path = dirname(path)) await chmod(path, 0o755);
}

/** The part of the folder that is PostgreSQL's own, reachable by the account it runs as. */
export async function prepareHome(layout: Layout, account: Account): Promise<void> {
  try {
    await letPass(layout.folder, account);
    await mkdir(layout.home, { recursive: true, mode: 0o700 });
    const facts = await stat(layout.home);
    if (facts.uid !== account.uid) await chown(layout.home, account.uid, account.gid);
    if ((facts.mode & 0o777) !== 0o700) await chmod(layout.home, 0o700);
  } catch (error) {
    throw folderError(error, layout.folder);
  }
  const obstacle = unreachablePart(layout.home, account);
  if (obstacle !== undefined) throw unreachable(layout.folder, obstacle, account);
}

/**
 * A folder of mode 700 (as mktemp makes them) is closed to the account that root has to switch to. It is Earnest's own
 * folder, so it may be opened a crack: passing through, by the account's group where no other group has rights.
 */
async function letPass(folder: string, account: Account): Promise<void> {
  if (process.getuid?.() !== 0 || unreachablePart(folder, account) !== folder) return;
  const { mode } = await stat(folder);
  if ((mode & 0o070) !== 0) return chmod(folder, (mode & 0o7777) | 0o001);
  await chown(folder, -1, account.gid);
  await chmod(folder, (mode & 0o7777) | 0o010);
}
