import { earnestError, isEarnestError } from "../core/errors.ts";
import type { Connection, Pool } from "../store/pool.ts";
import { isRefusedByServer, mapDatabaseError } from "../store/pool-errors.ts";
import { requestWaitMsMax, waitForDatabase } from "../store/pool-wait.ts";

/**
 * One database transaction (read committed, durable on return). Where it rejects, nothing may be assumed: the commit
 * itself can fail after it happened, so callers drop what they hold in memory and read again.
 */
export const inTransaction = <T>(pool: Pool, work: (dbTx: Connection) => Promise<T>): Promise<T> =>
  between(pool, "begin", work);

/** Reads only, and all of it as it stood at one moment, whatever others commit meanwhile. */
export const inSnapshot = <T>(pool: Pool, work: (dbTx: Connection) => Promise<T>): Promise<T> =>
  between(pool, "begin isolation level repeatable read read only", work);

async function between<T>(pool: Pool, begin: string, work: (dbTx: Connection) => Promise<T>): Promise<T> {
  const dbTx = await connect(pool);
  try {
    await dbTx.query(begin);
    const result = await work(dbTx);
    await commit(dbTx);
    dbTx.release();
    return result;
  } catch (error) {
    // A connection whose rollback fails is not used again.
    const rolledBack = await dbTx.query("rollback").then(
      () => true,
      () => false,
    );
    dbTx.release(!rolledBack);
    throw mapDatabaseError(error);
  }
}

/**
 * Whatever goes wrong here but for the server's own refusal is DATABASE_UNAVAILABLE: the commit may have happened, and
 * nobody but the client, who knows by what key to repeat it, may try again.
 */
async function commit(dbTx: Connection): Promise<void> {
  const { command } = await dbTx.query("commit").catch((error: unknown) => {
    const mapped = mapDatabaseError(error);
    if (isEarnestError(mapped) || isRefusedByServer(mapped)) throw mapped;
    throw earnestError("DATABASE_UNAVAILABLE", { retryAfterSeconds: 1 }, { cause: error });
  });
  // Where a statement failed before, the server rolls back and calls that a success.
  if (command !== "COMMIT") throw earnestError("INVARIANT_MISMATCH", { what: "a commit was answered by a rollback" });
}

type PooledConnection = Connection & { release(destroy?: boolean): void };

async function connect(pool: Pool): Promise<PooledConnection> {
  try {
    return await pool.connect();
  } catch (error) {
    const mapped = mapDatabaseError(error);
    if (!isEarnestError(mapped, "DATABASE_UNAVAILABLE")) throw mapped;
    await waitForDatabase(pool, { msMax: requestWaitMsMax, log: () => undefined });
    // It may be away again.
    return await pool.connect().catch((again: unknown) => {
      throw mapDatabaseError(again);
    });
  }
}
