import { describe, expect, it } from "vitest";
import { checkLane } from "../../test/support/check-lane.ts";
import {
  agree,
  attest,
  capped,
  control,
  known,
  place,
  rate,
  reviewed,
  track,
  withComposition,
} from "../../test/support/compositions.ts";
import { commands, controlFor, type LaneParts, openLane, specWith, type TestLane } from "../../test/support/market.ts";
import { checkState } from "../../test/support/market-invariants.ts";
import { amount } from "../core/amount.ts";
import { toHex, zero32 } from "../core/bytes.ts";
import type { Json } from "../core/json.ts";
import { matchShare } from "../verification/agreement/agree-on.ts";
import type { Answer } from "../verification/answers/answer.ts";
import { type AnswerSchema, readAnswer } from "../verification/answers/answer-schema.ts";
import { parseSpec, specToJson } from "./spec.ts";

const meter: Json = {
  meter: {
    type: "sum",
    name: "node",
    unit: "byte",
    quantityMin: 10,
    quantityMax: 3_000,
    quality: { intervalMs: 20_000, coveragePpmMin: 0, valueMin: 0, valueMax: 5_000 },
  },
};

/** A lane whose market goes by a composition. */
const ruledBy = (composition: Json, parts: LaneParts = {}): TestLane =>
  openLane({ ...parts, spec: withComposition(composition, parts.spec) });

const findings = (lane: TestLane): Json[] =>
  lane.entries("verified").map((entry) => JSON.parse(entry.findings) as Json);

const sighting = (metres: number, timeMs: number): Json => ({
  ...place,
  latitudeE7: place.latitudeE7 + Math.round(metres * 90),
  timeMs,
  accuracyMm: 5_000,
});

describe("a market with a composition", () => {
  it("pays for agreement as one without does, each submission with an entry of its own", () => {
    const lane = ruledBy({ all: [attest, agree] });
    expect(lane.answer(1, 0, "yes").state).toBe("held");
    lane.answer(2, 0, "yes");
    expect(lane.answer(3, 0, "no")).toMatchObject({ state: "appealable", reason: "DISAGREES", reward: 0n });
    expect(lane.entries("settled")[0]?.rulings).toEqual([]);
    expect(lane.entries("verified").map(({ verdict, reason, units }) => [verdict, reason, units])).toEqual([
      ["accepted", "AGREES", 1_000_000],
      ["accepted", "AGREES", 1_000_000],
      ["rejected", "DISAGREES", 1_000_000],
    ]);
    expect(findings(lane)[2]).toEqual([{ code: "DISAGREES", expected: "yes", actual: "no" }]);
    expect([1, 2, 3].map((each) => lane.earned(each))).toEqual([1_000n, 1_000n, 0n]);
    checkLane(lane);
  });

  it("accepts at once where nothing has to agree", () => {
    const lane = ruledBy({
      all: [attest, { match: { type: "shape", shape: { type: "text", charactersMin: 3, charactersMax: 3 } } }],
    });
    expect(lane.answer(1, 0, "yes")).toMatchObject({ state: "accepted", reason: "CHECKS_PASSED", reward: 1_000n });
    expect(lane.answer(2, 0, "no")).toMatchObject({ state: "rejected", reason: "SHAPE_WRONG", reward: 0n });
    checkLane(lane);
  });

  it("says why, in the codes and with the facts of the algebra", () => {
    const lane = ruledBy(
      { all: [{ match: { type: "value", name: "weight", tolerance: 2 } }, agree] },
      {
        spec: {
          terms: {
            answer: {
              type: "number",
              min: 0,
              max: 100,
              decimals: 0,
              tolerance: { absolute: 0, ppm: 0 },
            },
            known,
          },
        },
      },
    );
    expect(lane.answer(1, 0, 71).state).toBe("held");
    expect(lane.answer(2, 0, 73)).toMatchObject({ state: "rejected", reason: "VALUE_DIFFERS" });
    expect(findings(lane)).toEqual([[{ code: "VALUE_DIFFERS", expected: 70, actual: 73, limit: 2 }]]);
    checkLane(lane);
  });
});

