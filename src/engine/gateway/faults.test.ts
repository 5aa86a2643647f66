import { describe, expect, it } from "vitest";
import { unknownNode } from "../../store/nodes/standings.ts";
import { checkOf, faultIn, faultOf, faultShown, faultsOf } from "./faults.ts";
import type { SessionReceipt } from "./session.ts";

const page = { isByOther: false, why: null, startedMs: 0, endedMs: 10, repeatMs: null };
function receiptOf(parts: { content?: string; canary?: string | null; pages?: readonly object[] }): SessionReceipt {
  const { content = "a", canary = "c", pages = [page, page] } = parts;
  const measured = {
    quantities: { bytes: 1 },
    digests: { content: "a" },
    canaries: canary === null ? {} : { canary: "c" },
  };
  return { pages, heard: { content, canary }, measured } as unknown as SessionReceipt;
}

describe("a whole session", () => {
  it("shows a lie, a line that fails or lags, or nothing, by the check that finds it", () => {
    const lost = { ...page, isByOther: true, why: "reset" };
    const slow = { ...page, endedMs: 9_000, repeatMs: 500 };
    expect(faultIn(receiptOf({}))).toBeNull();
    expect(faultIn(receiptOf({ canary: null }))).toBeNull();
    expect(faultIn(receiptOf({ canary: "x" }))).toBe("CANARY_MISSED");
    expect(faultIn(receiptOf({ canary: "x", content: "b", pages: [lost] }))).toBe("CANARY_MISSED");
    expect(faultIn(receiptOf({ content: "b" }))).toBe("DIGEST_DIFFERS");
    // Answers the hidden checks and nothing else.
    expect(faultIn(receiptOf({ content: "b", pages: [lost, lost] }))).toBe("DIGEST_DIFFERS");
    expect(faultIn(receiptOf({ content: "b", canary: null, pages: [lost, lost] }))).toBe("LINE_FAILED");
    expect(faultIn(receiptOf({ pages: [slow, slow] }))).toBe("LINE_SLOW");
  });
});

describe("a verdict", () => {
  it("shows a count that is made up or a clock that is wrong, where it is not paid", () => {
    for (const reason of ["METERS_DIFFER", "TOO_LATE", "TOO_EARLY"] as const) {
      expect(faultOf({ state: "rejected", reason })).toBe(reason);
      // Whoever says less than he relayed is paid less.
      expect(faultOf({ state: "accepted", reason })).toBeNull();
    }
    expect(faultOf({ state: "rejected", reason: "DIGEST_DIFFERS" })).toBeNull();
  });
});

describe("what a fault costs", () => {
  const hourMs = 3_600_000;
  const costOf = (check: Parameters<typeof faultShown>[0]) => {
    const shown = faultShown(check, 5);
    return shown.kind === "fault" ? [shown.strikes >= shown.strikesMax, shown.demotedUntilMs - 5] : [];
  };

  it("is a day's rest for a lie, an hour's for a clock, and a strike for what may happen to anybody", () => {
    for (const check of ["CANARY_MISSED", "DIGEST_DIFFERS", "METERS_DIFFER"] as const)
      expect(costOf(check)).toEqual([true, 24 * hourMs]);
    for (const check of ["TOO_LATE", "TOO_EARLY"] as const) expect(costOf(check)).toEqual([true, hourMs]);
    for (const check of ["BROKEN_OFF", "LINE_FAILED", "LINE_SLOW"] as const)
      expect(costOf(check)).toEqual([false, hourMs]);
  });

  it("is a place behind others, and it is said by which check", () => {
    const struck = { ...unknownNode, strikes: 2, foundBy: "BROKEN_OFF" };
    const sharing = { ...unknownNode, sharingUntilMs: 100 };
    expect([unknownNode, struck, sharing].map((each) => faultsOf(each, 99))).toEqual([0, 2, 1]);
    expect([unknownNode, struck, sharing].map((each) => checkOf(each, 99))).toEqual([
      null,
      "BROKEN_OFF",
      "NETWORK_TAKEN",
    ]);
    expect([faultsOf(sharing, 100), checkOf(sharing, 100)]).toEqual([0, null]);
    expect(faultsOf({ ...struck, sharingUntilMs: 100 }, 99)).toBe(3);
  });
});
