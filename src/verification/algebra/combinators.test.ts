import fc from "fast-check";
import { describe, expect, it } from "vitest";
import {
  type Finding,
  failed,
  failedWith,
  faultOrRetry,
  millionPpm,
  passed,
  waitingFor,
} from "../primitives/finding.ts";
import {
  all,
  any,
  escalate,
  holdback,
  min,
  scaleByShare,
  scaleByTable,
  shareOf,
  unitsAt,
  unitsOf,
} from "./combinators.ts";
import type { EscalateParameters } from "./composition.ts";
import { reason } from "./reasons.ts";
import { codesOf, shortOf } from "./testing.ts";

const someReasons = fc
  .uniqueArray(fc.constantFrom("AGREES", "UNDECIDED", "NOT_SELECTED", "CHALLENGED"), { maxLength: 2 })
  .map((codes) => codes.map((code) => reason(code)));

const passing: fc.Arbitrary<Finding> = fc.record({
  outcome: fc.constant("passed"),
  sharePpm: fc.integer({ min: 0, max: millionPpm }),
  quantity: fc.option(fc.integer({ min: 0, max: 1e15 })),
  reservePpm: fc.constantFrom(0, 100_000, millionPpm),
  isUndecided: fc.boolean(),
  reasons: someReasons,
  needs: fc.constant([]),
});
const finding: fc.Arbitrary<Finding> = fc.oneof(
  { weight: 3, arbitrary: passing },
  { weight: 1, arbitrary: someReasons.map((reasons) => failedWith(...reasons)) },
  { weight: 1, arbitrary: fc.constantFrom(waitingFor("answers"), waitingFor("review", 5), faultOrRetry(1, 1)) },
);
const findings = fc.array(finding, { maxLength: 6 });

const split = (list: readonly Finding[], at: number): [readonly Finding[], readonly Finding[]] => [
  list.slice(0, at),
  list.slice(at),
];

describe.each([
  ["all", all, passed],
  ["any", any, failed],
  ["min", min, passed],
] as const)("%s", (_, combine, identity) => {
  it("is associative", () => {
    fc.assert(
      fc.property(findings, fc.nat(6), (list, at) => {
        const [left, right] = split(list, at);
        expect(combine([combine(left), combine(right)])).toEqual(combine(list));
      }),
      { numRuns: 500 },
    );
  });

  it("has an identity", () => {
    expect(combine([])).toEqual(identity);
    fc.assert(
      fc.property(finding, (each) => {
        expect(combine([identity, each])).toEqual(each);
        expect(combine([each, identity])).toEqual(each);
        expect(combine([each])).toEqual(each);
      }),
    );
  });

  it("gives no more units than the most of its parts", () => {
    fc.assert(
      fc.property(fc.array(passing, { minLength: 1, maxLength: 5 }), (list) => {
        const combined = combine(list);
        expect(combined.sharePpm).toBeLessThanOrEqual(Math.max(...list.map(({ sharePpm }) => sharePpm)));
        const quantities = list.flatMap(({ quantity }) => (quantity === null ? [] : [quantity]));
        if (combined.quantity !== null) expect(combined.quantity).toBeLessThanOrEqual(Math.max(...quantities));
      }),
    );
  });
});

describe("all", () => {
  const late = failedWith(reason("TOO_LATE", { actual: 2, limit: 1 }));
  const far = failedWith(reason("PLACE_FAR", { actual: 2, limit: 1 }));

  it("takes the first that has not passed: a failure beats what waits after it, not what waits before it", () => {
    expect(shortOf(all([late, waitingFor("answers")]))).toBe("failed TOO_LATE");
    expect(shortOf(all([waitingFor("answers"), late]))).toBe("waiting WAITING");
    expect(shortOf(all([late, far]))).toBe("failed TOO_LATE");
    expect(shortOf(all([passed, faultOrRetry(3, 3), late]))).toBe("fault FAULT");
  });

  it("takes the least of units, and keeps every reason of what passed", () => {
    const half: Finding = { ...passed, sharePpm: 500_000, reasons: [reason("AGREES")] };
    const bytes: Finding = { ...passed, quantity: 10, reasons: [reason("NOT_SELECTED")] };
    const both = all([half, bytes]);
    expect(unitsOf(both)).toBe(5);
    expect(codesOf(both)).toEqual(["AGREES", "NOT_SELECTED"]);
  });

  it("asks no further than needed", () => {
    function* asked(): Iterable<Finding> {
      yield late;
      throw new Error("asked for what cannot matter");
    }
    expect(shortOf(all(asked()))).toBe("failed TOO_LATE");
  });
});

