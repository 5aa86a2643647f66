import { exp } from "../real.ts";
import type { Assessment } from "./assess.ts";
import type { PayPolicy } from "./policy.ts";

export interface PayVote {
  /** The contributor's index in the assessed window, or that of its last one for whoever was not in it. */
  readonly contributor: number;
  readonly choice: number;
}

/** Awaited: by more of the proven, or a better model. Split: they are heard, and not of one mind. */
export type LabelState = "awaited" | "decided" | "split";

export interface TaskLabel {
  readonly choice: number;
  readonly state: LabelState;
  /** The probability of each choice. */
  readonly posteriorPpm: Int32Array;
}

/**
 * The label of a task that gets no more answers, by the adopted assessment.
 *
 * @param isClosing whether no more evidence can come: then no label is awaited
 */
export function labelTask(
  assessment: Assessment,
  policy: PayPolicy,
  votes: readonly PayVote[],
  isClosing: boolean,
): TaskLabel {
  const { choice, posteriorPpm } = addVotes(assessment, votes);
  const proven = votes.filter(({ contributor }) => assessment.standing[contributor] === "proven");
  const ground = addVotes(assessment, proven).posteriorPpm[choice] as number;
  if (!isClosing && ground < policy.groundPpm) return { choice, posteriorPpm, state: "awaited" };
  const isDecided = (posteriorPpm[choice] as number) >= policy.targetPpm;
  return { choice, posteriorPpm, state: isDecided ? "decided" : "split" };
}

/** Adds integers, so the order of votes does not matter. Ties go to the choice with more votes, then to the lower one. */
function addVotes(
  { classes, priorMillinats, voteMillinats }: Assessment,
  votes: readonly PayVote[],
): Omit<TaskLabel, "state"> {
  const scores = priorMillinats.slice();
  const counts = new Int32Array(classes);
  for (const { contributor, choice } of votes) {
    const row = (contributor * classes + choice) * classes;
    for (let z = 0; z < classes; z++) scores[z] = (scores[z] as number) + (voteMillinats[row + z] as number);
    counts[choice] = (counts[choice] as number) + 1;
  }
  let best = 0;
  for (let z = 1; z < classes; z++) {
    const more = (scores[z] as number) - (scores[best] as number);
    if (more > 0 || (more === 0 && (counts[z] as number) > (counts[best] as number))) best = z;
  }
  const most = scores[best] as number;
  const odds = Float64Array.from(scores, (score) => exp((score - most) / 1_000));
  let total = 0;
  for (const each of odds) total += each;
  return { choice: best, posteriorPpm: Int32Array.from(odds, (each) => Math.round((1_000_000 * each) / total)) };
}
