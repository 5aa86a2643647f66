import fc from "fast-check";
import { describe, expect, it } from "vitest";
import type { Json } from "../../src/core/json.ts";
import { blocksOf } from "../../web/source/content/markdown-blocks.ts";
import { partsOfChoices, shownOf } from "../../web/source/content/parts.ts";
import { safeText } from "../../web/source/content/safe-text.ts";
import { draftOfKey, isComplete, optionsOf, toggled } from "../../web/source/widgets/draft.ts";
import { hourlyRate, type Outcome } from "../../web/source/work/answers.ts";

const judge = {
  id: "drawing-1",
  template: "choice",
  question: "Which is red?",
  choices: [
    { id: "a", label: "A" },
    { id: "b", label: "B" },
  ],
  content: [
    { type: "text", label: "Text", text: "Look." },
    { type: "svg", label: "A", svg: "<svg/>", alt: "one" },
    { type: "svg", label: "B", svg: "<svg/>", alt: "two" },
  ],
};

describe("what is shown of a task", () => {
  it("is read from our own examples' form", () => {
    const shown = shownOf(judge);
    expect(shown.question).toBe("Which is red?");
    expect(shown.parts.map(({ type, label }) => [type, label])).toEqual([
      ["text", "Text"],
      ["svg", "A"],
      ["svg", "B"],
    ]);
    expect([...shown.labels]).toEqual([
      ["a", "A"],
      ["b", "B"],
    ]);
    expect([...partsOfChoices(shown, ["a", "b"]).values()].map(({ label }) => label)).toEqual(["A", "B"]);
    expect(partsOfChoices(shown, ["a", "b", "c"]).size).toBe(0);
  });

  it("is read from any other fields, each under its name", () => {
    expect(shownOf("a sentence").parts).toEqual([{ type: "text", label: "", text: "a sentence" }]);
    expect(shownOf({ text: "x", n: 3 }).parts).toEqual([
      { type: "text", label: "text", text: "x" },
      { type: "text", label: "n", text: "3" },
    ]);
    expect(shownOf({ text: "x", secret: "y" }, { question: "What?", show: ["text"] })).toMatchObject({
      question: "What?",
      parts: [{ text: "x" }],
    });
  });

  it("is something for whatever a requester sends", () => {
    fc.assert(
      fc.property(fc.jsonValue() as fc.Arbitrary<Json>, (content) => {
        const { parts, question, labels } = shownOf(content);
        expect(parts.length).toBeLessThanOrEqual(20);
        for (const part of parts) expect(["text", "svg", "image"]).toContain(part.type);
        expect(question === null || typeof question === "string").toBe(true);
        expect(labels).toBeInstanceOf(Map);
      }),
    );
  });
});

describe("text of strangers", () => {
  it("turns nothing round, has an end, and piles nothing up", () => {
    expect(safeText("\u202eabc\u202c\u2067d\u200f")).toBe("abcd");
    expect(safeText("a\u0000b\u0007c\td\ne")).toBe("abc\td\ne");
    expect(safeText("x".repeat(50), 10)).toBe(`${"x".repeat(10)}…`);
    expect(safeText(`e${"\u0301".repeat(100)}!`).length).toBeLessThan(12);
    expect(safeText("हिन्दी عربي 中文 👩‍👩‍👧")).toBe("हिन्दी عربي 中文 👩‍👩‍👧");
  });
});

describe("a draft", () => {
  it("is chosen by number keys", () => {
    const choice = { type: "choice", choices: ["x", "y"] } as const;
    const of = (schema: object) => schema as Parameters<typeof draftOfKey>[0];
    expect(draftOfKey(of(choice), undefined, 2)).toBe("y");
    expect(draftOfKey(of(choice), "x", 3)).toBe("x");
    expect(draftOfKey(of({ type: "scale", min: 0, max: 3 }), undefined, 1)).toBe(0);
    expect(draftOfKey(of({ ...choice, type: "choices" }), ["x"], 1)).toBeUndefined();
    expect(toggled(["x"], "y")).toEqual(["x", "y"]);
    expect(optionsOf(of({ type: "pair", ties: true }))).toEqual(["left", "right", "tie"]);
    expect(optionsOf(of({ type: "scale", min: 0, max: 1e9 })).length).toBeLessThanOrEqual(1_001);
  });

  it("can be sent when it is whole", () => {
    const is = (schema: object, draft: Json | undefined) => isComplete(schema as never, draft);
    expect(is({ type: "choice", choices: ["a", "b"] }, undefined)).toBe(false);
    expect(is({ type: "choice", choices: ["a", "b"] }, "a")).toBe(true);
    expect(is({ type: "choices", choices: ["a", "b"], min: 2 }, ["a"])).toBe(false);
    expect(is({ type: "choices", choices: ["a", "b"], min: 0 }, [])).toBe(true);
    expect(is({ type: "scale" }, 0)).toBe(true);
    expect(is({ type: "text" }, "  ")).toBe(false);
    expect(is({ type: "boxes" }, undefined)).toBe(false);
    expect(is({ type: "boxes" }, [])).toBe(true);
    expect(is({ type: "dance" }, "x")).toBe(false);
  });
});

describe("a guide", () => {
  it("is headings, paragraphs, lists and code, whatever else it tries to be", () => {
    const source = [
      "# Title",
      "First line",
      "second line",
      "",
      "- one",
      "- two",
      "",
      "Then:",
      "1. a",
      "2. b",
      "```",
      "<script>",
      "```",
    ];
    expect(blocksOf(source.join("\n"))).toEqual([
      { type: "heading", text: "Title" },
      { type: "paragraph", text: "First line second line" },
      { type: "list", isOrdered: false, items: ["one", "two"] },
      { type: "paragraph", text: "Then:" },
      { type: "list", isOrdered: true, items: ["a", "b"] },
      { type: "code", text: "<script>" },
    ]);
    expect(blocksOf("")).toEqual([]);
  });

  it("is read to its end, whatever stands in it", () => {
    fc.assert(
      fc.property(fc.array(fc.constantFrom("# a", "- b", "1. c", "d", "", "```", "**", "\n")), (lines) => {
        expect(Array.isArray(blocksOf(lines.join("\n")))).toBe(true);
      }),
    );
  });
});

describe("an hour's pay", () => {
  const outcome = (state: string, reward: string, workMs: number) =>
    ({ workMs, submission: { state, reward } }) as unknown as Outcome;

  it("counts what was paid by the time of all that has a verdict", () => {
    const paid = outcome("accepted", "0.02", 10_000);
    expect(hourlyRate([paid, paid])).toBeNull();
    expect(hourlyRate([paid, paid, paid])).toBeCloseTo(7.2);
    expect(hourlyRate([paid, paid, paid, outcome("rejected", "0", 30_000)])).toBeCloseTo(3.6);
    expect(hourlyRate([paid, paid, paid, outcome("held", "0", 30_000)])).toBeCloseTo(7.2);
  });
});
