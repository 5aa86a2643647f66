import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { defaultPayPolicy as policy } from "./policy.ts";
import { type AnswerFacts, ruleAnswer, standings } from "./rule.ts";

const facts: AnswerFacts = {
  standing: "proven",
  oddsMillinats: 5_000,
  label: "decided",
  isLabel: true,
  answerPpm: 950_000,
  isNewcomer: false,
  isClosing: false,
};

const anyFacts: fc.Arbitrary<AnswerFacts> = fc.record({
  standing: fc.constantFrom(...standings),
  oddsMillinats: fc.integer({ min: -20_000, max: 20_000 }),
  label: fc.constantFrom("awaited", "decided", "split"),
  isLabel: fc.boolean(),
  answerPpm: fc.integer({ min: 0, max: 1_000_000 }),
  isNewcomer: fc.boolean(),
  isClosing: fc.boolean(),
});

describe("an answer of somebody proven", () => {
  it.each([
    ["is paid where it is the label", {}, "accepted", "AGREES"],
    ["is not where it is clearly wrong", { isLabel: false, answerPpm: 9_999 }, "rejected", "DISAGREES"],
    ["is where it may be right", { isLabel: false, answerPpm: 10_000 }, "accepted", "NOT_CONTRADICTED"],
    ["is where the task split", { isLabel: false, answerPpm: 0, label: "split" }, "accepted", "UNDECIDED"],
    ["waits for the label", { label: "awaited" }, "held", "LABEL_AWAITED"],
  ] as const)("%s", (_, change, verdict, reason) => {
    expect(ruleAnswer(policy, { ...facts, ...change })).toEqual({ verdict, reason });
  });
});

describe("an answer of somebody unproven", () => {
  const unproven: AnswerFacts = { ...facts, standing: "unproven", oddsMillinats: 0 };
  it.each([
    ["waits", {}, "held", "UNPROVEN"],
    ["is paid at once from the newcomer budget", { isNewcomer: true }, "accepted", "NEWCOMER"],
    ["but not against the label", { isNewcomer: true, isLabel: false }, "held", "UNPROVEN"],
    ["nor without one", { isNewcomer: true, label: "split" }, "held", "UNPROVEN"],
    ["is compared with the label in the end", { isClosing: true }, "accepted", "AGREES"],
    ["and found wrong", { isClosing: true, isLabel: false, answerPpm: 1 }, "rejected", "DISAGREES"],
    ["is not paid where the evidence is against it", { isClosing: true, oddsMillinats: -1 }, "rejected", "UNPROVEN"],
  ] as const)("%s", (_, change, verdict, reason) => {
    expect(ruleAnswer(policy, { ...unproven, ...change })).toEqual({ verdict, reason });
  });
});

describe("the rule", () => {
  it("never pays those who do not look, nor copies", () => {
    fc.assert(
      fc.property(anyFacts, fc.constantFrom("uninformative" as const, "copying" as const), (each, standing) => {
        expect(ruleAnswer(policy, { ...each, standing }).verdict).toBe("rejected");
      }),
    );
  });

  it("holds nothing when no more evidence can come and no label is awaited", () => {
    fc.assert(
      fc.property(anyFacts, (each) => {
        fc.pre(each.label !== "awaited");
        expect(ruleAnswer(policy, { ...each, isClosing: true }).verdict).not.toBe("held");
      }),
    );
  });

  it("is never worse for a more probable answer or better odds", () => {
    const rank = { rejected: 0, held: 1, accepted: 2 };
    fc.assert(
      fc.property(anyFacts, fc.nat({ max: 1_000_000 }), fc.nat({ max: 20_000 }), (each, ppm, millinats) => {
        const better = {
          ...each,
          answerPpm: Math.min(each.answerPpm + ppm, 1_000_000),
          oddsMillinats: each.oddsMillinats + millinats,
        };
        const before = ruleAnswer(policy, each).verdict;
        expect(rank[ruleAnswer(policy, better).verdict]).toBeGreaterThanOrEqual(rank[before]);
      }),
    );
  });
});
