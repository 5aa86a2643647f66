import fc from "fast-check";
import { describe, expect, it } from "vitest";
import type { Execution, Limits } from "../execution.ts";
import { JavaScriptEngine, startQuickJs } from "./javascript.ts";

const started = startQuickJs();
const engine = new JavaScriptEngine(started);
const usual: Limits = { fuelMax: 1_000_000_000, memoryBytesMax: 8 * 1_048_576, outputBytesMax: 100_000 };

const run = (source: string, input: string | Uint8Array = "", limits: Partial<Limits> = {}): Execution =>
  engine.execute(source, typeof input === "string" ? new TextEncoder().encode(input) : input, { ...usual, ...limits });

/** The output as a text, or how else it ended. */
function said(source: string, input: string | Uint8Array = "", limits: Partial<Limits> = {}): string {
  const execution = run(source, input, limits);
  if (execution.outcome === "finished") return new TextDecoder().decode(execution.output);
  if (execution.outcome === "trapped") return `${execution.trap.kind}: ${execution.trap.message}`;
  return execution.outcome;
}

describe("a program", () => {
  it.each([
    ["bytes", "const main = (input) => input.subarray(1)", "ello"],
    ["a text", "function main(input) { return 'größe ' + input.length }", "größe 5"],
    ["JSON", "globalThis.main = (input) => ({ sum: input.reduce((a, b) => a + b) })", '{"sum":532}'],
    ["nothing", "function main() {}", ""],
    ["what a promise gives", "const main = async () => { await null; return [1, 2] }", "[1,2]"],
    [
      "what awaits other promises",
      "async function main() { return (await Promise.all([1, 2].map(async (x) => x * 2))).join() }",
      "2,4",
    ],
  ])("gives %s", (_, source, expected) => {
    expect(said(source, "hello")).toBe(expected);
  });

  it("gets any bytes and gives them back", () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 5_000 }), (input) => {
        expect(run("const main = (input) => input", input)).toMatchObject({ outcome: "finished", output: input });
      }),
    );
  });

  it.each([
    ["throws", "function main() { null.x }", "TypeError: cannot read property 'x' of null"],
    ["throws what is no error", "function main() { throw 5 }", ": 5"],
    ["is rejected", "const main = async () => { throw new RangeError('no') }", "RangeError: no"],
    ["does not parse", "function main( {", "SyntaxError: invalid property name"],
    ["has no main", "const other = 1", "ReferenceError: main is not defined"],
    ["has a main that is none", "const main = 1", "TypeError: not a function"],
    [
      "gives what has no form",
      "const main = () => () => 1",
      "TypeError: main returned a function, which has no form in JSON",
    ],
    ["gives a circle", "const main = () => { const a = []; a.push(a); return a }", "TypeError: circular reference"],
    [
      "never settles",
      "const main = () => new Promise(() => {})",
      "NeverSettles: main gave a promise that nothing settles",
    ],
  ])("that %s is told so", (_, source, expected) => {
    expect(said(source)).toBe(expected);
  });

  it("says where it threw", () => {
    const execution = run("function inner() {\n  throw new Error('x')\n}\nconst main = () => inner()");
    expect(execution).toMatchObject({ trap: { frames: ["inner (program.js:2:13)", "main (program.js:4:20)"] } });
  });
});

describe("a program's world", () => {
  it("has no clock, no randomness, no place, no way out", () => {
    const source = `const main = () => [Date.now(), new Date(0).getHours(), Math.random(), ...["require", "process", "fetch",
      "setTimeout", "WebAssembly", "Worker", "Atomics", "std", "os", "scriptArgs"]
      .map((name) => typeof globalThis[name])]`;
    const world = JSON.parse(said(source)) as unknown[];
    expect(world.slice(0, 2)).toEqual([0, 0]);
    expect(new Set(world.slice(3, 11))).toEqual(new Set(["undefined"]));
    expect(said(source)).toBe(JSON.stringify(world));
  });

  it("has no modules", () => {
    expect(said("const main = async () => await import('fs')")).toBe("ReferenceError: could not load module 'fs'");
  });

  it("is as it was for the next program", () => {
    said("Array.prototype.push = null; globalThis.left = 1; Object.freeze(Math); const main = () => 1");
    said("const main = () => { const a = []; for (;;) a.push(new Uint8Array(1e5)) }");
    expect(said("const main = () => [typeof left, typeof [].push, Object.isFrozen(Math)]")).toBe(
      '["undefined","function",false]',
    );
  });

  it.each([
    ["JSON", "JSON.stringify = () => { throw 1 }; const main = () => [1]", "[1]"],
    [
      "the tag of arrays",
      "Object.defineProperty(Uint8Array.prototype, Symbol.toStringTag, { get: () => 'x' }); const main = (i) => i",
      "abc",
    ],
    [
      "prototypes",
      "Uint8Array.prototype.__proto__ = null; Function.prototype.call = null; const main = (i) => i",
      "abc",
    ],
    ["errors", "const main = () => { throw { get name() { throw 1 }, message: { toString() { throw 2 } } } }", ": "],
    ["texts", "const main = () => { throw { toString() { for (;;); } } }", ": "],
    ["texts of what is thrown", "const main = () => { throw Symbol('x') }", ": Symbol(x)"],
  ])("is its own alone: changing %s changes nothing for the host", (_, source, expected) => {
    expect(said(source, "abc")).toBe(expected);
  });
});

