import { createHash } from "node:crypto";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import type { AnswerWindow } from "./answer-window.ts";
import { fitMarketModel } from "./fit-market-model.ts";
import { accuracyOf } from "./forecast.ts";
import { encodeModel, type MarketModel, newcomerAccuracy, newcomerModel } from "./market-model.ts";
import { posterior } from "./posterior.ts";

/** Numbers in [0, 1) for tests (a linear congruence). */
function numbers(seed: number): () => number {
  let state = seed;
  return () => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    return state / 2 ** 32;
  };
}

interface MadeUp extends AnswerWindow {
  readonly task: number[];
  readonly contributor: number[];
  readonly label: number[];
  readonly truth: number[];
}

/** Each task is answered by so many different contributors of the given accuracies. */
function madeUp(accuracies: readonly number[], classes: number, tasks: number, overlap: number, seed = 1): MadeUp {
  const random = numbers(seed);
  const truth = Array.from({ length: tasks }, () => Math.floor(random() * classes));
  const [task, contributor, label]: [number[], number[], number[]] = [[], [], []];
  for (let t = 0; t < tasks; t++) {
    const first = Math.floor(random() * accuracies.length);
    for (let i = 0; i < overlap; i++) {
      const by = (first + i * 3) % accuracies.length;
      const isRight = random() < (accuracies[by] as number);
      task.push(t);
      contributor.push(by);
      label.push(((truth[t] as number) + (isRight ? 0 : 1 + Math.floor(random() * (classes - 1)))) % classes);
    }
  }
  return {
    tasks,
    contributors: accuracies.length,
    classes,
    task,
    contributor,
    label,
    truth,
    controls: new Map(truth.slice(0, tasks / 10).entries()),
  };
}

const hashOf = (model: MarketModel): string => createHash("sha256").update(encodeModel(model)).digest("hex");

const accuracies = [0.95, 0.6, 0.9, 0.55, 0.8, 0.7, 0.85];

describe.each([2, 4, 30])("a model of %i classes", (classes) => {
  const window = madeUp(accuracies, classes, 1_000, 3);
  const model = fitMarketModel(window);

  it("knows who is good", () => {
    for (const [contributor, accuracy] of accuracies.entries()) {
      expect(Math.abs(accuracyOf(model, contributor) - accuracy)).toBeLessThan(0.06);
    }
  });

  it("is the same for any order of answers, task numbers and batch of controls", () => {
    const order = [...window.task.keys()].sort((a, b) => ((a * 7_919) % 3_001) - ((b * 7_919) % 3_001));
    const shuffled = {
      ...window,
      task: order.map((i) => window.task[i] as number),
      contributor: order.map((i) => window.contributor[i] as number),
      label: order.map((i) => window.label[i] as number),
      controls: new Map([...window.controls].reverse()),
    };
    expect(hashOf(fitMarketModel(shuffled))).toBe(hashOf(model));
    const later = {
      ...window,
      tasks: 5_000,
      task: window.task.map((t) => t + 3_000),
      controls: new Map([...window.controls].map(([t, truth]) => [t + 3_000, truth])),
    };
    expect(hashOf(fitMarketModel(later))).toBe(hashOf(model));
  });

  it("is calibrated on tasks that it was not told", () => {
    let right = 0;
    let promised = 0;
    let count = 0;
    for (let t = 0; t < window.tasks; t++) {
      const places = [3 * t, 3 * t + 1, 3 * t + 2];
      if (window.controls.has(t)) continue;
      const found = posterior(
        model,
        places.map((i) => ({ contributor: window.contributor[i] as number, label: window.label[i] as number })),
      );
      right += Number(found.choice === window.truth[t]);
      promised += found.confidencePpm / 1e6;
      count++;
    }
    expect(Math.abs(right - promised) / count).toBeLessThan(0.04);
  });
});

