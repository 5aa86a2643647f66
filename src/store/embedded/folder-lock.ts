import { randomBytes } from "node:crypto";
import { link, readFile, rm, stat, writeFile } from "node:fs/promises";
import { setTimeout as sleep } from "node:timers/promises";
import { processFacts } from "./processes.ts";

const pollMs = 10;
/** A takeover lasts microseconds; one this old belongs to a process that died in the middle of it. */
const takeoverMsMax = 10_000;

/**
 * Runs `work` while no other process runs its own under the same lock file. Node has no flock, so the file names its
 * holder, and a holder that died is recognised and replaced. The name appears together with its content (hard link),
 * and only whoever holds the takeover file may remove a dead holder's: two processes cannot both inherit.
 */
export async function withFolderLock<T>(path: string, work: () => Promise<T>): Promise<T> {
  const me = `${process.pid} ${processFacts(process.pid)?.startedAt} ${randomBytes(6).toString("hex")}`;
  while (!(await createWith(path, me))) {
    const holder = await read(path);
    if (holder !== undefined && !isAlive(holder)) await removeDead(path, holder);
    else await sleep(pollMs);
  }
  try {
    return await work();
  } finally {
    await rm(path, { force: true });
  }
}

async function createWith(path: string, content: string): Promise<boolean> {
  const draft = `${path}.${randomBytes(6).toString("hex")}`;
  await writeFile(draft, content, { mode: 0o600 });
  try {
    await link(draft, path);
    return true;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "EEXIST") return false;
    throw error;
  } finally {
    await rm(draft, { force: true });
  }
}

async function removeDead(path: string, holder: string): Promise<void> {
  const takeover = `${path}.takeover`;
  if (!(await createWith(takeover, String(process.pid)))) {
    const age = await stat(takeover).then(
      ({ mtimeMs }) => Date.now() - mtimeMs,
      () => 0,
    );
    if (age > takeoverMsMax) await rm(takeover, { force: true });
    else await sleep(pollMs);
    return;
  }
  try {
    // Somebody else may have inherited between our look and our takeover.
    if ((await read(path)) === holder) await rm(path, { force: true });
  } finally {
    await rm(takeover, { force: true });
  }
}

function isAlive(holder: string): boolean {
  const [pid, startedAt] = holder.split(" ");
  return startedAt !== undefined && processFacts(Number(pid))?.startedAt === startedAt;
}

const read = (path: string): Promise<string | undefined> => readFile(path, "utf8").catch(() => undefined);
