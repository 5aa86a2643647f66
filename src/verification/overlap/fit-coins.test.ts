import { describe, expect, it } from "vitest";
import { type AnswerWindow, lessonsOf } from "./answer-window.ts";
import { fitCoins } from "./fit-coins.ts";
import { fitMarketModel } from "./fit-market-model.ts";
import { newcomerAccuracy } from "./market-model.ts";

const classes = 50;

/** Answers by a fixed rule: contributor w errs on every task whose number it divides by its own period. */
const periods = [10, 3, 5, 2];
const tasks = 60;
const window: AnswerWindow = {
  tasks,
  contributors: periods.length,
  classes,
  task: periods.flatMap(() => Array.from({ length: tasks }, (_, t) => t)),
  contributor: periods.flatMap((_, w) => Array.from({ length: tasks }, () => w)),
  label: periods.flatMap((period, w) =>
    Array.from({ length: tasks }, (_, t) => ((t * 7) % classes) + (t % period === 0 ? w + 1 : 0)).map(
      (label) => label % classes,
    ),
  ),
  controls: new Map([0, 1, 2, 3, 4, 5].map((t) => [t, (t * 7) % classes])),
};

/** The same, written plainly: all classes of every task, probabilities multiplied as they are. */
function slowAccuracies(): number[] {
  let accuracies = periods.map(() => newcomerAccuracy);
  for (let step = 0; step < 6; step++) {
    const right = periods.map(() => 0);
    for (let t = 0; t < tasks; t++) {
      const places = [...periods.keys()].map((w) => w * tasks + t);
      const scores = Array.from({ length: classes }, (_, c) =>
        places.reduce((product, i, w) => {
          const accuracy = accuracies[w] ?? 0;
          return product * (window.label[i] === c ? accuracy : (1 - accuracy) / (classes - 1));
        }, 1),
      );
      const total = scores.reduce((sum, each) => sum + each, 0);
      const known = window.controls.get(t);
      for (const [w, i] of places.entries()) {
        const label = window.label[i] ?? 0;
        right[w] = (right[w] ?? 0) + (known === undefined ? (scores[label] ?? 0) / total : Number(known === label));
      }
    }
    const pooled = (right.reduce((a, b) => a + b, 0) + 20 * newcomerAccuracy) / (periods.length * tasks + 20);
    accuracies = right.map((each) => (each + 20 * pooled) / (tasks + 20));
  }
  return accuracies;
}

describe("coins", () => {
  const fitted = fitCoins(lessonsOf(window));

  it("have the accuracies that a plain calculation has", () => {
    for (const [w, accuracy] of slowAccuracies().entries()) expect(fitted.accuracyOf(w)).toBeCloseTo(accuracy, 9);
  });

  it("rank contributors by how often they err", () => {
    const found = periods.map((_, w) => fitted.accuracyOf(w));
    expect(found[0]).toBeGreaterThan(found[2] as number);
    expect(found[2]).toBeGreaterThan(found[1] as number);
    expect(found[1]).toBeGreaterThan(found[3] as number);
  });

  it("see a control task as if it had taught them nothing", () => {
    // Contributors 0 to 3 all err on task 0, each in its own way: nobody names the truth.
    const missed = fitted.caseOf(0, 0);
    expect(missed.evidence).toBe(0);
    expect(Math.max(...missed.others.map(({ evidence }) => evidence))).toBeGreaterThan(0);
    // All are right on task 1.
    const met = fitted.caseOf(1, 7);
    expect(met.evidence).toBeGreaterThan(10);
    expect(met.others).toEqual(
      [{ prior: Math.log(classes - 1), evidence: 0 }].map(({ prior }) => ({
        prior: expect.closeTo(prior, 9) as number,
        evidence: 0,
      })),
    );
  });

  it("make a model of two numbers a contributor", () => {
    const model = fitMarketModel(window);
    expect(model.form).toBe("coin");
    expect([...model.rows.values()].map((row) => row.length)).toEqual([2, 2, 2, 2]);
    expect(model.prior).toHaveLength(0);
  });
});
