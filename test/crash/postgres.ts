import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { layoutOf } from "#src/store/embedded/layout";
import { runningPostmaster } from "#src/store/embedded/postmaster-file";
import { processesIn, signal } from "#src/store/embedded/processes";

/** Where PostgreSQL's processes of a data folder stand. */
export const postgresFolder = (dataFolder: string): string => layoutOf(join(dataFolder, "postgres")).data;

/** kill -9 of postmaster and all backends at once. @returns how many there were */
export function killPostgres(dataFolder: string): number {
  const folder = postgresFolder(dataFolder);
  const postmaster = runningPostmaster(folder)?.pid;
  // The postmaster first: it would answer the death of a child by restarting the others.
  const all = processesIn(folder);
  if (postmaster !== undefined) signal(postmaster, "SIGKILL");
  for (const pid of all) signal(pid, "SIGKILL");
  // Those that were born between the look and the kill.
  for (const pid of processesIn(folder)) if (!all.includes(pid)) signal(pid, "SIGKILL");
  return all.length;
}

export function isPostgresRunning(dataFolder: string): boolean {
  return processesIn(postgresFolder(dataFolder)).length > 0;
}

/** The processes that are still there after `msMax`. */
export async function postgresLeft(dataFolder: string, msMax: number): Promise<readonly number[]> {
  const deadline = Date.now() + msMax;
  for (;;) {
    const left = processesIn(postgresFolder(dataFolder));
    if (left.length === 0 || Date.now() > deadline) return left;
    await sleep(20);
  }
}
