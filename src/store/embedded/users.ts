import { mkdir, readdir, readFile, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { processFacts } from "./processes.ts";

/**
 * Which processes use the server: a file each, named by process and a running number. The last to leave stops the
 * server; one that was killed is recognised as dead and does not count. Call under the folder's lock.
 */
let registered = 0;

export async function registerUser(folder: string): Promise<string> {
  await mkdir(folder, { recursive: true, mode: 0o700 });
  const file = join(folder, `${process.pid}-${++registered}`);
  await writeFile(file, processFacts(process.pid)?.startedAt ?? "", { mode: 0o600 });
  return file;
}

/** The process numbers of everybody alive; traces of the dead are removed. */
export async function liveUsers(folder: string): Promise<number[]> {
  const names = await readdir(folder).catch(() => []);
  const live: number[] = [];
  for (const name of names) {
    const pid = Number(name.split("-")[0]);
    const startedAt = await readFile(join(folder, name), "utf8").catch(() => undefined);
    if (startedAt !== undefined && processFacts(pid)?.startedAt === startedAt) live.push(pid);
    else await rm(join(folder, name), { force: true });
  }
  return live;
}
