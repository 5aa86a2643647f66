import { describe, expect, it } from "vitest";
import { type Amount, amount } from "../../../core/amount.ts";
import { interval } from "../../../verification/machines/interval.ts";
import { type Compared, compare, type Outcome } from "./compare.ts";

/** Answers as `task contributor answer`, labels as `task label`. */
function outcome(
  answers: readonly string[],
  labels: readonly string[],
  costs: Readonly<Record<string, bigint>>,
): Outcome {
  return {
    answers: answers.map((line) => {
      const [task = "", contributor = "", answer = ""] = line.split(" ");
      return { task, contributor, answer };
    }),
    labels: new Map(labels.map((line) => line.split(" ") as [string, string])),
    costs: new Map(Object.entries(costs).map(([task, cost]): [string, Amount] => [task, amount(cost)])),
  };
}

/** The machine `m` reads t1, t2 and t3; people p and q answer t3 and t4; c1 and c2 are control tasks. */
const compared: Compared = {
  asked: ["t1", "t2", "t3", "t4"],
  controls: ["c1", "c2", "c3"],
  truth: new Map(Object.entries({ t1: "a", t2: "a", t3: "b", t4: "c", c1: "a", c2: "b", c3: "a" })),
  machine: "m",
  together: outcome(
    ["c1 m a", "c2 m a", "c1 p a", "t1 m a", "t2 m b", "t3 m a", "t3 p b", "t3 q b", "t4 p c"],
    ["c1 a", "c2 b", "t1 a", "t2 b", "t3 b", "t4 c"],
    { c1: 9n, t1: 2n, t2: 2n, t3: 4n, t4: 2n },
  ),
  peopleAlone: outcome(
    ["c1 p a", "t1 p a", "t1 q a", "t2 p a", "t3 p b", "t3 q b", "t4 p b"],
    ["t1 a", "t2 a", "t3 b", "t4 b"],
    { c1: 9n, t1: 4n, t2: 2n, t3: 4n, t4: 2n },
  ),
};

describe("compare", () => {
  it("counts answers to asked tasks, by whom, and what the machine settled by itself", () => {
    expect(compare(compared)).toMatchObject({
      answers: { machine: 3, people: 3, peopleAlone: 6 },
      settledByMachine: 2,
      settledByMachineShare: 0.5,
    });
  });

  it("compares with the known truth, on what the machine read and on all", () => {
    const { read, all } = compare(compared);
    expect(read).toEqual({
      machine: { tasks: 3, right: 1, accuracy: 0.3333 },
      peopleAlone: { tasks: 3, right: 3, accuracy: 1 },
      together: { tasks: 3, right: 2, accuracy: 0.6667 },
    });
    expect(all).toEqual({
      peopleAlone: { tasks: 4, right: 3, accuracy: 0.75 },
      together: { tasks: 4, right: 3, accuracy: 0.75 },
    });
  });

  it("says what was saved, and what it cost more", () => {
    const dear = { ...compared, together: { ...compared.together, costs: new Map([["t1", amount(20n)]]) } };
    expect(compare(compared)).toMatchObject({
      cost: { together: 10n, peopleAlone: 12n },
      saved: { answers: 3, share: 0.5, tokens: 2n },
    });
    expect(compare(dear).saved.tokens).toBe(-8n);
  });

  it("measures the machine by the control tasks it met alone", () => {
    expect(compare(compared).measured).toEqual({
      tasks: 2,
      right: 1,
      accuracy: 0.5,
      interval: interval(1, 2),
      errors: [
        { truth: "a", answer: "a", count: 1 },
        { truth: "b", answer: "a", count: 1 },
      ],
    });
  });

  it("counts a task without a label as wrong, and survives that nothing was done", () => {
    const nothing = outcome([], [], {});
    expect(compare({ ...compared, together: nothing, peopleAlone: nothing })).toMatchObject({
      answers: { machine: 0, people: 0, peopleAlone: 0 },
      settledByMachineShare: 0,
      measured: { tasks: 0, accuracy: null, interval: [0, 1], errors: [] },
      read: { machine: { tasks: 0, accuracy: null } },
      all: { together: { tasks: 4, right: 0, accuracy: 0 } },
      saved: { answers: 0, share: 0, tokens: 0n },
    });
  });
});
