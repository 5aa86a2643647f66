import { describe, expect, it } from "vitest";
import { Cache } from "./cache.ts";

function cacheOf(max: number, ttlMs = 1_000): { cache: Cache<number>; time: { now: number } } {
  const time = { now: 0 };
  return { cache: new Cache<number>({ max, ttlMs, clock: () => time.now }), time };
}

describe("a cache", () => {
  it("forgets what was used least recently", () => {
    const { cache } = cacheOf(3);
    for (const key of ["a", "b", "c"]) cache.set(key, 1);
    cache.get("a");
    cache.set("d", 1);
    expect(["a", "b", "c", "d"].map((key) => cache.get(key))).toEqual([1, undefined, 1, 1]);
  });

  it("counts a value that is set again as one", () => {
    const { cache } = cacheOf(2);
    cache.set("a", 1);
    cache.set("b", 2);
    cache.set("a", 3);
    expect([cache.get("a"), cache.get("b")]).toEqual([3, 2]);
  });

  it("forgets at the end of its time, which reading does not prolong", () => {
    const { cache, time } = cacheOf(2, 100);
    cache.set("a", 1);
    time.now = 99;
    expect(cache.get("a")).toBe(1);
    time.now = 100;
    expect(cache.get("a")).toBeUndefined();
    cache.set("a", 2);
    time.now = 150;
    expect(cache.get("a")).toBe(2);
  });

  it("never holds more than it may", () => {
    const { cache } = cacheOf(10);
    for (let i = 0; i < 1_000; i++) cache.set(`${i}`, i);
    expect(
      Array.from({ length: 1_000 }, (_, i) => cache.get(`${i}`)).filter((each) => each !== undefined),
    ).toHaveLength(10);
  });

  it("forgets one, or all", () => {
    const { cache } = cacheOf(10);
    for (const key of ["a", "b", "c"]) cache.set(key, 1);
    cache.delete("a");
    expect([cache.get("a"), cache.get("b")]).toEqual([undefined, 1]);
    cache.clear();
    expect([cache.get("b"), cache.get("c")]).toEqual([undefined, undefined]);
  });
});
