import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { trapOf } from "../../../test/support/trap-of.ts";
import { isDuplicate } from "./duplicates.ts";
import { crashOfTrap } from "./trap.ts";

const parser = `
  function take(list) { return list.length; }
  function parse(input) { return input[0] === 35 ? take(null) : take([]) + check(input); }
  function check(input) { if (input.length > 3) throw new RangeError("too long: " + input); return 0; }
  const main = (input) => parse(input);`;

describe("a trap of a program in the sandbox", () => {
  it("is what was thrown, and the functions it was thrown in", () => {
    expect(crashOfTrap(trapOf(parser, "#"))).toEqual({
      type: "Uncaught TypeError",
      state: ["take", "parse", "main"],
      address: "",
      isSecurity: false,
    });
  });

  it("does not depend on the input where the fault does not", () => {
    const [one, other] = [trapOf(parser, "aaaa"), trapOf(parser, "other and longer")].map(crashOfTrap);
    expect(one).toEqual(other);
    expect(one).toMatchObject({ type: "Uncaught RangeError", state: ["check", "parse", "main"] });
  });

  it("is no duplicate of another fault in the same functions but one", () => {
    const [one, other] = [crashOfTrap(trapOf(parser, "#")), crashOfTrap(trapOf(parser, "aaaa"))];
    expect(isDuplicate(one, one)).toBe(true);
    expect(isDuplicate(one, other)).toBe(true);
    const elsewhere = crashOfTrap(trapOf("const main = () => { throw new TypeError() }"));
    expect(isDuplicate(one, elsewhere)).toBe(false);
  });

  it("is known by its cycle where the stack overflowed", () => {
    const source =
      "const even = (n) => 1 + odd(n + 1); const odd = (n) => 1 + even(n + 1); const main = () => even(0);";
    const crash = crashOfTrap(trapOf(source));
    expect(crash.type).toBe("Stack-overflow");
    expect(crash.state.toSorted()).toEqual(["even", "odd"]);
  });

  it.each([
    ["unreachable", "Unreachable code", false],
    ["divisionByZero", "Divide-by-zero", false],
    ["memoryOutOfBounds", "Out-of-bounds access", true],
    ["wrongFunction", "Incorrect-function-pointer-type", true],
    ["stackUsedUp", "Stack-overflow", false],
  ])("of WebAssembly says that it was %s, and the numbers of its functions", (kind, type, isSecurity) => {
    const crash = crashOfTrap({ kind, message: "", frames: ["function 12345", "function 2"] });
    expect(crash).toEqual({ type, state: ["wasm-function[12345]", "wasm-function[2]"], address: "", isSecurity });
  });

  it.each([
    ["a text", "throw 'x'", "Uncaught exception"],
    ["an error of its own", "throw Object.assign(new Error('x'), { name: 'ParseError' })", "Uncaught ParseError"],
    ["what pretends to be a trap", "throw { name: 'unreachable', message: '' }", "Unreachable code"],
  ])("that throws %s", (_name, body, type) => {
    expect(crashOfTrap(trapOf(`const main = () => { ${body} }`)).type).toBe(type);
  });

  it("is one line of what can be printed, whatever a program says", () => {
    const text = fc.string({ unit: "binary", maxLength: 300 });
    fc.assert(
      fc.property(text, text, fc.array(text, { maxLength: 40 }), (kind, message, frames) => {
        const crash = crashOfTrap({ kind, message, frames });
        for (const line of [crash.type, ...crash.state]) expect(line).toMatch(/^[\t -~]+$/);
        expect(crash.state.length).toBeLessThanOrEqual(3);
      }),
    );
  });
});
