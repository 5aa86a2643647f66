import { describe, expect, it } from "vitest";
import { lessonsOf } from "./answer-window.ts";

const window = {
  tasks: 10,
  contributors: 20,
  classes: 3,
  task: [7, 7, 2, 9, 9],
  contributor: [15, 3, 3, 15, 18],
  label: [1, 2, 0, 0, 0],
};

describe("the lessons of a window", () => {
  it("are the answers that can be compared, numbered anew in their order", () => {
    const { answers, controls, contributors } = lessonsOf({ ...window, controls: new Map() });
    expect([...contributors]).toEqual([3, 15, 18]);
    expect([...answers.offsets]).toEqual([0, 2, 4]);
    expect([...answers.codes]).toEqual([2, 4, 3, 6]);
    expect([...(controls ?? [])]).toEqual([-1, -1]);
  });

  it("hold single answers to control tasks, and no control task that nobody answered", () => {
    const { answers, controls } = lessonsOf({
      ...window,
      controls: new Map([
        [2, 1],
        [5, 0],
      ]),
    });
    expect(answers.tasks).toBe(3);
    expect([...(controls ?? [])]).toEqual([1, -1, -1]);
  });

  it("may be empty", () => {
    const { answers } = lessonsOf({ ...window, task: [], contributor: [], label: [], controls: new Map([[1, 1]]) });
    expect([answers.tasks, answers.contributors, answers.codes.length]).toEqual([0, 0, 0]);
  });
});
