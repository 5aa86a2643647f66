import { describe, expect, it } from "vitest";
import { amount } from "../../core/amount.ts";
import { type Connection, withConnection } from "../pool.ts";
import { useTestDatabase } from "../testing.ts";
import {
  claimedByContributors,
  claimedOf,
  endSponsorships,
  grantSponsorships,
  readClaims,
  upsertClaimed,
} from "./claims.ts";
import { readSponsored } from "./sponsored.ts";

const database = useTestDatabase();
const home = 0;
const another = 1;
const sponsored = { atMs: 1_000, lamportsEach: 2_039_280n };

/** In a transaction of its own that leaves nothing behind. */
const apart = (work: (dbTx: Connection) => Promise<void>): Promise<void> =>
  withConnection(database().pool, async (connection) => {
    await connection.query("begin");
    try {
      await work(connection);
    } finally {
      await connection.query("rollback");
    }
  });

const paid = (contributor: number, claimed: bigint) => ({ contributor, claimed: amount(claimed) });

/** So far, of this connection. */
async function updatesOf(dbTx: Connection): Promise<{ all: number; inPlace: number }> {
  const { rows } = await dbTx.query<{ all: number; in_place: number }>(
    `select pg_stat_get_xact_tuples_updated('claims'::regclass)::integer as all,
       pg_stat_get_xact_tuples_hot_updated('claims'::regclass)::integer as in_place`,
  );
  return { all: rows[0]?.all ?? 0, inPlace: rows[0]?.in_place ?? 0 };
}

describe("claims", () => {
  it("go from a paid-for account to what was paid, and never fall", () =>
    apart(async (dbTx) => {
      await grantSponsorships(dbTx, [3, 4], sponsored, home);
      await grantSponsorships(dbTx, [3], { atMs: 9_000, lamportsEach: 1n }, home);
      await endSponsorships(dbTx, [3], home);
      await upsertClaimed(dbTx, [paid(3, 50n), paid(5, 7n)], home);
      await upsertClaimed(dbTx, [paid(3, 40n), paid(5, 9n)], home);
      const rows = (await readClaims(dbTx, home)).toSorted((a, b) => a.contributor - b.contributor);
      expect(rows).toEqual([
        { contributor: 3, claimed: 50n, sponsored: "made" },
        { contributor: 4, claimed: 0n, sponsored: "granted" },
        { contributor: 5, claimed: 9n, sponsored: null },
      ]);
      expect(await readSponsored(dbTx, 0)).toEqual({ today: 2, lamports: 2n * sponsored.lamportsEach });
      expect(await readSponsored(dbTx, sponsored.atMs + 1)).toEqual({
        today: 0,
        lamports: 2n * sponsored.lamportsEach,
      });
    }));

  it("are one contributor's in each pool", () =>
    apart(async (dbTx) => {
      await upsertClaimed(dbTx, [paid(0, 1n), paid(3, 50n)], home);
      await grantSponsorships(dbTx, [3], sponsored, another);
      await upsertClaimed(dbTx, [paid(3, 8n)], another);
      expect([await claimedOf(dbTx, 3, home), await claimedOf(dbTx, 3, another)]).toEqual([50n, 8n]);
      await endSponsorships(dbTx, [3], home);
      expect(await readClaims(dbTx, another)).toEqual([{ contributor: 3, claimed: 8n, sponsored: "granted" }]);
      // The operator's fees are no contributor's.
      expect(await claimedByContributors(dbTx, home)).toBe(50n);
    }));

  it("change without a new entry in their index", () =>
    apart(async (dbTx) => {
      const contributors = Array.from({ length: 1_000 }, (_, i) => i + 1);
      await grantSponsorships(dbTx, contributors, sponsored, home);
      const before = await updatesOf(dbTx);
      await endSponsorships(dbTx, contributors, home);
      // A transaction's own old versions are not tidied up within it: there is room for some of the third ones.
      const some = contributors.filter((each) => each % 4 === 0).map((each) => paid(each, 5n));
      await upsertClaimed(dbTx, some, home);
      const { all, inPlace } = await updatesOf(dbTx);
      expect([all - before.all, inPlace - before.inPlace]).toEqual([1_250, 1_250]);
    }));
});
