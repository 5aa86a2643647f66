import { tie } from "../answers/pair.ts";
import { expOfNegative } from "../inference/fast-real.ts";
import { inverseDiagonal, solveSymmetric } from "./linear.ts";

/** One answer of type pair: 0 for the left item, 1 for the right one, 2 for neither. */
export interface Comparison {
  readonly left: number;
  readonly right: number;
  readonly answer: number;
  /** Thousandths of a comparison; a whole number. */
  readonly weight: number;
}

export interface Strengths {
  /** Of each item, in thousandths of a nat around 0: a is better than b e^(difference ÷ 1000) times as often as worse. */
  readonly strengths: readonly number[];
  /** The standard error of each strength, likewise; null where there are too many items to compute it. */
  readonly errors: readonly number[] | null;
  /** ln ν in thousandths of a nat: 0 where two equal items tie a third of the time. Null where nobody may tie. */
  readonly ties: number | null;
}

/** The prior: strengths and ln ν have a standard deviation of 2 nats, so that one comparison proves little. */
const precision = 0.25;
const roundsMax = 100;
/** Nats. Far from the mode a Newton step is too long; near it a step of less changes no thousandth. */
const stepMax = 1;
const stepMin = 1e-9;
const itemsMaxOfErrors = 400;

/** Two items that were compared: in whole thousandths, so that the order of the comparisons leaves no trace. */
interface Pair {
  readonly left: number;
  readonly right: number;
  readonly counts: [leftBetter: number, rightBetter: number, tied: number];
}

/** What the model says of a pair: how often left is better less how often worse, and how often neither. */
interface Expected {
  readonly lead: number;
  readonly tied: number;
}

/** The second derivatives of a pair's log-likelihood, negated: by half the difference, by ln ν, by both. */
interface Curvature {
  readonly ofHalf: number;
  readonly ofTies: number;
  readonly ofBoth: number;
}

/**
 * Strengths of items from comparisons of two (Bradley and Terry, 1952) where some are ties (Davidson, 1970): left is
 * better, right is better, neither, in the ratio of a : b : ν√(ab). The mode of the posterior with a normal prior, so
 * that it is there also where an item always won. The log-posterior is concave, so that there is but one mode; it is
 * found by at most 100 Newton steps, which end where one is below 1e-9.
 *
 * @param hasTies whether neither may be better (the schema's `ties`); where not, comparisons that are ties do not count
 */
export function bradleyTerry(items: number, comparisons: readonly Comparison[], hasTies: boolean): Strengths {
  const pairs = pairsOf(items, comparisons, hasTies);
  // ln ν, where there is one, is the last of the unknowns.
  const mode = new Float64Array(items + (hasTies ? 1 : 0));
  for (let round = 0; round < roundsMax; round++) {
    const step = solveSymmetric(slopes(items, pairs, mode), timesCurvature(items, pairs, mode));
    const largest = step.reduce((so, each) => Math.max(so, Math.abs(each)), 0);
    const shorter = Math.min(stepMax / largest, 1);
    for (const [i, each] of step.entries()) mode[i] = (mode[i] as number) + shorter * each;
    if (largest < stepMin) break;
  }
  return {
    strengths: Array.from(mode.subarray(0, items), inThousandths),
    errors: items <= itemsMaxOfErrors ? errorsOf(items, pairs, mode) : null,
    ties: hasTies ? inThousandths(mode[items] as number) : null,
  };
}

const inThousandths = (value: number): number => Math.round(1000 * value) || 0;

function pairsOf(items: number, comparisons: readonly Comparison[], hasTies: boolean): Pair[] {
  const found = new Map<number, Pair>();
  for (const { left, right, answer, weight } of comparisons) {
    if (left === right || (answer === tie && !hasTies)) continue;
    const [low, high] = left < right ? [left, right] : [right, left];
    const pair = found.get(low * items + high) ?? { left: low, right: high, counts: [0, 0, 0] };
    const which = answer === tie ? 2 : (answer === 0) === (left === low) ? 0 : 1;
    pair.counts[which] += weight;
    found.set(low * items + high, pair);
  }
  return [...found].sort(([a], [b]) => a - b).map(([, pair]) => pair);
}

