import { describe, expect, it } from "vitest";
import { type Answers, createAnswers } from "./answers.ts";
import { inferByAuto } from "./auto.ts";
import { inferByDawidSkene, inferByPlainDawidSkene } from "./dawid-skene.ts";
import { errorMatrices } from "./error-matrices.ts";
import type { Controls, Inferred } from "./inferred.ts";
import { inferByMajority } from "./majority.ts";
import { scoreLabels } from "./metrics.ts";
import { createNumericAnswers, inferNumbers } from "./numeric.ts";
import { inferByGlad } from "./offline/glad.ts";
import { inferByMace } from "./offline/mace.ts";
import { inferByOneCoin, inferByWeightedMajority } from "./one-coin.ts";
import { fleissKappa, krippendorffAlpha } from "./reliability.ts";

type Triple = readonly [task: number, contributor: number, label: number];

function answersOf(triples: readonly Triple[], tasks: number, contributors: number, classes: number): Answers {
  const [task, contributor, label] = [0, 1, 2].map((column) => triples.map((each) => each[column] as number));
  return createAnswers({
    tasks,
    contributors,
    classes,
    task: task ?? [],
    contributor: contributor ?? [],
    label: label ?? [],
  });
}

type Method = (answers: Answers, controls: Controls) => Inferred;

const methods: readonly (readonly [string, Method])[] = [
  ["majority", inferByMajority],
  ["weighted majority", inferByWeightedMajority],
  ["one coin", (answers, controls) => inferByOneCoin(answers, { controls })],
  ["Dawid-Skene", (answers, controls) => inferByDawidSkene(answers, { controls })],
  ["plain Dawid-Skene", (answers, controls) => inferByPlainDawidSkene(answers, { controls })],
  ["GLAD", (answers, controls) => inferByGlad(answers, { controls })],
  ["MACE", (answers, controls) => inferByMace(answers, { controls })],
  ["auto", inferByAuto],
];

describe.each(methods)("%s", (name, infer) => {
  const labelsOf = (triples: readonly Triple[], tasks: number, contributors: number, classes: number): number[] => {
    const { labels, confidence } = infer(answersOf(triples, tasks, contributors, classes), null);
    for (const [t, each] of confidence.entries()) {
      expect(each, `confidence of ${t}`).toBeGreaterThanOrEqual(0);
      expect(each, `confidence of ${t}`).toBeLessThanOrEqual(1);
    }
    return [...labels];
  };

  it("no tasks, and tasks without answers", () => {
    expect(labelsOf([], 0, 0, 2)).toEqual([]);
    expect(labelsOf([], 3, 2, 2)).toEqual([-1, -1, -1]);
    expect(labelsOf([[1, 0, 1]], 3, 1, 2)).toEqual([-1, 1, -1]);
  });

  it("one class", () => {
    const triples: Triple[] = [
      [0, 0, 0],
      [0, 1, 0],
      [1, 1, 0],
    ];
    expect(labelsOf(triples, 2, 2, 1)).toEqual([0, 0]);
  });

  it("one contributor", () => {
    const triples = Array.from({ length: 12 }, (_, t): Triple => [t, 0, t % 3]);
    expect(labelsOf(triples, 12, 1, 3)).toEqual(triples.map(([, , label]) => label));
  });

  it("everybody disagrees", () => {
    const triples = Array.from(
      { length: 30 },
      (_, i): Triple => [i % 10, Math.floor(i / 10), (i + Math.floor(i / 10)) % 3],
    );
    for (const label of labelsOf(triples, 10, 3, 3)) expect([0, 1, 2]).toContain(label);
  });

  it("a contributor with a single answer", () => {
    const agreed = Array.from({ length: 60 }, (_, i): Triple => [i % 20, Math.floor(i / 20), (i % 20) % 2]);
    const labels = labelsOf([...agreed, [0, 3, 1]], 20, 4, 2);
    expect(labels).toEqual(Array.from({ length: 20 }, (_, t) => t % 2));
  });

  it("a label that no control has", () => {
    // Classes 0 and 1 have controls; 2 is what everybody says of the last tasks.
    const triples = Array.from(
      { length: 90 },
      (_, i): Triple => [i % 30, Math.floor(i / 30), Math.floor((i % 30) / 10)],
    );
    const controls = Int32Array.from({ length: 30 }, (_, t) => (t < 5 ? 0 : t >= 10 && t < 15 ? 1 : -1));
    const { labels } = infer(answersOf(triples, 30, 3, 3), controls);
    expect([...labels]).toEqual(Array.from({ length: 30 }, (_, t) => Math.floor(t / 10)));
  });

  it("a control whose label nobody gave", () => {
    const triples = Array.from({ length: 20 }, (_, i): Triple => [i % 10, Math.floor(i / 10), 0]);
    const controls = Int32Array.from({ length: 10 }, (_, t) => (t === 4 ? 1 : -1));
    const { labels, confidence } = infer(answersOf(triples, 10, 2, 2), controls);
    expect([labels[4], confidence[4]]).toEqual([1, 1]);
  });

  it("ten thousand classes", () => {
    const triples = Array.from({ length: 30_000 }, (_, i): Triple => [i % 10_000, i % 40, i % 10_000]);
    const answers = answersOf(triples, 10_000, 40, 10_000);
    if (["Dawid-Skene", "plain Dawid-Skene"].includes(name)) {
      expect(() => infer(answers, null)).toThrow("try one-coin");
    } else if (!["GLAD", "MACE"].includes(name)) {
      expect(infer(answers, null).labels[9_999]).toBe(9_999);
    } else {
      expect(() => infer(answers, null)).toThrow("try one-coin");
    }
  });

  it("the same answer many times", () => {
    const triples = Array.from({ length: 2_000 }, (_, i): Triple => [i % 2, i % 3 === 0 ? 0 : 1, i % 2]);
    expect(labelsOf(triples, 2, 2, 2)).toEqual([0, 1]);
  });
});

describe("what is not a number", () => {
  it("is refused as a label, and means nothing known as a result", () => {
    expect(() => answersOf([[0, 0, Number.NaN]], 1, 1, 2)).toThrow("the label NaN");
    expect(() => answersOf([[Number.NaN, 0, 0]], 1, 1, 2)).toThrow("the task NaN");
    for (const method of ["mean", "median", "robust-mean"] as const) {
      const numbers = inferNumbers(createNumericAnswers(2, [1, 1], [3, 5]), method);
      expect([...numbers]).toEqual([Number.NaN, 4]);
    }
  });
});

describe("measures of nothing", () => {
  const none = answersOf([], 2, 1, 2);

  it("are null, or empty", () => {
    expect([
      krippendorffAlpha(none),
      krippendorffAlpha(none, "ordinal"),
      krippendorffAlpha(none, "interval", [0, 1]),
    ]).toEqual([null, null, null]);
    expect(fleissKappa(none)).toBeNull();
    expect([...errorMatrices(none, inferByMajority(none))]).toEqual([]);
    expect(scoreLabels(inferByMajority(none), Int32Array.of(-1, -1), 2)).toBeNull();
  });

  it("of one class have error matrices that are sure", () => {
    const answers = answersOf([[0, 0, 0]], 1, 1, 1);
    expect([...errorMatrices(answers, inferByMajority(answers))]).toMatchObject([{ probability: 1, low: 1, high: 1 }]);
  });
});
