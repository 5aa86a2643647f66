import { readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { commands, TestLane } from "../../test/support/market.ts";
import { market as marketSchema, newMarket } from "../contract/markets.ts";
import { newTask } from "../contract/tasks.ts";
import { toBase58 } from "../core/bytes.ts";
import type { Json } from "../core/json.ts";
import { parseSpec, parseTerms, settleMsMax, specToJson } from "../market/spec.ts";
import { marketOf, taskOf } from "./market-spec.ts";
import { marketViewOf, ownerKey } from "./testing-engine.ts";
import { moneyOf } from "./values.ts";
import { marketView, termsView } from "./views.ts";

const money = moneyOf(6);
const little = { title: "Cats", answer: { choices: ["cat", "dog"] }, reward: "0.02" };
const made = (changes: object = {}) => marketOf(money, 200, ownerKey, newMarket.parse({ ...little, ...changes }));

describe("a market described in a few words", () => {
  it("is a whole specification, with a refund as early as every slot allows", () => {
    const { spec, refundTo, standing } = made();
    expect(parseSpec(specToJson(spec))).toEqual(spec);
    expect([refundTo, standing]).toEqual([toBase58(ownerKey), false]);
    expect(spec).toMatchObject({
      feeBasisPoints: 200,
      rewardMin: 20_000n,
      rewardMax: 20_000n,
      terms: { reward: 20_000n, overlap: { min: 2, max: 5, targetPpm: 900_000 }, leaseMs: 600_000, deadlineMs: null },
      controls: { answeredMin: 4, accuracyPpmMin: 600_000 },
      review: null,
      newcomer: null,
    });
    expect(spec.refundDelayMs).toBe(settleMsMax(spec, 600_000));
  });

  it("sets money aside for three appeals, decided by three people each", () => {
    // Three panels of three, each paid 0.02 and 2% of it.
    expect(made().spec.appeal).toEqual({ windowMs: 86_400_000, panel: 3, budget: 183_600n, cost: 60_000n });
    expect(made({ rewardMax: "0.04" }).spec.appeal.budget).toBe(367_200n);
    expect(made({ appeal: { budget: "0", cost: "0" } }).spec.appeal).toMatchObject({ budget: 0n, cost: 0n });
  });

  it("may say everything", () => {
    const { spec } = made({
      kind: "rte",
      rewardMin: "0.01",
      rewardMax: "1",
      overlap: { min: 1, max: 10, target: 0.123456 },
      leaseSeconds: 30,
      deadlineMs: 5,
      eligibility: [{ type: "country", anyOf: ["DE"] }],
      controls: { answeredMin: 1, accuracyMin: 1 },
      review: { windowSeconds: 60 },
      appeal: { windowSeconds: 10, panel: 5, budget: "2", cost: "0.5" },
      newcomer: { answers: 3, budget: "1.5" },
      refundDelaySeconds: 86_400,
      voidMax: 0,
    });
    expect(spec).toMatchObject({
      kind: "rte",
      rewardMin: 10_000n,
      rewardMax: 1_000_000n,
      terms: {
        overlap: { min: 1, max: 10, targetPpm: 123_456 },
        leaseMs: 30_000,
        deadlineMs: 5,
        eligibility: [{ type: "country", anyOf: ["DE"] }],
      },
      review: { windowMs: 60_000 },
      appeal: { windowMs: 10_000, panel: 5, budget: 2_000_000n, cost: 500_000n },
      newcomer: { answers: 3, budget: 1_500_000n },
      refundDelayMs: 86_400_000,
      voidMax: 0,
    });
  });

  it("is refused where it contradicts itself, in the requester's own units", () => {
    expect(() => made({ overlap: { min: 5, max: 2 } })).toThrow(/overlap.min: must not exceed overlap.max/);
    expect(() => made({ refundDelaySeconds: 60 })).toThrow(/must not exceed refundDelayMs/);
    expect(() => made({ rewardMin: "0.03" })).toThrow(/The reward 0.02 is outside the market's bounds 0.03 to 0.02/);
    expect(() => made({ answer: { choices: ["a", "a"] } })).toThrow(/has an item twice/);
    expect(() => made({ reward: "18446744073709.551615" })).toThrow();
  });
});

describe("a task with terms of its own", () => {
  const { spec } = made({ rewardMin: "0.01", rewardMax: "0.05" });

  it("names only what differs, and the market understands it", () => {
    const terms = { reward: "0.03", leaseSeconds: 60, overlap: { min: 1, max: 1, target: 0 }, deadlineMs: null };
    const task = taskOf(money, newTask.parse({ id: "a", content: [1], terms }));
    expect(task.terms).toEqual({
      reward: "30000",
      leaseMs: 60_000,
      overlap: { min: 1, max: 1, targetPpm: 0 },
      deadlineMs: null,
    });
    const parsed = parseTerms(spec, task.terms);
    expect(termsView(money, parsed)).toMatchObject({ ...terms, answer: { choices: ["cat", "dog"] }, eligibility: [] });
  });

  it("has none where it says nothing", () => {
    expect(taskOf(money, newTask.parse({ id: "a", content: 1 })).terms).toBeNull();
    expect(taskOf(money, newTask.parse({ id: "a", content: 1, terms: {} })).terms).toBeNull();
  });
});

describe("a market with a guide", () => {
  const guide = {
    guide: "Look *closely*.\n\nThen say.",
    examples: [{ content: { image: "a.jpg" }, answer: "cat", good: true, why: "Whiskers." }],
    template: { id: "choice" },
  };

  it("keeps it in the specification, and leaves out what was not given", () => {
    const { spec } = made(guide);
    expect(spec).toMatchObject({ ...guide, template: { id: "choice", parameters: {} } });
    expect(parseSpec(specToJson(spec))).toEqual(spec);
    for (const name of ["guide", "examples", "template"]) expect(Object.hasOwn(made().spec, name)).toBe(false);
  });

  it("is shown to contributors, with a template in any case", () => {
    const view = (changes: object) => marketSchema.parse(marketView(money, marketViewOf({ spec: made(changes).spec })));
    expect(view(guide)).toMatchObject({ ...guide, template: { id: "choice", parameters: {} } });
    const scale = { answer: { type: "scale", min: 1, max: 5 } };
    expect(view(scale)).toMatchObject({ guide: null, examples: [], template: { id: "scale", parameters: {} } });
  });

  it("is refused where it does not fit, or is built to break who reads it", () => {
    const deep = JSON.parse(`${"[".repeat(70)}${"]".repeat(70)}`) as unknown;
    const [example] = guide.examples;
    expect(() => made({ examples: [{ ...example, answer: "bird" }] })).toThrow(/examples\[0\]\.answer/);
    expect(() => made({ examples: [{ ...example, content: deep }] })).toThrow(/nested more than 64/);
    expect(() => made({ template: { id: "code" } })).toThrow(/template\.id/);
    expect(() => made({ template: { id: "choice", parameters: { deep } } })).toThrow(/nested more than 64/);
    expect(() => made({ guide: "\u0000" })).toThrow();
    expect(() => made({ guide: "ä".repeat(10_001) })).toThrow(/20000 bytes/);
  });
});

describe("a market with a composition", () => {
  const composition = { all: [{ match: { type: "control" } }, { agree: { type: "label" } }] };
  const refused = (verification: unknown, changes: object = {}): string => {
    try {
      made({ ...changes, verification });
      return "made";
    } catch (error) {
      const { code, context } = error as { code: string; context: { path: string; problem: string } };
      return `${code} ${context.path}: ${context.problem}`;
    }
  };

  it("gets it with the version of its rules, and shows it again", () => {
    const { spec } = made({ verification: composition });
    expect(spec.verification).toEqual({
      version: 1,
      composition: {
        all: [
          { match: { type: "control", tolerance: 0, tolerancePpm: 0 } },
          { agree: { type: "label", tolerance: 0, tolerancePpm: 0 } },
        ],
      },
    });
    expect(parseSpec(specToJson(spec))).toEqual(spec);
    expect(made().spec).not.toHaveProperty("verification");
  });

  it("may say what is known of its tasks, and so may a task", () => {
    const place = { latitudeE7: 1, longitudeE7: 2 };
    const { spec } = made({ verification: composition, known: { place } });
    expect(spec.terms.known).toEqual({ window: null, place, digests: {}, values: {} });
    const terms = { known: { values: { weight: 5 } } };
    const task = taskOf(money, newTask.parse({ id: "a", content: 1, terms }));
    expect(parseTerms(spec, task.terms).known).toEqual({
      window: null,
      place: null,
      digests: {},
      values: { weight: 5 },
    });
    expect(termsView(money, parseTerms(spec, task.terms)).known).toMatchObject({ values: { weight: 5 } });
    expect(termsView(money, made().spec.terms).known).toBeNull();
  });

  it.each<[unknown, string, object?]>([
    [
      { all: [{ match: { type: "control" } }, { agreement: {} }] },
      '/verification/all/1: has an unknown field "agreement"',
    ],
    [
      { any: [{ match: { type: "control", tolerance: "1" } }] },
      "/verification/any/0/match/tolerance: must be a number",
    ],
    [
      { scale: { of: { match: { type: "shape", shape: { type: "boolean" } } }, sharePpm: 5 } },
      "/verification/scale/of/match/shape/type: must be choice or text",
    ],
    [
      { agree: { type: "label" } },
      "/verification/agree: cannot be here: with an overlap of 1",
      { overlap: { min: 1, max: 1 } },
    ],
    [
      { min: [{ audit: { type: "recheck", sharePpm: 5, faultsMax: 1 } }] },
      "/verification/min/0/audit/type: can be recheck only beside an agree of type quorum",
    ],
    [
      { all: [{ escalate: { to: "review", windowMs: 5, otherwise: "accepted", of: composition } }] },
      "/verification/all/0/escalate/to: needs a review",
    ],
    [{}, "/verification: must have exactly one field"],
  ])("is refused with a pointer into the request: %j", (verification, problem, changes) => {
    expect(refused(verification, changes)).toContain(`MALFORMED_SPEC ${problem}`);
  });
});

describe("the market in docs/verification.md", () => {
  const page = readFileSync(new URL("../../docs/verification.md", import.meta.url), "utf8");
  const [, section = ""] = page.split("## In a market");
  const [market, task, body, findings] = [...section.matchAll(/```json\n(.*?)```/gs)].map(
    ([, json]) => JSON.parse(json as string) as Json,
  ) as [Json, Json, { answer: Json; evidence: Json }, Json];

  it("does what the page says", () => {
    const { spec } = marketOf(money, 200, ownerKey, newMarket.parse(market));
    const { terms } = taskOf(money, newTask.parse(task));
    const lane = new TestLane();
    lane.do(commands.created(spec));
    lane.do(commands.funded(10_000_000n));
    lane.do(commands.input("opened", {}));
    lane.do(commands.batch(0, 1, terms));
    lane.join(1, 2, 3, 4);
    const { free } = lane.state.books;
    const far = structuredClone(body.evidence) as { tracks: { walk: { latitudeE7: number }[] } };
    for (const sighting of far.tracks.walk) sighting.latitudeE7 += 26_500;
    expect(lane.answer(4, 0, body.answer, far as unknown as Json)).toMatchObject({
      state: "rejected",
      reason: "PLACE_FAR",
    });
    expect(JSON.parse(lane.entries("verified")[0]?.findings as string)).toEqual(findings);

    for (const each of [1, 2]) lane.answer(each, 0, ["milk", "bread"], body.evidence);
    const paid = lane.answer(3, 0, body.answer, body.evidence);
    expect(paid).toMatchObject({ state: "accepted", reason: "AGREES", reward: 400_000n });
    expect(lane.member(3).purse).toMatchObject({ released: 320_000n, held: 80_000n });
    expect(lane.state.books).toMatchObject({ earned: 1_400_000n, fee: 28_000n, free: free - 1_428_000n });
  });
});