describe("any", () => {
  it("takes what is decided before what is not, wherever it stands", () => {
    const undecided: Finding = { ...passed, sharePpm: 900_000, isUndecided: true };
    const decided: Finding = { ...passed, sharePpm: 100_000 };
    expect(any([undecided, waitingFor("panel"), decided])).toEqual(decided);
    expect(any([waitingFor("panel"), undecided, { ...undecided, sharePpm: 1 }])).toEqual(undecided);
  });

  it("passes with the first that does, waits while one can, and tells every failure", () => {
    expect(any([failedWith(reason("CHALLENGED")), waitingFor("panel"), passed]).outcome).toBe("passed");
    expect(any([failed, waitingFor("panel"), faultOrRetry(1, 1), waitingFor("review", 7)]).needs).toEqual([
      { for: "panel", untilMs: null },
      { for: "review", untilMs: 7 },
    ]);
    expect(any([failed, faultOrRetry(1, 1)]).outcome).toBe("fault");
    expect(codesOf(any([failedWith(reason("CHALLENGED")), failedWith(reason("CANARY_MISSED"))]))).toEqual([
      "CHALLENGED",
      "CANARY_MISSED",
    ]);
  });
});

describe("min", () => {
  it("fails at once, wherever the failure stands, and tells them all", () => {
    const both = min([failedWith(reason("CHALLENGED")), waitingFor("panel"), failedWith(reason("CANARY_MISSED"))]);
    expect(both.outcome).toBe("failed");
    expect(codesOf(both)).toEqual(["CHALLENGED", "CANARY_MISSED"]);
  });

  it("does not care for the order, but for that of its reasons", () => {
    fc.assert(
      fc.property(findings, (list) => {
        const { reasons, needs, ...forward } = min(list);
        const { reasons: reversedReasons, needs: reversedNeeds, ...backward } = min([...list].reverse());
        expect(backward).toEqual(forward);
        expect(reversedReasons.length).toBe(reasons.length);
        expect(reversedNeeds.length).toBe(needs.length);
      }),
    );
  });
});

describe("scale", () => {
  it("is exact and rounds down", () => {
    expect(shareOf(999_999, 500_000)).toBe(499_999);
    expect(shareOf(1e15, 999_999)).toBe(999_999_000_000_000);
    fc.assert(
      fc.property(fc.integer({ min: 0, max: 1e15 }), fc.integer({ min: 0, max: millionPpm }), (units, share) => {
        expect(BigInt(shareOf(units, share))).toBe((BigInt(units) * BigInt(share)) / BigInt(millionPpm));
      }),
    );
  });

  it("leaves what did not pass alone", () => {
    fc.assert(
      fc.property(finding, (each) => {
        fc.pre(each.outcome !== "passed");
        expect(scaleByShare(each, 1)).toBe(each);
        expect(scaleByTable(each, { points: [{ from: 0, to: 5 }] })).toBe(each);
        expect(holdback(each, 5, false)).toBe(each);
      }),
    );
  });

  const table = { points: [10, 20, 40].map((from, i) => ({ from, to: [0, 100, 50][i] as number })) };

  it.each([
    [0, 0],
    [10, 0],
    [11, 10],
    [20, 100],
    [21, 98],
    [40, 50],
    [1e15, 50],
  ])("reads %d in a table as %d", (units, expected) => {
    expect(unitsAt(table, units)).toBe(expected);
  });

  it("never leaves a table's range, also for the largest numbers", () => {
    const points = fc.uniqueArray(fc.integer({ min: 0, max: 1e15 }), { minLength: 1, maxLength: 6 });
    fc.assert(
      fc.property(
        points,
        fc.array(fc.integer({ min: 0, max: 1e15 }), { minLength: 6, maxLength: 6 }),
        fc.integer({ min: 0, max: 1e15 }),
        (from, to, units) => {
          const sorted = from.sort((a, b) => a - b).map((each, i) => ({ from: each, to: to[i] as number }));
          const value = unitsAt({ points: sorted }, units);
          expect(Number.isSafeInteger(value)).toBe(true);
          expect(value).toBeGreaterThanOrEqual(Math.min(...sorted.map((point) => point.to)));
          expect(value).toBeLessThanOrEqual(Math.max(...sorted.map((point) => point.to)));
        },
      ),
    );
  });

  it("scales what was metered, and the share where nothing was", () => {
    expect(unitsOf(scaleByTable({ ...passed, quantity: 15 }, table))).toBe(50);
    expect(unitsOf(scaleByTable({ ...passed, sharePpm: 15 }, table))).toBe(50);
    expect(unitsOf(scaleByShare({ ...passed, quantity: 15 }, 500_000))).toBe(7);
  });
});

