/** The speed of light in air as the rules of radio networks have it. */
const lightMetresPerSecond = 299_800_000n;
/** 4π, in units of 10^-15. */
const fourPi = 12_566_370_614_359_173n;
const fourPiUnit = 1_000_000_000_000_000n;
/** 20 times the decimal logarithm of two, in millionths of a decibel times 2^24. */
const perDoubling = 101_008_905_194_674n;
const perDoublingBits = 24n;

const mantissaBits = 64n;
const logarithmBits = 40n;

/**
 * What a signal loses over a distance in free space, 20 log10(4π d f / c), in millionths of a decibel: by whole numbers
 * alone, so that no engine's logarithm decides a verdict. Less than a metre counts as one.
 */
export function freeSpaceLoss(frequencyHz: number, distanceMetres: number): number {
  const ratio = fourPi * BigInt(Math.max(distanceMetres, 1)) * BigInt(frequencyHz);
  const twoToThe = binaryLogarithm(ratio) - binaryLogarithm(fourPiUnit * lightMetresPerSecond);
  return Number((twoToThe * perDoubling) >> (logarithmBits + perDoublingBits));
}

/** Of a positive whole number, in units of 2^-40: the bits behind the point come of squaring, one at a time. */
function binaryLogarithm(of: bigint): bigint {
  const whole = BigInt(of.toString(2).length - 1);
  let mantissa = (of << mantissaBits) >> whole;
  let found = whole;
  for (let i = 0n; i < logarithmBits; i++) {
    mantissa = (mantissa * mantissa) >> mantissaBits;
    found <<= 1n;
    if (mantissa >> (mantissaBits + 1n) === 0n) continue;
    mantissa >>= 1n;
    found |= 1n;
  }
  return found;
}