describe("a check of how it was done", () => {
  const parts: LaneParts = { spec: { terms: { known } } };

  it("that fails decides at once, without an appeal, and another takes the place", () => {
    const lane = ruledBy({ all: [track, agree] }, parts);
    const free = lane.state.books.free;
    const far = lane.answer(1, 0, "yes", { tracks: { walk: [sighting(200, lane.timeMs)] } });
    expect(far).toMatchObject({ state: "rejected", reason: "PLACE_FAR" });
    expect(findings(lane)).toEqual([[{ code: "PLACE_FAR", actual: expect.any(Number), limit: 50_000 }]]);
    expect(lane.state.books.free).toBe(free);
    expect(lane.refuse(commands.appeal(1, far.slot), "APPEAL_STATE").message).toMatch(/window has passed/);
    // Three good answers of an overlap of three are still to come.
    for (const each of [2, 3, 4]) {
      lane.answer(each, 0, "no", { tracks: { walk: [sighting(10, lane.timeMs)] } });
      checkState(lane.state);
    }
    expect(lane.entries("settled")).toMatchObject([{ label: 1, decided: true }]);
    expect([1, 2, 3, 4].map((each) => lane.earned(each))).toEqual([0n, 1_000n, 1_000n, 1_000n]);
    expect(lane.member(1)).toMatchObject({ judged: 0 });
    checkLane(lane);
  });

  it("fails what lacks its evidence, and refuses what is none", () => {
    const lane = ruledBy({ all: [track, agree] }, parts);
    expect(lane.answer(1, 0, "yes")).toMatchObject({ state: "rejected", reason: "EVIDENCE_MISSING" });
    const slot = lane.take(2, 0);
    const refused = (evidence: Json): string =>
      lane.refuse(commands.submit(2, [{ slot, answer: "yes", evidence }], lane.timeMs)).message;
    expect(refused([])).toMatch(/evidence must be an object/);
    expect(refused({ walk: [] })).toMatch(/evidence has an unknown field "walk"/);
    expect(refused({ answer: "no" })).toMatch(/evidence.answer has its place in the body itself/);
    expect(refused({ tracks: { walk: [{ ...place, timeMs: 1 }] } })).toMatch(
      /evidence.tracks.walk\[0\].accuracyMm must be/,
    );
    const many = Array.from({ length: 700 }, (_, i) => sighting(1, i));
    expect(refused({ tracks: { walk: many } })).toMatch(/bytes of evidence/);
    expect(lane.submit(2, slot, "yes", { tracks: { walk: [sighting(1, lane.timeMs)] } }).state).toBe("held");
    checkLane(lane);
  });

  it("is judged by the window between assignment and lease, or by the task's own", () => {
    const window = { startMs: 1_000, endMs: 2_000 };
    const evidence = { tracks: { walk: [sighting(1, 1_500)] } };
    const early = ruledBy(track, parts).answer(1, 0, "yes", evidence);
    expect(early.reason).toBe("TOO_EARLY");
    const own = ruledBy(track, { spec: { terms: { known: { ...known, window } } } }).answer(1, 0, "yes", evidence);
    expect(own).toMatchObject({ state: "accepted", reason: "CHECKS_PASSED" });
  });

  it("compares hashes with those the task tells", () => {
    const lane = ruledBy({ all: [{ match: { type: "digest", name: "page" } }, agree] }, parts);
    expect(lane.answer(1, 0, "yes", { digests: { page: "ab".repeat(32) } }).state).toBe("held");
    expect(lane.answer(2, 0, "yes", { digests: { page: "cd".repeat(32) } }).reason).toBe("DIGEST_DIFFERS");
    checkLane(lane);
  });

  it("keeps an owner to its cap, also where more was under way", () => {
    const lane = ruledBy({ all: [capped, agree] });
    const slots = [0, 1].map((task) => lane.take(1, task));
    for (const slot of slots) lane.submit(1, slot, "yes");
    for (const [each, task] of [
      [2, 0],
      [3, 0],
      [4, 1],
      [5, 1],
    ] as const)
      lane.answer(each, task, "yes");
    expect(slots.map((slot) => lane.verdicts(slot))).toEqual([["accepted AGREES"], ["rejected CAP_EXCEEDED"]]);
    expect(lane.answer(1, 2, "yes")).toMatchObject({ state: "rejected", reason: "CAP_EXCEEDED" });
    checkLane(lane);
  });
});

