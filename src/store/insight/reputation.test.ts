import { describe, expect, it } from "vitest";
import { zero } from "../../core/amount.ts";
import { insertMarket } from "../markets/insert-market.ts";
import { useTestDatabase } from "../testing.ts";
import { upsertPace } from "./paces.ts";
import { listRequesters, type RequesterPlace, type RequesterRow } from "./reputation.ts";

const database = useTestDatabase();
const bytes = (length: number, first: number, second = 0): Uint8Array =>
  Uint8Array.from({ length }, (_, i) => (i === 0 ? first : i === 1 ? second : 7));

async function market(of: number, nth: number, judged: number): Promise<void> {
  const id = bytes(16, of, nth);
  const connection = await database().pool.connect();
  await insertMarket(connection, {
    market: id,
    owner: bytes(32, of),
    title: "t",
    kind: "label",
    spec: "{}",
    specHash: bytes(32, 1),
    refundTo: "x",
    pool: 0,
    standing: false,
    createdAtMs: 1,
  });
  connection.release();
  await upsertPace(database().pool, id, {
    sequence: 1,
    measuredAtMs: 1,
    answers: judged,
    secondsMedian: null,
    payPerHour: zero,
    judged,
    rejected: 1,
    appeals: 0,
    appealsWon: 0,
  });
  for (let number = 0; number <= nth; number++)
    await database().pool.query(
      "insert into landmarks (market, lane, kind, number, sequence) values ($1, 0, 'joined', $2, $2)",
      [id, number],
    );
}

async function read(limit: number): Promise<RequesterRow[]> {
  const found: RequesterRow[] = [];
  for (let after: RequesterPlace | null = null; ; ) {
    const page = await listRequesters(database().pool, after, limit);
    found.push(...page);
    if (page.length < limit) return found;
    after = page.at(-1) ?? null;
  }
}

describe("requesters", () => {
  it("come page by page to the last one, the busiest first, also where many are as busy", async () => {
    // Twenty of them, of whom each four are as busy; the first has three markets.
    for (let of = 1; of <= 20; of++) await market(of, 0, Math.floor(of / 4));
    await market(1, 1, 50);
    await market(1, 2, 50);
    const all = await read(100);
    expect(all.map(({ judged }) => judged)).toEqual([100, 5, 4, 4, 4, 4, 3, 3, 3, 3, 2, 2, 2, 2, 1, 1, 1, 1, 0, 0]);
    expect(all[0]).toMatchObject({ owner: bytes(32, 1), markets: 3, rejected: 3, contributors: 6, blocks: 0 });
    for (const limit of [1, 3, 4, 19, 20]) expect([limit, await read(limit)]).toEqual([limit, all]);
  });
});