it("has the same bits on every machine", () => {
  expect(hashOf(fitMarketModel(madeUp(accuracies, 2, 200, 3)))).toBe(
    "48e4c23a4cf1565445cb90872e4e22484d9929ab3e957bb962aacb63e2f0765a",
  );
  expect(hashOf(fitMarketModel(madeUp(accuracies, 4, 200, 3)))).toBe(
    "18e8cea2fc6d77864a81f81b2d76612b7d46682dc037a46072e78e283edce8e0",
  );
  expect(hashOf(fitMarketModel(madeUp(accuracies, 30, 200, 3)))).toBe(
    "66798c42b8dca4720791855b3c8a804128ba2c15674ff7f4f9009fa51ead8120",
  );
});

/**
 * The same model written plainly, of two classes: expectation-maximisation over arrays of answers, with rows shrunk to
 * pooled rows that are moved to the contributor's own accuracy.
 */
function slowRows({ task, contributor, label, tasks, contributors, controls }: MadeUp): number[][] {
  const classes = 2;
  const rows = Array.from({ length: contributors }, () =>
    [0, 1].map((z) => [0, 1].map((l) => (l === z ? newcomerAccuracy : 1 - newcomerAccuracy))),
  );
  let prior = [0.5, 0.5];
  for (let step = 0; step < 6; step++) {
    const counts = rows.map((row) => row.map((each) => each.map(() => 0)));
    const all = [0, 0];
    for (let t = 0; t < tasks; t++) {
      const places = [...task.keys()].filter((i) => task[i] === t);
      const scores = prior.map((share, z) =>
        places.reduce((product, i) => product * (rows[contributor[i] ?? 0]?.[z]?.[label[i] ?? 0] ?? 0), share),
      );
      const known = controls.get(t);
      const sum = known === undefined ? (scores[0] ?? 0) + (scores[1] ?? 0) : (scores[known] ?? 0);
      for (let z = 0; z < classes; z++) {
        const share = known === undefined ? (scores[z] ?? 0) / sum : Number(known === z);
        all[z] = (all[z] ?? 0) + share;
        for (const i of places) {
          const row = counts[contributor[i] ?? 0]?.[z] as number[];
          row[label[i] ?? 0] = (row[label[i] ?? 0] ?? 0) + share;
        }
      }
    }
    const total = [0, 1].map((z) => [0, 1].map((l) => counts.reduce((sum, row) => sum + (row[z]?.[l] ?? 0), 0)));
    const answers = task.length;
    const accuracy = ((total[0]?.[0] ?? 0) + (total[1]?.[1] ?? 0)) / answers;
    const pooled = total.map((row, z) => {
      const strength = 0.5 + (0.05 * answers + 400) / classes;
      const moved = row.map((each, l) => each + strength * (l === z ? accuracy : 1 - accuracy));
      const sum = moved.reduce((a, b) => a + b, 0);
      return moved.map((each) => each / sum);
    });
    for (const [w, own] of counts.entries()) {
      const rowSums = own.map((row) => (row[0] ?? 0) + (row[1] ?? 0));
      const asked = rowSums.reduce((a, b) => a + b, 0);
      const expected = rowSums.reduce((sum, each, z) => sum + each * (pooled[z]?.[z] ?? 0), 0) / asked;
      const right = ((own[0]?.[0] ?? 0) + (own[1]?.[1] ?? 0) + 20 * expected) / (asked + 20);
      const better = (right * (1 - expected)) / ((1 - right) * expected);
      rows[w] = own.map((row, z) => {
        const pool = pooled[z]?.[z] ?? 0;
        const moved = (pool * better) / (1 - pool + pool * better);
        return row.map((each, l) => (each + 20 * (l === z ? moved : 1 - moved)) / ((rowSums[z] ?? 0) + 20));
      });
    }
    const roots = all.map((each) => ((each + 1) / (tasks + 2)) ** 0.25);
    const sum = (roots[0] ?? 0) + (roots[1] ?? 0);
    const controlsOf = (z: number): number => [...controls.values()].filter((each) => each === z).length;
    const mixed = roots.map((each, z) => (100 * each) / sum + controlsOf(z));
    prior = mixed.map((each) => each / (100 + controls.size));
  }
  return rows.map((row) => [row[0]?.[0] ?? 0, row[1]?.[0] ?? 0, row[0]?.[1] ?? 0, row[1]?.[1] ?? 0]);
}

