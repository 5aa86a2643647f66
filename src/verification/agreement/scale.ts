import type { ScaleSchema } from "../answers/scale.ts";
import { exp } from "../real.ts";
import { type Agreement, countingWeights, lowerMedian, million, sharePpm, type Vote } from "./vote.ts";

/**
 * The weighted lower median, which far-out answers cannot pull. Its confidence is the posterior that the truth is within
 * the schema's tolerance of it, where a vote speaks fully for its own step, for those within tolerance the less the
 * farther they are, and alike for all others: with no tolerance, that of choices.
 */
export function agreeOnScale(schema: ScaleSchema, votes: readonly Vote<number>[]): Agreement<number> {
  const label =
    votes.length === 0
      ? schema.min
      : lowerMedian(
          votes.map(({ answer }) => answer),
          countingWeights(votes),
        );
  const score = scoresOf(schema, votes);
  const highest = score.reduce((so, each) => Math.max(so, each), 0);
  let near = 0;
  let all = 0;
  for (const [step, each] of score.entries()) {
    const likelihood = exp((each - highest) / 1000);
    all += likelihood;
    if (Math.abs(step + schema.min - label) <= schema.tolerance) near += likelihood;
  }
  return { label, confidencePpm: Math.round((million * near) / all) };
}

/** What speaks for each step, in thousandths of a nat. */
function scoresOf({ min, max, tolerance }: ScaleSchema, votes: readonly Vote<number>[]): Float64Array {
  const score = new Float64Array(max - min + 1);
  for (const { answer, weight } of votes) {
    const last = Math.min(answer + tolerance, max);
    for (let step = Math.max(answer - tolerance, min); step <= last; step++) {
      // Whole numbers, so that the order of the votes leaves no trace.
      const part = Math.floor((weight * (tolerance + 1 - Math.abs(step - answer))) / (tolerance + 1));
      score[step - min] = (score[step - min] as number) + part;
    }
  }
  return score;
}

/** All within tolerance; beyond it less with every step, down to nothing at the farthest that there is. */
export function matchScale({ min, max, tolerance }: ScaleSchema, answer: number, label: number): number {
  const beyond = Math.max(Math.abs(answer - label) - tolerance, 0);
  const farthest = Math.max(label - min, max - label) - tolerance;
  return beyond === 0 ? million : sharePpm(farthest - beyond, farthest);
}
