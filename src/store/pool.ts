import pg from "pg";
import { mapDatabaseError } from "./pool-errors.ts";
import { earnestTypes } from "./pool-types.ts";

export interface PoolOptions {
  readonly url: string;
  readonly log: (line: string) => void;
  readonly connectionsMax?: number;
  /** Shown in pg_stat_activity. */
  readonly name?: string;
  readonly connectMsMax?: number;
  readonly statementMsMax?: number;
}

export type Pool = pg.Pool;
/** One connection: what a transaction runs on. */
export type Connection = pg.ClientBase;
/** Whatever a single statement can be sent to. */
export type Queryable = Pool | Connection;

/**
 * A pool that outlives its server: a connection that breaks, idle or in use, is dropped with a line in the log, and the
 * next request opens another. Every wait has a bound, so that a stuck database becomes an error and not a full queue.
 */
export function createPool(options: PoolOptions): Pool {
  const statementMsMax = options.statementMsMax ?? 30_000;
  const pool = new pg.Pool({
    connectionString: options.url,
    max: options.connectionsMax ?? 10,
    application_name: options.name ?? "earnest",
    connectionTimeoutMillis: options.connectMsMax ?? 5_000,
    idleTimeoutMillis: 60_000,
    statement_timeout: statementMsMax,
    // The server ends a statement that is too long; this is for a server that says nothing any more.
    query_timeout: statementMsMax + 5_000,
    lock_timeout: Math.min(10_000, statementMsMax),
    idle_in_transaction_session_timeout: 60_000,
    keepAlive: true,
    types: earnestTypes,
  });
  // An "error" event nobody listens to ends the process: the pool hears of idle connections only.
  pool.on("connect", (client) => client.on("error", () => undefined));
  pool.on("error", (error) => options.log(`a database connection was lost: ${error.message}`));
  return pool;
}

/** A connection of the pool for `work`, for session-wide things; one that failed is not used again. */
export async function withConnection<T>(pool: Pool, work: (connection: Connection) => Promise<T>): Promise<T> {
  const client = await pool.connect().catch((error: unknown) => {
    throw mapDatabaseError(error);
  });
  let broken = false;
  try {
    return await work(client);
  } catch (error) {
    broken = true;
    throw mapDatabaseError(error);
  } finally {
    client.release(broken);
  }
}
