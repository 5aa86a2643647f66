import { expect, it } from "vitest";
import { insertLane } from "../lanes/insert-lane.ts";
import { type Connection, withConnection } from "../pool.ts";
import { useTestDatabase } from "../testing.ts";
import { readTotals } from "./read-totals.ts";

const database = useTestDatabase();
const [home, another, empty] = [0, 1, 2];

interface LaneMoney {
  readonly fee: number;
  readonly refunded: number;
  /** Contributor, released and held. */
  readonly balances: readonly (readonly [number, number, number])[];
}

let markets = 0;

async function insertMarket(connection: Connection, pool: number, lanes: readonly LaneMoney[]): Promise<void> {
  const market = new Uint8Array(16).fill(++markets);
  await connection.query(
    `insert into markets (market, owner, title, kind, spec, spec_hash, refund_to, standing, created_at_ms, pool)
     values ($1, $2, 't', 'k', '{}', $2, 'r', false, 0, $3)`,
    [market, new Uint8Array(32), pool],
  );
  for (const [lane, { fee, refunded, balances }] of lanes.entries()) {
    await insertLane(connection, market, lane, new Uint8Array(32));
    await connection.query(
      "update lanes set deposited = $3::numeric + $4::numeric, fee = $3::numeric, refunded = $4::numeric where market = $1 and lane = $2",
      [market, lane, fee, refunded],
    );
    for (const [contributor, released, held] of balances) {
      await connection.query(
        "insert into balances (market, lane, contributor, released, held, sequence) values ($1, $2, $3, $4, $5, 1)",
        [market, lane, contributor, released, held],
      );
    }
  }
}

it("adds up the lanes and balances of a pool, and counts who earned in it once", async () => {
  await withConnection(database().pool, async (connection) => {
    await insertMarket(connection, home, [
      {
        fee: 5,
        refunded: 1,
        balances: [
          [1, 10, 0],
          [2, 0, 4],
          [3, 0, 0],
        ],
      },
      { fee: 2, refunded: 0, balances: [[1, 1, 1]] },
    ]);
    await insertMarket(connection, home, [{ fee: 0, refunded: 30, balances: [[4, 7, 2]] }]);
    await insertMarket(connection, another, [{ fee: 9, refunded: 8, balances: [[1, 100, 0]] }]);
    expect(await readTotals(connection, home)).toEqual({ earned: 25n, fee: 7n, refunded: 31n, contributorsPaid: 3 });
    expect(await readTotals(connection, another)).toEqual({ earned: 100n, fee: 9n, refunded: 8n, contributorsPaid: 1 });
    expect(await readTotals(connection, empty)).toEqual({ earned: 0n, fee: 0n, refunded: 0n, contributorsPaid: 0 });
  });
});
