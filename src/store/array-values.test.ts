import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { amounts, bigints, booleans, bytesValues, integers, smallints, texts } from "./array-values.ts";
import { useTestDatabase } from "./testing.ts";

const database = useTestDatabase();

/** What the server takes an array for, written back as texts. */
async function asTexts(type: string, value: Buffer): Promise<(string | null)[]> {
  const question = `select coalesce(array_agg(each::text order by at), '{}') as found
    from unnest($1::${type}[]) with ordinality as row (each, at)`;
  const { rows } = await database().pool.query<{ found: (string | null)[] }>(question, [value]);
  return rows[0]?.found as (string | null)[];
}

const holds = async <T>(
  type: string,
  encode: (values: readonly (T | null)[]) => Buffer,
  value: fc.Arbitrary<T>,
  textOf: (value: T) => string = String,
): Promise<void> =>
  await fc.assert(
    fc.asyncProperty(fc.array(fc.option(value), { maxLength: 20 }), async (values) => {
      const expected = values.map((each) => (each === null ? null : textOf(each)));
      expect(await asTexts(type, encode(values))).toEqual(expected);
    }),
    { numRuns: 20, examples: [[[]], [[null]]] },
  );

describe("an array in PostgreSQL's binary format", () => {
  it("is read by the server as what it was, whatever its type", async () => {
    await holds("boolean", booleans, fc.boolean());
    await holds("smallint", smallints, fc.integer({ min: -32_768, max: 32_767 }));
    await holds("integer", integers, fc.integer());
    await holds("bigint", bigints, fc.maxSafeInteger());
    await holds(
      "bytea",
      bytesValues,
      fc.uint8Array({ maxLength: 200 }),
      (bytes) => `\\x${Buffer.from(bytes).toString("hex")}`,
    );
    await holds(
      "text",
      texts,
      fc.string({ unit: "grapheme" }).filter((text) => !text.includes("\0")),
    );
    await holds("numeric", amounts, fc.bigInt({ min: 0n, max: 99_999_999_999_999_999_999n }));
  });

  it("refuses a number that its type cannot hold", () => {
    expect(() => integers([3_000_000_000])).toThrow(RangeError);
    expect(() => smallints([40_000])).toThrow(RangeError);
  });
});