describe("a quorum of hashes", () => {
  const quorum: Json = { agree: { type: "quorum", name: "output", ownersMin: 2 } };
  const digest = (byte: string): Json => ({ digests: { output: byte.repeat(32) } });

  it("is counted when the task has settled, also of those who have their verdict", () => {
    const lane = ruledBy({ all: [attest, quorum] }, { spec: { terms: { overlap: { min: 3, max: 3, targetPpm: 0 } } } });
    const late = lane.take(4, 1);
    expect(lane.answer(1, 0, "yes", digest("ab")).state).toBe("held");
    expect(lane.answer(2, 0, "yes", digest("ab")).state).toBe("held");
    expect(lane.answer(3, 0, "yes", digest("cd"))).toMatchObject({ state: "rejected", reason: "QUORUM_DIFFERS" });
    expect([1, 2, 3].map((each) => lane.earned(each))).toEqual([1_000n, 1_000n, 0n]);
    expect(findings(lane)[2]).toEqual([{ code: "QUORUM_DIFFERS", expected: "ab".repeat(32), actual: "cd".repeat(32) }]);
    checkLane(lane);
    for (const [each, byte] of [
      [1, "ab"],
      [2, "ef"],
    ] as const)
      lane.answer(each, 1, "yes", digest(byte));
    lane.submit(4, late, "yes", digest("ef"));
    expect(lane.verdicts(late)).toEqual(["accepted AGREES"]);
    checkLane(lane);
  });

  it("that nobody reaches is nobody's fault", () => {
    const lane = ruledBy({ all: [quorum] });
    for (const [each, byte] of [
      [1, "ab"],
      [2, "cd"],
      [3, "ef"],
    ] as const)
      lane.answer(each, 0, "yes", digest(byte));
    expect(lane.entries("verified").map(({ verdict, reason }) => [verdict, reason])).toEqual(
      Array.from({ length: 3 }, () => ["accepted", "UNDECIDED"]),
    );
    expect(lane.answer(4, 1, "yes")).toMatchObject({ state: "rejected", reason: "EVIDENCE_MISSING" });
    checkLane(lane);
  });

  it("cannot ask for more owners than the overlap has", () => {
    const many: Json = { agree: { type: "quorum", name: "output", ownersMin: 4 } };
    expect(() => parseSpec(specToJson(specWith(withComposition(many))))).toThrow(
      /composition.agree.ownersMin: must be at most the overlap, 3/,
    );
  });
});

