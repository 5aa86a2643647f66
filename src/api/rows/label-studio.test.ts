import { describe, expect, it } from "vitest";
import type { Result } from "../../contract/results.ts";
import type { Json } from "../../core/json.ts";
import type { TaskView } from "../../engine/types.ts";
import { testSpec } from "../testing-engine.ts";
import { labelStudioTask } from "./label-studio.ts";

/** One of each type of answer, and what Label Studio calls it. */
const frame = { width: 200, height: 100 };
const cases: readonly (readonly [schema: object, label: Json, type: string, value: object])[] = [
  [{ type: "choice", choices: ["a", "b"] }, "b", "choices", { choices: ["b"] }],
  [{ type: "choices", choices: ["a", "b"] }, ["a", "b"], "choices", { choices: ["a", "b"] }],
  [{ type: "scale", min: 1, max: 5 }, 4, "rating", { rating: 4 }],
  [{ type: "number" }, 2.5, "number", { number: 2.5 }],
  [{ type: "pair" }, "left", "pairwise", { selected: "left" }],
  [{ type: "ranking", items: ["x", "y"] }, ["y", "x"], "ranker", { ranker: { rank: ["y", "x"] } }],
  [{ type: "text" }, "hello", "textarea", { text: ["hello"] }],
  [
    { type: "spans", labels: ["who"] },
    [{ label: "who", start: 3, end: 7 }],
    "labels",
    { start: 3, end: 7, labels: ["who"] },
  ],
  [
    { type: "boxes", labels: ["cat"], frame },
    [{ label: "cat", x: 20, y: 10, width: 100, height: 50 }],
    "rectanglelabels",
    { x: 10, y: 10, width: 50, height: 50, rotation: 0, rectanglelabels: ["cat"] },
  ],
  [
    { type: "polygons", labels: ["cat"], frame: null },
    [{ label: "cat", points: [0, 0, 500_000, 0, 500_000, 250_000] }],
    "polygonlabels",
    {
      points: [
        [0, 0],
        [50, 0],
        [50, 25],
      ],
      polygonlabels: ["cat"],
    },
  ],
];

describe("a task for Label Studio", () => {
  it.each(cases)("says %j in its words", (schema, label, type, value) => {
    const row = { id: "t", task: 3, label, confidence: 0.9, decided: true, control: false, votes: {}, cost: "0" };
    const terms = { ...testSpec.terms, answer: schema as TaskView["terms"]["answer"] };
    const made = labelStudioTask(row as unknown as Result, { content: "shown", terms } satisfies Pick<
      TaskView,
      "content" | "terms"
    >);
    expect(made).toMatchObject({
      id: 3,
      data: { value: "shown", earnest_id: "t" },
      annotations: [{ result: [{ id: "3.0", type, value, score: 0.9 }] }],
    });
  });
});
