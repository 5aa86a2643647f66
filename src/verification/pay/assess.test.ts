import { createHash } from "node:crypto";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import {
  type CrowdPlan,
  type Habit,
  labelsHeard,
  makeCrowd,
  times,
  windowOf,
} from "../../../test/support/pay-crowds.ts";
import { type Assessment, assess } from "./assess.ts";
import { defaultPayPolicy as policy } from "./policy.ts";
import type { Standing } from "./rule.ts";
import { createWindow } from "./window.ts";

const plan: CrowdPlan = {
  tasks: 200,
  classes: 2,
  answersEach: 80,
  habits: times(30, "looks"),
  accuracy: 0.85,
  controlEvery: 20,
  seed: 1,
};

const assessed = (change: Partial<CrowdPlan>): Assessment =>
  assess(windowOf(makeCrowd({ ...plan, ...change })), policy);
const standingOf = ({ standing }: Assessment, from: number, to: number): Standing[] => [
  ...new Set(standing.slice(from, to)),
];

describe("an assessment", () => {
  it("proves those who look", () => {
    expect(standingOf(assessed({}), 0, 30)).toEqual(["proven"]);
  });

  it.each(["random", "constant", "prior"] as const)("keeps %s answers from standing", (habit) => {
    for (const classes of [2, 4]) {
      const { standing, oddsMillinats } = assessed({
        classes,
        habits: [...times(30, "looks" as const), ...times(12, habit)],
      });
      for (let w = 30; w < 42; w++) expect(oddsMillinats[w]).toBeLessThan(policy.closingMillinats);
      expect(standing.slice(0, 30)).not.toContain("uninformative");
    }
  });

  it("finds a ring that outvotes everybody, and keeps its truth", () => {
    const habits: Habit[] = [...times(30, "looks" as const), ...times(16, "ring" as const)];
    const crowd = makeCrowd({ ...plan, habits });
    const found = assess(windowOf(crowd), policy);
    expect(standingOf(found, 30, 46)).toEqual(["copying"]);
    expect(rightShare(crowd, found)).toBeGreaterThan(0.95);
  });

  it.each([1, 2, 3, 4])("finds a ring two thirds as large as everybody else together, seed %i", (seed) => {
    const habits: Habit[] = [...times(12, "looks" as const), ...times(8, "ring" as const)];
    const found = assessed({ habits, answersEach: 150, seed });
    expect(standingOf(found, 12, 20)).toEqual(["copying"]);
    expect(standingOf(found, 0, 12)).toEqual(["proven"]);
  });

  it("believes nobody more for being reliably wrong", () => {
    const crowd = makeCrowd({ ...plan, habits: times(30, "looks") });
    const inverted = crowd.answers.map((each) => (each.contributor === 7 ? { ...each, label: 1 - each.label } : each));
    expect(assess(windowOf(crowd, inverted), policy).standing[7]).toBe("uninformative");
  });

  it("asks for control tasks before it proves anybody", () => {
    const found = assessed({ controlEvery: 1_000 });
    expect(found.controlAnswers[5]).toBeLessThan(2);
    expect(found.oddsMillinats[5]).toBeGreaterThan(policy.provenMillinats);
    expect(found.standing[5]).toBe("unproven");
  });

  it("knows nobody by nothing: the last row", () => {
    const { standing, oddsMillinats, answers } = assessed({});
    expect([standing[30], answers[30]]).toEqual(["unproven", 0]);
    expect(oddsMillinats[30]).toBeLessThanOrEqual(Math.round(1_000 * Math.log(9)));
  });

  it("is the same whatever order the answers come in", () => {
    const habits: Habit[] = [...times(6, "looks" as const), "random", "ring", "ring", "copies"];
    const crowd = makeCrowd({ ...plan, tasks: 40, answersEach: 25, habits, classes: 3 });
    const expected = assess(windowOf(crowd), policy);
    fc.assert(
      fc.property(fc.shuffledSubarray([...crowd.answers], { minLength: crowd.answers.length }), (answers) => {
        expect(assess(windowOf(crowd, answers), policy)).toEqual(expected);
      }),
      { numRuns: 10 },
    );
  });

  it("is the same when contributors change places", () => {
    const crowd = makeCrowd({ ...plan, tasks: 60, answersEach: 40, habits: times(8, "looks") });
    const turned = crowd.answers.map((answer) => ({ ...answer, contributor: 7 - answer.contributor }));
    const odds = assess(windowOf(crowd), policy).oddsMillinats;
    const others = assess(windowOf(crowd, turned), policy).oddsMillinats;
    // Sums in another order may round otherwise.
    for (let w = 0; w < 8; w++)
      expect(Math.abs((odds[w] as number) - (others[7 - w] as number))).toBeLessThanOrEqual(1);
  });

  it("is made of integers within bounds", () => {
    const { oddsMillinats } = assessed({ habits: [...times(5, "looks" as const), "constant"] });
    for (const each of oddsMillinats) expect(Math.abs(each)).toBeLessThanOrEqual(1_000_000);
  });

  it("has the same bits on every machine", () => {
    const habits: Habit[] = [
      ...times(20, "looks" as const),
      ...times(4, "random" as const),
      ...times(3, "ring" as const),
    ];
    const { oddsMillinats, standing } = assessed({ habits, classes: 3 });
    const hash = createHash("sha256");
    for (const table of [oddsMillinats, standing]) hash.update(table.join(","));
    expect(hash.digest("hex")).toBe("2e7e4bb7658662db9d7f3068678e0a95adc39e083d1f7fd322733eacd8548b16");
  });
});

