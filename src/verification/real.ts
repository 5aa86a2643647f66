/**
 * Natural exponential and logarithm from additions, multiplications and divisions alone. IEEE 754 defines those to the
 * bit, and ECMAScript requires them so, whereas `Math.exp` and `Math.log` may differ between engines. Used only where a
 * rounding to integers follows; relative error below 1e-14.
 */
const ln2High = 0.6931471803691238;
/** ln 2 in two parts (fdlibm): multiples of the first below 2^20 are exact, so that large arguments lose nothing. */
const ln2Low = 1.9082149292705877e-10;

/** e^x for finite x; 0 below −745, Infinity above 709. */
export function exp(x: number): number {
  if (x === 0) return 1;
  if (x < -745) return 0;
  if (x > 709.7) return Infinity;
  const halvings = Math.round(x / (ln2High + ln2Low));
  const rest = x - halvings * ln2High - halvings * ln2Low;
  let term = 1;
  let sum = 1;
  for (let n = 1; n <= 20; n++) {
    term = (term * rest) / n;
    sum += term;
  }
  return scale(sum, halvings);
}

/** ln x; −Infinity at 0, NaN below. */
export function log(x: number): number {
  if (x === 0) return -Infinity;
  if (!(x > 0) || x === Infinity) return x > 0 ? x : NaN;
  let mantissa = x;
  let doublings = 0;
  while (mantissa > 1.5) {
    mantissa /= 2;
    doublings++;
  }
  while (mantissa < 0.75) {
    mantissa *= 2;
    doublings--;
  }
  // ln m = 2 artanh((m − 1) / (m + 1))
  const ratio = (mantissa - 1) / (mantissa + 1);
  const square = ratio * ratio;
  let power = ratio;
  let sum = 0;
  for (let n = 1; n <= 41; n += 2) {
    sum += power / n;
    power *= square;
  }
  return doublings * ln2High + (doublings * ln2Low + 2 * sum);
}

/** value × 2^power, exactly where the result is normal. */
function scale(value: number, power: number): number {
  let scaled = value;
  for (let i = 0; i < power; i++) scaled *= 2;
  for (let i = 0; i > power; i--) scaled /= 2;
  return scaled;
}
