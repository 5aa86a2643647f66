import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { type Answers, createAnswers, sampleTasks } from "./answers.ts";
import { inferByAuto } from "./auto.ts";
import { inferByDawidSkene, inferByPlainDawidSkene } from "./dawid-skene.ts";
import type { Controls, Inferred } from "./inferred.ts";
import { inferByMajority } from "./majority.ts";
import { inferByOneCoin, inferByWeightedMajority } from "./one-coin.ts";

type Triple = readonly [task: number, contributor: number, label: number];

function answersOf(triples: readonly Triple[], tasks: number, contributors: number, classes: number): Answers {
  return createAnswers({
    tasks,
    contributors,
    classes,
    task: triples.map(([task]) => task),
    contributor: triples.map(([, contributor]) => contributor),
    label: triples.map(([, , label]) => label),
  });
}

type Method = (answers: Answers, controls: Controls) => Inferred;

const methods: readonly (readonly [string, Method])[] = [
  ["majority", inferByMajority],
  ["weighted majority", inferByWeightedMajority],
  ["one coin", (answers, controls) => inferByOneCoin(answers, { controls })],
  ["Dawid-Skene", (answers, controls) => inferByDawidSkene(answers, { controls })],
  ["plain Dawid-Skene", (answers, controls) => inferByPlainDawidSkene(answers, { controls })],
  ["auto", inferByAuto],
];

const crowds = fc
  .record({
    tasks: fc.integer({ min: 1, max: 30 }),
    contributors: fc.integer({ min: 1, max: 8 }),
    classes: fc.integer({ min: 1, max: 5 }),
  })
  .chain(({ tasks, contributors, classes }) =>
    fc.record({
      tasks: fc.constant(tasks),
      contributors: fc.constant(contributors),
      classes: fc.constant(classes),
      triples: fc.array(
        fc.tuple(fc.nat({ max: tasks - 1 }), fc.nat({ max: contributors - 1 }), fc.nat({ max: classes - 1 })),
        { minLength: 1, maxLength: 120 },
      ),
    }),
  );

describe("the layout of answers", () => {
  it("gives every so many tasks with their answers", () => {
    fc.assert(
      fc.property(crowds, fc.integer({ min: 1, max: 40 }), ({ triples, tasks, contributors, classes }, step) => {
        const some = triples.filter(([task]) => task % step === 0).map(([t, w, l]) => [t / step, w, l] as const);
        const sampled = sampleTasks(answersOf(triples, tasks, contributors, classes), step);
        expect(sampled).toEqual(answersOf(some, Math.ceil(tasks / step), contributors, classes));
      }),
    );
  });

  it("is the same whatever order they came in", () => {
    const shuffled = crowds.chain((crowd) =>
      fc.record({
        crowd: fc.constant(crowd),
        other: fc.shuffledSubarray(crowd.triples, { minLength: crowd.triples.length }),
      }),
    );
    fc.assert(
      fc.property(shuffled, ({ crowd: { triples, tasks, contributors, classes }, other }) => {
        expect(answersOf(other, tasks, contributors, classes)).toEqual(
          answersOf(triples, tasks, contributors, classes),
        );
      }),
    );
  });

  it("refuses what is outside", () => {
    expect(() => answersOf([[2, 0, 0]], 2, 1, 2)).toThrow("the task 2");
    expect(() => answersOf([[0, 1, 0]], 2, 1, 2)).toThrow("the contributor 1");
    expect(() => answersOf([[0, 0, Number.NaN]], 2, 1, 2)).toThrow("the label NaN");
    expect(() => answersOf([], 1, 2 ** 20, 2 ** 20)).toThrow("More than");
  });
});

