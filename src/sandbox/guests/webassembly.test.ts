import { describe, expect, it } from "vitest";
import type { Execution, Limits } from "../execution.ts";
import { Writer } from "../wasm/bytes.ts";
import type { Code } from "../wasm/code.ts";
import { code, noResult } from "../wasm/instructions.ts";
import { section } from "../wasm/module.ts";
import { assemble, f64, guest, i32, i64 } from "../wasm/testing.ts";
import { prepareModule, runModule } from "./webassembly.ts";

const usual: Limits = { fuelMax: 1_000_000, memoryBytesMax: 4 * 65_536, outputBytesMax: 1_000 };
const run = (bytes: Uint8Array, input = "abc", limits: Partial<Limits> = {}): Execution =>
  runModule(prepareModule(bytes), new TextEncoder().encode(input), { ...usual, ...limits });

/** `run` gives back its input: (pointer << 32) | length. */
const echo = guest((write) =>
  write.localGet(0).op(code.i64ExtendI32U).i64(32).op(0x86).localGet(1).op(code.i64ExtendI32U, 0x84),
);

const lengthOf = (execution: Execution): unknown =>
  execution.outcome === "finished" ? execution.output.length : execution;

const spin = (write: Code) => write.op(code.loop, noResult, code.br, 0, code.end).i64(0);

describe("a module of the interface", () => {
  it("gets its input and gives its output", () => {
    const { outcome, ...rest } = run(echo, "hello");
    expect(outcome).toBe("finished");
    expect(new TextDecoder().decode((rest as { output: Uint8Array }).output)).toBe("hello");
  });

  it("spends the same fuel each time, and one unit less is not enough", () => {
    const { fuel } = run(echo);
    // Seven instructions of `run` and one of `alloc`.
    expect(fuel).toBe(8);
    expect(run(echo, "abc", { fuelMax: fuel }).outcome).toBe("finished");
    expect(run(echo, "abc", { fuelMax: fuel - 1 })).toEqual({ outcome: "fuelUsedUp", fuel: fuel - 1 });
  });

  it("is not given more output than it may have", () => {
    expect(run(echo, "hello", { outputBytesMax: 4 })).toMatchObject({ outcome: "outputTooLarge", outputBytes: 5 });
    expect(run(guest((write) => write.i64(-1)))).toMatchObject({ outcome: "outputTooLarge", outputBytes: 0xffff_ffff });
  });

  it.each([
    [
      "an address outside",
      guest((write) => write.i64(1).i64(32).op(0x86).i64(1).op(0x84, 0x50, 0xad).i64(-1).i64(32).op(0x86, 0x84)),
    ],
  ])("may not show %s of its memory", (_, module) => {
    expect(run(module)).toMatchObject({ outcome: "trapped", trap: { kind: "badInterface" } });
  });

  it("runs its start function and _initialize first, metered", () => {
    const store = (address: number, value: number) => ({
      body: (write: Code) => write.i32(address).i32(value).op(0x36, 2, 0),
    });
    const first = { functions: [store(0, 40), { ...store(4, 2), exported: "_initialize" }], start: 2 };
    // The length of the output is the sum of what both have stored.
    const module = guest(
      (write) => write.i32(0).op(0x28, 2, 0).i32(4).op(0x28, 2, 0, code.i32Add, code.i64ExtendI32U),
      first,
    );
    expect(lengthOf(run(module))).toBe(42);
    const spins = guest((write) => write.i64(0), {
      functions: [{ body: (write) => write.op(code.loop, noResult, code.br, 0, code.end) }],
      start: 2,
    });
    expect(run(spins)).toEqual({ outcome: "fuelUsedUp", fuel: usual.fuelMax });
  });
});

