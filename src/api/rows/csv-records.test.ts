import { CsvError } from "csv-parse";
import { parse } from "csv-parse/sync";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { CsvRecords } from "./csv-records.ts";

interface Records {
  readonly records: readonly (readonly string[])[];
  readonly isFaulty: boolean;
}

function ours(text: string, cuts: readonly number[], lengthMax = 1_000): Records {
  const parser = new CsvRecords(lengthMax);
  const records: (readonly string[])[] = [];
  let at = 0;
  for (const size of cuts) {
    records.push(...parser.take(text.slice(at, at + size), false));
    at += size;
  }
  records.push(...parser.take(text.slice(at), true));
  return { records, isFaulty: parser.fault !== null };
}

/** The same by a library that many use. */
function theirs(text: string): Records {
  const records: string[][] = [];
  try {
    const delimiters = ["\r\n", "\n", "\r"];
    parse(text, {
      record_delimiter: delimiters,
      relax_column_count: true,
      skip_empty_lines: true,
      on_record: (record: string[]) => void records.push(record),
    });
    return { records, isFaulty: false };
  } catch (error) {
    if (!(error instanceof CsvError)) throw error;
    return { records, isFaulty: true };
  }
}

const text = fc
  .array(fc.constantFrom("a", "bc", ",", ",", '"', '"', '""', "\n", "\r\n", "\r", "é", "😀", " "), { maxLength: 40 })
  .map((parts) => parts.join(""));
const cuts = fc.array(fc.integer({ min: 0, max: 7 }), { maxLength: 60 });

describe("records of CSV", () => {
  it("are those that csv-parse finds, faults too, however the text is cut", () => {
    fc.assert(
      fc.property(text, cuts, (each, places) => {
        expect(ours(each, places)).toEqual(theirs(each));
      }),
      { numRuns: 3_000 },
    );
  });

  it("may be so long and no longer, whether they end or not", () => {
    const long = "x".repeat(50);
    expect(ours(`a\n${long}\nb`, [], 50)).toEqual({ records: [["a"], [long], ["b"]], isFaulty: false });
    for (const tail of ["x\nb", "x", ',"x\n', '"\n']) {
      expect(ours(`a\n${long}${tail}`, [20, 20, 20], 50)).toEqual({ records: [["a"]], isFaulty: true });
    }
  });

  it("end at a fault, and it has a line", () => {
    const parser = new CsvRecords(100);
    expect(parser.take('a,b\n"1\n2",x\n3,fo"o\n4,5\n', true)).toEqual([
      ["a", "b"],
      ["1\n2", "x"],
    ]);
    expect(parser.fault).toEqual({ problem: "quote", line: 4 });
    expect(parser.take("6,7\n", true)).toEqual([]);
  });
});
