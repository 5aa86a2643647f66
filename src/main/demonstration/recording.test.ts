import { describe, expect, it } from "vitest";
import { type Dataset, readDataset } from "./dataset.ts";
import { PaymentClock } from "./payment-clock.ts";
import { accuracyOf, answersByContributor, isControl, recordingKey, tasksByOverlap } from "./recording.ts";

const dataset: Dataset = {
  name: "small",
  path: "",
  tasks: Array.from({ length: 200 }, (_, i) => ({ id: `${i}`, truth: i % 2 === 0 ? "a" : null, answers: 1 + (i % 3) })),
  answers: [
    { task: "0", contributor: "x", label: "a" },
    { task: "1", contributor: "y", label: "b" },
    { task: "2", contributor: "x", label: "b" },
  ],
  contributors: ["x", "y"],
  labels: ["a", "b"],
  repeated: 0,
};

describe("a recording", () => {
  it("has about a tenth of its known tasks as controls, by their ids alone", async () => {
    const controls = dataset.tasks.filter(isControl);
    expect(controls.every(({ truth }) => truth !== null)).toBe(true);
    expect(controls.length).toBeGreaterThan(3);
    const rte = (await readDataset("examples/rte")).tasks;
    expect(rte.filter(isControl)).toHaveLength(68);
  });

  it("orders tasks by overlap, so that few batches hold them", () => {
    const overlaps = tasksByOverlap(dataset).map(({ answers }) => answers);
    expect(overlaps).toEqual([...overlaps].sort((a, b) => a - b));
  });

  it("gives each contributor its answers in recorded order", () => {
    expect(
      answersByContributor(dataset)
        .get("x")
        ?.map(({ task }) => task),
    ).toEqual(["0", "2"]);
  });

  it("is another one with other answers", () => {
    expect(recordingKey(dataset)).toBe(recordingKey({ ...dataset, name: "renamed" }));
    expect(recordingKey(dataset)).not.toBe(recordingKey({ ...dataset, answers: dataset.answers.slice(1) }));
  });

  it("counts accuracy over tasks with a known truth that are no controls", () => {
    const known = dataset.tasks.filter((task) => task.truth !== null && !isControl(task));
    const labels = new Map(known.map(({ id }, i) => [id, i === 0 ? "b" : "a"]));
    expect(accuracyOf(dataset, labels)).toBeCloseTo((known.length - 1) / known.length, 3);
    expect(accuracyOf({ ...dataset, tasks: [] }, labels)).toBeNull();
  });
});

describe("the payment clock", () => {
  it("measures from one's own submission and from the deciding one, whichever news comes first", () => {
    const clock = new PaymentClock();
    clock.answered("0.0", 100, 110, false);
    clock.answered("0.1", 200, 230, true);
    clock.paid("0.0", 231);
    clock.paid("0.1", 231);
    clock.paid("1.0", 320);
    clock.answered("1.0", 300, 330, true);
    expect(clock.summary()).toEqual({ own: { p50: 31, p99: 131 }, deciding: { p50: 30, p99: 30 } });
  });
});
