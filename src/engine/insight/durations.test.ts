import { describe, expect, it } from "vitest";
import { bytes32 } from "../../core/bytes.ts";
import type { Entry, OrdinalRuling } from "../../market/entries.ts";
import { DurationReader, median } from "./durations.ts";

const zeros = bytes32(new Uint8Array(32));
const timed = (timeMs: number): Entry => ({ kind: "timed", timeMs });
const assigned = (task: number, ordinal = 0): Entry => ({
  kind: "assigned",
  task,
  ordinal,
  contributor: 1,
  expiresAtMs: 0,
});
const submitted = (task: number, next: number | null = null, ordinal = 0, contributor = 1): Entry => ({
  kind: "submitted",
  task,
  ordinal,
  contributor,
  body: zeros,
  next: next === null ? null : { task: next, ordinal: 0, expiresAtMs: 0 },
});
const judged = (task: number, verdict: OrdinalRuling["verdict"], ordinal = 0): Entry => ({
  kind: "judged",
  task,
  ordinal,
  verdict,
  reason: "AGREES",
});
const settled = (task: number, ...verdicts: readonly OrdinalRuling["verdict"][]): Entry => ({
  kind: "settled",
  task,
  label: 0,
  confidencePpm: 1_000_000,
  decided: true,
  rulings: verdicts.map((verdict, ordinal) => ({ ordinal, verdict, reason: "AGREES" })),
});

function read(...entries: readonly Entry[]) {
  const reader = new DurationReader();
  for (const entry of entries) reader.read(entry);
  const { accepted, ...counts } = reader.found;
  return { ...counts, acceptedMs: accepted.map(({ tookMs }) => tookMs), by: accepted.map((each) => each.contributor) };
}

describe("how long answers take", () => {
  it("is from assignment to submission, of what was accepted", () => {
    expect(
      read(
        timed(1_000),
        assigned(0),
        assigned(1),
        timed(5_000),
        submitted(0),
        timed(8_000),
        submitted(1),
        judged(0, "accepted"),
        judged(1, "rejected"),
      ),
    ).toEqual({ acceptedMs: [4_000], by: [1], judged: 2, rejected: 1, appeals: 0, appealsWon: 0 });
  });

  it("begins with a turn as with an assignment", () => {
    const entries = [timed(1_000), assigned(0), timed(3_000), submitted(0, 1), timed(10_000), submitted(1)];
    expect(read(...entries, settled(1, "accepted")).acceptedMs).toEqual([7_000]);
  });

  it("is of each slot by itself", () => {
    const found = read(
      timed(0),
      assigned(0, 0),
      timed(1_000),
      assigned(0, 1),
      timed(4_000),
      submitted(0, null, 1, 8),
      submitted(0, null, 0, 9),
      settled(0, "accepted", "accepted"),
    );
    expect(found).toMatchObject({ acceptedMs: [4_000, 3_000], by: [9, 8] });
  });

  it("leaves out what began before the stretch, and before its first time", () => {
    expect(read(timed(9_000), submitted(0), judged(0, "accepted"))).toMatchObject({
      acceptedMs: [],
      judged: 1,
      rejected: 0,
    });
    expect(read(assigned(0), timed(9_000), submitted(0), judged(0, "accepted")).acceptedMs).toEqual([]);
  });

  it("does not count what waits for the requester", () => {
    const entries = [timed(0), assigned(0), timed(5), submitted(0)];
    expect(read(...entries, judged(0, "review"))).toMatchObject({ acceptedMs: [], judged: 0, rejected: 0 });
  });
});

describe("the median", () => {
  it("is the middle, or between the two in the middle", () => {
    expect(median([])).toBeNull();
    expect(median([7])).toBe(7);
    expect(median([9, 1, 5])).toBe(5);
    expect(median([100, 9, 2, 4])).toBe(6.5);
  });
});
