import type { Pool } from "../pool.ts";
import { mapDatabaseError } from "../pool-errors.ts";

/** Any constant of our own. */
const lockNumber = 7_305_220;

/**
 * Settles a pool of the network. Does the work unless another process is at it; false where one is. The lock ends with its connection, so nobody keeps
 * it who died. It only saves work: what is done twice happens once.
 */
export async function whileSettling(pool: Pool, number: number, work: () => Promise<void>): Promise<boolean> {
  const connection = await pool.connect().catch((error: unknown) => {
    throw mapDatabaseError(error);
  });
  const ask = (name: string): Promise<boolean> =>
    connection
      .query<{ answer: boolean }>(`select ${name}($1, $2) as answer`, [lockNumber, number])
      .then(({ rows }) => rows[0]?.answer === true);
  let isSound = false;
  try {
    const isOurs = await ask("pg_try_advisory_lock");
    try {
      if (isOurs) await work();
    } finally {
      // A connection that cannot even say this is not used again.
      isSound = !isOurs || (await ask("pg_advisory_unlock").catch(() => false));
    }
    return isOurs;
  } catch (error) {
    throw mapDatabaseError(error);
  } finally {
    connection.release(!isSound);
  }
}
