import { describe, expect, it } from "vitest";
import type { MarketId } from "../../core/market-id.ts";
import { SeenContents } from "./archive.ts";

const seenAt = (url: string) => ({ url, date: "2026-01-01T00:00:00.000Z" });
const [one, two] = ["1".repeat(32), "2".repeat(32)] as [MarketId, MarketId];

describe("contents that files have already", () => {
  it("are of their market alone, and where they were first", () => {
    const seen = new SeenContents();
    seen.of(one).add(new Map([["a", seenAt("http://first.example/")]]));
    seen.of(one).add(new Map([["a", seenAt("http://second.example/")]]));
    expect(seen.of(one).find("a")?.url).toBe("http://first.example/");
    expect(seen.of(two).find("a")).toBeUndefined();
  });

  it("take so much memory for all markets together, however long their addresses are: the oldest are forgotten", () => {
    const seen = new SeenContents(1_000);
    // Each is of 32 + 1 + 1 characters, 24 of a date, and the rest its address.
    const add = (market: MarketId, digest: string, characters: number): void =>
      seen.of(market).add(new Map([[digest, seenAt("x".repeat(characters - 58))]]));
    const known = (...of: readonly (readonly [MarketId, string])[]) =>
      of.map(([market, digest]) => seen.of(market).find(digest) !== undefined);
    add(one, "a", 400);
    add(two, "b", 400);
    add(one, "c", 200);
    expect(known([one, "a"], [two, "b"], [one, "c"])).toEqual([true, true, true]);
    add(two, "d", 58);
    expect(known([one, "a"], [two, "b"], [one, "c"], [two, "d"])).toEqual([false, true, true, true]);
    add(one, "e", 900);
    expect(known([two, "b"], [one, "c"], [two, "d"], [one, "e"])).toEqual([false, false, true, true]);
  });
});
