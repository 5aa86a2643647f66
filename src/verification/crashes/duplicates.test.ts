import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { commonLines, firstDuplicateIn, isDuplicate } from "./duplicates.ts";

const crash = (...state: readonly string[]) => ({ type: "UNKNOWN READ", state });
const areDuplicates = (one: readonly string[], other: readonly string[]): boolean =>
  isDuplicate(crash(...one), crash(...other));

describe("two crashes", () => {
  it.each([
    ["of one state", ["take", "parse", "read"], ["take", "parse", "read"], true],
    ["with two frames in common", ["take", "parse", "read"], ["other", "take", "parse"], true],
    [
      "with two frames in common and another between them",
      ["take", "parse", "read"],
      ["take", "inlined", "read"],
      true,
    ],
    ["with one frame in common", ["take", "aaaaaaaa", "bbbbbbbb"], ["take", "cccccccc", "dddddddd"], false],
    ["with two frames in another order", ["aaaaaaaa", "bbbbbbbb"], ["bbbbbbbb", "aaaaaaaa"], false],
    ["alike in every line", ["app::Reader<int>::next", "x1"], ["app::Reader<long>::next", "x1"], true],
    ["of which one goes on", ["app::Reader::next"], ["app::Reader::next", "main loop", "run"], true],
    ["with nothing in common", ["aaaa"], ["bbbb"], false],
  ])("%s", (_name, one, other, expected) => {
    expect(areDuplicates(one, other)).toBe(expected);
    expect(areDuplicates(other, one)).toBe(expected);
  });

  it("have to be more than 80 % alike", () => {
    // Of ten characters, two have to be changed: exactly 80 %. Of eleven, two: 81 %.
    expect(areDuplicates(["abcde"], ["abcxy"])).toBe(false);
    expect(areDuplicates(["abcdef"], ["abcxf"])).toBe(true);
  });

  it("without a state are one fault only if the same happened", () => {
    expect(isDuplicate({ type: "GPU failure", state: ["NULL"] }, { type: "GPU failure", state: ["NULL"] })).toBe(true);
    expect(isDuplicate({ type: "GPU failure", state: ["NULL"] }, { type: "Abrt", state: ["NULL"] })).toBe(false);
    expect(areDuplicates(["NULL"], ["NULLS"])).toBe(false);
    expect(areDuplicates([], ["a"])).toBe(false);
  });

  it("are found by who came first", () => {
    const earlier = [crash("aaaa", "bbbb"), crash("take", "parse"), crash("take", "parse", "read")];
    expect(firstDuplicateIn(earlier, crash("take", "parse", "read"))).toBe(1);
    expect(firstDuplicateIn(earlier, crash("zzzz"))).toBe(-1);
  });
});

const state = fc.array(fc.oneof(fc.constantFrom("take", "parse", "read", "next"), fc.string({ maxLength: 12 })), {
  maxLength: 5,
});

describe("whether crashes are duplicates", () => {
  it("does not depend on their order, and every crash is one of itself", () => {
    fc.assert(
      fc.property(state, state, (one, other) => {
        expect(areDuplicates(one, other)).toBe(areDuplicates(other, one));
        expect(areDuplicates(one, one)).toBe(true);
      }),
    );
  });

  it("is what ClusterFuzz says, written plainly", () => {
    fc.assert(
      fc.property(state, state, (one, other) => {
        fc.pre(one.length > 0 && other.length > 0 && one[0] !== "NULL" && other[0] !== "NULL");
        expect(areDuplicates(one, other)).toBe(areSimilar(one, other));
      }),
    );
  });

  it("does not depend on what stands behind the bounds", () => {
    const long = "x".repeat(100_000);
    expect(areDuplicates([long], [`${long}y`])).toBe(true);
    expect(
      areDuplicates(
        Array.from({ length: 100_000 }, (_, i) => `a${i}`),
        ["b"],
      ),
    ).toBe(false);
  });

  it("counts common lines as the longest of all common sequences", () => {
    const few = fc.array(fc.constantFrom("a", "b", "c"), { maxLength: 5 });
    fc.assert(
      fc.property(few, few, (one, other) => {
        const common = sequencesOf(one).filter((each) => sequencesOf(other).some((x) => x.join() === each.join()));
        expect(commonLines(one, other)).toBe(Math.max(...common.map((each) => each.length)));
      }),
    );
  });
});

/** Every selection of the lines, in order. */
const sequencesOf = (lines: readonly string[]): string[][] =>
  Array.from({ length: 2 ** lines.length }, (_, bits) => lines.filter((_line, i) => ((bits >> i) & 1) === 1));

/** In exact whole numbers too: thousandths would round at the limit. */
function areSimilar(one: readonly string[], other: readonly string[]): boolean {
  if (commonLines(one, other) >= 2) return true;
  const pairs = one
    .slice(0, other.length)
    .map((line, i) => [Array.from(line), Array.from(other[i] as string)] as const);
  const shares = pairs.map(([a, b]) => {
    const all = a.length + b.length;
    return all === 0 ? ([1, 1] as const) : ([all - distance(a, b), all] as const);
  });
  const product = shares.reduce((value, [, all]) => value * all, 1);
  const sum = shares.reduce((value, [alike, all]) => value + (alike * product) / all, 0);
  return sum * 5 > 4 * shares.length * product;
}

function distance(a: readonly string[], b: readonly string[]): number {
  let before = Array.from({ length: b.length + 1 }, (_, j) => j);
  for (const [i, each] of a.entries()) {
    const row = [i + 1];
    for (const [j, other] of b.entries()) {
      const changed = (before[j] as number) + (each === other ? 0 : 1);
      row.push(Math.min(changed, (before[j + 1] as number) + 1, (row[j] as number) + 1));
    }
    before = row;
  }
  return before.at(-1) as number;
}
