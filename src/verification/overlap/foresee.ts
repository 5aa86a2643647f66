import { forecast, supposedCrowd } from "./forecast.ts";

export interface Supposed {
  /** Answers to a task. */
  readonly min: number;
  readonly max: number;
  /** A task stops as soon as its label is that certain. */
  readonly target: number;
  readonly choices: number;
  /** How often a contributor is right. */
  readonly accuracy: number;
  /** How many answers' prices a right label is worth. */
  readonly answersWorth: number;
}

export interface Foreseen {
  /** Mean number of answers of a task. */
  readonly answersPerTask: number;
  /** The share of labels that will be right. */
  readonly accuracy: number;
  /** The share of tasks whose label becomes as certain as wanted. */
  readonly settled: number;
  /** However many answers were bought, most tasks would stay less certain than wanted. */
  readonly isOutOfReach: boolean;
  /** The share of labels that will be right where no answer is too dear. */
  readonly accuracyAtAnyPrice: number;
}

/** As far as a forecast plays: more answers change nothing. */
const answersMax = 64;
/** A right label is worth all that it may cost. */
const anyPrice = 1_000_000;

/**
 * What a market will need and reach, by the model that settles its tasks, before anything is known of its contributors:
 * answers to one task depend on one another, and some errors no further answer shows, as in other crowds.
 */
export function foresee({ min, max, target, choices, accuracy, answersWorth }: Supposed): Foreseen {
  const crowd = supposedCrowd(choices, accuracy);
  const targetPpm = Math.round(target * 1_000_000);
  const found = forecast(crowd, { min, max, targetPpm, answersWorth });
  const unbounded = forecast(crowd, { min, max: answersMax, targetPpm, answersWorth: anyPrice });
  return {
    // The forecast ends where more answers change nothing; a market that wants more of them buys them.
    answersPerTask: Math.min(Math.max(found.answersPerTask, min), max),
    accuracy: found.accuracy,
    settled: found.settled,
    isOutOfReach: unbounded.isOutOfReach,
    accuracyAtAnyPrice: Math.max(unbounded.accuracyByAnswers.at(-1) ?? 0, found.accuracy),
  };
}
