import { describe, expect, it } from "vitest";
import { Activity } from "./activity.ts";

describe("what was paid lately", () => {
  const activity = new Activity();
  activity.add(10, 5n, ["a", "b"]);
  activity.add(10, 3n, ["b", "c"]);
  activity.add(12, 7n, ["a"]);

  it("is the least of a slot, or as much as all of some accounts took", () => {
    expect(activity.priceAt(10, [])).toBe(3n);
    expect(["a", "b", "c", "d"].map((each) => activity.priceAt(10, [each]))).toEqual([5n, 3n, 3n, 0n]);
    expect(activity.priceAt(10, ["a", "b"])).toBe(5n);
    expect([activity.priceAt(11, []), activity.priceAt(12, ["b"])]).toEqual([0n, 0n]);
  });

  it("counts transactions", () => {
    expect([0, 10, 11, 13].map((slot) => activity.transactionsFrom(slot))).toEqual([3, 3, 1, 0]);
  });

  it("is forgotten when blockhashes of then are no longer good", () => {
    activity.add(161, 1n, []);
    expect(activity.priceAt(10, [])).toBe(0n);
    expect(activity.priceAt(12, [])).toBe(7n);
  });
});
