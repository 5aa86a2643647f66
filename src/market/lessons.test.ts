import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { numberedLessons, onlyThose } from "./lessons.ts";
import { emptyLaneState, type LaneState, type Lesson } from "./state.ts";

/** As a market keeps them: the latest, under the number that each had. */
function stateOf(lessons: readonly Omit<Lesson, "sequence">[], kept = lessons.length): LaneState {
  const state = emptyLaneState();
  for (const [at, lesson] of lessons.entries()) {
    state.lessons.set(at, { ...lesson, sequence: at + 1 });
    state.lessons.delete(at - kept);
    state.lessonCount++;
  }
  return state;
}

/** What was said last, by task and contributor, read back from the columns. */
function readBack(state: LaneState): Map<string, readonly number[]> {
  const { task, contributor, label, place, originals } = numberedLessons(state);
  return new Map(
    Array.from(task, (t, i) => [
      `${originals.tasks[t]} ${originals.contributors[contributor[i] as number]}`,
      [label[i] as number, place[i] as number],
    ]),
  );
}

const small = fc.record({ task: fc.nat(9), contributor: fc.nat(4), label: fc.nat(2) });
const anySize = fc.record({ task: fc.nat(2 ** 32 - 1), contributor: fc.nat(2 ** 32 - 1), label: fc.nat(2) });

describe("the lessons of a market", () => {
  it.each([
    ["few", small],
    ["any", anySize],
  ])("are the last of each task and contributor, of %s numbers", (_, lesson) => {
    fc.assert(
      fc.property(fc.array(lesson, { maxLength: 60 }), fc.integer({ min: 1, max: 60 }), (lessons, kept) => {
        const expected = new Map<string, readonly number[]>();
        for (const [at, { task, contributor, label }] of lessons.entries()) {
          if (at >= lessons.length - kept) expected.set(`${task} ${contributor}`, [label, at + 1]);
        }
        expect(readBack(stateOf(lessons, kept))).toEqual(expected);
      }),
    );
  });

  it("number tasks and contributors in their order, whichever way they are found", () => {
    for (const far of [1, 1_000_000]) {
      const state = stateOf([7, 3, 9, 3].map((each) => ({ task: each * far, contributor: 10 - each, label: 0 })));
      const { tasks, contributors, originals, task, contributor } = numberedLessons(state);
      expect([tasks, contributors]).toEqual([3, 3]);
      expect([...originals.tasks]).toEqual([3 * far, 7 * far, 9 * far]);
      expect([...originals.contributors]).toEqual([1, 3, 7]);
      expect([...task]).toEqual([1, 2, 0]);
      expect([...contributor]).toEqual([1, 0, 2]);
    }
  });

  it("may be none", () => {
    expect(numberedLessons(emptyLaneState())).toMatchObject({ tasks: 0, contributors: 0 });
  });

  it("are left where they are marked", () => {
    const lessons = numberedLessons(stateOf([1, 2, 3].map((task) => ({ task, contributor: task, label: task }))));
    const { label, place } = onlyThose(Uint8Array.of(1, 0, 1), lessons);
    expect([...label]).toEqual([1, 3]);
    expect([...place]).toEqual([1, 3]);
  });
});
