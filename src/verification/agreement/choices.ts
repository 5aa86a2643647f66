import type { ChoicesSchema } from "../answers/choices.ts";
import { type Agreement, fScorePpm, probabilityPpm, type Vote } from "./vote.ts";

interface Support {
  readonly choice: number;
  readonly weight: number;
  readonly votes: number;
}

/**
 * Each choice is a question of its own, with a flat prior: in where more weight is for it than against it. Ties go to
 * more votes, then out. Where that makes too few or too many, those with most weight are taken; ties go to more votes,
 * then to the lower index.
 */
export function agreeOnChoices(
  schema: ChoicesSchema,
  votes: readonly Vote<readonly number[]>[],
): Agreement<readonly number[]> {
  const all = votes.reduce((sum, { weight }) => sum + weight, 0);
  const ranked = supportOf(votes);
  const ahead = ranked.filter(({ weight, votes: count }) => (2 * weight - all || 2 * count - votes.length) > 0);
  const size = Math.min(Math.max(ahead.length, schema.min), schema.max);
  const label = firstChoices(ranked, size);
  const isIn = new Set(label);
  const sureOf = ({ choice, weight }: Support): number => (isIn.has(choice) ? 2 * weight - all : all - 2 * weight);
  // A choice that nobody made is out as surely as there are votes; one that had to be filled in is in with none.
  const unnamed = label.length > ranked.length ? -all : all;
  const least = ranked.reduce((so, each) => Math.min(so, sureOf(each)), unnamed);
  return { label, confidencePpm: votes.length === 0 ? 0 : probabilityPpm(least) };
}

/** What was chosen at all, the best supported first. */
function supportOf(votes: readonly Vote<readonly number[]>[]): Support[] {
  const support = new Map<number, Support>();
  for (const { answer, weight } of votes) {
    for (const choice of answer) {
      const before = support.get(choice) ?? { weight: 0, votes: 0 };
      support.set(choice, { choice, weight: before.weight + weight, votes: before.votes + 1 });
    }
  }
  return [...support.values()].sort((a, b) => b.weight - a.weight || b.votes - a.votes || a.choice - b.choice);
}

/** The first of the ranked choices, then, where they do not suffice, the first of the others; rising. */
function firstChoices(ranked: readonly Support[], size: number): number[] {
  const taken = new Set(ranked.slice(0, size).map(({ choice }) => choice));
  for (let choice = 0; taken.size < size; choice++) taken.add(choice);
  return [...taken].sort((a, b) => a - b);
}

/** The F-score of what was chosen. */
export function matchChoices(answer: readonly number[], label: readonly number[]): number {
  const isRight = new Set(label);
  return fScorePpm(answer.filter((choice) => isRight.has(choice)).length, answer.length, label.length);
}
