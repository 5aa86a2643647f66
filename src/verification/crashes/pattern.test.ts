import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { limits } from "./limits.ts";
import { matchLine, pattern, patternInAnyCase } from "./pattern.ts";

const read = (template: string, line: string) => matchLine(pattern(template), line);

describe("a pattern", () => {
  it.each([
    ["text stands for itself, from the start on", "abc", "abcd", {}],
    ["and nowhere else", "abc", " abc", null],
    ["a hole reaches to the first text behind it", "{a}: {b}", "x: y: z", { a: "x", b: "y: z" }],
    ["or to the last", "{a>}: {b}", "x: y: z", { a: "x: y", b: "z" }],
    ["a hole at the end is the rest", "x{rest}", "x", { rest: "" }],
    ["a hole may hold nothing", "{a}: x", ": x", { a: "" }],
    ["a hole without a name is not remembered", "{}: {b}", "x: y", { b: "y" }],
    ["a run is of one class", "#{id:digits} ", "#12 a", { id: "12" }],
    ["and has at least one character", "#{id:digits} ", "# a", null],
    ["unless it says otherwise", "#{id:digits*} ", "# a", { id: "" }],
    ["the end is the end", "abc{$}", "abcd", null],
    ["a text at the end is looked for at the end", "{a}.{$}", "x. y.", { a: "x. y" }],
    ["and is not found twice over itself", "x.{a}.{$}", "x.", null],
    [
      "a hole goes on where no run follows",
      "{a} of size {n:digits}",
      "a of size x of size 8",
      { a: "a of size x", n: "8" },
    ],
    ["from the end too", "{a>}+{n:hex}", "f+0x12 [c++ @ 3]", { a: "f", n: "0x12" }],
  ])("%s", (_name, template, line, expected) => {
    expect(read(template, line)).toEqual(expected);
  });

  it("may ignore case, and still remembers what was there", () => {
    expect(matchLine(patternInAnyCase("{}: assertion {a} failed"), "X: ASSERTION aB Failed")).toEqual({ a: "aB" });
  });

  it("remembers what is in the line, in order", () => {
    fc.assert(
      fc.property(fc.string({ unit: "grapheme" }), fc.string(), fc.string(), (a, b, c) => {
        const line = `${a}<${b}>${c}`;
        const captures = read("{a}<{b}>{c}", line);
        expect(`${captures?.["a"]}<${captures?.["b"]}>${captures?.["c"]}`).toBe(line);
      }),
    );
  });

  it("agrees with a regular expression that means the same", () => {
    const line = fc.array(fc.constantFrom(" ", ":", "a", "b", "0", "7", "x", "(")).map((each) => each.join(""));
    fc.assert(
      fc.property(line, (text) => {
        const plain = /^(.*?): (?=[0-9])([0-9]+)/.exec(text);
        expect(read("{a}: {n:digits}", text)).toEqual(plain === null ? null : { a: plain[1], n: plain[2] });
        const greedy = /^(.*)\((?=[0-9])([0-9]+)/.exec(text);
        expect(read("{a>}({n:digits}", text)).toEqual(greedy === null ? null : { a: greedy[1], n: greedy[2] });
        const ended = /^(.*)x$/.exec(text);
        expect(read("{a}x{$}", text)).toEqual(ended === null ? null : { a: ended[1] });
      }),
    );
  });

  it("is matched in time linear in the line, where a regular expression is not", () => {
    const text = " of size ";
    const line = text.repeat(limits.lineMax / text.length);
    const template = pattern("{a} of size {b} of size {c} of size {n:digits}{$}");
    // 1,000 lines: seconds at the most where each costs its length, hours where it costs the cube of it.
    for (let i = 0; i < 1_000; i++) expect(matchLine(template, line)).toBeNull();
  });
});
