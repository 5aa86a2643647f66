import { describe, expect, it } from "vitest";
import { type Answers, createAnswers } from "./answers.ts";
import { pooledShape } from "./dawid-skene.ts";
import type { Tables } from "./expectation.ts";
import { fitModel } from "./fit.ts";
import { evidenceApart, posteriorApart } from "./leave-task-out.ts";

/** 12 contributors answer 40 tasks of two classes; contributor w errs on every (w + 4)-th. Task 0 is misjudged by all. */
function crowd(): Answers {
  const task: number[] = [];
  const contributor: number[] = [];
  const label: number[] = [];
  for (let t = 0; t < 40; t++) {
    for (let w = 0; w < 12; w++) {
      if ((t + w) % 2 === 1) continue;
      task.push(t);
      contributor.push(w);
      label.push(t === 0 || (t + w) % (w + 4) === 0 ? 1 - (t % 2) : t % 2);
    }
  }
  return createAnswers({ tasks: 40, contributors: 12, classes: 2, task, contributor, label });
}

const answers = crowd();
const fitted = (controls: Int32Array | null): Tables =>
  fitModel(answers, pooledShape, { controls, iterationsMax: 30, tolerance: 1e-9 }).tables;

describe("the evidence of a task by what the others taught", () => {
  it("is, with the prior, the posterior apart", () => {
    const tables = fitted(null);
    const evidenceOf = evidenceApart(answers, tables, pooledShape);
    const apart = posteriorApart(answers, tables, pooledShape, null);
    for (let t = 0; t < answers.tasks; t++) {
      const weights = Array.from(evidenceOf(t), (each, z) => (tables.prior[z] as number) * Math.exp(each));
      const total = weights.reduce((sum, each) => sum + each, 0);
      for (let z = 0; z < 2; z++) expect((weights[z] as number) / total).toBeCloseTo(apart[2 * t + z] as number, 10);
    }
  });

  it("does not know what the truth of the task itself taught", () => {
    const controls = new Int32Array(answers.tasks).fill(-1);
    controls[0] = 0;
    const tables = fitted(controls);
    const [ofTruth, ofAnswers] = evidenceApart(answers, tables, pooledShape)(0) as unknown as [number, number];
    const told = [...answers.codes.subarray(0, answers.offsets[1])].reduce(
      (sum, code) =>
        sum + Math.log((tables.likelihoods[2 * code + 1] as number) / (tables.likelihoods[2 * code] as number)),
      0,
    );
    expect(ofAnswers - ofTruth).toBeGreaterThan(5);
    expect(ofAnswers - ofTruth).toBeGreaterThan(told + 1);
  });
});
