import { describe, expect, it } from "vitest";
import { readSet, setFolder } from "../../../test/support/truth-sets.ts";
import { createAnswers } from "../../verification/inference/answers.ts";
import { presets } from "../../verification/overlap/policy.ts";
import { fixedMajority, tolokaStyle } from "./baselines.ts";
import { seededRandom, shuffle } from "./random.ts";
import { hasTruth, type Recording, shuffledVotes } from "./recording.ts";
import { replayMarket, scoredTasks } from "./replay-market.ts";
import { calibrationError, simulate } from "./simulate.ts";

/** Contributors of the given accuracies who all answer all tasks. */
function recorded(accuracies: readonly number[], tasks: number, classes = 2, seed = 1): Recording {
  const random = seededRandom(seed);
  const truth = Int32Array.from({ length: tasks }, () => Math.floor(random() * classes));
  const triples = [...truth].flatMap((right, task) =>
    accuracies.map((accuracy, contributor) => ({
      task,
      contributor,
      label: (right + (random() < accuracy ? 0 : 1 + Math.floor(random() * (classes - 1)))) % classes,
    })),
  );
  const answers = createAnswers({
    tasks,
    contributors: accuracies.length,
    classes,
    task: triples.map(({ task }) => task),
    contributor: triples.map(({ contributor }) => contributor),
    label: triples.map(({ label }) => label),
  });
  return { answers, truth };
}

const accuracies = [0.95, 0.9, 0.7, 0.65, 0.6, 0.7, 0.65, 0.6, 0.7, 0.6];
const options = { policy: presets.balanced, controls: 0.05, seed: 1 };

describe("a replayed market", () => {
  const recording = recorded(accuracies, 500);
  const market = replayMarket(recording, options);

  it("buys what was recorded, from nobody twice", () => {
    const { offsets, codes, classes } = recording.answers;
    for (const [t, { votes }] of market.tasks.entries()) {
      const given = new Set(codes.subarray(offsets[t], offsets[t + 1]));
      for (const { contributor, label } of votes) expect(given.has(contributor * classes + label)).toBe(true);
      expect(new Set(votes.map(({ contributor }) => contributor)).size).toBe(votes.length);
    }
    const bought = market.tasks.reduce((sum, { votes }) => sum + votes.length, 0);
    expect(market.answeredBy.reduce((sum, each) => sum + each, 0)).toBe(bought);
  });

  it("asks good contributors more, and still asks everybody", () => {
    const [best = 0, second = 0, ...others] = market.answeredBy;
    expect(Math.min(best, second)).toBeGreaterThan(1.5 * Math.max(...others));
    // The first answer to each task goes round.
    for (const each of others) expect(each).toBeGreaterThan(500 / accuracies.length / 2);
  });

  it("is better than majority for less", () => {
    const found = simulate(recording, options);
    expect(found.accuracy).toBeGreaterThan(found.baselines.fixed5.accuracy);
    expect(found.answersPerTask).toBeLessThan(3.5);
    expect(found.ece).toBeLessThan(0.05);
    expect(Math.abs(found.expectedAccuracy - found.accuracy)).toBeLessThan(0.05);
    expect(found.fairness.asked).toBe(1);
    expect(found.fairness.leastShare).toBeGreaterThan(0.05);
  });

  it("does the same again for the same seed, and something else for another", () => {
    expect(replayMarket(recording, options)).toEqual(market);
    expect(replayMarket(recording, { ...options, seed: 2 }).answeredBy).not.toEqual(market.answeredBy);
  });

  it("follows renamed labels", () => {
    const { answers, truth } = recording;
    const codes = answers.codes.map((code) => code ^ 1);
    for (let t = 0; t < answers.tasks; t++) codes.subarray(answers.offsets[t], answers.offsets[t + 1]).sort();
    const renamed = { answers: { ...answers, codes }, truth: truth.map((each) => 1 - each) };
    const [one, other] = [simulate(recording, options), simulate(renamed, options)];
    expect(Math.abs(one.accuracy - other.accuracy)).toBeLessThan(0.02);
    expect(Math.abs(one.answersPerTask - other.answersPerTask)).toBeLessThan(0.2);
  });

  it("keeps to the fewest and the most answers", () => {
    const { tasks } = replayMarket(recording, { ...options, policy: { ...presets.strict, min: 2, max: 3 } });
    for (const { votes, isControl } of tasks) {
      expect(votes.length).toBeGreaterThanOrEqual(2);
      if (!isControl) expect(votes.length).toBeLessThanOrEqual(3);
    }
  });

  it("pays its control tasks and does not score them", () => {
    const found = simulate(recording, { ...options, controls: 0.2 });
    expect([found.controlTasks, found.tasks]).toEqual([100, 400]);
    expect(found.controlAnswersPerTask).toBeGreaterThan(0.5);
    const without = replayMarket(recording, { ...options, controls: 0 });
    expect(scoredTasks(recording, without)).toHaveLength(500);
  });

  it("says early that few tasks of a crowd that guesses will settle, and spends little on it", () => {
    const found = simulate(
      recorded(
        Array.from({ length: 12 }, () => 0.5),
        300,
      ),
      options,
    );
    expect(found.forecast?.settled).toBeLessThan(0.1);
    expect(found.answersPerTask).toBeLessThan(4);
    expect(Math.abs(found.expectedAccuracy - found.accuracy)).toBeLessThan(0.15);
  });

  it.each([
    ["one task", recorded([0.9, 0.9], 1)],
    ["one contributor", recorded([0.9], 50)],
    ["one class", recorded([1, 1, 1], 40, 1)],
    ["many classes", recorded([0.9, 0.8, 0.7, 0.6], 60, 500)],
    ["no known truth", { ...recorded([0.9, 0.9], 20), truth: new Int32Array(20).fill(-1) }],
  ])("has a result for %s", (_, given) => {
    const found = simulate(given, options);
    for (const each of [found.answersPerTask, found.accuracy, found.ece]) expect(Number.isFinite(each)).toBe(true);
  });
});

