import type { Connection } from "../pool.ts";
import { runStatement, statement } from "../pool-statement.ts";

const end = statement<[market: Uint8Array], Record<string, never>>(
  "markets.endStanding",
  "update markets set standing = false where market = $1 and standing",
);

/** A prepaid balance that closes is a market like any other, and its owner may have a new one. */
export async function endStanding(connection: Connection, market: Uint8Array): Promise<void> {
  await runStatement(connection, end, [market]);
}
