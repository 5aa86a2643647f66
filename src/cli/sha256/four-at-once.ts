import { type Code, i32, join, local, loop, moduleOf, repeat, words } from "./wasm-code.ts";

/**
 * SHA-256 (FIPS 180-4) of four messages at once, one in each quarter of a processor's 128-bit registers: what a log hashes
 * are many short messages, on which a hash at a time spends more than half on being called.
 *
 * `hash(at, blocks, out)` reads four padded messages of so many blocks, one after another from `at` on, and writes four
 * hashes of 32 bytes to `out`. Memory begins with the constants; from `freeFrom` on it is the caller's.
 */
export const fourAtOnce = (): Uint8Array<ArrayBuffer> =>
  moduleOf({ name: "hash", parameters: 3, locals: { i32: 5, v128: 37 }, body: body(), data: constants() });

export const blockBytes = 64;
const hashBytes = 32;
const rounds = 64;
/** Beginnings of the eight working variables stand in memory behind a constant for each round. */
const beginningsAt = 4 * rounds;
export const freeFrom = 512;

const numbers = (from: number, count: number): number[] => Array.from({ length: count }, (_, i) => from + i);

/** Locals by their numbers. */
const [at, blocks, out, stride, constantAt] = [0, 1, 2, 3, 4];
/** Where each message's next block begins. */
const places = [at, ...numbers(5, 3)];
const variables = numbers(8, 8);
const schedule = numbers(16, 16);
const before = numbers(32, 8);
const spare = numbers(40, 5);

const get = (index: number | undefined): Code => local.get(index as number);
const set = (index: number | undefined): Code => local.set(index as number);
const [first] = spare;

const rotated = (index: number | undefined, bits: number): Code =>
  join(get(index), words.shiftRight(bits), get(index), words.shiftLeft(32 - bits), words.or);

/** Σ of section 4.1.2. */
const rotations = (index: number | undefined, [a, b, c]: readonly [number, number, number]): Code =>
  join(rotated(index, a), rotated(index, b), words.xor, rotated(index, c), words.xor);

/** σ of section 4.1.2: its last part is shifted, not rotated. */
const shifts = (index: number | undefined, [a, b, c]: readonly [number, number, number]): Code =>
  join(rotated(index, a), rotated(index, b), words.xor, get(index), words.shiftRight(c), words.xor);

/** A round of section 6.2.2. Instead of moving the variables on, the next round calls each by the next name. */
function round(t: number): Code {
  const [a, b, c, d, e, f, g, h] = numbers(0, 8).map((i) => variables[(i + 8 - (t % 8)) % 8]);
  return join(
    join(get(h), rotations(e, [6, 11, 25]), words.add),
    // Ch: where e has ones f, elsewhere g.
    join(get(f), get(g), get(e), words.select, words.add),
    join(get(constantAt), words.loadOne(4 * t), get(schedule[t]), words.add, words.add, set(first)),
    join(get(d), get(first), words.add, set(d)),
    join(get(first), rotations(a, [2, 13, 22]), words.add),
    // Maj: where a and b differ c decides, elsewhere they do.
    join(get(c), get(b), get(a), get(b), words.xor, words.select, words.add, set(h)),
  );
}

/** The words of the schedule sixteen rounds on, in place of those that were used. */
function nextWord(t: number): Code {
  const word = (ahead: number): number | undefined => schedule[(t + ahead) % 16];
  return join(
    join(get(word(0)), shifts(word(1), [7, 18, 3]), words.add),
    join(get(word(9)), words.add, shifts(word(14), [17, 19, 10]), words.add, set(word(0))),
  );
}

const bytesOfWords = (...order: readonly number[]): Code =>
  words.shuffle(order.flatMap((word) => numbers(4 * word, 4)));

/** SHA-256 reads words with their highest byte first, WebAssembly with the lowest. Takes a local, as it names it twice. */
const bytesTurned = (index: number | undefined): Code =>
  join(get(index), get(index), words.shuffle(numbers(0, 4).flatMap((word) => [3, 2, 1, 0].map((i) => 4 * word + i))));