describe("the calibration error", () => {
  it("is how far confidence and right labels are apart, by tenths of confidence", () => {
    const bins = [
      { tasks: 10, confidence: 6.5, right: 8 },
      { tasks: 10, confidence: 9.5, right: 9 },
      { tasks: 0, confidence: 0, right: 0 },
    ];
    expect(calibrationError(bins)).toBeCloseTo(0.1, 9);
    expect(calibrationError([])).toBe(0);
  });

  it("is made of the bins beside it", () => {
    const { calibration, ece, tasks, accuracy } = simulate(recorded(accuracies, 300), options);
    expect(calibration.reduce((sum, bin) => sum + bin.tasks, 0)).toBe(tasks);
    expect(calibration.reduce((sum, bin) => sum + bin.right, 0) / tasks).toBeCloseTo(accuracy, 9);
    expect(calibrationError(calibration)).toBe(ece);
  });
});

describe("the baselines", () => {
  const recording = recorded([0.8, 0.8, 0.8, 0.8, 0.8], 2_000);
  const tasks = [...recording.truth.keys()];

  it("know what majorities are right", () => {
    const { answersPerTask, accuracy } = fixedMajority(recording, tasks, 3, 1);
    expect(answersPerTask).toBe(3);
    expect(accuracy).toBeCloseTo(0.8 ** 3 + 3 * 0.8 ** 2 * 0.2, 1);
    // A tie of two is as good as a guess: two answers are right as often as one.
    expect(fixedMajority(recording, tasks, 2, 1).accuracy).toBeCloseTo(0.8, 1);
    expect(fixedMajority(recording, tasks, Infinity, 1).answersPerTask).toBe(5);
  });

  it("stop early where answers agree", () => {
    const easy = tolokaStyle(recording, tasks, 0.9, 1);
    const hard = tolokaStyle(recording, tasks, 0.99, 1);
    expect(easy.answersPerTask).toBeGreaterThanOrEqual(2);
    expect(hard.answersPerTask).toBeGreaterThan(easy.answersPerTask);
    expect(hard.accuracy).toBeGreaterThan(0.9);
  });

  it("take one answer of each contributor, and tasks with known truth", () => {
    const twice = createAnswers({
      tasks: 2,
      contributors: 2,
      classes: 2,
      task: [0, 0, 0, 1],
      contributor: [0, 0, 1, 1],
      label: [0, 1, 1, 1],
    });
    const given = { answers: twice, truth: Int32Array.of(1, -1) };
    expect(shuffledVotes(given, seededRandom(1)).map(({ length }) => length)).toEqual([2, 1]);
    expect([0, 1].map((t) => hasTruth(given, t))).toEqual([true, false]);
  });

  it("shuffle by seed alone", () => {
    const order = (seed: number): number[] => shuffle([1, 2, 3, 4, 5, 6, 7, 8], seededRandom(seed));
    expect(order(1)).toEqual(order(1));
    expect(order(1)).not.toEqual(order(2));
    expect(order(3).toSorted((a, b) => a - b)).toEqual([1, 2, 3, 4, 5, 6, 7, 8]);
  });
});

/** Sets with ten answers a task or more, and goals with room for another seed. */
const sets = ["rte", "dog", "D_PosSent", "bluebird"].map((name) => [name, setFolder(name)] as const);

describe.each(sets)("on %s", (_, folder) => {
  it.skipIf(folder === null)("strict is as right as majority of all answers for a fraction", () => {
    const found = simulate(readSet(folder as string), { ...options, policy: presets.strict, seed: 12 });
    expect(found.accuracy).toBeGreaterThan(found.baselines.all.accuracy - 0.01);
    expect(found.answersPerTask).toBeLessThan(0.55 * found.baselines.all.answersPerTask);
    // A hundred tasks of which ten are controls say little of how sure to be.
    expect(found.ece).toBeLessThan(found.tasks < 200 ? 0.16 : 0.06);
  });
});
