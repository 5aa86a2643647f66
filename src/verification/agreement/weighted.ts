import { exp } from "../real.ts";

export interface Vote {
  /** The index of the choice. */
  readonly choice: number;
  /** Thousandths of a nat, see `voteWeight`. */
  readonly weight: number;
}

export interface Agreement {
  readonly choice: number;
  /** Posterior probability of `choice` in parts per million, from a flat prior. */
  readonly confidencePpm: number;
}

/**
 * Weighted agreement on one of `choices` choices: the posterior of a one-coin model with a flat prior. Integers in,
 * integers out; independent of the order of the votes. Ties go to the choice with more votes, then to the lower index.
 * No votes: choice 0 with the prior's probability.
 */
export function agree(votes: readonly Vote[], choices: number): Agreement {
  const score = new Map<number, { weight: number; votes: number }>();
  for (const vote of votes) {
    const before = score.get(vote.choice) ?? { weight: 0, votes: 0 };
    score.set(vote.choice, { weight: before.weight + vote.weight, votes: before.votes + 1 });
  }
  const ranked = [...score].sort(
    ([choiceA, a], [choiceB, b]) => b.weight - a.weight || b.votes - a.votes || choiceA - choiceB,
  );
  const best = ranked[0];
  if (best === undefined) return { choice: 0, confidencePpm: Math.round(1_000_000 / Math.max(choices, 1)) };
  let total = 0;
  for (const [, { weight }] of ranked) total += exp((weight - best[1].weight) / 1000);
  total += (choices - ranked.length) * exp(-best[1].weight / 1000);
  return { choice: best[0], confidencePpm: Math.round(1_000_000 / total) };
}
