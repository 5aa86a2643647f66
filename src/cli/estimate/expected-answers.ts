import { agree, type Vote } from "../../verification/agree.ts";
import { voteWeight } from "../../verification/weight.ts";

export interface Assumptions {
  readonly min: number;
  readonly max: number;
  /** A task stops as soon as its label is that certain. */
  readonly target: number;
  readonly choices: number;
  /** How often a contributor is right. */
  readonly accuracy: number;
}

/** A contributor whose record is known this well. */
const checked = 100;
/** Overlaps beyond are as good as this one, and their table would grow with the square. */
const countedMax = 200;

/**
 * How many answers a task takes on average, by the rule that settles it: after each answer it stops where the label is
 * certain enough. Wrong answers are taken to agree with each other, so the true number is rather smaller.
 */
export function expectedAnswers({ min, max, target, choices, accuracy }: Assumptions): number {
  const last = Math.min(max, countedMax);
  const weight = voteWeight(accuracy * checked, checked, Math.max(choices, 2));
  const isCertain = (right: number, wrong: number): boolean =>
    agree(votesOf(right, wrong, weight), Math.max(choices, 2)).confidencePpm >= target * 1_000_000;
  /** Probability to stand at so many right answers, still open, after each number of answers. */
  let open: readonly number[] = [1];
  let expected = 0;
  for (let answers = 1; answers <= last; answers++) {
    const reached = Array.from({ length: answers + 1 }, (_, right) => {
      const before = (right > 0 ? (open[right - 1] ?? 0) * accuracy : 0) + (open[right] ?? 0) * (1 - accuracy);
      return before;
    });
    const isLast = answers === last;
    const stops = reached.map((_, right) => isLast || (answers >= min && isCertain(right, answers - right)));
    const stopped = reached.reduce((sum, chance, right) => sum + (stops[right] === true ? chance : 0), 0);
    expected += stopped * (isLast ? max : answers);
    open = reached.map((chance, right) => (stops[right] === true ? 0 : chance));
  }
  return expected;
}

const votesOf = (right: number, wrong: number, weight: number): Vote[] => [
  ...Array.from({ length: right }, () => ({ choice: 0, weight })),
  ...Array.from({ length: wrong }, () => ({ choice: 1, weight })),
];
