import pg from "pg";

const { builtins, getTypeParser } = pg.types;
const textArray = 1009;
const int8Array = 1016;
const byteaArray = 1001;

type TypeId = Parameters<typeof getTypeParser>[0];
type Parse = (text: string) => unknown;

const parseBytea = getTypeParser(builtins.BYTEA) as (text: string) => Buffer;
const parseTexts = getTypeParser(textArray as TypeId) as (text: string) => (string | null)[];

/** A plain view: code above the store must not come to rely on what Buffer adds. */
const bytes = (text: string): Uint8Array => {
  const buffer = parseBytea(text);
  return new Uint8Array(buffer.buffer, buffer.byteOffset, buffer.byteLength);
};

const each =
  (parse: Parse): Parse =>
  (text) =>
    parseTexts(text).map((item) => (item === null ? null : parse(item)));

const ours = new Map<number, Parse>([
  [builtins.INT8, BigInt],
  [int8Array, each(BigInt)],
  [builtins.BYTEA, bytes],
  [byteaArray, each(bytes)],
]);

/**
 * Money is bigint and bytes are Uint8Array everywhere, so int8 and bytea (and arrays of them) arrive as such. A `sum`
 * of int8 is numeric, which stays text: cast it (`sum(amount)::int8`).
 */
export const earnestTypes: pg.CustomTypesConfig = {
  getTypeParser(id: number, format?: "text" | "binary"): Parse {
    const own = format === "binary" ? undefined : ours.get(id);
    return own ?? (getTypeParser(id, format) as Parse);
  },
};
