import { voteWeight } from "../../verification/agreement/weight.ts";
import { agree } from "../../verification/agreement/weighted.ts";
import type { CastVote } from "../../verification/overlap/posterior.ts";
import { seededRandom, shuffle } from "./random.ts";
import { hasTruth, type Recording, shuffledVotes } from "./recording.ts";

export interface CostAndAccuracy {
  readonly answersPerTask: number;
  readonly accuracy: number;
}

const orders = 10;

/**
 * Majority of at most so many answers a task, in the mean of some orders. Of labels that tie each is as good as chosen,
 * so that none gains by the order of labels.
 */
export function fixedMajority(
  recording: Recording,
  tasks: readonly number[],
  overlap: number,
  seed: number,
): CostAndAccuracy {
  const random = seededRandom(seed);
  let answers = 0;
  let right = 0;
  for (let order = 0; order < orders; order++) {
    const votes = shuffledVotes(recording, random);
    for (const t of tasks) {
      const bought = (votes[t] as CastVote[]).slice(0, overlap);
      answers += bought.length;
      right += chanceOfTruth(bought, recording.truth[t] as number);
    }
  }
  const all = Math.max(orders * tasks.length, 1);
  return { answersPerTask: answers / all, accuracy: right / all };
}

function chanceOfTruth(votes: readonly CastVote[], truth: number): number {
  const counts = new Map<number, number>();
  for (const { label } of votes) counts.set(label, (counts.get(label) ?? 0) + 1);
  const most = Math.max(0, ...counts.values());
  if (most === 0 || (counts.get(truth) ?? 0) < most) return 0;
  return 1 / [...counts.values()].filter((each) => each === most).length;
}

const tolokaMin = 2;

/**
 * Toloka's dynamic overlap: answers from whoever comes, each weighted by a skill (the share of its answers that agreed
 * with the plurality of the others'), until the most probable label is certain enough or nobody is left.
 */
export function tolokaStyle(
  recording: Recording,
  tasks: readonly number[],
  target: number,
  seed: number,
): CostAndAccuracy {
  const { answers, truth } = recording;
  const random = seededRandom(seed);
  const votes = shuffledVotes(recording, random);
  const skills = Array.from({ length: answers.contributors }, (): AgreementRecord => ({ right: 0, checked: 0 }));
  const counted = new Set(tasks);
  const found = { answers: 0, right: 0 };
  for (const t of shuffle([...votes.keys()], random)) {
    const all = votes[t] as CastVote[];
    if (all.length === 0 || (!counted.has(t) && hasTruth(recording, t))) continue;
    let bought = 0;
    let choice = 0;
    for (let isSure = false; !isSure && bought < all.length; ) {
      bought++;
      const agreement = agree(
        all.slice(0, bought).map(({ contributor, label }) => {
          const { right, checked } = skills[contributor] as AgreementRecord;
          return { choice: label, weight: voteWeight(right, checked, answers.classes) };
        }),
        answers.classes,
      );
      choice = agreement.choice;
      isSure = bought >= tolokaMin && agreement.confidencePpm >= target * 1_000_000;
    }
    learnSkills(skills, all.slice(0, bought));
    if (!counted.has(t)) continue;
    found.answers += bought;
    found.right += Number(choice === truth[t]);
  }
  const all = Math.max(tasks.length, 1);
  return { answersPerTask: found.answers / all, accuracy: found.right / all };
}

interface AgreementRecord {
  right: number;
  checked: number;
}

/** One's own answer is no evidence of one's skill; a tie of the others says nothing. */
function learnSkills(skills: readonly AgreementRecord[], votes: readonly CastVote[]): void {
  for (const { contributor, label } of votes) {
    const counts = new Map<number, number>();
    for (const other of votes) {
      if (other.contributor !== contributor) counts.set(other.label, (counts.get(other.label) ?? 0) + 1);
    }
    const most = Math.max(...counts.values());
    const leading = [...counts].filter(([, count]) => count === most);
    if (leading.length !== 1) continue;
    const skill = skills[contributor] as AgreementRecord;
    skill.checked++;
    skill.right += Number(leading[0]?.[0] === label);
  }
}
