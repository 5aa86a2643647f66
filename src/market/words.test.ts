import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { decode, encode, list, struct, u32, varint } from "../core/codec.ts";
import { isEarnestError } from "../core/errors.ts";
import { DraftTable, MapTable } from "./table.ts";
import { WordTable, wordsCodec } from "./words.ts";

const full = 0xffff_ffff;
const word = fc.oneof(fc.constant(0), fc.constant(full), fc.integer({ min: 1, max: full - 1 }));
const act = fc.record({ key: fc.nat(40), value: word, isDeleted: fc.boolean() });

const tableOf = (words: readonly number[]): WordTable => {
  const table = new WordTable();
  for (const [key, value] of words.entries()) table.set(key, value);
  return table;
};

const entriesOf = (table: Pick<WordTable, "keys" | "get">): (number | undefined)[][] =>
  [...table.keys()].map((key) => [key, table.get(key)]);

describe("a table of words", () => {
  it("has what a map has, but for words without a bit, in ascending order", () => {
    fc.assert(
      fc.property(fc.array(act, { maxLength: 60 }), (acts) => {
        const table = new WordTable();
        const map = new MapTable<number>();
        for (const { key, value, isDeleted } of acts) {
          if (isDeleted || value === 0) map.delete(key);
          else map.set(key, value);
          if (isDeleted) table.delete(key);
          else table.set(key, value);
          expect(table.get(key)).toBe(map.get(key));
          expect(table.edit(key)).toBe(map.get(key));
          expect(table.size).toBe(map.size);
        }
        expect(entriesOf(table)).toEqual([...map.map].sort(([a], [b]) => a - b));
        expect(table.get(1_000)).toBeUndefined();
      }),
    );
  });

  it("is the base of a draft, and changes when that is committed", () => {
    const table = tableOf([full, 0, 5]);
    const draft = new DraftTable<number>(table, (value) => value);
    draft.set(1, 7);
    draft.set(70, full);
    draft.delete(2);
    expect(entriesOf(table)).toEqual([
      [0, full],
      [2, 5],
    ]);
    draft.commit();
    expect(entriesOf(table)).toEqual([
      [0, full],
      [1, 7],
      [70, full],
    ]);
  });
});

describe("its encoding", () => {
  it("is the same for the same words, however they came there, and gives them back", () => {
    fc.assert(
      fc.property(fc.array(word, { maxLength: 60 }), (words) => {
        const bytes = encode(wordsCodec, tableOf(words));
        const again = decode(wordsCodec, bytes, "words");
        expect(entriesOf(again)).toEqual(entriesOf(tableOf(words)));
        expect(encode(wordsCodec, again)).toEqual(bytes);
        const backwards = new WordTable();
        backwards.set(200, 9);
        for (const [key, value] of [...words.entries()].reverse()) backwards.set(key, value);
        backwards.delete(200);
        expect(encode(wordsCodec, backwards)).toEqual(bytes);
      }),
    );
  });

  it("takes a few bytes for millions of tasks that ended in order, and four for 32 that did not", () => {
    const millions = tableOf(Array.from({ length: 100_000 }, () => full));
    expect(encode(wordsCodec, millions).length).toBeLessThan(8);
    millions.set(50_000, 1);
    expect(encode(wordsCodec, millions).length).toBeLessThan(20);
    const odd = tableOf(Array.from({ length: 1_000 }, () => 0x5555_5555));
    expect(encode(wordsCodec, odd).length).toBeLessThan(4_010);
  });

  const runs = list(struct({ empty: varint, full: varint, words: list(u32) }));
  const nothing = { empty: 0, full: 0, words: [] };
  it.each([
    ["a run of nothing", [nothing]],
    ["empty words at the end", [{ ...nothing, empty: 3 }]],
    ["a full word among the others", [{ ...nothing, words: [full] }]],
    ["an empty word among the others", [{ ...nothing, words: [1, 0, 1] }]],
    [
      "full words in two runs",
      [
        { ...nothing, full: 1 },
        { ...nothing, full: 1 },
      ],
    ],
    [
      "full words and others in two runs",
      [
        { ...nothing, full: 1 },
        { ...nothing, words: [1] },
      ],
    ],
    [
      "others in two runs",
      [
        { ...nothing, words: [1] },
        { ...nothing, words: [1] },
      ],
    ],
    ["more words than there are tasks", [{ empty: 2 ** 27, full: 1, words: [] }]],
  ])("refuses %s", (_, given) => {
    const read = (): unknown => decode(wordsCodec, encode(runs, given), "words");
    const refusal = (() => {
      try {
        return read();
      } catch (error) {
        return error;
      }
    })();
    expect(isEarnestError(refusal, "MALFORMED_ENCODING")).toBe(true);
  });
});
