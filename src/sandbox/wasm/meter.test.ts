import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { meterExports } from "./added.ts";
import type { Code } from "./code.ts";
import { code, noResult } from "./instructions.ts";
import { meter } from "./meter.ts";
import { readModule } from "./module.ts";
import { assemble, f32, f64, i32, i64, type TestFunction } from "./testing.ts";

type Run = (...values: unknown[]) => unknown;

/** The first function of a module, as it is and metered, with a look at what it spends. */
function both(functions: readonly TestFunction[]) {
  const bytes = assemble({ functions: [{ ...functions[0], exported: "run" } as TestFunction, ...functions.slice(1)] });
  const rewritten = meter(readModule(bytes));
  expect(WebAssembly.validate(bytes)).toBe(true);
  expect(WebAssembly.validate(rewritten)).toBe(true);
  const plain = new WebAssembly.Instance(new WebAssembly.Module(bytes)).exports;
  const metered = new WebAssembly.Instance(new WebAssembly.Module(rewritten)).exports;
  const fuel = metered[meterExports.fuel] as WebAssembly.Global;
  const stack = metered[meterExports.stack] as WebAssembly.Global;
  const stackMax = 100_000;
  return {
    plain: plain["run"] as Run,
    metered: (...values: unknown[]) => {
      fuel.value = 1_000_000_000n;
      stack.value = stackMax;
      const result = (metered["run"] as Run)(...values);
      expect(stack.value).toBe(stackMax);
      return { result, fuel: 1_000_000_000 - Number(fuel.value) };
    },
  };
}

describe("a metered function", () => {
  it("takes fuel for the way it went", () => {
    const { metered } = both([
      {
        parameters: [i32],
        results: [i32],
        body: (write) =>
          write.localGet(0).op(code.if, i32).i32(1).op(code.else).i32(1).i32(2).op(code.i32Add, code.end),
      },
    ]);
    expect(metered(1)).toEqual({ result: 1, fuel: 3 });
    expect(metered(0)).toEqual({ result: 3, fuel: 5 });
  });

  it("gives its stack back by every way out", () => {
    const { metered } = both([
      {
        parameters: [i32],
        results: [i32, i64],
        body: (write) =>
          write
            .op(code.block, noResult, code.block, noResult, code.block, noResult)
            .localGet(0)
            .op(code.brTable, 2, 0, 1, 2, code.end)
            .i32(10)
            .i64(1)
            .op(code.return, code.end)
            .i32(20)
            .i64(2)
            .op(code.br, 1, code.end)
            .call(1)
            .i64(3),
      },
      { results: [i32], body: (write) => write.i32(30) },
    ]);
    expect([0, 1, 2, 9].map((value) => metered(value).result)).toEqual([
      [10, 1n],
      [20, 2n],
      [30, 3n],
      [30, 3n],
    ]);
  });

  it("counts the turns of a loop, and the fuel of what it calls", () => {
    const { metered } = both([
      {
        parameters: [i32],
        body: (write) =>
          write
            .op(code.loop, noResult)
            .call(1)
            .localGet(0)
            .i32(1)
            .op(code.i32Sub)
            .localTee(0)
            .op(code.brIf, 0, code.end),
      },
      { body: (write) => write.op(0x01, 0x01) },
    ]);
    const perTurn = metered(2).fuel - metered(1).fuel;
    expect(perTurn).toBe(1 + 4 + 2 + 5);
    expect(metered(1_000).fuel - metered(1).fuel).toBe(999 * perTurn);
  });

  it("leaves code that is never reached as valid as it was", () => {
    const { metered } = both([
      {
        results: [i32],
        body: (write) =>
          write
            .i32(1)
            .op(code.return)
            .op(0x92, 0x8d, 0x1a)
            .i32(0)
            .op(code.memoryGrow, 0, 0x1a)
            .op(0xfc, 10, 0, 0, code.block, noResult, code.unreachable, code.end)
            .op(code.i32Add),
      },
    ]);
    expect(metered().result).toBe(1);
  });

  it("is the same function: random programs give what they gave before", () => {
    fc.assert(
      fc.property(statements(4), fc.integer(), fc.integer(), (program, a, b) => {
        const { plain, metered } = both([
          {
            parameters: [i32, i32],
            results: [i32],
            locals: [i32, i32],
            body: (write) => program(write).localGet(0).localGet(1).op(code.i32Add),
          },
          { parameters: [i32], results: [i32], body: (write) => write.localGet(0).i32(3).op(0x6c) },
        ]);
        const { result, fuel } = metered(a, b);
        expect(result).toBe(plain(a, b));
        expect(metered(a, b).fuel).toBe(fuel);
      }),
      { numRuns: 150 },
    );
  });
});