/** Of four locals, the first words of all into the first, and so on; the same again undoes it. */
function transposed(rows: readonly number[]): Code {
  const [a, b, c, d] = rows;
  const [, ab, cd, ab2, cd2] = spare;
  const into = (index: number | undefined, x: number | undefined, y: number | undefined, code: Code): Code =>
    join(get(x), get(y), code, set(index));
  return join(
    join(into(ab, a, b, bytesOfWords(0, 4, 1, 5)), into(cd, c, d, bytesOfWords(0, 4, 1, 5))),
    join(into(ab2, a, b, bytesOfWords(2, 6, 3, 7)), into(cd2, c, d, bytesOfWords(2, 6, 3, 7))),
    join(into(a, ab, cd, bytesOfWords(0, 1, 4, 5)), into(b, ab, cd, bytesOfWords(2, 3, 6, 7))),
    join(into(c, ab2, cd2, bytesOfWords(0, 1, 4, 5)), into(d, ab2, cd2, bytesOfWords(2, 3, 6, 7))),
  );
}

/** A quarter of each message's block, as four of the schedule's words. */
function readQuarter(quarter: number): Code {
  const rows = schedule.slice(4 * quarter, 4 * quarter + 4);
  const read = (i: number): Code =>
    join(get(places[i]), words.load(16 * quarter), set(first), bytesTurned(first), set(rows[i]));
  return join(repeat(4, read), transposed(rows));
}

function body(): Code {
  const place = (i: number): Code => join(get(places[i]), get(stride), i32.add, set(places[i + 1]));
  const begin = (i: number): Code => join(i32.constant(0), words.loadOne(beginningsAt + 4 * i), set(variables[i]));
  const keep = (i: number): Code => join(get(variables[i]), set(before[i]));
  const addKept = (i: number): Code => join(get(variables[i]), get(before[i]), words.add, set(variables[i]));
  const goOn = (index: number | undefined, bytes: number): Code =>
    join(get(index), i32.constant(bytes), i32.add, set(index));
  const block = join(
    join(repeat(4, readQuarter), repeat(8, keep), i32.constant(0), set(constantAt)),
    loop(
      join(
        join(repeat(16, round), repeat(16, nextWord), goOn(constantAt, 4 * 16)),
        join(get(constantAt), i32.constant(4 * (rounds - 16)), i32.isLess),
      ),
    ),
    join(repeat(16, round), repeat(8, addKept)),
  );
  const write = (i: number): Code =>
    repeat(2, (half) => join(get(out), bytesTurned(variables[4 * half + i]), words.store(hashBytes * i + 16 * half)));
  return join(
    join(get(blocks), i32.constant(6), i32.shiftLeft, set(stride), repeat(3, place), repeat(8, begin)),
    loop(
      join(
        join(block, ...places.map((each) => goOn(each, blockBytes))),
        join(get(blocks), i32.constant(1), i32.subtract, local.tee(blocks)),
      ),
    ),
    join(transposed(variables.slice(0, 4)), transposed(variables.slice(4)), repeat(4, write)),
  );
}

/** The first 32 bits of what follows the point in the roots of the first primes (sections 4.2.2 and 5.3.3). */
function constants(): Uint8Array {
  const primes: number[] = [];
  for (let n = 2; primes.length < rounds; n++) if (primes.every((prime) => n % prime !== 0)) primes.push(n);
  const found = [
    ...primes.map((prime) => rootBits(prime, 3n)),
    ...primes.slice(0, 8).map((prime) => rootBits(prime, 2n)),
  ];
  const bytes = new Uint8Array(4 * found.length);
  const view = new DataView(bytes.buffer);
  for (const [i, bits] of found.entries()) view.setUint32(4 * i, bits, true);
  return bytes;
}

function rootBits(prime: number, degree: bigint): number {
  const wanted = BigInt(prime) << (32n * degree);
  let root = 0n;
  for (let bit = 1n << 40n; bit > 0n; bit >>= 1n) if ((root + bit) ** degree <= wanted) root += bit;
  return Number(root & 0xffff_ffffn);
}
