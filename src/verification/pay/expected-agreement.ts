import type { Pairs } from "./pairs.ts";

/** What the usual reliability counts against a contributor's own: like so many common tasks. */
const priorTasks = 10;
/** In the first guess a pair counts like this many common tasks at most, so that a few cannot vouch for each other. */
const commonMax = 3;
/** Pairs with so much excess by the first guess, on so many tasks, take no part in the second. */
const doubtfulExcess = 0.5;
const doubtfulAfter = 8;
const rounds = 6;
/** Pairs who say the same by habit alone tell nothing. */
const chanceMax = 0.99;
const leastReliability = 0.1;
/** Standard errors that a reliability is taken higher by, roughly: what it may be off by is in favour of the pair. */
const allowance = 0.5;
/** Never nothing, so that it has a logarithm. */
const leastAgreement = 1e-6;

/**
 * How often each pair would agree if the two answered on their own: by chance, and of what that leaves open as often as
 * both look. The reliability of each, from 0 (agrees as chance would) to 1, shows in how they agree with everybody but
 * the other, as evidence must not feed itself: agreements beyond chance, as a matrix, are nearly of rank one. First
 * everybody against the average partner, then against each partner's own reliability, by alternating least squares over
 * the pairs that do not look like copies.
 */
export function expectAgreement(pairs: Pairs): Float64Array {
  const { compared, i, j, common, same, chance } = pairs;
  const beyond = new Float64Array(common.length);
  const first = new Float64Array(common.length);
  for (let p = 0; p < common.length; p++) {
    const open = 1 - (chance[p] as number);
    if (open < 1 - chanceMax) continue;
    beyond[p] = ((same[p] as number) / (common[p] as number) - (chance[p] as number)) / open;
    first[p] = Math.min(common[p] as number, commonMax) * open;
  }
  const usual = Math.sqrt(Math.max(weightedMean(beyond, first), leastReliability * leastReliability));
  const guess = solve({ pairs, beyond, weights: first, usual }, new Float64Array(compared.length).fill(usual), 1);
  const weights = first.map((weight, p) => {
    const product = (guess[i[p] as number] as number) * (guess[j[p] as number] as number);
    const isDoubtful =
      (common[p] as number) >= doubtfulAfter && (beyond[p] as number) - product > doubtfulExcess * (1 - product);
    return weight === 0 || isDoubtful ? 0 : (common[p] as number) * (1 - (chance[p] as number));
  });
  const problem: Problem = { pairs, beyond, weights, usual };
  let reliability = guess;
  for (let round = 0; round < rounds; round++) {
    // Halfway: whoever takes all partners as too reliable would find all too unreliable in turn, for ever.
    const next = solve(problem, reliability, 0);
    reliability = reliability.map((each, w) => (each + (next[w] as number)) / 2);
  }
  return withoutEachOther(problem, reliability);
}

interface Problem {
  readonly pairs: Pairs;
  /** Of each pair, the agreement beyond chance as a share of what chance leaves open, and what it counts. */
  readonly beyond: Float64Array;
  readonly weights: Float64Array;
  readonly usual: number;
}

function weightedMean(values: Float64Array, weights: Float64Array): number {
  let sum = 0;
  let total = 0;
  for (let p = 0; p < values.length; p++) {
    sum += (weights[p] as number) * (values[p] as number);
    total += weights[p] as number;
  }
  return total === 0 ? 0 : sum / total;
}

/** @param errors how many standard errors are added, roughly */
function solve(problem: Problem, of: Float64Array, errors: number): Float64Array {
  const { over, under } = addUp(problem, of);
  return over.map((sum, w) => reliabilityOf(sum, under[w] as number, errors));
}

const reliabilityOf = (over: number, under: number, errors: number): number =>
  Math.min(Math.max(over / under + errors / Math.sqrt(under + 1), 0), 1);

/** Of each contributor, what their reliability is the ratio of. */
function addUp(
  { pairs: { compared, i, j }, beyond, weights, usual }: Problem,
  of: Float64Array,
): { readonly over: Float64Array; readonly under: Float64Array } {
  const over = new Float64Array(compared.length).fill(priorTasks * usual * usual * usual);
  const under = new Float64Array(compared.length).fill(priorTasks * usual * usual);
  const add = (to: number, partner: number, weight: number, agreement: number): void => {
    const theirs = of[partner] as number;
    over[to] = (over[to] as number) + weight * agreement * theirs;
    under[to] = (under[to] as number) + weight * theirs * theirs;
  };
  for (let p = 0; p < beyond.length; p++) {
    const weight = weights[p] as number;
    if (weight === 0) continue;
    add(i[p] as number, j[p] as number, weight, beyond[p] as number);
    add(j[p] as number, i[p] as number, weight, beyond[p] as number);
  }
  return { over, under };
}

function withoutEachOther(problem: Problem, of: Float64Array): Float64Array {
  const { i, j, chance } = problem.pairs;
  const { over, under } = addUp(problem, of);
  const apart = (w: number, partner: number, p: number): number => {
    const theirs = of[partner] as number;
    const weight = problem.weights[p] as number;
    const sum = (over[w] as number) - weight * (problem.beyond[p] as number) * theirs;
    return reliabilityOf(sum, (under[w] as number) - weight * theirs * theirs, allowance);
  };
  return chance.map((byChance, p) => {
    const [a, b] = [i[p] as number, j[p] as number];
    return Math.max(byChance + (1 - byChance) * apart(a, b, p) * apart(b, a, p), leastAgreement);
  });
}
