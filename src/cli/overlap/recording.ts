import type { Answers } from "../../verification/inference/answers.ts";
import type { CastVote } from "../../verification/overlap/posterior.ts";
import { shuffle } from "./random.ts";

/** Answers that were recorded, with the truth of some tasks (below 0 where unknown). */
export interface Recording {
  readonly answers: Answers;
  readonly truth: Int32Array;
}

export const hasTruth = ({ truth }: Recording, task: number): boolean => truth[task] !== -1;

/** The recorded answers of each task, one of each contributor, in another order for each seed. */
export function shuffledVotes({ answers }: Recording, random: () => number): CastVote[][] {
  const { tasks, classes, offsets, codes } = answers;
  return Array.from({ length: tasks }, (_, t) => {
    const votes = [...codes.subarray(offsets[t], offsets[t + 1])].map((code) => ({
      contributor: Math.floor(code / classes),
      label: code % classes,
    }));
    // The layout has a contributor's answers to a task together.
    const first = votes.filter(({ contributor }, i) => votes[i - 1]?.contributor !== contributor);
    return shuffle(first, random);
  });
}
