import { describe, expect, it } from "vitest";
import { tokensOf } from "./tokens.ts";

const texts = (source: string): string[] => tokensOf(source).map((token) => `${token.kind} ${token.text}`);

describe("the scanner", () => {
  it("tells code, strings and comments apart", () => {
    expect(texts(`a("Date.now", 'b\\'c'); // Date.now\n/* new Date */`)).toEqual([
      "word a",
      "punctuation (",
      "text Date.now",
      "punctuation ,",
      "text b\\'c",
      "punctuation )",
      "punctuation ;",
      "comment // Date.now",
      "comment /* new Date */",
    ]);
  });

  it("reads code inside templates, nested ones too", () => {
    expect(texts(`\`a \${f({ b: \`c \${d}\` })} e\` + g`)).toEqual([
      "text a ",
      "word f",
      "punctuation (",
      "punctuation {",
      "word b",
      "punctuation :",
      "text c ",
      "word d",
      "text ",
      "punctuation }",
      "punctuation )",
      "text  e",
      "punctuation +",
      "word g",
    ]);
  });

  it("knows a division from a regular expression", () => {
    expect(texts("a / b / c")).toEqual(["word a", "punctuation /", "word b", "punctuation /", "word c"]);
    expect(texts("x = /[/'\"]/u.test(y)")[2]).toBe("regex /[/'\"]/u");
    expect(texts("return /a`b/;")[1]).toBe("regex /a`b/");
  });

  it("counts lines through strings, templates and comments", () => {
    const lines = tokensOf(`/*\n*/ a\n\`\n\${b}\n\` c`).map((token) => `${token.text.trim()} ${token.line}`);
    expect(lines).toEqual(["/*\n*/ 1", "a 2", " 3", "b 4", " 4", "c 5"]);
  });
});
