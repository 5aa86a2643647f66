import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { lineOf } from "./json-place.ts";

const text = `{
  "title": "a \\"quoted\\" { title",
  "answer": { "choices": ["a", "b"] },
  "verification": {
    "all": [
      { "match": { "type": "control" } },
      { "scale": { "of": {
        "agree": { "type": "label" } }, "sharePpm": 5
      } },
      7,
      "x/y"
    ]
  },
  "a/b": { "~": [
    1,
    null
  ] }
}
`;

describe("lineOf", () => {
  it.each([
    ["", 1],
    ["/title", 2],
    ["/answer/choices/1", 3],
    ["/verification", 4],
    ["/verification/all", 5],
    ["/verification/all/0/match/type", 6],
    ["/verification/all/1/scale/of", 7],
    ["/verification/all/1/scale/of/agree", 8],
    ["/verification/all/1/scale/sharePpm", 8],
    ["/verification/all/2", 10],
    ["/verification/all/3", 11],
    ["/a~1b/~0/1", 16],
    ["/verification/all/9", 5],
    ["/missing", 1],
    ["/title/x", 2],
  ])("of %j is %i", (pointer, line) => {
    expect(lineOf(text, pointer)).toBe(line);
  });

  it("finds every member of any JSON, each on a line of its own", () => {
    fc.assert(
      fc.property(fc.dictionary(fc.string(), fc.jsonValue(), { minKeys: 1, maxKeys: 5 }), (value) => {
        const names = Object.keys(value).filter((name) => name !== "__proto__");
        const lines = names.map((name) => `${JSON.stringify(name)}: ${JSON.stringify(value[name])}`);
        const written = `{\n${lines.join(",\n")}\n}`;
        for (const [i, name] of names.entries()) {
          const pointer = `/${name.replaceAll("~", "~0").replaceAll("/", "~1")}`;
          expect(lineOf(written, pointer)).toBe(i + 2);
        }
      }),
      { numRuns: 300 },
    );
  });
});