describe("control tasks under a composition", () => {
  const controls = [controlFor(0, 0), controlFor(1, 0)];

  it("are judged by their hidden answer, and gate what comes after", () => {
    const lane = ruledBy({ all: [control, rate, agree] }, { controls });
    expect(lane.answer(1, 0, "yes")).toMatchObject({ state: "accepted", reason: "CONTROL_MATCHED" });
    expect(lane.answer(2, 0, "no")).toMatchObject({ state: "appealable", reason: "CONTROL_MISSED" });
    expect(lane.member(1)).toMatchObject({ controlsAnswered: 1, controlsRight: 1 });
    expect(lane.member(2)).toMatchObject({ controlsAnswered: 1, controlsRight: 0 });
    // Rejected before its answer is heard; but what is judged of its contributor can be appealed.
    expect(lane.answer(2, 2, "no")).toMatchObject({ state: "appealable", reason: "CONTROL_RATE_LOW" });
    expect(lane.answer(1, 2, "yes").state).toBe("held");
    for (const each of [3, 4]) lane.answer(each, 2, "yes");
    expect(lane.entries("settled")).toMatchObject([{ task: 2, label: 0, confidencePpm: expect.any(Number) }]);
    expect(lane.earned(1)).toBe(2_000n);
    checkLane(lane);
  });

  it("cite the commitment, and not the answer", () => {
    const lane = ruledBy({ all: [control, agree] }, { controls });
    lane.answer(1, 0, "no");
    const commitment = lane.entries("batchAdded")[0]?.controls[0]?.commitment ?? zero32;
    expect(findings(lane)).toEqual([[{ code: "CONTROL_MISSED", expected: toHex(commitment) }]]);
  });

  it("that were wrong are void, and what failed another check proves nothing against them", () => {
    const lane = ruledBy(
      {
        all: [
          { match: { type: "shape", shape: { type: "text", charactersMin: 2, charactersMax: 2 } } },
          control,
          agree,
        ],
      },
      {
        controls,
        members: 9,
      },
    );
    for (const each of [1, 2, 3, 4]) expect(lane.answer(each, 0, "yes").reason).toBe("SHAPE_WRONG");
    expect(lane.entries("controlVoided")).toEqual([]);
    for (const each of [1, 2, 3, 4]) expect(lane.member(each).controlsAnswered).toBe(0);
    checkLane(lane);
  });
});

describe("a review that a composition asks for", () => {
  const split = (composition: Json): TestLane => {
    const lane = ruledBy(composition, {
      spec: { review: { windowMs: 5_000 }, terms: { overlap: { min: 2, max: 2, targetPpm: 900_000 } } },
    });
    lane.answer(1, 0, "yes");
    lane.answer(2, 0, "no");
    return lane;
  };

  it("lets the requester decide, and ends as the composition says", () => {
    const lane = split({ scale: { of: reviewed(5_000), sharePpm: 250_000 } });
    expect(lane.entries("verified").map(({ verdict, reason, units }) => [verdict, reason, units])).toEqual([
      ["review", "UNDECIDED", 250_000],
      ["review", "UNDECIDED", 250_000],
    ]);
    checkLane(lane);
    lane.do(commands.input("reviewed", { task: 0, ordinal: 0, accepted: true, note: "" }));
    expect(lane.earned(1)).toBe(250n);
    checkLane(lane);
    lane.wait(5_000);
    expect(lane.verdicts({ task: 0, ordinal: 1 })).toEqual(["review UNDECIDED", "accepted REVIEW_LATE"]);
    expect(lane.earned(2)).toBe(250n);
    checkLane(lane);
  });

  it("may end in a rejection, which can be appealed", () => {
    const lane = split(reviewed(5_000, "rejected"));
    lane.do(commands.input("reviewed", { task: 0, ordinal: 0, accepted: false, note: "" }));
    lane.wait(5_000);
    expect(lane.verdicts({ task: 0, ordinal: 1 })).toEqual(["review UNDECIDED", "rejected REVIEW_LATE"]);
    for (const ordinal of [0, 1]) expect(lane.state.tasks.get(0)?.slots[ordinal]?.state).toBe("appealable");
    checkLane(lane);
  });

  it("is not asked for where the answer changes nothing", () => {
    const lane = split({
      any: [reviewed(5_000), { match: { type: "shape", shape: { type: "text", charactersMin: 3, charactersMax: 9 } } }],
    });
    expect(lane.verdicts({ task: 0, ordinal: 0 })).toEqual(["accepted CHECKS_PASSED"]);
    expect(lane.verdicts({ task: 0, ordinal: 1 })).toEqual(["review UNDECIDED"]);
  });
});

