import { setImmediate as turn } from "node:timers/promises";
import { describe, expect, it } from "vitest";
import { chunksOf, inParallel } from "./parallel.ts";

describe("chunksOf", () => {
  it("leaves nothing out", () => {
    expect(chunksOf([1, 2, 3, 4, 5], 2)).toEqual([[1, 2], [3, 4], [5]]);
    expect(chunksOf([], 2)).toEqual([]);
  });
});

describe("inParallel", () => {
  it("does so many at a time, and keeps their order", async () => {
    let [running, most] = [0, 0];
    const results = await inParallel([5, 1, 4, 2, 3], 2, async (turns) => {
      most = Math.max(most, ++running);
      for (let i = 0; i < turns; i++) await turn();
      running--;
      return turns * 10;
    });
    expect(results).toEqual([50, 10, 40, 20, 30]);
    expect(most).toBe(2);
    expect(await inParallel([], 2, () => Promise.resolve(1))).toEqual([]);
  });

  it("begins nothing new after a failure, and ends what was begun", async () => {
    const [begun, ended]: [number[], number[]] = [[], []];
    const working = inParallel([1, 2, 3, 4, 5, 6], 2, async (each) => {
      begun.push(each);
      for (let i = 0; i < each * 3; i++) await turn();
      if (each === 2) throw new Error("no");
      ended.push(each);
    });
    await expect(working).rejects.toThrow("no");
    expect({ begun, ended }).toEqual({ begun: [1, 2, 3], ended: [1, 3] });
  });
});
