import { describe, expect, it } from "vitest";
import { foresee, type Supposed } from "./foresee.ts";

const usual: Supposed = { min: 2, max: 5, target: 0.9, choices: 2, accuracy: 0.85, answersWorth: 40 };
const of = (changes: Partial<Supposed>) => foresee({ ...usual, ...changes });

describe("what is foreseen", () => {
  it("lies between the least and the most answers", () => {
    for (const accuracy of [0, 0.5, 0.6, 0.8, 0.95, 1]) {
      const { answersPerTask, settled, accuracy: right } = of({ accuracy });
      expect(answersPerTask).toBeGreaterThanOrEqual(2);
      expect(answersPerTask).toBeLessThanOrEqual(5);
      expect(settled).toBeGreaterThanOrEqual(0);
      expect(settled).toBeLessThanOrEqual(1);
      expect(right).toBeGreaterThan(0);
      expect(right).toBeLessThan(1);
    }
  });

  it("are fewer answers of better contributors, and more for more certainty", () => {
    expect(of({ accuracy: 0.97 }).answersPerTask).toBeLessThan(of({ accuracy: 0.85 }).answersPerTask);
    const worthMuch = { max: 40, answersWorth: 1_000 };
    expect(of({ ...worthMuch, target: 0.95 }).answersPerTask).toBeGreaterThan(
      of({ ...worthMuch, target: 0.8 }).answersPerTask,
    );
  });

  it("is a fixed overlap where nothing else is allowed, however large", () => {
    for (const overlap of [1, 3, 100, 1_024]) expect(of({ min: overlap, max: overlap }).answersPerTask).toBe(overlap);
  });

  it("tells what more answers would reach from what none reach", () => {
    const dear = of({ accuracy: 0.7, max: 3 });
    expect(dear.isOutOfReach).toBe(false);
    expect(dear.settled).toBeLessThan(0.5);
    expect(dear.accuracyAtAnyPrice).toBeGreaterThan(dear.accuracy);
    expect(of({ accuracy: 0.5 }).isOutOfReach).toBe(true);
    expect(of({ target: 0.99, accuracy: 0.99 }).isOutOfReach).toBe(true);
    expect(of({ target: 0.95, accuracy: 0.95 }).isOutOfReach).toBe(false);
  });

  it("gives up sooner where a right label is worth less", () => {
    const crowd = { accuracy: 0.6, max: 40 };
    expect(of({ ...crowd, answersWorth: 10 }).answersPerTask).toBeLessThan(
      of({ ...crowd, answersWorth: 1_000 }).answersPerTask,
    );
  });

  it("is there for one choice and for thousands", () => {
    expect(of({ choices: 1 }).accuracy).toBeCloseTo(1, 2);
    expect(of({ choices: 10_000 }).isOutOfReach).toBe(false);
  });

  it("is the same every time", () => {
    expect(of({})).toEqual(of({}));
  });
});
