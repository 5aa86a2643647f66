/**
 * SipHash-2-4 (J.-P. Aumasson, D. J. Bernstein, "SipHash: a fast short-input PRF", 2012): 64 bits that nobody foresees
 * without the key. Here the key is a slot hash that did not exist when the input was fixed.
 * @param key 16 bytes, @param input any bytes
 */
export function siphash(key: Uint8Array, input: Uint8Array): bigint {
  const k0 = word(key, 0);
  const k1 = word(key, 8);
  const v: Words = [
    k0 ^ 0x736f6d6570736575n,
    k1 ^ 0x646f72616e646f6dn,
    k0 ^ 0x6c7967656e657261n,
    k1 ^ 0x7465646279746573n,
  ];
  const whole = input.length - (input.length % 8);
  for (let at = 0; at < whole; at += 8) mix(v, word(input, at));
  mix(v, word(input, whole) | (BigInt(input.length & 0xff) << 56n));
  v[2] ^= 0xffn;
  for (let i = 0; i < 4; i++) round(v);
  return v[0] ^ v[1] ^ v[2] ^ v[3];
}

type Words = [bigint, bigint, bigint, bigint];

const wordOf = (value: bigint): bigint => BigInt.asUintN(64, value);
const rotate = (value: bigint, bits: bigint): bigint => wordOf(value << bits) | (value >> (64n - bits));

/** Up to eight bytes, the lowest first. */
function word(bytes: Uint8Array, at: number): bigint {
  let value = 0n;
  for (let i = Math.min(at + 8, bytes.length) - 1; i >= at; i--) value = (value << 8n) | BigInt(bytes[i] as number);
  return value;
}

function mix(v: Words, message: bigint): void {
  v[3] ^= message;
  round(v);
  round(v);
  v[0] ^= message;
}

function round(v: Words): void {
  v[0] = wordOf(v[0] + v[1]);
  v[2] = wordOf(v[2] + v[3]);
  v[1] = rotate(v[1], 13n) ^ v[0];
  v[3] = rotate(v[3], 16n) ^ v[2];
  v[0] = rotate(v[0], 32n);
  v[2] = wordOf(v[2] + v[1]);
  v[0] = wordOf(v[0] + v[3]);
  v[1] = rotate(v[1], 17n) ^ v[2];
  v[3] = rotate(v[3], 21n) ^ v[0];
  v[2] = rotate(v[2], 32n);
}