describe.each(methods)("%s", (_, infer) => {
  it("gives a label and a probability to every task with answers, whatever they are", () => {
    fc.assert(
      fc.property(crowds, ({ triples, tasks, contributors, classes }) => {
        const answers = answersOf(triples, tasks, contributors, classes);
        const { labels, confidence } = infer(answers, null);
        for (let t = 0; t < tasks; t++) {
          const hasAnswers = answers.offsets[t] !== answers.offsets[t + 1];
          expect(labels[t]).toBeGreaterThanOrEqual(hasAnswers ? 0 : -1);
          expect(labels[t]).toBeLessThan(hasAnswers ? classes : 0);
          expect(confidence[t]).toBeGreaterThanOrEqual(0);
          expect(confidence[t]).toBeLessThanOrEqual(1);
          expect(confidence[t]).not.toBeNaN();
        }
      }),
      { numRuns: 60 },
    );
  });

  it("takes the labels of control tasks as they are", () => {
    const answers = answersOf(
      [
        [0, 0, 0],
        [0, 1, 0],
        [1, 0, 1],
        [1, 1, 1],
        [2, 0, 1],
      ],
      3,
      2,
      3,
    );
    const { labels, confidence } = infer(answers, Int32Array.of(2, -1, -1));
    expect([labels[0], confidence[0]]).toEqual([2, 1]);
  });

  it("is not lost without answers", () => {
    expect([...infer(answersOf([], 0, 0, 2), null).labels]).toEqual([]);
    expect([...infer(answersOf([], 2, 1, 2), null).labels]).toEqual([-1, -1]);
  });

  it("agrees with those who all agree", () => {
    const triples = Array.from({ length: 60 }, (__, i): Triple => [i % 20, Math.floor(i / 20), i % 2]);
    const { labels } = infer(answersOf(triples, 20, 3, 2), null);
    expect([...labels]).toEqual(Array.from({ length: 20 }, (__, t) => t % 2));
  });

  it("follows a permutation of labels", () => {
    const { triples, truth } = crowdOf(3, 90, 9);
    const before = infer(answersOf(triples, 90, 9, 3), null);
    const permuted = triples.map(([t, w, l]): Triple => [t, w, (l + 1) % 3]);
    const after = infer(answersOf(permuted, 90, 9, 3), null);
    const differing = truth.filter((__, t) => ((before.labels[t] as number) + 1) % 3 !== after.labels[t]);
    // A tie goes to the lower label, which is another one now.
    expect(differing.length).toBeLessThanOrEqual(4);
  });

  it("follows a permutation of tasks and contributors", () => {
    const { triples, truth } = crowdOf(3, 90, 9);
    const before = infer(answersOf(triples, 90, 9, 3), null);
    const after = infer(
      answersOf(
        triples.map(([t, w, l]): Triple => [89 - t, 8 - w, l]),
        90,
        9,
        3,
      ),
      null,
    );
    const differing = truth.filter((__, t) => before.labels[t] !== after.labels[89 - t]);
    expect(differing.length).toBeLessThanOrEqual(1);
  });
});

/** The first of the contributors are right 9 times in 10, the last ones hardly more often than by chance. */
function crowdOf(classes: number, tasks: number, contributors: number): { triples: Triple[]; truth: number[] } {
  let state = 12_345;
  const random = (): number => {
    state = (Math.imul(state, 1_103_515_245) + 12_345) & 0x7fffffff;
    return state / 0x80000000;
  };
  const truth = Array.from({ length: tasks }, () => Math.floor(random() * classes));
  const triples: Triple[] = [];
  for (let t = 0; t < tasks; t++) {
    for (let w = 0; w < contributors; w++) {
      const isRight = random() < (w < contributors / 2 ? 0.9 : 0.4);
      triples.push([t, w, isRight ? (truth[t] as number) : Math.floor(random() * classes)]);
    }
  }
  return { triples, truth };
}

describe("majority", () => {
  it("gives ties to the lower label, and its share as confidence", () => {
    const answers = answersOf(
      [
        [0, 0, 2],
        [0, 1, 1],
        [0, 2, 2],
        [0, 3, 1],
        [1, 0, 2],
        [1, 1, 2],
        [1, 2, 0],
      ],
      2,
      4,
      3,
    );
    const { labels, confidence } = inferByMajority(answers);
    expect([...labels]).toEqual([1, 2]);
    expect([...confidence]).toEqual([0.5, 2 / 3]);
  });
});

describe("methods that know contributors", () => {
  it.each(methods.slice(1))("%s beats majority where some hardly look", (_, infer) => {
    const { triples, truth } = crowdOf(4, 400, 9);
    const answers = answersOf(triples, 400, 9, 4);
    const right = (labels: Int32Array): number => truth.filter((each, t) => labels[t] === each).length;
    expect(right(infer(answers, null).labels)).toBeGreaterThanOrEqual(right(inferByMajority(answers).labels));
  });

  it("learns from control tasks whom to believe", () => {
    // Two say the opposite of one another on every task; nothing but the controls tells them apart.
    const triples = Array.from({ length: 40 }, (_, t): Triple[] => [
      [t, 0, t % 2],
      [t, 1, 1 - (t % 2)],
    ]).flat();
    const answers = answersOf(triples, 40, 2, 2);
    const controls = Int32Array.from({ length: 40 }, (_, t) => (t < 10 ? t % 2 : -1));
    for (const infer of [inferByDawidSkene, inferByOneCoin]) {
      const { labels } = infer(answers, { controls });
      expect([...labels]).toEqual(Array.from({ length: 40 }, (_, t) => t % 2));
    }
  });

  it("ten thousand classes are a result or a clear error", () => {
    const triples = Array.from({ length: 30_000 }, (_, i): Triple => [i % 10_000, i % 40, i % 10_000]);
    const answers = answersOf(triples, 10_000, 40, 10_000);
    expect(inferByOneCoin(answers).labels[9_999]).toBe(9_999);
    expect(inferByAuto(answers).labels[9_999]).toBe(9_999);
    expect(() => inferByDawidSkene(answers)).toThrow("one-coin");
  });
});
