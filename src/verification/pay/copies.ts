import { logOfPositive } from "../inference/fast-real.ts";
import { expectAgreement } from "./expected-agreement.ts";
import { comparePairs, type Pairs } from "./pairs.ts";
import { weighTiming } from "./timing.ts";
import type { PayWindow } from "./window.ts";

/** Flags of each contributor, 1 where true. */
export interface Copies {
  /** Gives answers of others. Whoever of a pair is always first was copied, and is not flagged. */
  readonly isCopying: Uint8Array;
  /** May turn out to: too early to say. */
  readonly isSuspect: Uint8Array;
}

/** Common tasks from which on a pair says anything, and from which on it is flagged. */
const commonMin = 4;
const flaggedAfter = 8;
/** Of the agreement that independence leaves open, the share that copies have and others do not. */
const excessMin = 0.7;
/** Log-odds of copying from which on a pair is suspected, and from which on it is flagged. */
const suspectOdds = 0;
const flaggedOdds = 4;
/** Whoever is first on that share of the same answers was copied. */
const firstMin = 0.9;

/**
 * Who gives others' answers. Two contributors who answer on their own agree by chance, and beyond that as far as both
 * look: see `expectAgreement`. Copies agree far beyond that, on errors as well. No model of the truth takes part, which a
 * ring would have captured. (Shnayder, Agarwal, Frongillo and Parkes, "Informed truthfulness in multi-task peer
 * prediction", 2016, pay by the same difference between common and uncommon tasks.)
 */
export function findCopies(window: PayWindow): Copies {
  const pairs = comparePairs(window, commonMin);
  const odds = weighTiming(pairs, surprisesOf(pairs), commonMin);
  const { compared, i, j, common, same, first } = pairs;
  const isCopying = new Uint8Array(window.answers.contributors);
  const isSuspect = new Uint8Array(window.answers.contributors);
  for (let p = 0; p < odds.length; p++) {
    if ((odds[p] as number) < suspectOdds) continue;
    const isSure = (odds[p] as number) >= flaggedOdds && (common[p] as number) >= flaggedAfter;
    const flags = isSure ? isCopying : isSuspect;
    const firstShare = (first[p] as number) / (same[p] as number);
    if (firstShare < firstMin) flags[compared[i[p] as number] as number] = 1;
    if (firstShare > 1 - firstMin) flags[compared[j[p] as number] as number] = 1;
  }
  return { isCopying, isSuspect };
}

/** Of each pair, by how many nats copying explains their agreement better; −Infinity where it does not look like that. */
function surprisesOf(pairs: Pairs): Float64Array {
  const { common, same } = pairs;
  const expectations = expectAgreement(pairs);
  return Float64Array.from(common, (count, p) => {
    const expected = expectations[p] as number;
    const agreement = (same[p] as number) / count;
    const isBeyond = count >= commonMin && agreement - expected >= excessMin * (1 - expected);
    return isBeyond ? count * divergence(agreement, expected) : -Infinity;
  });
}

/** Chernoff's exponent: n times this bounds −ln P(at least this share of n), for independent trials of that mean. */
function divergence(share: number, mean: number): number {
  const rest = share >= 1 || mean >= 1 ? 0 : (1 - share) * logOfPositive((1 - share) / (1 - mean));
  return share * logOfPositive(share / mean) + rest;
}
