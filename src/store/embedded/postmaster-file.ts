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
  let lines: string[];
  try {
    lines = readFileSync(join(data, "postmaster.pid"), "utf8").split("\n");
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "ENOENT") return undefined;
    throw error;
  }
  // A single-user run (initdb, set-up) writes its number negated.
  const pid = Math.abs(Number(lines[0]));
  const status = (lines[7] ?? "").trim();
  return {
    pid,
    socketFolder: (lines[4] ?? "").trim(),
    status: status === "ready" || status === "stopping" ? status : "starting",
  };
}

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
