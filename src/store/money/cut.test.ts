import { beforeEach, describe, expect, it } from "vitest";
import type { Connection } from "../pool.ts";
import { useTestDatabase } from "../testing.ts";
import { allocate, insertEpoch } from "./cut.ts";
import { finishPayout, insertPayout, lockDuePayouts, readPendingPayouts, settledOf } from "./payouts.ts";
import { sumBalances } from "./sum-balances.ts";
import { upsertBalances } from "./upsert-balances.ts";

const database = useTestDatabase();
const pool = () => database().pool;
const first = new Uint8Array(16).fill(1);
const second = new Uint8Array(16).fill(2);

beforeEach(async () => {
  await pool().query("truncate payees, payout_transactions, epochs, balances, lanes, markets, contributors cascade");
  await pool().query(
    "insert into contributors overriding system value select i, decode(lpad(to_hex(i), 64, '0'), 'hex'), decode(repeat('00', 32), 'hex'), false, '', 0 from generate_series(1, 5) i",
  );
  for (const market of [first, second]) {
    await pool().query(
      "insert into markets values ($1, decode(repeat('00', 32), 'hex'), '', '', '', '', 'wallet', false, 0)",
      [market],
    );
    await pool().query(
      `insert into lanes values ($1, 0, 1, '', 0, null, 'open', 0, 0, 1000, 0, 500, 0, 0, 0, 0, 0, 300, 0, 150, 50, 0)`,
      [market],
    );
  }
});

async function inTransaction<T>(work: (connection: Connection) => Promise<T>): Promise<T> {
  const connection = await pool().connect();
  try {
    await connection.query("begin");
    const result = await work(connection);
    await connection.query("commit");
    connection.release();
    return result;
  } catch (error) {
    connection.release(true);
    throw error;
  }
}

const balance = (contributor: number, released: bigint): never => ({ contributor, released, held: 7n }) as never;

async function allocated(): Promise<Record<string, bigint>> {
  const { rows } = await pool().query<{ payee: string; allocated: string }>(
    "select payee, allocated::text from payees",
  );
  return Object.fromEntries(rows.map((row) => [row.payee, BigInt(row.allocated)]));
}

describe("a cut", () => {
  it("finds who earned in its lane without reading everybody's balances", async () => {
    await inTransaction((dbTx) => upsertBalances(dbTx, first, 0, [balance(1, 100n)]));
    const plan = await inTransaction(async (dbTx) => {
      // A table this small would be read as a whole.
      await dbTx.query("set local enable_seqscan = off");
      const asked = "explain select contributor from balances where market = $1 and lane = 0";
      return (await dbTx.query<{ "QUERY PLAN": string }>(asked, [first])).rows.map((row) => row["QUERY PLAN"]).join();
    });
    expect(plan).toContain("balances_lane");
  });

  it("gives everybody of the lane what they have over all lanes, reserves apart", async () => {
    await inTransaction(async (dbTx) => {
      await upsertBalances(dbTx, first, 0, [balance(1, 100n), balance(2, 0n)]);
      await upsertBalances(dbTx, second, 0, [balance(1, 11n), balance(3, 5n)]);
    });
    await inTransaction((dbTx) => allocate(dbTx, first, 0, "operator"));
    expect(await allocated()).toEqual({
      "contributor/1": 111n,
      operator: 300n,
      [`refund/${"01".repeat(16)}`]: 50n,
    });
    expect(await sumBalances(pool(), 1)).toEqual({ released: 111n, held: 14n });
    const { rows } = await pool().query("select market from lanes where cut_total = earned + bonus + fee + refunded");
    expect(rows).toEqual([{ market: first }]);
  });

  it("never gives less than before", async () => {
    await inTransaction((dbTx) => upsertBalances(dbTx, first, 0, [balance(1, 100n)]));
    await inTransaction((dbTx) => allocate(dbTx, first, 0, "operator"));
    await inTransaction((dbTx) => upsertBalances(dbTx, first, 0, [balance(1, 60n)]));
    await inTransaction((dbTx) => allocate(dbTx, first, 0, "operator"));
    expect((await allocated())["contributor/1"]).toBe(100n);
  });

  it("of two lanes at once misses neither's money", async () => {
    // Both pay the same contributor in the very transactions that cut them.
    await Promise.all(
      [first, second].map((market) =>
        inTransaction(async (dbTx) => {
          await upsertBalances(dbTx, market, 0, [balance(1, 100n)]);
          await dbTx.query("select pg_sleep(0.05)");
          await allocate(dbTx, market, 0, "operator");
          await dbTx.query("select pg_sleep(0.05)");
        }),
      ),
    );
    expect((await allocated())["contributor/1"]).toBe(200n);
  });

  it("has a number of its own", async () => {
    const epochs = await Promise.all([1, 2, 3].map(() => inTransaction((dbTx) => insertEpoch(dbTx, 0))));
    expect(new Set(epochs).size).toBe(3);
  });
});

describe("payouts", () => {
  const prepared = { signature: "s1", wire: new Uint8Array([1]), lastValidBlockHeight: 9n };

  beforeEach(async () => {
    await inTransaction((dbTx) => insertEpoch(dbTx, 0));
    await pool().query("insert into payees values ('a', 'x', 10, 0), ('b', 'y', 20, 5), ('c', 'z', 30, 30)");
  });

  it("are due to whoever has less prepared than allocated, page by page", async () => {
    await inTransaction(async (dbTx) => {
      expect(await lockDuePayouts(dbTx, "", 10)).toEqual([
        { payee: "a", destination: "x", amount: 10n },
        { payee: "b", destination: "y", amount: 15n },
      ]);
      expect((await lockDuePayouts(dbTx, "a", 10)).map(({ payee }) => payee)).toEqual(["b"]);
      // Another settler goes round those that are being paid.
      expect(await inTransaction((other) => lockDuePayouts(other, "", 10))).toEqual([]);
    });
  });

  it("count as prepared until their transaction is known to have failed, and as settled once it is final", async () => {
    const payout = { ...prepared, payees: ["a", "b"], amounts: [10n, 15n] as never };
    await inTransaction((dbTx) => insertPayout(dbTx, payout));
    expect(await readPendingPayouts(pool(), 10)).toEqual([payout]);
    expect(await inTransaction((dbTx) => lockDuePayouts(dbTx, "", 10))).toEqual([]);
    await inTransaction((dbTx) => finishPayout(dbTx, "s1", "expired"));
    // A second settler comes to the same result; nothing is taken back twice.
    await inTransaction((dbTx) => finishPayout(dbTx, "s1", "failed"));
    expect(await inTransaction((dbTx) => lockDuePayouts(dbTx, "", 10))).toHaveLength(2);
    await inTransaction((dbTx) => insertPayout(dbTx, { ...payout, signature: "s2" }));
    await inTransaction((dbTx) => finishPayout(dbTx, "s2", "finalized"));
    expect([await settledOf(pool(), "a"), await settledOf(pool(), "b"), await settledOf(pool(), "c")]).toEqual([
      10n,
      15n,
      0n,
    ]);
    expect(await readPendingPayouts(pool(), 10)).toEqual([]);
  });

  it("are never prepared beyond what is allocated", async () => {
    const payout = { ...prepared, payees: ["a"], amounts: [11n] as never };
    await expect(inTransaction((dbTx) => insertPayout(dbTx, payout))).rejects.toMatchObject({ code: "23514" });
  });
});
