import { describe, expect, it } from "vitest";
import { Households } from "./households.ts";

describe("a household", () => {
  it("is its first owner's, with as many tunnels as he likes, until the last one is gone", () => {
    const households = new Households();
    expect([households.take("a", "one"), households.take("a", "one")]).toEqual(["own", "own"]);
    expect([households.take("a", "two"), households.take("b", "two")]).toEqual(["other", "own"]);
    households.left("a");
    expect(households.take("a", "two")).toBe("other");
    households.left("a");
    expect(households.take("a", "two")).toBe("own");
  });

  it("tells of each other owner once, and of no more than a few; one who moves is told by that", () => {
    const households = new Households();
    households.take("a", "first");
    const told = Array.from({ length: 12 }, (_, i) => households.refuse("a", `key ${i % 10}`));
    expect(told.filter((each) => each)).toHaveLength(8);
    expect(told.slice(0, 8)).not.toContain(false);
    expect([households.take("b", "key 3"), households.take("c", "key 3")]).toEqual(["moved", "own"]);
    // Where it was refused it stands where it stood, also once the first is gone.
    households.left("a");
    expect(households.take("a", "key 4")).toBe("own");
  });
});
