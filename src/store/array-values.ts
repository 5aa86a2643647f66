/**
 * Arrays as values of statements in PostgreSQL's binary format (`array_recv`): as texts, bytes are written in hexadecimal
 * and all of it is quoted, to be read letter by letter on the other side. A driver sends a buffer as binary.
 */
type Write<T> = (into: Buffer, at: number, value: T) => number;

interface Element<T> {
  readonly oid: number;
  readonly bytes: (value: T) => number;
  readonly write: Write<T>;
}

const headBytes = 20;
const lengthBytes = 4;

function arrayOf<T>({ oid, bytes, write }: Element<T>): (values: readonly (T | null)[]) => Buffer {
  return (values) => {
    let total = headBytes;
    for (const value of values) total += lengthBytes + (value === null ? 0 : bytes(value));
    const into = Buffer.allocUnsafe(values.length === 0 ? headBytes - 8 : total);
    into.writeInt32BE(values.length === 0 ? 0 : 1, 0);
    into.writeInt32BE(values.includes(null) ? 1 : 0, 4);
    into.writeInt32BE(oid, 8);
    if (values.length === 0) return into;
    into.writeInt32BE(values.length, 12);
    into.writeInt32BE(1, 16);
    let at = headBytes;
    for (const value of values) {
      at = into.writeInt32BE(value === null ? -1 : bytes(value), at);
      if (value !== null) at = write(into, at, value);
    }
    return into;
  };
}

const fixed = <T>(oid: number, size: number, write: Write<T>): Element<T> => ({ oid, bytes: () => size, write });

export const booleans = arrayOf<boolean>(fixed(16, 1, (into, at, value) => into.writeUInt8(value ? 1 : 0, at)));
export const smallints = arrayOf<number>(fixed(21, 2, (into, at, value) => into.writeInt16BE(value, at)));
export const integers = arrayOf<number>(fixed(23, 4, (into, at, value) => into.writeInt32BE(value, at)));

const twoTo32 = 2 ** 32;

export const bigints = arrayOf<number>(
  fixed(20, 8, (into, at, value) => {
    const high = Math.floor(value / twoTo32);
    return into.writeUInt32BE(value - high * twoTo32, into.writeInt32BE(high, at));
  }),
);

export const bytesValues = arrayOf<Uint8Array>({
  oid: 17,
  bytes: ({ length }) => length,
  write: (into, at, value) => {
    into.set(value, at);
    return at + value.length;
  },
});

export const texts = arrayOf<string>({
  oid: 25,
  bytes: (value) => Buffer.byteLength(value),
  write: (into, at, value) => at + into.write(value, at),
});

const digitBase = 10_000;

/** A numeric of no fraction, as digits of base 10,000, the last first. Where a number holds it, without bigints on the way. */
function digitsOf(value: bigint): number[] {
  const digits: number[] = [];
  let large = value;
  for (; large > Number.MAX_SAFE_INTEGER; large /= BigInt(digitBase)) digits.push(Number(large % BigInt(digitBase)));
  for (let rest = Number(large); rest > 0; rest = Math.floor(rest / digitBase)) digits.push(rest % digitBase);
  return digits;
}

/** Amounts, which are never below 0. */
export const amounts = arrayOf<bigint>({
  oid: 1700,
  bytes: (value) => 8 + 2 * digitsOf(value).length,
  write: (into, at, value) => {
    const digits = digitsOf(value);
    let next = into.writeInt16BE(digits.length, at);
    next = into.writeInt16BE(Math.max(digits.length - 1, 0), next);
    // Its sign, and the digits behind the point.
    next = into.writeInt32BE(0, next);
    for (const digit of digits.reverse()) next = into.writeInt16BE(digit, next);
    return next;
  },
});
