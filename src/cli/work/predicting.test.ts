import { describe, expect, it } from "vitest";
import { labelStudioTask } from "../../api/rows/label-studio.ts";
import { testSpec } from "../../api/testing-engine.ts";
import { readPredictions } from "../../client/predictions.ts";
import type { Result } from "../../contract/results.ts";
import type { Json } from "../../core/json.ts";
import type { TaskView } from "../../engine/types.ts";
import { Predicting } from "./predicting.ts";

const frame = { width: 200, height: 100 };
const cases: readonly (readonly [schema: object, label: Json])[] = [
  [{ type: "choice", choices: ["a", "b"] }, "b"],
  [{ type: "choices", choices: ["a", "b"] }, ["a", "b"]],
  [{ type: "scale", min: 1, max: 5 }, 4],
  [{ type: "number" }, 2.5],
  [{ type: "pair" }, "left"],
  [{ type: "ranking", items: ["x", "y"] }, ["y", "x"]],
  [{ type: "text" }, "hello"],
  [{ type: "spans", labels: ["who"] }, [{ label: "who", start: 3, end: 7 }]],
  [{ type: "boxes", labels: ["cat"], frame }, [{ label: "cat", x: 20, y: 10, width: 100, height: 50 }]],
  [
    { type: "polygons", labels: ["cat"], frame: null },
    [{ label: "cat", points: [0, 0, 500_000, 0, 500_000, 250_000] }],
  ],
];

const taskOf = (task: string, answer: object) => ({ task, answer }) as unknown as Parameters<Predicting["solve"]>[0];

describe("what a model said before", () => {
  it.each(cases)("is read of Label Studio for %j", async (schema, label) => {
    const row = { id: "t", task: 3, label, confidence: 0.9, decided: true, control: false, votes: {}, cost: "0" };
    const terms = { ...testSpec.terms, answer: schema as TaskView["terms"]["answer"] };
    const { annotations, ...exported } = labelStudioTask(row as unknown as Result, { content: {}, terms }) as {
      annotations: Json;
    };
    const solver = new Predicting(readPredictions(JSON.stringify([{ ...exported, predictions: annotations }])));
    expect(await solver.solve(taskOf("t", schema))).toEqual({ answer: label });
    expect(await solver.solve(taskOf("another", schema))).toBeNull();
  });

  it("is read of lines, and says which is none", async () => {
    const solver = new Predicting(readPredictions('{"id":"r1","answer":"good"}\n\n{"id":"r2","answer":["x"]}\n'));
    expect(await solver.solve(taskOf("r2", { type: "choices" }))).toEqual({ answer: ["x"] });
    expect(() => readPredictions('{"id":"r1","answer":1}\n{"id":2}')).toThrow("line 2");
    expect(() => readPredictions("good")).toThrow("line 1 is no JSON");
    // Tasks without predictions, or without ids, are nobody's.
    expect(readPredictions('[{"data":{}},{"id":1,"predictions":[]}]').size).toBe(0);
  });
});
