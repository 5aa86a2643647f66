import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { makeCrowd, times, windowOf } from "../../../test/support/pay-crowds.ts";
import { createWindow } from "./window.ts";

describe("a window", () => {
  it("keeps with each answer where it stands in the log", () => {
    const window = createWindow(
      {
        tasks: 2,
        contributors: 3,
        classes: 2,
        task: [1, 0, 1],
        contributor: [2, 0, 1],
        label: [1, 0, 0],
        place: [30, 10, 20],
      },
      null,
    );
    expect([...window.answers.codes]).toEqual([0, 2, 5]);
    expect([...window.places]).toEqual([10, 20, 30]);
  });

  it("is the same whatever order the answers come in", () => {
    const crowd = makeCrowd({
      tasks: 12,
      classes: 3,
      answersEach: 8,
      habits: times(6, "looks"),
      accuracy: 0.7,
      controlEvery: 4,
      seed: 3,
    });
    const shuffles = fc.shuffledSubarray([...crowd.answers], { minLength: crowd.answers.length });
    fc.assert(
      fc.property(shuffles, (answers) => {
        expect(windowOf(crowd, answers)).toEqual(windowOf(crowd));
      }),
      { numRuns: 30 },
    );
  });

  it("may be empty", () => {
    const none = { tasks: 0, contributors: 1, classes: 2, task: [], contributor: [], label: [], place: [] };
    expect(createWindow(none, null).places.length).toBe(0);
  });
});
