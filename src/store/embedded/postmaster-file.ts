import { readFileSync } from "node:fs";
import { join } from "node:path";
import { processFacts } from "./processes.ts";

export interface Postmaster {
  readonly pid: number;
  readonly socketFolder: string;
  readonly status: "starting" | "ready" | "stopping";
}

/**
 * What the server says of itself in postmaster.pid (lines: pid, data directory, start time, port, socket directory,
 * listen address, shared memory key, status).
 */
export function readPostmasterFile(data: string): Postmaster | undefined {
  const lines = readLines(join(data, "postmaster.pid"));
  if (lines === undefined) return undefined;
  const status = (lines[7] ?? "").trim();
  return {
    pid: pidIn(lines),
    socketFolder: (lines[4] ?? "").trim(),
    status: status === "ready" || status === "stopping" ? status : "starting",
  };
}

/** The process that a lock file of PostgreSQL names, such as the one beside its socket; undefined where there is none. */
export function readPidOf(path: string): number | undefined {
  const lines = readLines(path);
  return lines === undefined ? undefined : pidIn(lines);
}

function readLines(path: string): string[] | undefined {
  try {
    return readFileSync(path, "utf8").split("\n");
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "ENOENT") return undefined;
    throw error;
  }
}

/** A single-user run (initdb, set-up) writes its number negated. */
const pidIn = (lines: readonly string[]): number => Math.abs(Number(lines[0]));

/**
 * The file outlives a killed server, and its number may belong to another program by now (after a reboot nearly
 * always): only a process that was started on this very directory counts.
 */
export function runningPostmaster(data: string): Postmaster | undefined {
  const found = readPostmasterFile(data);
  return found !== undefined && isPostgresOn(found.pid, data) ? found : undefined;
}

export function isPostgresOn(pid: number, data: string): boolean {
  const facts = processFacts(pid);
  return facts !== undefined && /postgres\b/.test(facts.command) && facts.command.includes(data);
}