describe("of degenerate windows", () => {
  it("has a defined assessment without answers", () => {
    const none = { tasks: 0, contributors: 1, classes: 2, task: [], contributor: [], label: [], place: [] };
    expect(assess(createWindow(none, null), policy)).toMatchObject({ standing: ["unproven"] });
  });

  it.each([
    ["a single answer", { habits: ["looks"], answersEach: 1 }],
    ["one contributor", { habits: ["looks"] }],
    ["nobody who looks", { habits: times(10, "random") }],
    ["the same answer from everybody", { habits: times(10, "ring") }],
    ["only control tasks", { controlEvery: 1 }],
    ["two hundred classes", { classes: 200, tasks: 30, answersEach: 10, habits: times(5, "looks") }],
  ] as const)("is finite for %s", (_, change) => {
    const { oddsMillinats, standing } = assessed(change as Partial<CrowdPlan>);
    expect(standing).toHaveLength(oddsMillinats.length);
    expect(oddsMillinats.every(Number.isFinite)).toBe(true);
  });

  it("has one class that says nothing of anybody", () => {
    const one = {
      tasks: 2,
      contributors: 3,
      classes: 1,
      task: [0, 1, 0],
      contributor: [0, 0, 1],
      label: [0, 0, 0],
      place: [1, 2, 3],
    };
    expect(assess(createWindow(one, null), policy).standing).toEqual(["unproven", "unproven", "unproven"]);
  });

  /** Answers of three contributors to the tasks in turn, and one more contributor for the unknown. */
  const threeSay = (label: (task: number, contributor: number) => number, tasks: number) => {
    const task = times(3 * tasks, 0).map((_, i) => Math.floor(i / 3));
    const contributor = task.map((_, i) => i % 3);
    const labels = task.map((t, i) => label(t, i % 3));
    return { tasks, contributors: 4, classes: 3, task, contributor, label: labels, place: task.map((_, i) => i) };
  };

  it("proves nobody where all disagree on everything", () => {
    const { standing, oddsMillinats } = assess(
      createWindow(
        threeSay((t, w) => (t + w) % 3, 40),
        null,
      ),
      policy,
    );
    expect(standing).not.toContain("proven");
    expect(oddsMillinats.every(Number.isFinite)).toBe(true);
  });

  it("trusts agreement on a label that no control task has", () => {
    const controls = Int32Array.from({ length: 90 }, (_, t) => (t % 3 < 2 && t < 45 ? t % 3 : -1));
    const wrongs = (t: number, w: number): number => (t % 10 === w ? (t + 1) % 3 : t % 3);
    const { standing } = assess(createWindow(threeSay(wrongs, 90), controls), policy);
    expect(standing).toEqual(["proven", "proven", "proven", "unproven"]);
  });

  it("knows nobody by a single answer, even to a control task", () => {
    const crowd = threeSay((t) => t % 3, 30);
    const one = { ...crowd, contributors: 5, task: [...crowd.task, 0], contributor: [...crowd.contributor, 3] };
    const more = { ...one, label: [...crowd.label, 0], place: [...crowd.place, 90] };
    const controls = Int32Array.from({ length: 30 }, (_, t) => (t % 3 === 0 ? 0 : -1));
    expect(assess(createWindow(more, controls), policy).standing[3]).toBe("unproven");
  });

  it("refuses what is not a number", () => {
    const none = { tasks: 1, contributors: 2, classes: 2, contributor: [0], place: [1] };
    expect(() => createWindow({ ...none, task: [0], label: [Number.NaN] }, null)).toThrow("the label NaN");
    expect(() => createWindow({ ...none, task: [Number.NaN], label: [0] }, null)).toThrow("the task NaN");
  });

  it("refuses a last contributor with answers", () => {
    const full = { tasks: 1, contributors: 1, classes: 2, task: [0], contributor: [0], label: [0], place: [1] };
    expect(() => assess(createWindow(full, null), policy)).toThrow("last contributor");
  });
});

function rightShare(crowd: ReturnType<typeof makeCrowd>, assessment: Assessment): number {
  const column = (key: "task" | "contributor" | "label"): number[] => crowd.answers.map((each) => each[key]);
  const triples = { ...crowd, task: column("task"), contributor: column("contributor"), label: column("label") };
  const labels = labelsHeard(triples, crowd.controls, assessment);
  const answered = [...labels.entries()].filter(([, { votes }]) => votes.length > 3);
  return answered.filter(([task, { found }]) => found.choice === crowd.truth[task]).length / answered.length;
}
