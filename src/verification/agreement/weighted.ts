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
  const ranked = scoresOf(votes);
  ranked.sort((a, b) => b.weight - a.weight || b.votes - a.votes || a.choice - b.choice);
  const best = ranked[0];
  if (best === undefined) return { choice: 0, confidencePpm: Math.round(1_000_000 / Math.max(choices, 1)) };
  let total = 0;
  for (const { weight } of ranked) total += exp((weight - best.weight) / 1000);
  total += (choices - ranked.length) * exp(-best.weight / 1000);
  return { choice: best.choice, confidencePpm: Math.round(1_000_000 / total) };
}

interface Score {
  readonly choice: number;
  weight: number;
  votes: number;
}

/** A list, as few votes are for few choices. */
function scoresOf(votes: readonly Vote[]): Score[] {
  const scores: Score[] = [];
  for (const { choice, weight } of votes) {
    const score = scores.find((each) => each.choice === choice);
    if (score === undefined) scores.push({ choice, weight, votes: 1 });
    else {
      score.weight += weight;
      score.votes++;
    }
  }
  return scores;
}
