import { describe, expect, it } from "vitest";
import { useTestDatabase } from "../testing.ts";
import { insertRequests, listRequests, type RequestPlace, type RequestRow } from "./requests.ts";

const database = useTestDatabase();
const owner = (byte: number): Uint8Array => new Uint8Array(32).fill(byte);

/** Many of them at the same moment; every third one failed. */
const request = (of: Uint8Array, i: number): RequestRow => ({
  owner: of,
  atMs: 1_000 + Math.floor(i / 7),
  id: `request-${i}`,
  apiKey: "k1",
  operation: "getMarket",
  method: "GET",
  path: "/v1/markets/x",
  status: i % 3 === 0 ? 404 : 200,
  durationMs: 3,
  code: i % 3 === 0 ? "MARKET_NOT_FOUND" : null,
});

/** All pages, one after the other. */
async function read(of: Uint8Array, failedOnly: boolean, limit: number): Promise<RequestRow[]> {
  const found: RequestRow[] = [];
  for (let after: RequestPlace | null = null; ; ) {
    const page = await listRequests(database().pool, of, failedOnly, after, limit);
    found.push(...page);
    if (page.length < limit) return found;
    after = page.at(-1) ?? null;
  }
}

describe("what programs asked", () => {
  it("is read page by page to the first of it, the newest first, also where many came at once", async () => {
    const rows = Array.from({ length: 60 }, (_, i) => request(owner(1), i));
    await insertRequests(database().pool, [...rows, ...rows.map((row) => ({ ...row, owner: owner(2) }))]);
    const all = await read(owner(1), false, 60);
    expect(new Set(all.map(({ id }) => id)).size).toBe(60);
    expect(all.map(({ atMs }) => atMs)).toEqual(all.map(({ atMs }) => atMs).toSorted((a, b) => b - a));
    for (const limit of [1, 4, 7, 59]) expect([limit, await read(owner(1), false, limit)]).toEqual([limit, all]);
    expect(await read(owner(1), true, 5)).toEqual(all.filter(({ status }) => status >= 400));
    expect(await read(owner(3), false, 5)).toEqual([]);
  });

  it("does not come twice where something is asked meanwhile", async () => {
    const of = owner(4);
    await insertRequests(
      database().pool,
      Array.from({ length: 6 }, (_, i) => request(of, i)),
    );
    const first = await listRequests(database().pool, of, false, null, 3);
    await insertRequests(database().pool, [{ ...request(of, 99), atMs: 9_999 }]);
    const rest = await listRequests(database().pool, of, false, first.at(-1) ?? null, 10);
    expect([...first, ...rest].map(({ id }) => id)).toHaveLength(6);
    expect(rest.map(({ id }) => id)).not.toContain("request-99");
  });
});