describe("a module that means no good", () => {
  it("cannot spin", () => {
    expect(run(guest(spin))).toEqual({ outcome: "fuelUsedUp", fuel: usual.fuelMax });
  });

  it("cannot call itself for ever", () => {
    const module = guest((write) => write.localGet(0).localGet(1).call(1));
    expect(run(module)).toMatchObject({ outcome: "trapped", trap: { kind: "stackUsedUp" } });
    expect(run(module).fuel).toBe(run(module).fuel);
  });

  it("gets no more memory than it may have, and is told so", () => {
    // Grows by two pages, which are too many, then by one; the length of the output is the sum of the answers.
    const grows = (pages: number) => guest((write) => write.i32(pages).op(code.memoryGrow, 0, code.i64ExtendI32U));
    expect(lengthOf(run(grows(3)))).toBe(1);
    expect(run(grows(4))).toMatchObject({ outcome: "outputTooLarge", outputBytes: 0xffff_ffff });
    const trapsThen = guest((write) => write.i32(4).op(code.memoryGrow, 0, 0x1a, code.unreachable));
    expect(run(trapsThen)).toMatchObject({ outcome: "memoryUsedUp" });
  });

  it("pays for each page, each byte it fills and each it copies", () => {
    const fuelOf = (pages: number) => run(guest((write) => write.i32(pages).op(code.memoryGrow, 0, 0x1a).i64(0))).fuel;
    expect(fuelOf(3) - fuelOf(1)).toBe(2 * 4_096);
    const filling = (bytes: number) =>
      run(guest((write) => write.i32(0).i32(0).i32(bytes).op(0xfc, 11, 0).i64(0))).fuel;
    expect(filling(64_000) - filling(0)).toBe(4_000);
    const copying = (bytes: number) =>
      run(guest((write) => write.i32(0).i32(0).i32(bytes).op(0xfc, 10, 0, 0).i64(0))).fuel;
    expect(copying(64_000) - copying(0)).toBe(4_000);
  });

  it("does not begin with more memory than it may have", () => {
    expect(run(guest((write) => write.i64(0), { pages: 5 }))).toEqual({ outcome: "memoryUsedUp", fuel: 0 });
  });

  it("cannot put its data where it has no memory", () => {
    const module = guest((write) => write.i64(0), { data: [{ offset: 65_535, bytes: Uint8Array.of(1, 2) }] });
    expect(run(module)).toMatchObject({ outcome: "trapped", trap: { kind: "dataOutOfBounds" }, fuel: 0 });
  });

  it.each<[string, (write: Code) => Code]>([
    ["unreachable", (write: Code) => write.op(code.unreachable)],
    ["divisionByZero", (write) => write.i32(1).i32(0).op(0x6d, code.i64ExtendI32U)],
    ["integerOverflow", (write) => write.i32(-0x8000_0000).i32(-1).op(0x6d, code.i64ExtendI32U)],
    ["memoryOutOfBounds", (write) => write.i32(-1).op(0x28, 2, 0, code.i64ExtendI32U)],
    ["floatNotRepresentable", (write) => write.op(code.f32Const, 0, 0, 0xc0, 0x7f, 0xa8, code.i64ExtendI32U)],
  ])("ends by itself in %s, which says where", (kind, body) => {
    const module = guest((write) => write.call(2), { functions: [{ results: [i64], body }] });
    expect(run(module)).toMatchObject({ outcome: "trapped", trap: { kind, frames: ["function 2", "function 1"] } });
  });
});

describe("a module that is not run", () => {
  const refusal = (bytes: Uint8Array): string => {
    try {
      prepareModule(bytes);
    } catch (error) {
      return (error as Error).message;
    }
    return "taken";
  };

  it.each<[string, Uint8Array]>([
    ["no valid WebAssembly", Uint8Array.of(1, 2, 3)],
    ["no valid WebAssembly", echo.subarray(0, echo.length - 3)],
    ["larger than", new Uint8Array(9 * 1_048_576)],
    [
      "does not export its memory",
      assemble({ functions: [], sections: new Map([[section.export, Uint8Array.of(0)]]) }),
    ],
    ["does not export alloc", assemble({ functions: [] })],
    [
      "does not export run",
      assemble({
        functions: [{ exported: "alloc", parameters: [i32], results: [i32], body: (write) => write.i32(0) }],
      }),
    ],
    [
      "_initialize with other types",
      guest((write) => write.i64(0), {
        functions: [{ exported: "_initialize", parameters: [i32], body: (write) => write }],
      }),
    ],
    [
      "a name that is ours",
      guest((write) => write.i64(0), { functions: [{ exported: "earnest:fuel", body: (write) => write }] }),
    ],
    [
      "imports functions",
      guest((write) => write.i64(0), {
        sections: new Map([[section.import, new Writer().u32(1).name("env").name("now").byte(0, 0).finish()]]),
      }),
    ],
    [
      "which is no function",
      guest((write) => write.i64(0), {
        sections: new Map([[section.import, new Writer().u32(1).name("env").name("g").byte(3, i32, 0).finish()]]),
      }),
    ],
    [
      "shared or a 64-bit memory",
      guest((write) => write.i64(0), { sections: new Map([[section.memory, Uint8Array.of(1, 3, 1, 2)]]) }),
    ],
    [
      "vectors or references",
      guest((write) => write.i64(0), { functions: [{ parameters: [0x7b], body: (write) => write }] }),
    ],
    [
      "vectors or references",
      guest((write) => write.i64(0), { functions: [{ parameters: [0x6f], body: (write) => write }] }),
    ],
    ["instruction 0xfd", guest((write) => write.op(0xfd, 12, ...new Uint8Array(16), 0x1a).i64(0))],
    ["instruction 0xd0", guest((write) => write.op(0xd0, 0x70, 0x1a).i64(0))],
    ["instruction 0x12", guest((write) => write.localGet(0).localGet(1).op(0x12, 1))],
    [
      "more than 4096 locals",
      guest(
        (write) => write.i64(0),
        {},
        Array.from({ length: 4_095 }, () => f64),
      ),
    ],
    ["needs 9000 pages", guest((write) => write.i64(0), { pages: 9_000 })],
  ])("%s", (problem, bytes) => {
    expect(refusal(bytes)).toContain(problem);
  });
});