type Part = (write: Code) => Code;

const binary = [0x6a, 0x6b, 0x6c, 0x71, 0x72, 0x73, 0x74, 0x75, 0x76, 0x77, 0x46, 0x48, 0x4d];

const { expression } = fc.letrec<{ expression: Part }>((tie) => ({
  expression: fc.oneof(
    { maxDepth: 4, depthIdentifier: "expression" },
    fc.integer().map(
      (value): Part =>
        (write) =>
          write.i32(value),
    ),
    fc.nat({ max: 1 }).map(
      (index): Part =>
        (write) =>
          write.localGet(index),
    ),
    fc.tuple(tie("expression"), tie("expression"), fc.constantFrom(...binary)).map(
      ([a, b, operation]): Part =>
        (write) =>
          b(a(write)).op(operation),
    ),
    tie("expression").map(
      (value): Part =>
        (write) =>
          value(write).call(1),
    ),
    fc.tuple(tie("expression"), tie("expression"), tie("expression")).map(
      ([a, b, c]): Part =>
        (write) =>
          c(b(a(write))).op(code.select),
    ),
  ),
}));

/** Assignments, branches, blocks that are left early, and loops of up to five turns (counted in the locals 2 and 3). */
function statements(depth: number): fc.Arbitrary<Part> {
  const assign = fc.tuple(expression, fc.nat({ max: 1 })).map(
    ([value, index]): Part =>
      (write) =>
        value(write).localSet(index),
  );
  if (depth === 0) return assign;
  const inner = statements(depth - 1);
  return fc
    .array(
      fc.oneof(
        assign,
        fc.tuple(expression, inner, inner).map(
          ([test, yes, no]): Part =>
            (write) =>
              no(yes(test(write).op(code.if, noResult)).op(code.else)).op(code.end),
        ),
        fc.tuple(expression, inner, inner).map(
          ([test, a, b]): Part =>
            (write) =>
              b(test(a(write.op(code.block, noResult))).op(code.brIf, 0)).op(code.end),
        ),
        ...(depth <= 2
          ? [
              inner.map(
                (body): Part =>
                  (write) =>
                    body(
                      write
                        .i32(5)
                        .localSet(1 + depth)
                        .op(code.loop, noResult),
                    )
                      .localGet(1 + depth)
                      .i32(1)
                      .op(code.i32Sub)
                      .localTee(1 + depth)
                      .op(code.brIf, 0, code.end),
              ),
            ]
          : []),
      ),
      { minLength: 1, maxLength: 3 },
    )
    .map(
      (parts): Part =>
        (write) =>
          parts.reduce((each, part) => part(each), write),
    );
}

