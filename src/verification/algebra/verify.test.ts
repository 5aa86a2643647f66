import { createHash } from "node:crypto";
import { readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { canonicalJson, type Json } from "../../core/json.ts";
import { emptyContext, emptyEvidence } from "../primitives/evidence.ts";
import { readCase } from "./read-case.ts";
import { codesOf } from "./testing.ts";
import { caseOf, goldens } from "./testing-golden.ts";
import { unitOf, unitsMax } from "./units.ts";
import type { Verdict } from "./verdict.ts";
import { compile, readComposition, verify } from "./verify.ts";

const verdictOfCase = (json: Json): Verdict => {
  const { spec, evidence, context } = readCase(json);
  return verify(spec, evidence, context);
};
const hashOfJson = (value: unknown): string =>
  createHash("sha256")
    .update(canonicalJson(JSON.parse(JSON.stringify(value)) as Json))
    .digest("hex")
    .slice(0, 32);

describe("version 1", () => {
  // A hash that moves is a verdict that somebody was paid by. Never change one: write the rules of the next version.
  it.each(goldens)("has its verdict for ever on $name", (golden) => {
    const verdict = verdictOfCase(caseOf(golden));
    expect(`${verdict.verdict} ${verdict.units} ${codesOf(verdict)[0] ?? ""}`).toBe(golden.says);
    expect(hashOfJson(verdict)).toBe(golden.hash);
  });

  it("has vectors of every verdict, half of them attacks or faults", () => {
    const words = goldens.map(({ says }) => says.split(" ")[0]);
    expect(new Set(words)).toEqual(new Set(["accepted", "rejected", "held", "void"]));
    expect(words.filter((word) => word !== "accepted").length / words.length).toBeGreaterThan(0.5);
  });

  it("is the only one", () => {
    const composition = { all: [] };
    for (const version of [0, 2, Number.NaN]) {
      expect(() => compile({ version, composition })).toThrow(/spec\.version: must be one of 1/);
    }
    expect(() => compile({ version: "toString" as unknown as number, composition })).toThrow(/spec\.version/);
  });
});

describe("units", () => {
  const meter = (quantityMax: number, unit = "byte") => ({
    meter: { type: "lesser", name: "node", unit, quantityMin: 0, quantityMax, tolerancePpm: 0 },
  });
  const gate = { match: { type: "control" } };
  const read = (composition: Json) => readComposition(composition, "composition");

  it.each<[Json, number, string]>([
    [gate, 1_000_000, "ppm"],
    [{ all: [gate, meter(70, "mWh")] }, 70, "mWh"],
    [{ min: [meter(70), meter(50)] }, 50, "byte"],
    [{ any: [meter(70), meter(50)] }, 70, "byte"],
    [{ scale: { of: gate, sharePpm: 250_000 } }, 250_000, "ppm"],
    [{ scale: { of: meter(70), sharePpm: 500_000 } }, 35, "byte"],
    [{ all: [{ scale: { of: gate, sharePpm: 500_000 } }, meter(70)] }, 35, "byte"],
    [
      {
        scale: {
          of: meter(70),
          points: [
            { from: 0, to: 900 },
            { from: 5, to: 100 },
          ],
        },
      },
      900,
      "byte",
    ],
    [{ scale: { of: gate, points: [{ from: 0, to: 9 }] } }, 9, "ppm"],
    [{ holdback: { of: meter(70), sharePpm: 1, until: { type: "delay", delayMs: 1 } } }, 70, "byte"],
  ])("of %j are at most %d %s", (composition, most, unit) => {
    expect(unitsMax(read(composition))).toBe(most);
    expect(unitOf(read(composition))).toBe(unit);
  });

  it("of a missing half are not paid", () => {
    const composition = read({ all: [{ scale: { of: gate, sharePpm: 500_000 } }, meter(70)] });
    const evidence = { ...emptyEvidence, quantities: { node: 61 } };
    const context = { ...emptyContext, quantities: { node: 90 } };
    expect(verify({ version: 1, composition }, evidence, context)).toMatchObject({ units: 30, unit: "byte" });
  });
});

describe("what is held back", () => {
  const gate = { match: { type: "control" } };
  const reserve = (until: Json, standing: object, nowMs = 0): number => {
    const composition = readComposition({ holdback: { of: gate, sharePpm: 250_000, until } }, "composition");
    const context = { ...emptyContext, nowMs, standing: { ...emptyContext.standing, ...standing } };
    return verify({ version: 1, composition }, emptyEvidence, context).reserveUnits;
  };

  it("is released by time since the acceptance, not before there is one", () => {
    const until = { type: "delay", delayMs: 100 };
    expect(reserve(until, {}, 1e12)).toBe(250_000);
    expect(reserve(until, { acceptedAtMs: 1_000 }, 1_099)).toBe(250_000);
    expect(reserve(until, { acceptedAtMs: 1_000 }, 1_100)).toBe(0);
  });

  it("is released by what was checked, or by events, each by its own count", () => {
    expect(reserve({ type: "checked", checkedMin: 5 }, { checked: 4, events: 9 })).toBe(250_000);
    expect(reserve({ type: "checked", checkedMin: 5 }, { checked: 5, events: 0 })).toBe(0);
    expect(reserve({ type: "events", eventsMin: 5 }, { checked: 9, events: 4 })).toBe(250_000);
    expect(reserve({ type: "events", eventsMin: 5 }, { checked: 0, events: 5 })).toBe(0);
  });
});

describe("docs/verification.md", () => {
  const page = readFileSync(new URL("../../../docs/verification.md", import.meta.url), "utf8");
  const blocks = [...page.matchAll(/```json\n(.*?)```/gs)].map(([, text]) => JSON.parse(text as string) as Json);
  const [example, verdict, rejection] = blocks as [Json, Json, Json];
  type Context = { readonly context: { readonly [name: string]: Json } };
  const changed = (context: object): Verdict =>
    verdictOfCase({ ...(example as object), context: { ...(example as Context).context, ...context } });

  it("shows a case that has the verdict it shows", () => {
    expect(verdictOfCase(example)).toEqual(verdict);
  });

  it("says what would be otherwise", () => {
    expect(changed({ settled: null }).needs).toEqual([{ for: "answers", untilMs: null }]);
    const split = { settled: { answer: "dog", isDecided: false }, undecidedAtMs: 1_700_000_004_000 };
    expect(changed(split).needs).toEqual([{ for: "review", untilMs: 1_700_000_004_000 + 86_400_000 }]);
    const low = changed({ record: { answered: 5, right: 2 } });
    expect(low.verdict).toBe("rejected");
    expect(low.reasons).toEqual(rejection);
  });
});
