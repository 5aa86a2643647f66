import { logOfPositive } from "../inference/fast-real.ts";
import { comparePairs, type Pairs } from "./pairs.ts";
import type { PayWindow } from "./window.ts";

/** Flags of each contributor, 1 where true. */
export interface Copies {
  /** Gives answers of others. Whoever of a pair is always first was copied, and is not flagged. */
  readonly isCopying: Uint8Array;
  /** May turn out to: too early to say. */
  readonly isSuspect: Uint8Array;
}

/** Common tasks from which on a pair is suspected, and from which on it is flagged. */
const suspectAfter = 8;
const flaggedAfter = 12;
/** Of the agreement that independence leaves open, the share that copies have and others do not. */
const excessMin = 0.7;
/** Nats of surprise, beyond the logarithm of the number of pairs among which one was looked for. */
const suspectSurprise = 2;
const flaggedSurprise = 7;
/** Whoever is first on that share of the same answers was copied. */
const firstMin = 0.9;

/**
 * Who gives others' answers. Two contributors who answer on their own agree by chance, and beyond that as far as both
 * look: the share of what chance leaves open is the product of two reliabilities, and the reliability of each shows in
 * how they agree with everybody else. Copies agree far beyond that, on errors as well. No model of the truth takes part,
 * which a ring would have captured. (Shnayder, Agarwal, Frongillo and Parkes, "Informed truthfulness in multi-task peer
 * prediction", 2016, pay by the same difference between common and uncommon tasks.)
 */
export function findCopies(window: PayWindow): Copies {
  const pairs = comparePairs(window, suspectAfter);
  const reliability = solveReliability(pairs);
  const { compared, i, j, common, same, first, chance } = pairs;
  const partners = new Int32Array(compared.length);
  let looked = 0;
  for (let p = 0; p < common.length; p++) {
    if ((common[p] as number) < suspectAfter) continue;
    partners[i[p] as number] = (partners[i[p] as number] as number) + 1;
    partners[j[p] as number] = (partners[j[p] as number] as number) + 1;
    looked++;
  }
  const isCopying = new Uint8Array(window.answers.contributors);
  const isSuspect = new Uint8Array(window.answers.contributors);
  for (let p = 0; p < common.length; p++) {
    const count = common[p] as number;
    const [a, b] = [i[p] as number, j[p] as number];
    const expected = expectedAgreement(chance[p] as number, reliability[a] as number, reliability[b] as number);
    const agreement = (same[p] as number) / count;
    if (count < suspectAfter || agreement - expected < excessMin * (1 - expected) || expected >= 1) continue;
    const surprise = count * divergence(agreement, expected);
    const fewest = Math.min(partners[a] as number, partners[b] as number);
    if (surprise < suspectSurprise + logOfPositive(fewest)) continue;
    const isFlagged = count >= flaggedAfter && surprise >= flaggedSurprise + logOfPositive(looked);
    const firstShare = (first[p] as number) / (same[p] as number);
    const flags = isFlagged ? isCopying : isSuspect;
    if (firstShare < firstMin) flags[compared[a] as number] = 1;
    if (firstShare > 1 - firstMin) flags[compared[b] as number] = 1;
  }
  return { isCopying, isSuspect };
}

/** Never nothing, so that it has a logarithm. */
const leastAgreement = 1e-6;

const expectedAgreement = (chance: number, a: number, b: number): number =>
  Math.max(chance + (1 - chance) * a * b, leastAgreement);

/** Chernoff's exponent: n times this bounds −ln P(at least this share of n), for independent trials of that mean. */
function divergence(share: number, mean: number): number {
  const rest = share >= 1 ? 0 : (1 - share) * logOfPositive((1 - share) / (1 - mean));
  return share * logOfPositive(share / mean) + rest;
}

/** What the usual reliability counts against a contributor's own: like so many common tasks. */
const priorTasks = 10;
/** In the first guess a pair counts like this many common tasks at most, so that a few cannot vouch for each other. */
const commonMax = 3;
/** Pairs with so much excess by the first guess take no part in the second. */
const doubtfulExcess = 0.5;
const rounds = 6;
/** Pairs who say the same by habit alone tell nothing. */
const chanceMax = 0.99;
const leastReliability = 0.1;

/**
 * The reliability of each, from 0 (agrees as chance would) to 1: agreements beyond chance, as a matrix, are nearly of
 * rank one. First everybody against the average partner, then against each partner's own reliability, by alternating
 * least squares over the pairs that do not look like copies. To it comes what it may be off by, in their favour.
 */
function solveReliability(pairs: Pairs): Float64Array {
  const { compared, i, j, common, same, chance } = pairs;
  const beyond = new Float64Array(common.length);
  const weights = new Float64Array(common.length);
  for (let p = 0; p < common.length; p++) {
    const open = 1 - (chance[p] as number);
    if (open < 1 - chanceMax) continue;
    beyond[p] = ((same[p] as number) / (common[p] as number) - (chance[p] as number)) / open;
    weights[p] = Math.min(common[p] as number, commonMax) * open;
  }
  const usual = Math.sqrt(Math.max(weightedMean(beyond, weights), leastReliability * leastReliability));
  const average = new Float64Array(compared.length).fill(usual);
  const guess = solveOnce(pairs, beyond, weights, average, usual, 1);
  const kept = weights.map((weight, p) => {
    const product = (guess[i[p] as number] as number) * (guess[j[p] as number] as number);
    const isDoubtful =
      (common[p] as number) >= suspectAfter && (beyond[p] as number) - product > doubtfulExcess * (1 - product);
    return weight === 0 || isDoubtful ? 0 : (common[p] as number) * (1 - (chance[p] as number));
  });
  let reliability = guess;
  for (let round = 1; round <= rounds; round++) {
    reliability = solveOnce(pairs, beyond, kept, reliability, usual, round === rounds ? 0.5 : 0);
  }
  return reliability;
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

/** @param allowance how many standard errors are added, roughly */
function solveOnce(
  { i, j, compared }: Pairs,
  beyond: Float64Array,
  weights: Float64Array,
  of: Float64Array,
  usual: number,
  allowance: number,
): Float64Array {
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
  return over.map((sum, w) => {
    const known = under[w] as number;
    return Math.min(Math.max(sum / known + allowance / Math.sqrt(known + 1), 0), 1);
  });
}