describe("numbers that are none", () => {
  const bits32 = fc.oneof(
    fc.constantFrom(0x7f80_0001, 0xffc0_1234, 0x7fff_ffff, 0x7f80_0000, 0xff80_0000, 0),
    fc.integer({ min: 0, max: 0xffff_ffff }),
  );
  const bits64 = fc.oneof(
    fc.constantFrom(0x7ff0_0000_0000_0001n, 0xfff8_0000_dead_beefn, 0x7ff0_0000_0000_0000n, 0n),
    fc.bigInt({ min: 0n, max: 2n ** 64n - 1n }),
  );
  const [reinterpret32, asFloat32, reinterpret64, asFloat64] = [0xbc, 0xbe, 0xbd, 0xbf];

  it.each([0x8d, 0x8e, 0x8f, 0x90, 0x91])(
    "have one form after the f32 instruction 0x%x of one operand",
    (operation) => {
      const { plain, metered } = both([
        {
          parameters: [i32],
          results: [i32],
          body: (write) => write.localGet(0).op(asFloat32, operation, reinterpret32),
        },
      ]);
      fc.assert(fc.property(bits32, (a) => expectCanonical32(plain(a) as number, metered(a).result as number)));
    },
  );

  it.each([0x92, 0x93, 0x94, 0x95, 0x96, 0x97])("have one form after the f32 instruction 0x%x of two", (operation) => {
    const { plain, metered } = both([
      {
        parameters: [i32, i32],
        results: [i32],
        body: (write) => write.localGet(0).op(asFloat32).localGet(1).op(asFloat32, operation, reinterpret32),
      },
    ]);
    fc.assert(
      fc.property(bits32, bits32, (a, b) => expectCanonical32(plain(a, b) as number, metered(a, b).result as number)),
    );
  });

  it.each([0xa0, 0xa1, 0xa2, 0xa3, 0xa4, 0xa5])("have one form after the f64 instruction 0x%x of two", (operation) => {
    const { plain, metered } = both([
      {
        parameters: [i64, i64],
        results: [i64],
        body: (write) => write.localGet(0).op(asFloat64).localGet(1).op(asFloat64, operation, reinterpret64),
      },
    ]);
    fc.assert(
      fc.property(bits64, bits64, (a, b) => expectCanonical64(plain(a, b) as bigint, metered(a, b).result as bigint)),
    );
  });

  it("have one form after conversions, and are left alone where bits are only moved", () => {
    const { plain, metered } = both([
      {
        parameters: [i64],
        results: [i64],
        body: (write) => write.localGet(0).op(asFloat64, 0xb6, 0xbb, reinterpret64),
      },
    ]);
    fc.assert(fc.property(bits64, (a) => expectCanonical64(plain(a) as bigint, metered(a).result as bigint)));
    const moved = both([
      {
        parameters: [i64],
        results: [i64],
        body: (write) => write.localGet(0).op(asFloat64, 0x9a, 0x9a, reinterpret64),
      },
    ]);
    expect(BigInt.asUintN(64, moved.metered(0xfff8_0000_dead_beefn).result as bigint)).toBe(0xfff8_0000_dead_beefn);
  });

  const expectCanonical32 = (before: number, after: number): void => {
    const isNan = (before & 0x7f80_0000) === 0x7f80_0000 && (before & 0x7f_ffff) !== 0;
    expect(after >>> 0).toBe(isNan ? 0x7fc0_0000 : before >>> 0);
  };
  const expectCanonical64 = (before: bigint, after: bigint): void => {
    const bits = BigInt.asUintN(64, before);
    const isNan = (bits & 0x7ff0_0000_0000_0000n) === 0x7ff0_0000_0000_0000n && (bits & 0xf_ffff_ffff_ffffn) !== 0n;
    expect(BigInt.asUintN(64, after)).toBe(isNan ? 0x7ff8_0000_0000_0000n : bits);
  };
});

it("keeps functions of several results, and values of all types", () => {
  const { metered } = both([
    {
      parameters: [i32, i64, f32, f64],
      results: [f64, f32, i64, i32],
      body: (write) => write.localGet(3).localGet(2).localGet(1).localGet(0),
    },
  ]);
  expect(metered(1, 2n, 3.5, 4.5).result).toEqual([4.5, 3.5, 2n, 1]);
});