describe("a program that means no good", () => {
  it.each([
    ["loops", "const main = () => { for (;;); }"],
    ["loops before main", "for (;;); const main = 1"],
    ["backtracks", "const main = () => /^(a+)+$/.test('a'.repeat(40) + 'b')"],
    ["promises for ever", "const main = async () => { const f = () => Promise.resolve().then(f); await f() }"],
    ["catches its own end", "const main = () => { const f = () => { try { f() } catch { f() } }; f() }"],
    ["has a getter that loops", "const main = () => ({ get x() { for (;;); } })"],
    ["loops while it is described", "const main = () => { throw { get name() { for (;;); } } }"],
  ])("and %s uses its fuel up", (_, source) => {
    expect(run(source, "", { fuelMax: 20_000_000 })).toEqual({ outcome: "fuelUsedUp", fuel: 20_000_000 });
  });

  it.each([
    ["keeps everything", "const main = () => { const a = []; for (;;) a.push(new Uint8Array(1e5)) }"],
    ["wants a great array", "const main = () => new Uint8Array(1e9)"],
    ["doubles", "const main = () => { let a = [1]; for (;;) a = a.concat(a) }"],
    ["wraps", "const main = () => { let p = {}; for (;;) p = new Proxy(p, {}) }"],
  ])("and %s gets no more memory", (_, source) => {
    expect(run(source)).toMatchObject({ outcome: "memoryUsedUp" });
  });

  it("has no more input than memory", () => {
    expect(run("const main = (input) => input", new Uint8Array(9 * 1_048_576))).toMatchObject({
      outcome: "memoryUsedUp",
    });
  });

  it("may not be endless itself", () => {
    expect(run(" ".repeat(5_000_000))).toMatchObject({ outcome: "refused", fuel: 0 });
  });

  it.each([
    ["calls itself", "const main = () => main()"],
    ["has a getter of itself", "const o = { get x() { return this.x } }; const main = () => o.x"],
    ["sorts by sorting", "const main = () => [2, 1].sort(() => main())"],
  ])("and %s is stopped by the guest's own stack", (_, source) => {
    expect(said(source)).toBe("RangeError: Maximum call stack size exceeded");
  });

  it("gives no more than it may", () => {
    expect(run("const main = () => 'x'.repeat(100001)")).toMatchObject({
      outcome: "outputTooLarge",
      outputBytes: 100_001,
    });
    expect(run("const main = () => new Uint8Array(1e6)")).toMatchObject({
      outcome: "outputTooLarge",
      outputBytes: 1_000_000,
    });
  });
});

describe("fuel", () => {
  it.each([
    ["const main = (i) => i", "hello", "hello", 79_373],
    ["const main = () => [1, 2, 3].map((x) => x ** 0.5)", "", "[1,1.4142135623730951,1.7320508075688772]", 160_631],
    [
      "const main = (i) => { let h = 0; for (const b of i) h = (Math.imul(h, 31) + b) | 0; return String(h) }",
      "hello",
      "99162322",
      247_231,
    ],
    [
      "const main = () => [Math.sin(1), Math.exp(1.5), Math.log(7), 0 / 0, 2 ** 0.1]",
      "",
      "[0.8414709848078965,4.4816890703380645,1.9459101490553132,null,1.0717734625362931]",
      261_809,
    ],
  ])("of %s is the same on every machine", (source, input, output, fuel) => {
    const first = run(source, input);
    expect([said(source, input), first.fuel]).toEqual([output, fuel]);
    said("const main = () => { const kept = []; for (let i = 0; i < 1e4; i++) kept.push({ i }); return kept.length }");
    expect(run(source, input)).toEqual(first);
    expect(new JavaScriptEngine(started).execute(source, new TextEncoder().encode(input), usual)).toEqual(first);
  });

  it("is enough or not enough, whoever runs it", () => {
    const { fuel } = run("const main = () => 1");
    expect(run("const main = () => 1", "", { fuelMax: fuel }).outcome).toBe("finished");
    expect(run("const main = () => 1", "", { fuelMax: fuel - 1 })).toEqual({ outcome: "fuelUsedUp", fuel: fuel - 1 });
  });
});
