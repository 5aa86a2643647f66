import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { readSet, setFolder } from "../../../test/support/truth-sets.ts";
import { createAnswers } from "../../verification/inference/answers.ts";
import { type OverlapPolicy, presets } from "../../verification/overlap/policy.ts";
import type { Recording } from "./recording.ts";
import { replayMarket, scoredTasks } from "./replay-market.ts";
import { simulate } from "./simulate.ts";

const anyRecording: fc.Arbitrary<Recording> = fc
  .record({
    tasks: fc.integer({ min: 1, max: 25 }),
    contributors: fc.integer({ min: 1, max: 8 }),
    classes: fc.constantFrom(1, 2, 3, 20),
  })
  .chain((sizes) =>
    fc.record({
      sizes: fc.constant(sizes),
      given: fc.array(
        fc.record({
          task: fc.nat(sizes.tasks - 1),
          contributor: fc.nat(sizes.contributors - 1),
          label: fc.nat(sizes.classes - 1),
        }),
        { minLength: 1, maxLength: 150 },
      ),
      truth: fc.array(fc.integer({ min: -2, max: sizes.classes - 1 }), {
        minLength: sizes.tasks,
        maxLength: sizes.tasks,
      }),
    }),
  )
  .map(({ sizes, given, truth }) => ({
    answers: createAnswers({
      ...sizes,
      task: given.map(({ task }) => task),
      contributor: given.map(({ contributor }) => contributor),
      label: given.map(({ label }) => label),
    }),
    truth: Int32Array.from(truth),
  }));

const anyPolicy: fc.Arbitrary<OverlapPolicy> = fc.record({
  min: fc.integer({ min: 1, max: 3 }),
  max: fc.integer({ min: 3, max: 9 }),
  targetPpm: fc.integer({ min: 0, max: 1_000_000 }),
  answersWorth: fc.integer({ min: 1, max: 1_000 }),
});

describe("any replayed market", () => {
  it("keeps to its policy, its recording and its own account", () => {
    fc.assert(
      fc.property(anyRecording, anyPolicy, fc.nat(1_000), (recording, policy, seed) => {
        const { answers } = recording;
        const market = replayMarket(recording, { policy, controls: 0.1, seed });
        for (const [t, task] of market.tasks.entries()) {
          const recorded = answers.codes.subarray(answers.offsets[t], answers.offsets[t + 1]);
          const by = task.votes.map(({ contributor }) => contributor);
          expect(new Set(by).size).toBe(by.length);
          for (const vote of task.votes) {
            expect(recorded.includes(vote.contributor * answers.classes + vote.label)).toBe(true);
          }
          if (!task.isControl) expect(by.length).toBeLessThanOrEqual(policy.max);
          expect(task.end).not.toBe("asking");
          if (task.end === "settled") expect(task.found.confidencePpm).toBeGreaterThanOrEqual(policy.targetPpm);
          if (task.end === "settled") expect(by.length).toBeGreaterThanOrEqual(policy.min);
          const people = new Set(Array.from(recorded, (code) => Math.floor(code / answers.classes)));
          if (recorded.length > 0 && task.end === "exhausted" && by.length < policy.max) {
            expect(by.length).toBe(people.size);
          }
        }
        for (const t of scoredTasks(recording, market)) expect(recording.truth[t]).not.toBe(-1);
      }),
      { numRuns: 60 },
    );
  });

  it("reports shares that are shares", () => {
    fc.assert(
      fc.property(anyRecording, fc.nat(1_000), (recording, seed) => {
        const found = simulate(recording, { policy: presets.balanced, controls: 0.1, seed });
        const { baselines, fairness } = found;
        const shares = [found.accuracy, found.settled, found.ece, found.expectedAccuracy, fairness.asked];
        for (const each of [...shares, ...Object.values(baselines).map(({ accuracy }) => accuracy)]) {
          expect(each).toBeGreaterThanOrEqual(0);
          expect(each).toBeLessThanOrEqual(1);
        }
        expect(found.promisedError === null).toBe(found.realisedError === null);
      }),
      { numRuns: 30 },
    );
  });
});

/** The example that ships with the repository. */
const rte = setFolder("rte");

describe("on recorded answers", () => {
  it.skipIf(rte === null)("costs and reaches about the same with labels exchanged", () => {
    const { answers, truth } = readSet(rte as string);
    const exchanged = createAnswers({
      ...answers,
      task: [...truth.keys()].flatMap((t) =>
        Array.from(answers.codes.subarray(answers.offsets[t], answers.offsets[t + 1]), () => t),
      ),
      contributor: Array.from(answers.codes, (code) => Math.floor(code / answers.classes)),
      label: Array.from(answers.codes, (code) => 1 - (code % answers.classes)),
    });
    const options = { policy: presets.cheap, controls: 0.05, seed: 3 };
    const one = simulate({ answers, truth }, options);
    const other = simulate({ answers: exchanged, truth: truth.map((each) => 1 - each) }, options);
    expect(Math.abs(one.accuracy - other.accuracy)).toBeLessThan(0.03);
    expect(Math.abs(one.answersPerTask - other.answersPerTask)).toBeLessThan(0.3);
  });

  it.skipIf(rte === null).each([1, 2, 3])("saves twice the answers of majority of 5, seed %i", (seed) => {
    const found = simulate(readSet(rte as string), { policy: presets.cheap, controls: 0.05, seed });
    expect(found.accuracy).toBeGreaterThan(found.baselines.fixed5.accuracy);
    expect(found.baselines.fixed5.answersPerTask / found.answersPerTask).toBeGreaterThan(1.9);
  });

  it.skipIf(rte === null)("buys more for more certainty", () => {
    const set = readSet(rte as string);
    const answersOf = (preset: keyof typeof presets): number =>
      simulate(set, { policy: presets[preset], controls: 0.05, seed: 1 }).answersPerTask;
    expect(answersOf("cheap")).toBeLessThan(answersOf("balanced"));
    expect(answersOf("balanced")).toBeLessThan(answersOf("strict"));
  });
});
