import { describe, expect, it } from "vitest";
import { type NodeNote, noteNode, pruneNodes, readNodeStanding, unknownNode } from "../../store/nodes/standings.ts";
import { useTestDatabase } from "../../store/testing.ts";
import { isSlow } from "./session.ts";

const database = useTestDatabase();

describe("what is kept of a node", () => {
  const slack: NodeNote = {
    strikes: 1,
    strikesMax: 3,
    demotedUntilMs: 1_000,
    foundBy: "LINE_SLOW",
    sharingUntilMs: null,
    isGood: false,
    notedAtMs: 1,
  };
  const good = { ...slack, strikes: 0, demotedUntilMs: 0, foundBy: null, isGood: true, notedAtMs: 2 };

  it("counts strikes, of which a session that goes well takes one away, and demotes where there are enough", async () => {
    const { pool } = database();
    const key = new Uint8Array(32).fill(1);
    const struck = (strikes: number) => ({ ...unknownNode, strikes, foundBy: strikes > 0 ? "LINE_SLOW" : null });
    expect(await readNodeStanding(pool, key)).toEqual(unknownNode);
    for (const strikes of [1, 2]) expect(await noteNode(pool, key, slack)).toEqual(struck(strikes));
    for (const sessions of [1, 2, 3])
      expect(await noteNode(pool, key, good)).toEqual({ ...struck(Math.max(0, 2 - sessions)), sessions });
    for (const strikes of [1, 2]) expect(await noteNode(pool, key, slack)).toEqual({ ...struck(strikes), sessions: 3 });
    const demoted = { ...struck(3), foundBy: "BROKEN_OFF", demotedUntilMs: 1_000, sessions: 3 };
    expect(await noteNode(pool, key, { ...slack, foundBy: "BROKEN_OFF" })).toEqual(demoted);
    // A lie at once, and no slackness afterwards makes its end come sooner.
    const other = new Uint8Array(32).fill(2);
    const lie = { ...slack, strikes: 3, demotedUntilMs: 9_000 };
    expect(await noteNode(pool, other, lie)).toEqual({ ...struck(3), demotedUntilMs: 9_000 });
    expect(await noteNode(pool, other, slack)).toMatchObject({ demotedUntilMs: 9_000 });
    expect(await readNodeStanding(pool, other)).toMatchObject({ strikes: 4, demotedUntilMs: 9_000 });
    await pruneNodes(pool, 5_000);
    expect(await readNodeStanding(pool, key)).toMatchObject({ strikes: 0, sessions: 0 });
    expect(await readNodeStanding(pool, other)).toMatchObject({ strikes: 4 });
    for (let i = 0; i < 5; i++) await noteNode(pool, other, lie);
    expect(await readNodeStanding(pool, other)).toMatchObject({ strikes: 10 });
  });

  it("says until when it shares a line, beside its strikes, until that is said to be over", async () => {
    const { pool } = database();
    const key = new Uint8Array(32).fill(3);
    const sharing = { ...good, isGood: false, sharingUntilMs: 5_000 };
    expect(await noteNode(pool, key, sharing)).toEqual({ ...unknownNode, sharingUntilMs: 5_000 });
    await noteNode(pool, key, slack);
    const both = { ...unknownNode, strikes: 1, foundBy: "LINE_SLOW", sharingUntilMs: 5_000 };
    expect(await noteNode(pool, key, { ...sharing, sharingUntilMs: 5_000 })).toEqual(both);
    expect(await noteNode(pool, key, { ...sharing, sharingUntilMs: 0 })).toEqual({ ...both, sharingUntilMs: 0 });
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