it("has the matrices that a plain calculation has", () => {
  const window = madeUp([0.9, 0.6, 0.75, 0.8], 2, 120, 3, 5);
  const model = fitMarketModel(window);
  for (const [contributor, row] of slowRows(window).entries()) {
    for (const [cell, likelihood] of row.entries()) {
      const surprise = model.rows.get(contributor)?.[cell] as number;
      expect(Math.abs(Math.exp(-surprise / 1_000) - likelihood)).toBeLessThan(0.002);
    }
  }
});

describe("a model", () => {
  it("is not taken in by a crowd that answers without looking, where control tasks show it", () => {
    const window = madeUp([0.9, 0.9, 0.9, 0.9, 0.9, 0.5, 0.5, 0.5], 2, 400, 5);
    const constant = window.label.map((label, i) => ((window.contributor[i] as number) >= 5 ? 1 : label));
    const model = fitMarketModel({ ...window, label: constant });
    for (const spammer of [5, 6, 7]) expect(accuracyOf(model, spammer)).toBeLessThan(0.65);
    for (const honest of [0, 1, 2]) expect(accuracyOf(model, honest)).toBeGreaterThan(0.8);
  });

  it("learns how rare a class is from control tasks", () => {
    const window = madeUp([0.8, 0.8, 0.8], 2, 600, 2);
    const rare = window.truth.map((_, t) => Number(t % 10 === 0));
    const label = window.label.map((said, i) => {
      const t = window.task[i] as number;
      return said === window.truth[t] ? (rare[t] as number) : 1 - (rare[t] as number);
    });
    const model = fitMarketModel({ ...window, label, controls: new Map(rare.slice(0, 300).entries()) });
    expect(Math.exp(-(model.prior[1] as number) / 1_000)).toBeLessThan(0.22);
  });

  it("learns nothing from answers that can be compared with none", () => {
    const window = { ...madeUp(accuracies, 3, 500, 1), controls: new Map<number, number>() };
    expect(fitMarketModel(window)).toEqual(newcomerModel(3));
  });

  it.each([
    [
      "no answers",
      { tasks: 0, contributors: 0, classes: 2, task: [], contributor: [], label: [], controls: new Map() },
    ],
    [
      "one class",
      { ...madeUp([0.9, 0.9], 2, 50, 2), classes: 1, label: Array.from({ length: 100 }, () => 0), controls: new Map() },
    ],
    ["one contributor", { ...madeUp([0.9], 2, 60, 2), controls: new Map() }],
    ["a label that no control has", { ...madeUp(accuracies, 5, 100, 3), controls: new Map([[0, 4]]) }],
    ["controls of a class that is none", { ...madeUp(accuracies, 20, 100, 3), controls: new Map([[0, 20]]) }],
    ["ten thousand classes", madeUp(accuracies, 10_000, 100, 3)],
  ] as [string, AnswerWindow][])("is defined for %s", (_, window) => {
    const model = fitMarketModel(window);
    expect(hashOf(model)).toHaveLength(64);
    const { confidencePpm } = posterior(model, [{ contributor: 0, label: 0 }]);
    expect(confidencePpm).toBeGreaterThan(0);
    expect(confidencePpm).toBeLessThanOrEqual(1_000_000);
  });

  it("gives integers for any answers", () => {
    const answer = fc.record({ task: fc.nat(9), contributor: fc.nat(4), label: fc.nat(2) });
    fc.assert(
      fc.property(fc.array(answer, { minLength: 35, maxLength: 60 }), (given) => {
        const model = fitMarketModel({
          tasks: 10,
          contributors: 5,
          classes: 3,
          task: given.map(({ task }) => task),
          contributor: given.map(({ contributor }) => contributor),
          label: given.map(({ label }) => label),
          controls: new Map([[0, 1]]),
        });
        for (const row of [model.prior, model.newcomer, ...model.rows.values()]) {
          for (const each of row) expect(each).toBeGreaterThanOrEqual(0);
        }
        for (const each of [model.discountPpm, model.floorPpm, model.typicalPpm]) {
          expect(Number.isInteger(each) && each > 0 && each <= 1_000_000).toBe(true);
        }
      }),
      { numRuns: 50 },
    );
  });
});
