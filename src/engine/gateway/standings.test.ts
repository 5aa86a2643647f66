import { describe, expect, it } from "vitest";
import { noteNode, pruneNodes, readNodeStanding } from "../../store/nodes/standings.ts";
import { useTestDatabase } from "../../store/testing.ts";
import { isSlow } from "./session.ts";

const database = useTestDatabase();

describe("what is kept of a node", () => {
  it("counts strikes until a session goes well, and demotes where there are enough", async () => {
    const { pool } = database();
    const key = new Uint8Array(32).fill(1);
    const slack = { strikes: 1, strikesMax: 3, demotedUntilMs: 1_000, isGood: false, notedAtMs: 1 };
    const good = { strikes: 0, strikesMax: 3, demotedUntilMs: 0, isGood: true, notedAtMs: 2 };
    expect(await readNodeStanding(pool, key)).toEqual({ strikes: 0, demotedUntilMs: 0, sessions: 0 });
    expect(await noteNode(pool, key, slack)).toEqual({ strikes: 1, demotedUntilMs: 0, sessions: 0 });
    expect(await noteNode(pool, key, good)).toEqual({ strikes: 0, demotedUntilMs: 0, sessions: 1 });
    for (const strikes of [1, 2])
      expect(await noteNode(pool, key, slack)).toEqual({ strikes, demotedUntilMs: 0, sessions: 1 });
    expect(await noteNode(pool, key, slack)).toEqual({ strikes: 3, demotedUntilMs: 1_000, sessions: 1 });
    // A lie at once, and no slackness afterwards makes its end come sooner.
    const other = new Uint8Array(32).fill(2);
    const lie = { ...slack, strikes: 3, demotedUntilMs: 9_000 };
    expect(await noteNode(pool, other, lie)).toEqual({ strikes: 3, demotedUntilMs: 9_000, sessions: 0 });
    expect(await noteNode(pool, other, slack)).toMatchObject({ demotedUntilMs: 9_000 });
    expect(await readNodeStanding(pool, other)).toMatchObject({ strikes: 4, demotedUntilMs: 9_000 });
    await pruneNodes(pool, 5_000);
    expect(await readNodeStanding(pool, key)).toMatchObject({ strikes: 0, sessions: 0 });
    expect(await readNodeStanding(pool, other)).toMatchObject({ strikes: 4 });
  });
});

describe("a slow line", () => {
  const page = (ms: number, repeatMs: number | null) => ({ startedMs: 5, endedMs: 5 + ms, repeatMs });

  it("is one through which most pages came far slower than through another network", () => {
    expect(isSlow([page(5_000, 500), page(4_000, 900), page(10, 10)])).toBe(true);
    expect(isSlow([page(5_000, 500), page(10, 10)])).toBe(false);
    expect(isSlow([page(5_000, 500)])).toBe(false);
    // A slow site is slow for everybody, and what takes no time is not counted by its multiples.
    expect(isSlow([page(9_000, 8_000), page(9_000, 7_000)])).toBe(false);
    expect(isSlow([page(400, 1), page(400, 1)])).toBe(false);
    expect(isSlow([page(9_000, null), page(9_000, null), { startedMs: null, endedMs: null, repeatMs: 1 }])).toBe(false);
  });
});
