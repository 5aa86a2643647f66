import { closeSync, fstatSync, openSync, readSync, statSync } from "node:fs";
import { dirname } from "node:path";
import { type EarnestError, earnestError, isEarnestError } from "../../core/errors.ts";
import type { Account } from "./account.ts";

export const saysDiskFull = (output: string): boolean =>
  /No space left on device|Check free disk space|ENOSPC|Disk quota exceeded/i.test(output);

/** Says in one line what keeps the server from running, from what PostgreSQL or the system printed. */
export function explain(output: string, folder: string, account: Account): EarnestError {
  if (saysDiskFull(output)) return earnestError("DISK_FULL_EXCEEDED", { path: folder });
  const obstacle = unreachablePart(folder, account);
  if (obstacle !== undefined) return unreachable(folder, obstacle, account);
  if (/Permission denied|EACCES|EPERM|wrong ownership|invalid permissions|Read-only file system|EROFS/.test(output)) {
    return earnestError("DATA_FOLDER_UNAVAILABLE", {
      path: folder,
      problem: essence(output),
      mend: `Let it belong to ${account.name} with mode 700, or choose another with --data.`,
    });
  }
  return earnestError("DATABASE_START_UNAVAILABLE", { problem: essence(output) });
}

export function unreachable(folder: string, obstacle: string, account: Account): EarnestError {
  return earnestError("DATA_FOLDER_UNAVAILABLE", {
    path: folder,
    problem: `PostgreSQL must not run as root, and the account ${account.name} it runs as cannot enter ${obstacle}`,
    mend: `Choose a folder outside of ${obstacle} with --data, or let everybody pass through: chmod o+x '${obstacle}'`,
  });
}

/** A failing call of the file system on the data folder, as an error that names the folder. */
export function folderError(error: unknown, folder: string): unknown {
  if (isEarnestError(error)) return error;
  const { code, path } = error as NodeJS.ErrnoException;
  if (code === "ENOSPC" || code === "EDQUOT") return earnestError("DISK_FULL_EXCEEDED", { path: folder });
  const problems: Record<string, string> = {
    EACCES: `permission denied at ${path ?? folder}`,
    EPERM: `not permitted at ${path ?? folder}`,
    EROFS: "the file system is read-only",
    ENOTDIR: `${path ?? folder} is not a folder`,
    EEXIST: `${path ?? folder} is not a folder`,
    ELOOP: "too many symbolic links",
    ENAMETOOLONG: "its name is too long",
  };
  const problem = problems[code ?? ""];
  if (problem === undefined) return error;
  return earnestError("DATA_FOLDER_UNAVAILABLE", { path: folder, problem }, { cause: error });
}

/** The outermost folder on the way to `path` that the account may not pass through, by its mode bits. */
export function unreachablePart(path: string, account: Account): string | undefined {
  const up = dirname(path);
  const above = up === path ? undefined : unreachablePart(up, account);
  if (above !== undefined) return above;
  const facts = statSync(path, { throwIfNoEntry: false });
  if (facts === undefined || !facts.isDirectory()) return undefined;
  const bit = facts.uid === account.uid ? 0o100 : facts.gid === account.gid ? 0o010 : 0o001;
  return (facts.mode & bit) === 0 ? path : undefined;
}

const stamp = /^[\d-]+ [\d:.]+ \S+ \[\d+\] /;

/** The line that matters: the last FATAL, PANIC or "error:" one, without time stamps; else the last line at all. */
function essence(output: string): string {
  const lines = output
    .split("\n")
    .map((line) => line.replace(stamp, "").trim())
    .filter((line) => line !== "");
  const grave = lines.findLast((line) => /^(FATAL|PANIC):|\berror:/i.test(line));
  return (grave ?? lines.at(-1) ?? "it ended without a word").replace(/^(FATAL|PANIC):\s*/, "").replace(/\.$/, "");
}

/** What was appended to a file since it was `from` bytes long, at most the last 8 kB. */
export function tailOf(path: string, from: number): string {
  let file: number;
  try {
    file = openSync(path, "r");
  } catch {
    return "";
  }
  try {
    const { size } = fstatSync(file);
    const start = Math.max(from, size - 8192);
    const bytes = Buffer.alloc(Math.max(size - start, 0));
    readSync(file, bytes, 0, bytes.length, start);
    return bytes.toString("utf8");
  } finally {
    closeSync(file);
  }
}
