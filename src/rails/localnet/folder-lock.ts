import { randomUUID } from "node:crypto";
import { constants, copyFileSync, linkSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { earnestError } from "../../core/errors.ts";

/**
 * Two processes on one folder would tear the journal apart. The lock names its process and when that started, so one
 * left by a killed process is recognised even where its number was given out again.
 */
export function lockFolder(folder: string, holderName = "localnet process"): () => void {
  const path = join(folder, "lock");
  for (let attempt = 0; attempt < 5; attempt++) {
    try {
      placeLock(path);
      return () => rmSync(path, { force: true });
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== "EEXIST") {
        const problem = (error as Error).message;
        throw earnestError("DATA_FOLDER_UNAVAILABLE", { path: folder, problem }, { cause: error });
      }
    }
    checkFree(folder, holderName);
    rmSync(path, { force: true });
  }
  throw earnestError("DATA_FOLDER_UNAVAILABLE", { path: folder, problem: "its lock cannot be taken" });
}

/** The lock names its holder from its first moment on: one that names nobody would be taken over. */
function placeLock(path: string): void {
  const own = `${path}.${randomUUID()}`;
  try {
    writeFileSync(own, `${process.pid} ${startOf(process.pid)}\n`);
    try {
      linkSync(own, path);
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code === "EEXIST") throw error;
      // A file system without links.
      copyFileSync(own, path, constants.COPYFILE_EXCL);
    }
  } finally {
    rmSync(own, { force: true });
  }
}

/** @throws DATA_FOLDER_UNAVAILABLE where another process holds the folder's lock */
export function checkFree(folder: string, holderName = "localnet process"): void {
  const holder = holderOf(join(folder, "lock"));
  if (holder === null) return;
  throw earnestError("DATA_FOLDER_UNAVAILABLE", { path: folder, problem: `${holderName} ${holder} uses it` });
}

function holderOf(path: string): number | null {
  let content: string;
  try {
    content = readFileSync(path, "utf8");
  } catch {
    return null;
  }
  const [pid = "", start = ""] = content.trim().split(" ");
  return pid !== "" && isRunning(Number(pid)) && startOf(Number(pid)) === start ? Number(pid) : null;
}

function isRunning(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === "EPERM";
  }
}

/**
 * When a process started, in kernel ticks; "" where the system does not say. A zombie (dead, but its parent never asked)
 * is gone, although signals still reach it: containers without an init process are full of them.
 */
function startOf(pid: number): string {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, "utf8");
    const [state, ...fields] = stat.slice(stat.lastIndexOf(")") + 2).split(" ");
    return state === "Z" || state === "X" ? "dead" : (fields[18] ?? "");
  } catch {
    return "";
  }
}
