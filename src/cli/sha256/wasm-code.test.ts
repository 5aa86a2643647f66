import { describe, expect, it } from "vitest";
import { type Code, i32, join, local, loop, moduleOf, words } from "./wasm-code.ts";

/** Runs a body over memory that begins with these words, and gives the words that are there afterwards. */
function run(body: Code, beginning: readonly number[], parameters: readonly number[] = []): Uint32Array {
  const data = new Uint8Array(Uint32Array.from(beginning).buffer);
  const code = moduleOf({ name: "run", parameters: parameters.length, locals: { i32: 2, v128: 1 }, body, data });
  const { exports } = new WebAssembly.Instance(new WebAssembly.Module(code));
  (exports["run"] as (...values: number[]) => void)(...parameters);
  return new Uint32Array((exports["memory"] as WebAssembly.Memory).buffer);
}

const zero = i32.constant(0);
const two = (operation: Code): Code =>
  join(zero, zero, words.load(0), zero, words.load(16), operation, words.store(32));
const a = [1, 0xffff_ffff, 0x8000_0001, 0x1234_5678];
const b = [2, 3, 0x8000_0000, 0x0f0f_0f0f];

describe("code for four words at once", () => {
  it.each<[string, Code, readonly number[]]>([
    ["adds them, and lets each overflow alone", words.add, [3, 2, 1, 0x2143_6587]],
    ["joins their bits", words.or, [3, 0xffff_ffff, 0x8000_0001, 0x1f3f_5f7f]],
    ["tells their bits apart", words.xor, [3, 0xffff_fffc, 1, 0x1d3b_5977]],
    ["shifts them to the left", join(words.xor, words.shiftLeft(4)), [48, 0xffff_ffc0, 16, 0xd3b5_9770]],
    ["shifts them to the right without their sign", join(words.xor, words.shiftRight(31)), [0, 1, 0, 0]],
    [
      "picks bytes of both",
      words.shuffle([3, 2, 1, 0, 16, 4, 5, 6, 7, 20, 8, 9, 10, 11, 12, 31]),
      [0x0100_0000, 0xffff_ff02, 0x0001_03ff, 0x0f78_8000],
    ],
  ])("%s", (_, operation, expected) => {
    expect(Array.from(run(two(operation), [...a, ...b]).slice(8, 12))).toEqual(expected);
  });

  it("takes bits of one or the other, as a third says", () => {
    const body = join(
      zero,
      zero,
      words.load(0),
      zero,
      words.load(16),
      zero,
      words.load(32),
      words.select,
      words.store(0),
    );
    const mask = [0xffff_ffff, 0, 0xf, 0xffff_0000];
    const found = run(body, [...a, ...b, ...mask]).slice(0, 4);
    expect([...found]).toEqual([1, 3, 0x8000_0001, 0x1234_0f0f]);
  });

  it("reads and writes at any distance, and one word four times", () => {
    for (const distance of [0, 4, 127, 128, 300, 20_000]) {
      const at = join(zero, words.loadOne(4), words.store(distance));
      const bytes = new Uint8Array(run(join(zero, at), a).buffer, distance, 16);
      expect([...bytes], `${distance}`).toEqual(Array.from({ length: 16 }, () => 0xff));
    }
  });
});

describe("a loop", () => {
  it("goes on while its body leaves something else than 0, over numbers of any length", () => {
    for (const times of [1, 63, 64, 127, 128, 192, 8_191, 8_192]) {
      // The second local counts up to the constant; each round adds the words at 0 to those at 16.
      const add = join(zero, zero, words.load(16), zero, words.load(0), words.add, words.store(16));
      const count = join(local.get(1), i32.constant(1), i32.add, local.tee(1), i32.constant(times), i32.isLess);
      const found = run(loop(join(add, count)), [1, 2, 3, 4], [7]);
      expect(Array.from(found.slice(4, 8))).toEqual([times, 2 * times, 3 * times, 4 * times]);
    }
  });

  it("is given its parameters, and counts down", () => {
    const add = join(zero, zero, words.load(16), zero, words.load(0), words.add, words.store(16));
    const count = join(local.get(0), i32.constant(1), i32.subtract, local.set(0), local.get(0));
    expect(Array.from(run(loop(join(add, count)), [1, 1, 1, 1], [5]).slice(4, 8))).toEqual([5, 5, 5, 5]);
    const shifted = join(local.get(0), i32.constant(4), i32.shiftLeft, zero, words.load(0), words.store(0));
    expect(Array.from(run(shifted, a, [2]).slice(8, 12))).toEqual(a);
  });
});