describe("pay by units", () => {
  const choices: AnswerSchema = { type: "choices", choices: ["a", "b", "c", "d"], min: 0, max: 4 };
  const shared: Json = { agree: { type: "share", scorePpmMin: 300_000 } };

  it("is the share that agrees; the rest and its fee go back", () => {
    const lane = ruledBy(shared, { spec: { terms: { answer: choices, reward: amount(1_001n) } } });
    const { free } = lane.state.books;
    lane.answer(1, 0, ["a", "b"]);
    lane.answer(2, 0, ["a", "b"]);
    const partly = lane.answer(3, 0, ["a", "b", "c"]);
    expect(lane.entries("verified").map(({ verdict, units }) => [verdict, units])).toEqual([
      ["accepted", 1_000_000],
      ["accepted", 1_000_000],
      ["accepted", 800_000],
    ]);
    // Two of two and two of three are right: 800.8 of 1001, rounded down; 2% of that, rounded up.
    expect(partly).toMatchObject({ state: "accepted", reason: "AGREES", reward: 800n });
    expect(lane.state.books).toMatchObject({ earned: 2_802n, fee: 21n + 21n + 16n, held: 0n });
    expect(lane.state.books.free).toBe(free - 2_802n - 58n);
    checkLane(lane);
  });

  const frame = { width: 100, height: 100 };
  const box = (x: number, y = 0): Json => ({ label: "a", x, y, width: 20, height: 20 });
  const square = (x: number): Json => ({
    label: "a",
    points: [
      [x, 0],
      [x + 20, 0],
      [x + 20, 20],
      [x, 20],
    ],
  });
  it.each<[AnswerSchema, Json, Json]>([
    [
      { type: "spans", labels: ["a"], charactersMax: 100, spansMax: 5, overlap: false },
      [{ start: 0, end: 5, label: "a" }],
      [
        { start: 0, end: 5, label: "a" },
        { start: 9, end: 12, label: "a" },
      ],
    ],
    [{ type: "boxes", labels: ["a"], frame, boxesMax: 5 }, [box(0)], [box(0), box(60)]],
    [{ type: "polygons", labels: ["a"], frame, polygonsMax: 5, verticesMax: 9 }, [square(0)], [square(0), square(60)]],
    [{ type: "ranking", items: ["a", "b", "c", "d"], top: 4 }, ["a", "b", "c", "d"], ["b", "a", "c", "d"]],
    [{ type: "text", charactersMax: 40, normalise: ["trim"], distancePpm: 100_000 }, "to be or not", "to be or hat"],
  ])("is the share that agrees, of $0.type", (answer, right, partly) => {
    const lane = ruledBy(
      { agree: { type: "share", scorePpmMin: 0 } },
      { spec: { terms: { answer, overlap: { min: 3, max: 3, targetPpm: 300_000 } } } },
    );
    for (const each of [1, 2]) lane.answer(each, 0, right);
    const paid = lane.answer(3, 0, partly);
    const { label } = lane.entries("settled")[0] as { label: Answer };
    const share = matchShare(answer, readAnswer(answer, partly), label);
    expect(paid).toMatchObject({ state: "accepted", reward: BigInt(Math.floor(share / 1_000)) });
    expect(paid.reward).toBeLessThan(lane.earned(1));
    checkLane(lane);
  });

  it("of too little is a rejection, and a won appeal pays in full", () => {
    const lane = ruledBy(shared, {
      spec: {
        terms: { answer: choices },
        appeal: { windowMs: 60_000, budget: amount(10_000n), panel: 1, cost: amount(0n) },
      },
    });
    lane.answer(1, 0, ["a", "b"]);
    lane.answer(2, 0, ["a", "b"]);
    const wrong = lane.answer(3, 0, ["c"]);
    expect(wrong).toMatchObject({ state: "appealable", reason: "SCORE_LOW" });
    lane.do(commands.appeal(3, wrong.slot));
    lane.answer(4, 0, ["c"]);
    expect([lane.earned(3), lane.earned(4)]).toEqual([1_000n, 1_000n]);
    checkLane(lane);
  });

  it("is what was metered, of the most that is", () => {
    const lane = ruledBy({ all: [attest, meter] });
    const readings = (values: readonly number[]): Json => ({
      series: { node: { timesMs: values.map((_, i) => lane.timeMs + 20_000 * i), values } },
    });
    expect(lane.answer(1, 0, "yes", readings([500, 500]))).toMatchObject({ state: "accepted", reward: 333n });
    expect(lane.answer(2, 0, "yes", readings([2_000, 2_000]))).toMatchObject({
      reward: 1_000n,
      reason: "QUANTITY_CAPPED",
    });
    expect(lane.answer(3, 0, "yes", readings([9]))).toMatchObject({ state: "rejected", reason: "QUANTITY_LOW" });
    expect(lane.answer(4, 1, "yes", readings([1, 6_000]))).toMatchObject({ state: "rejected", reason: "QUANTITY_LOW" });
    checkLane(lane);
  });

  it("may be nothing at all", () => {
    const points = [
      { from: 0, to: 0 },
      { from: 1_000_000, to: 1_000_000 },
    ];
    const lane = ruledBy(
      { scale: { of: { agree: { type: "share", scorePpmMin: 0 } }, points } },
      { spec: { terms: { answer: choices } } },
    );
    lane.answer(1, 0, ["a", "b"]);
    lane.answer(2, 0, ["a", "b"]);
    expect(lane.answer(3, 0, ["c"])).toMatchObject({ state: "accepted", reward: 0n });
    checkLane(lane);
  });
});

