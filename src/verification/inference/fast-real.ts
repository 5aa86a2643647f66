import { exp, log } from "../real.ts";

/**
 * `exp` and `log` for inner loops: a table and a short polynomial (P. T. P. Tang, "Table-driven implementation of the
 * exponential function in IEEE floating-point arithmetic", 1989). Only IEEE + − × ÷ on doubles, so the same bits on
 * every machine; the tables are made by `real.ts`.
 */
const stepsPerDoubling = 128;
const ln2 = log(2);
const stepHigh = 0.6931471803691238 / stepsPerDoubling;
const stepLow = 1.9082149292705877e-10 / stepsPerDoubling;
const stepsPerUnit = stepsPerDoubling / ln2;
/** Adding and taking away 1.5 × 2^52 rounds to an integer, ties to even. */
const rounder = 6_755_399_441_055_744;

const fractions = Float64Array.from({ length: stepsPerDoubling }, (_, i) => exp((i * ln2) / stepsPerDoubling));
const lowestPower = -1_022;
const powers = Float64Array.from({ length: 1_023 }, (_, i) => exactPower(i + lowestPower));

function exactPower(power: number): number {
  let value = 1;
  for (let i = 0; i > power; i--) value /= 2;
  return value;
}

/** e^x for x ≤ 0, to 15 digits; 0 below −708, where the result would not be a normal number. */
export function expOfNegative(x: number): number {
  if (!(x >= -708)) return x < 0 ? 0 : Number.NaN;
  const steps = x * stepsPerUnit + rounder - rounder;
  const rest = x - steps * stepHigh - steps * stepLow;
  const polynomial = 1 + rest * (1 + rest * (0.5 + rest * (1 / 6 + rest * (1 / 24 + rest * (1 / 120)))));
  const whole = steps >> 7;
  return (fractions[steps & 127] as number) * polynomial * (powers[whole - lowestPower] as number);
}

const cell = new Float64Array(1);
const halves = new Int32Array(cell.buffer);
cell[0] = 1;
/** Which half of a double holds its exponent: the second on little-endian machines. */
const upper = halves[1] === 0x3ff00000 ? 1 : 0;
/** What takes a number with that exponent to between 1 and 2. */
const inversePowers = Float64Array.from({ length: 2_046 }, (_, bits) => inversePower(bits - 1_023));

function inversePower(power: number): number {
  return power > 1_022 ? exactPower(-1_022) / 2 : power >= 0 ? exactPower(-power) : 1 / exactPower(power);
}

const centres = Float64Array.from({ length: 128 }, (_, i) => 1 / (1 + (i + 0.5) / 128));
const logsOfCentres = centres.map((inverse) => -log(inverse));

/** ln x for normal x > 0, with an absolute error below 3e-16 of the larger of 1 and |ln x|. */
export function logOfPositive(x: number): number {
  cell[0] = x;
  const bits = halves[upper] as number;
  const exponent = bits >> 20;
  const i = (bits >> 13) & 127;
  const r = x * (inversePowers[exponent] as number) * (centres[i] as number) - 1;
  const series = r * (1 - r * (1 / 2 - r * (1 / 3 - r * (1 / 4 - r * (1 / 5 - r * (1 / 6 - r * (1 / 7)))))));
  return (exponent - 1_023) * ln2 + ((logsOfCentres[i] as number) + series);
}
