import { interval, rounded } from "./interval.ts";

/** A share of 1 of so many tasks; null of none. */
export interface Accuracy {
  readonly tasks: number;
  readonly right: number;
  readonly accuracy: number | null;
}

/** How a contributor did on tasks whose answer is known. */
export interface Measured extends Accuracy {
  /** 95% interval of the accuracy. */
  readonly interval: readonly [low: number, high: number];
}

/** A cell of an error matrix: how often it gave which answer for which. */
export interface ErrorCount<Answer> {
  readonly truth: Answer;
  readonly answer: Answer;
  readonly count: number;
}

/** An answer to a task whose truth is known. */
export interface Observation<Answer> {
  readonly truth: Answer;
  readonly answer: Answer;
  /** Near the truth can be right as well. */
  readonly isRight: boolean;
}

export const accuracyOf = (right: number, tasks: number): Accuracy => ({
  tasks,
  right,
  accuracy: tasks === 0 ? null : rounded(right / tasks),
});

export const measuredAs = (right: number, tasks: number): Measured => ({
  ...accuracyOf(right, tasks),
  interval: interval(right, tasks),
});

/** @param keyOf equal for equal answers; the cells are in the order of these texts */
export function measure<Answer>(
  observations: readonly Observation<Answer>[],
  keyOf: (answer: Answer) => string,
): Measured & { readonly errors: readonly ErrorCount<Answer>[] } {
  const cells = new Map<string, { truth: Answer; answer: Answer; count: number }>();
  for (const { truth, answer } of observations) {
    const key = `${keyOf(truth)} ${keyOf(answer)}`;
    cells.set(key, { truth, answer, count: (cells.get(key)?.count ?? 0) + 1 });
  }
  const right = observations.filter(({ isRight }) => isRight).length;
  return {
    ...measuredAs(right, observations.length),
    errors: [...cells].sort(([a], [b]) => (a < b ? -1 : 1)).map(([, cell]) => cell),
  };
}
