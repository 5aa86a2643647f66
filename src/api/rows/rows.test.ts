import { setFlagsFromString } from "node:v8";
import { runInNewContext } from "node:vm";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { csvLine } from "./csv-line.ts";
import { csvRows } from "./csv-rows.ts";
import { jsonLines } from "./json-lines.ts";
import { RowProblems } from "./problems.ts";
import type { Row } from "./row.ts";
import { checkedUtf8 } from "./utf8.ts";

async function collect<T>(items: AsyncIterable<T>): Promise<T[]> {
  const all: T[] = [];
  for await (const item of items) all.push(item);
  return all;
}

/** The same bytes, cut at any places. */
async function* cut(bytes: Buffer, sizes: readonly number[]): AsyncGenerator<Uint8Array> {
  let at = 0;
  for (const size of sizes) {
    yield bytes.subarray(at, at + size);
    at += size;
  }
  yield bytes.subarray(at);
}

const rowsOf = async (portions: AsyncIterable<readonly Row[]>): Promise<Row[]> => (await collect(portions)).flat();
const sizes = fc.array(fc.integer({ min: 0, max: 9 }), { maxLength: 200 });
const fieldsOf = (rows: readonly Row[]) => rows.map(({ content }) => ("fields" in content ? content.fields : content));

describe("UTF-8 in pieces", () => {
  it("passes whatever is well-formed, however it is cut", async () => {
    await fc.assert(
      fc.asyncProperty(fc.string({ unit: "grapheme" }), sizes, async (text, places) => {
        const passed = await collect(checkedUtf8(cut(Buffer.from(text), places)));
        expect(Buffer.concat(passed).toString()).toBe(text);
      }),
    );
  });

  it("refuses whatever is not, however it is cut", async () => {
    const bad = [[0xff], [0xc0, 0xaf], [0xed, 0xa0, 0x80], [0xf4, 0x90, 0x80, 0x80], [0xe2, 0x82], [0x80], [0xf5]];
    await fc.assert(
      fc.asyncProperty(fc.string(), fc.constantFrom(...bad), sizes, async (text, bytes, places) => {
        const source = cut(Buffer.concat([Buffer.from(text), Buffer.from(bytes)]), places);
        await expect(collect(checkedUtf8(source))).rejects.toMatchObject({ code: "MALFORMED_REQUEST" });
      }),
    );
  });
});

describe("CSV", () => {
  const field = fc.string({ unit: fc.constantFrom("a", "é", "😀", ",", '"', "\n", "\r\n", " ", "1") });
  const table = fc
    .integer({ min: 1, max: 4 })
    .chain((width) =>
      fc.array(fc.array(field, { minLength: width, maxLength: width }), { minLength: 1, maxLength: 6 }),
    );

  it("gives back what it was made of, however it is cut", async () => {
    await fc.assert(
      fc.asyncProperty(table, sizes, async (rows, places) => {
        const names = rows[0]?.map((_, i) => `c${i}`) ?? [];
        // A row of one empty field is a blank line, which is no row.
        const kept = rows.filter((row) => row.length > 1 || row[0] !== "");
        const text = [names, ...kept].map(csvLine).join("");
        const read = await rowsOf(csvRows(cut(Buffer.from(text), places), 1_000_000));
        expect(fieldsOf(read)).toEqual(kept.map((row) => Object.fromEntries(row.map((value, i) => [`c${i}`, value]))));
        expect(read.map(({ row }) => row)).toEqual(kept.map((_, i) => i + 1));
      }),
    );
  });

  it("keeps a column called like something that every object has", async () => {
    const [row] = await rowsOf(csvRows(cut(Buffer.from("id,constructor,__proto__\n1,2,3\n"), []), 1_000));
    expect(Object.entries((row as { content: { fields: object } }).content.fields)).toEqual([
      ["id", "1"],
      ["constructor", "2"],
      ["__proto__", "3"],
    ]);
  });
});

describe("JSON lines", () => {
  it("give back what they were made of, however they are cut", async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.array(fc.dictionary(fc.string({ minLength: 1 }), fc.string())),
        sizes,
        async (rows, places) => {
          const clean = rows.map((row) =>
            Object.fromEntries(Object.entries(row).filter(([name]) => name !== "__proto__")),
          );
          const text = clean.map((row) => `${JSON.stringify(row)}\n`).join("");
          const read = await rowsOf(jsonLines(cut(Buffer.from(text), places), 1_000_000));
          expect(fieldsOf(read)).toEqual(clean);
        },
      ),
    );
  });

  it("need no end after the last line, and may begin with a byte order mark", async () => {
    const read = await rowsOf(jsonLines(cut(Buffer.from('\ufeff{"a":1}\n\n{"b":2}'), [1, 1, 1]), 100));
    expect(fieldsOf(read)).toEqual([{ a: 1 }, { b: 2 }]);
  });

  it("never hold a line that is too long", async () => {
    let sent = 0;
    const endless = async function* () {
      for (; sent < 500; sent++) yield Buffer.alloc(1_000_000, "x");
      yield Buffer.from('\n{"a":1}\n');
    };
    const before = process.memoryUsage().arrayBuffers;
    const read = await rowsOf(jsonLines(endless(), 1_000));
    expect(fieldsOf(read)).toEqual([{ problem: "is longer than 1000 bytes" }, { a: 1 }]);
    expect(sent).toBe(500);
    expect(process.memoryUsage().arrayBuffers - before).toBeLessThan(400_000_000);
  });
});

describe("a stream of hundreds of megabytes", () => {
  setFlagsFromString("--expose-gc");
  const collectGarbage = runInNewContext("gc") as () => void;
  /** Bytes that something still holds, whatever other tests have left in this process. */
  const inUse = (): number => {
    collectGarbage();
    const { heapUsed, arrayBuffers } = process.memoryUsage();
    return heapUsed + arrayBuffers;
  };

  it("costs no more memory than a short one", async () => {
    const block = Buffer.from(`${"7,".padEnd(1_000, "x")}\n`.repeat(100));
    const source = async function* (blocks: number) {
      yield Buffer.from("id,q\n");
      for (let i = 0; i < blocks; i++) yield block;
    };
    const peakOf = async (blocks: number): Promise<number> => {
      let peak = 0;
      let rows = 0;
      for await (const portion of csvRows(source(blocks), 10_000)) {
        rows += portion.length;
        if (rows % 25_000 < portion.length) peak = Math.max(peak, inUse());
      }
      expect(rows).toBe(blocks * 100);
      return peak;
    };
    const short = await peakOf(500);
    const long = await peakOf(3_000);
    expect((long - short) / 1e6).toBeLessThan(50);
  }, 120_000);
});

describe("problems of rows", () => {
  it("stay few however many rows are bad", () => {
    const problems = new RowProblems(10);
    for (let row = 1; row <= 10_000; row++) problems.add(row, `problem ${row % 500}`, "x".repeat(5_000));
    const { context } = problems.toError() as unknown as {
      context: { rows: number; groups: { rows: number }[]; badRows: { text: string }[] };
    };
    expect(context.rows).toBe(10_000);
    expect(context.groups.length).toBeLessThanOrEqual(101);
    expect(context.groups.reduce((sum, { rows }) => sum + rows, 0)).toBe(10_000);
    expect(context.badRows).toHaveLength(10);
    expect(context.badRows.every(({ text }) => text.length === 2_000)).toBe(true);
  });
});