describe("holdback", () => {
  it("keeps the greatest part back until its condition holds", () => {
    expect(holdback(passed, 300_000, false).reservePpm).toBe(300_000);
    expect(holdback(holdback(passed, 300_000, false), 200_000, false).reservePpm).toBe(300_000);
    expect(holdback(passed, 300_000, true)).toBe(passed);
    const parts = [holdback(passed, 300_000, false), holdback(passed, 100_000, false)];
    for (const combine of [all, min]) {
      expect(combine(parts).reservePpm).toBe(300_000);
      expect(combine([...parts].reverse()).reservePpm).toBe(300_000);
    }
  });
});

describe("escalate", () => {
  const review: EscalateParameters = {
    of: { all: [] },
    to: "review",
    windowMs: 100,
    otherwise: "accepted",
    seats: 0,
    acceptedMin: 0,
  };
  const undecided: Finding = { ...passed, isUndecided: true, reasons: [reason("UNDECIDED")] };
  const known = { nowMs: 1_050, undecidedAtMs: 1_000, review: null, panel: null };

  it("asks nobody about what is decided, nor about what waits or is a fault of ours", () => {
    fc.assert(
      fc.property(finding, (each) => {
        fc.pre(!each.isUndecided);
        expect(escalate(each, review, known)).toBe(each);
      }),
    );
  });

  it("waits for a review until its deadline, and then does what the market set", () => {
    expect(escalate(undecided, review, known)).toMatchObject({
      outcome: "waiting",
      needs: [{ for: "review", untilMs: 1_100 }],
    });
    expect(escalate(undecided, review, { ...known, nowMs: 1_099 }).outcome).toBe("waiting");
    const late = escalate(undecided, review, { ...known, nowMs: 1_100 });
    expect(late.outcome).toBe("passed");
    expect(codesOf(late)).toEqual(["UNDECIDED", "REVIEW_LATE"]);
    expect(shortOf(escalate(undecided, { ...review, otherwise: "rejected" }, { ...known, nowMs: 1_100 }))).toBe(
      "failed REVIEW_LATE",
    );
  });

  it("has no deadline before somebody noticed", () => {
    expect(escalate(undecided, review, { ...known, undecidedAtMs: null, nowMs: 9e15 }).needs).toEqual([
      { for: "review", untilMs: null },
    ]);
  });

  it("hears a review that came in time, and no other", () => {
    const reviewed = (isAccepted: boolean, atMs: number): Finding =>
      escalate(undecided, review, { ...known, nowMs: 2_000, review: { isAccepted, atMs } });
    expect(shortOf(reviewed(false, 1_099))).toBe("failed REVIEW_REJECTED");
    expect(codesOf(reviewed(true, 1_099))).toEqual(["UNDECIDED", "REVIEW_ACCEPTED"]);
    expect(codesOf(reviewed(false, 1_100))).toEqual(["UNDECIDED", "REVIEW_LATE"]);
  });

  it("goes by the panel's votes, as soon as they are enough", () => {
    const panel: EscalateParameters = { ...review, to: "panel", seats: 3, acceptedMin: 2 };
    const votes = (accepted: number, rejected: number): string =>
      shortOf(escalate(undecided, panel, { ...known, panel: { accepted, rejected } }));
    expect(votes(1, 1)).toBe("waiting ESCALATED");
    expect(votes(2, 0)).toBe("passed UNDECIDED");
    expect(votes(0, 2)).toBe("failed PANEL_REJECTED");
  });

  it("asks for more answers, which then decide by themselves", () => {
    const more: EscalateParameters = { ...review, to: "answers" };
    expect(escalate(undecided, more, known).needs).toEqual([{ for: "answers", untilMs: 1_100 }]);
    expect(escalate(undecided, more, { ...known, nowMs: 1_100 }).outcome).toBe("passed");
  });

  it("never leaves undecided what it passed", () => {
    fc.assert(
      fc.property(passing, fc.boolean(), (each, isAccepted) => {
        const ended = escalate({ ...each, isUndecided: true }, review, {
          ...known,
          review: { isAccepted, atMs: 1_001 },
        });
        expect(ended.isUndecided).toBe(false);
        expect(ended.outcome).toBe(isAccepted ? "passed" : "failed");
      }),
    );
  });
});
