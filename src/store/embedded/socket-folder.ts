import { chown, lstat, mkdtemp, readFile, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Account } from "./account.ts";
import type { Layout } from "./layout.ts";

/** The kernel's limit for a socket's path is 104 bytes on macOS and 108 on Linux, its final zero included. */
const socketPathBytesMax = 103;
export const socketPort = 5432;

/**
 * A socket in the data folder keeps the address the same over every restart, and other users of the machine out. Only
 * where its path would be too long, it lies in a folder of its own under the system's temporary one, remembered in the
 * data folder.
 */
export async function chooseSocketFolder(layout: Layout, account: Account): Promise<string> {
  const socket = join(layout.socketFolder, `.s.PGSQL.${socketPort}.lock`);
  if (Buffer.byteLength(socket) <= socketPathBytesMax) return layout.socketFolder;
  const known = await readFile(layout.socketPointer, "utf8").catch(() => undefined);
  // The system may have emptied its temporary folder since, and somebody else may sit at that name now.
  if (known !== undefined && (await isOurs(known, account))) return known;
  const fresh = await mkdtemp(join(tmpdir(), "earnest-"));
  await chown(fresh, account.uid, account.gid);
  await writeFile(layout.socketPointer, fresh, { mode: 0o600 });
  return fresh;
}

async function isOurs(path: string, account: Account): Promise<boolean> {
  const facts = await lstat(path).catch(() => undefined);
  return facts?.isDirectory() === true && facts.uid === account.uid && (facts.mode & 0o077) === 0;
}
