import { setTimeout as sleep } from "node:timers/promises";
import { isEarnestError } from "../core/errors.ts";
import type { Pool } from "./pool.ts";
import { mapDatabaseError } from "./pool-errors.ts";

const pauseMsMin = 25;
const pauseMsMax = 500;

/** How long a request waits for a database that restarts before it is told to come back. */
export const requestWaitMsMax = 2_000;

interface WaitOptions {
  readonly msMax: number;
  readonly log?: (line: string) => void;
}

/**
 * Returns when the database answers. A wrong password or database name is thrown at once, since waiting mends neither.
 * @throws DATABASE_UNAVAILABLE where it still does not answer after `msMax`
 */
export async function waitForDatabase(pool: Pool, { msMax, log }: WaitOptions): Promise<void> {
  const deadline = Date.now() + msMax;
  for (let pauseMs = pauseMsMin; ; pauseMs = Math.min(pauseMs * 2, pauseMsMax)) {
    try {
      await pool.query("select 1");
      return;
    } catch (cause) {
      const error = mapDatabaseError(cause);
      if (!isEarnestError(error, "DATABASE_UNAVAILABLE") || Date.now() + pauseMs > deadline) throw error;
      if (pauseMs === pauseMsMin) log?.("waiting for the database");
      await sleep(pauseMs);
    }
  }
}