describe("holdback", () => {
  const held = (until: Json): Json => ({ holdback: { of: agree, sharePpm: 200_000, until } });
  const settle = (lane: TestLane, task: number): void => {
    for (const each of [1, 2, 3]) lane.answer(each, task, "yes");
  };

  it("keeps a part in reserve until enough was checked", () => {
    const lane = ruledBy(held({ type: "checked", checkedMin: 2 }));
    settle(lane, 0);
    expect(lane.entries("verified")[0]).toMatchObject({ units: 1_000_000, reserve: 200_000 });
    expect(lane.member(1).purse).toMatchObject({ held: 200n, released: 800n, heldBack: 200n });
    lane.do(commands.input("reserveSet", { contributor: 1, target: amount(0n) }));
    expect(lane.member(1).purse).toMatchObject({ held: 200n, released: 800n });
    settle(lane, 1);
    lane.do(commands.input("cut", { epoch: 1 }));
    expect(lane.member(1).purse).toMatchObject({ held: 0n, released: 2_000n, heldBack: 0n });
    checkLane(lane);
  });

  it("lets go with the first cut after its time, and when the market closes", () => {
    const lane = ruledBy(held({ type: "delay", delayMs: 5 * 3_600_000 }));
    settle(lane, 0);
    settle(lane, 1);
    expect(lane.member(1).heldBack).toEqual([{ untilMs: expect.any(Number), amount: 400n }]);
    lane.wait(5 * 3_600_000);
    lane.do(commands.input("cut", { epoch: 1 }));
    expect(lane.member(1).purse).toMatchObject({ held: 400n, heldBack: 400n });
    checkLane(lane);
    lane.wait(3_600_000);
    lane.do(commands.input("cut", { epoch: 2 }));
    expect(lane.member(1).purse).toMatchObject({ held: 0n, released: 2_000n });
    settle(lane, 2);
    lane.do(commands.input("closing", {}));
    lane.wait(1_000_000);
    expect(lane.state.status).toBe("closed");
    expect(lane.member(1).purse).toMatchObject({ held: 0n, released: 3_000n });
    checkLane(lane);
  });
});
