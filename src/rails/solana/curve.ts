/**
 * Whether 32 bytes are a point of edwards25519 (RFC 8032, section 5.1.3): a program-derived address must not be one.
 * x² = (y² − 1) / (dy² + 1) has a root exactly where (y² − 1)(dy² + 1) is a square, which the Jacobi symbol tells in a
 * tenth of the time that taking the root takes.
 */
const p = 2n ** 255n - 19n;
const d = 37095705934669439343138083508754565189542113879843219016388785533085940283555n;

export function isOnCurve(bytes: Uint8Array): boolean {
  const view = new DataView(bytes.buffer, bytes.byteOffset, 32);
  const limb = (i: number): bigint => view.getBigUint64(i * 8, true) << BigInt(i * 64);
  const y = BigInt.asUintN(255, limb(0) | limb(1) | limb(2) | limb(3)) % p;
  const squared = (y * y) % p;
  return jacobiByP(((((squared - 1n) * (d * squared + 1n)) % p) + p) % p) !== -1;
}

/** A number as limbs, the lowest first. A step on bigints makes two new ones; these are halved and subtracted in place. */
type Limbs = Int32Array;
const limbBits = 29;
const limbCount = 9;
const limbMask = 2 ** limbBits - 1;
function limbsOf(value: bigint): Limbs {
  const limbs = new Int32Array(limbCount);
  for (let i = 0, rest = value; i < limbCount; i++, rest >>= BigInt(limbBits)) {
    limbs[i] = Number(BigInt.asUintN(limbBits, rest));
  }
  return limbs;
}

const limbsOfP = limbsOf(p);

/** The Jacobi symbol (a/p): 1, −1, or 0 where they have a common factor. By halving and subtracting (binary algorithm). */
function jacobiByP(numerator: bigint): number {
  let a: Limbs = limbsOf(numerator);
  let n: Limbs = limbsOfP.slice();
  let sign = 1;
  let count = limbCount;
  for (let zeros = trailingZeros(a); zeros >= 0; zeros = trailingZeros(a)) {
    // Both become smaller all the time: half of all limbs are zeros that nobody has to look at.
    while (a[count - 1] === 0 && n[count - 1] === 0) count--;
    halve(a, zeros, count);
    const nMod8 = lowest(n) & 7;
    if (zeros % 2 === 1 && (nMod8 === 3 || nMod8 === 5)) sign = -sign;
    // Both are odd now: reciprocity, so that the smaller one is subtracted from the larger one.
    if (isLess(a, n, count)) {
      const smaller = a;
      a = n;
      n = smaller;
      if ((lowest(a) & lowest(n) & 3) === 3) sign = -sign;
    }
    subtract(a, n, count);
  }
  return n.every((limb, i) => limb === (i === 0 ? 1 : 0)) ? sign : 0;
}

const lowest = (a: Limbs): number => a[0] as number;

/** −1 for zero. */
function trailingZeros(a: Limbs): number {
  for (let i = 0; i < limbCount; i++) {
    const limb = a[i] as number;
    if (limb !== 0) return i * limbBits + 31 - Math.clz32(limb & -limb);
  }
  return -1;
}

/** `times` times, with nothing left over. Like what follows, of the lowest `count` limbs: above them are zeros. */
function halve(a: Limbs, times: number, count: number): void {
  let bits = times;
  for (; bits >= limbBits; bits -= limbBits) a.copyWithin(0, 1).fill(0, limbCount - 1);
  const last = count - 1;
  for (let i = 0; i < last; i++) {
    a[i] = ((a[i] as number) >>> bits) | (((a[i + 1] as number) << (limbBits - bits)) & limbMask);
  }
  a[last] = (a[last] as number) >>> bits;
}

function isLess(a: Limbs, b: Limbs, count: number): boolean {
  let i = count - 1;
  while (i > 0 && a[i] === b[i]) i--;
  return (a[i] as number) < (b[i] as number);
}

/** b from a, which is not less. */
function subtract(a: Limbs, b: Limbs, count: number): void {
  let borrow = 0;
  for (let i = 0; i < count; i++) {
    const difference = (a[i] as number) - (b[i] as number) + borrow;
    a[i] = difference & limbMask;
    borrow = difference >> limbBits;
  }
}