const countOf = ({ counts: [left, right, tied] }: Pair): number => (left + right + tied) / 1000;

/** @param ties ln ν; nothing where nobody may tie */
function expectedOf(ahead: number, ties: number | undefined): Expected {
  const half = ahead / 2;
  const highest = Math.max(half, -half, ties ?? 0);
  const better = expOfNegative(half - highest);
  const worse = expOfNegative(-half - highest);
  const tied = ties === undefined ? 0 : expOfNegative(ties - highest);
  const all = better + worse + tied;
  return { lead: (better - worse) / all, tied: tied / all };
}

const expectedOfPair = (items: number, { left, right }: Pair, at: Float64Array): Expected =>
  expectedOf((at[left] as number) - (at[right] as number), at[items]);

const addTo = (sums: Float64Array, at: number, value: number): void => {
  if (at < sums.length) sums[at] = (sums[at] as number) + value;
};

/** The first derivatives of the log-posterior. */
function slopes(items: number, pairs: readonly Pair[], at: Float64Array): Float64Array {
  const sums = at.map((each) => -precision * each);
  for (const pair of pairs) {
    const { lead, tied } = expectedOfPair(items, pair, at);
    const ofHalf = (pair.counts[0] - pair.counts[1]) / 1000 - countOf(pair) * lead;
    addTo(sums, pair.left, ofHalf / 2);
    addTo(sums, pair.right, -ofHalf / 2);
    addTo(sums, items, pair.counts[2] / 1000 - countOf(pair) * tied);
  }
  return sums;
}

/** A vector times the second derivatives of the log-posterior, negated. */
type Times = (vector: Float64Array) => Float64Array;

function timesCurvature(items: number, pairs: readonly Pair[], at: Float64Array): Times {
  const curvatures = pairs.map((pair): Curvature => {
    const { lead, tied } = expectedOfPair(items, pair, at);
    const count = countOf(pair);
    return {
      ofHalf: count * (1 - tied - lead * lead),
      ofTies: count * tied * (1 - tied),
      ofBoth: -count * tied * lead,
    };
  });
  return (vector) => {
    const sums = vector.map((each) => precision * each);
    const ties = vector[items] ?? 0;
    for (const [i, { left, right }] of pairs.entries()) {
      const { ofHalf, ofTies, ofBoth } = curvatures[i] as Curvature;
      const half = ((vector[left] as number) - (vector[right] as number)) / 2;
      const pull = (ofHalf * half + ofBoth * ties) / 2;
      addTo(sums, left, pull);
      addTo(sums, right, -pull);
      addTo(sums, items, ofBoth * half + ofTies * ties);
    }
    return sums;
  };
}

/** One standard deviation each of the normal distribution that has the posterior's curvature at its mode. */
function errorsOf(items: number, pairs: readonly Pair[], mode: Float64Array): number[] {
  const times = timesCurvature(items, pairs, mode);
  const size = mode.length;
  const matrix = new Float64Array(size * size);
  for (let row = 0; row < size; row++) matrix.set(times(new Float64Array(size).fill(1, row, row + 1)), row * size);
  return inverseDiagonal(matrix, size)
    .slice(0, items)
    .map((variance) => inThousandths(Math.sqrt(variance)));
}

/** How often the first of two is better, neither is, or the second, where one is ahead by so many thousandths of a nat. */
export function predictedPpm(ahead: number, ties: number | null): readonly [number, number, number] {
  const expected = expectedOf(ahead / 1000, ties === null ? undefined : ties / 1000);
  const tied = Math.round(1e6 * expected.tied);
  const better = Math.round(5e5 * (1 - expected.tied + expected.lead));
  return [better, tied, 1e6 - better - tied];
}
