import { Readable } from "node:stream";
import { stringify } from "csv-stringify/sync";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { readRows } from "./read-rows.ts";
import { textOf } from "./row.ts";

type Rows = readonly (readonly string[])[];

/** The rows that a text has, where it comes in pieces of these sizes in turn. */
async function rowsOf(text: string, sizes: readonly number[], refused = ""): Promise<string[][]> {
  const bytes = Buffer.from(text);
  const pieces: Buffer[] = [];
  for (let at = 0, i = 0; at < bytes.length; i++) {
    const size = sizes[i % sizes.length] as number;
    pieces.push(bytes.subarray(at, at + size));
    at += size;
  }
  const source = { name: "it", path: null, stdin: Readable.from(pieces), onBytes: () => {} };
  const rows: string[][] = [];
  await readRows(source, [["task"], ["worker", "contributor"], ["label"]], (row) => {
    const values = [0, 1, 2].map((column) => textOf(row, column));
    rows.push(values);
    return values.includes(refused) ? "it is refused" : null;
  });
  return rows;
}

const values = fc
  .oneof(
    fc.string({ unit: "grapheme" }),
    fc.string({ unit: fc.constantFrom("a", ",", '"', "\n", "\r", " ", "é", "{") }),
  )
  .map((text) => text.trim())
  .filter((text) => text !== "");
const tables = fc.array(fc.tuple(values, values, values), { minLength: 1, maxLength: 20 });
const pieceSizes = fc.array(fc.integer({ min: 1, max: 40 }), { minLength: 1, maxLength: 5 });

const asCsv = (rows: Rows, lineEnd: string): string =>
  stringify(
    rows.map(([task, contributor, label]) => [label, "more", task, contributor]),
    { header: true, columns: ["label", "other", "task", "worker"], record_delimiter: lineEnd, quoted_match: /[\r\n]/ },
  );

const asJson = (rows: Rows): string =>
  rows.map(([task, contributor, label]) => JSON.stringify({ label, contributor, task })).join("\n");

describe("rows", () => {
  it("of CSV are those that were written, in whatever pieces they come", async () => {
    await fc.assert(
      fc.asyncProperty(tables, pieceSizes, fc.constantFrom("\n", "\r\n"), async (rows, sizes, lineEnd) => {
        expect(await rowsOf(asCsv(rows, lineEnd), sizes)).toEqual(rows);
        expect(await rowsOf(`\uFEFF${asCsv(rows, lineEnd).trimEnd()}`, sizes)).toEqual(rows);
      }),
    );
  });

  it("of JSONL are those that were written, in whatever pieces they come", async () => {
    await fc.assert(
      fc.asyncProperty(tables, pieceSizes, async (rows, sizes) => {
        expect(await rowsOf(asJson(rows), sizes)).toEqual(rows);
      }),
    );
  });

  it("are counted by their lines, in whatever pieces they come", async () => {
    await fc.assert(
      fc.asyncProperty(tables, pieceSizes, async (rows, sizes) => {
        const text = asCsv(rows, "\n");
        const line = text.split("\n").length;
        await expect(rowsOf(`${text}\n \nbad,,task,x`, sizes, "bad")).rejects.toThrow(
          `line ${line + 2}: it is refused`,
        );
      }),
    );
  });

  it.each([
    ["a plain line", "a".repeat(1_100_000)],
    ["a quote that nobody closes", `"${"a,b,c\n".repeat(200_000)}`],
  ])("have an end: %s", async (_, row) => {
    const text = `task,worker,label\na,b,c\n${row},b,c\n`;
    for (const size of [65_536, 4_000_000]) {
      await expect(rowsOf(text, [size])).rejects.toThrow("line 3: the line is too long, or a quote is open");
    }
  });

  it("say which is not text", async () => {
    const source = {
      name: "it",
      path: null,
      stdin: Readable.from([Buffer.from("task,worker,label\na,b,c\nd,\xff,f\n", "latin1")]),
      onBytes: () => {},
    };
    const reading = readRows(source, [["task"], ["worker"], ["label"]], () => null);
    await expect(reading).rejects.toThrow("line 3 is not text in UTF-8");
  });

  it("refuse half a character of JSON, which no text in UTF-8 has", async () => {
    const half = '{"task":"\\ud800","worker":"b","label":"c"}';
    await expect(rowsOf(half, [100])).rejects.toThrow("line 1: its task is neither a text nor a number");
  });
});
