import { createAnswers } from "../verification/inference/answers.ts";
import { type ErrorCell, errorMatrices, type Interval } from "../verification/inference/error-matrices.ts";
import { interval } from "../verification/machines/interval.ts";
import { matrixClassesMax } from "../verification/overlap/market-model.ts";
import { type CastVote, posterior } from "../verification/overlap/posterior.ts";
import { classesOf, classOf, hasVote, type Learned, standingOf } from "./learned.ts";
import { type NumberedLessons, numberedLessons } from "./lessons.ts";
import { controlOf, type LaneState, specOf } from "./state.ts";

/** A cell of an error matrix: classes by their number, see `answerOf`. */
export type ContributorErrors = readonly Omit<ErrorCell, "contributor">[];

/**
 * The error matrices of some contributors, for people to read: counted from the lessons that the market still keeps, by
 * the known answers of control tasks and by what the adopted model says of the others. Cells that nothing was answered
 * in are left out, but for those of right answers. Null where there is no model, or answers are no few classes.
 */
export function windowErrors(
  state: LaneState,
  wanted: ReadonlySet<number>,
): ReadonlyMap<number, ContributorErrors> | null {
  const { learned } = state.model;
  const classes = classesOf(specOf(state).terms.answer) ?? Infinity;
  if (learned === null || classes > matrixClassesMax) return null;
  const lessons = numberedLessons(state);
  const originalOf = (w: number): number => lessons.originals.contributors[w] as number;
  const labels = labelsOf(state, learned, lessons);
  const isWanted = (w: number): boolean => wanted.has(originalOf(w));
  const errors = new Map<number, Omit<ErrorCell, "contributor">[]>();
  const answers = createAnswers({ ...lessons, classes });
  for (const { contributor, ...cell } of errorMatrices(answers, { labels }, { isWanted, intervalOf: scoreInterval })) {
    if (cell.answers === 0 && cell.truth !== cell.label) continue;
    const original = originalOf(contributor);
    const cells = errors.get(original);
    if (cells === undefined) errors.set(original, [cell]);
    else cells.push(cell);
  }
  return errors;
}

/** Wilson's, of the same counts: a little wide where they are few, and a thousand times cheaper for whoever waits. */
const scoreInterval: Interval = (a, b) => interval(a, a + b);

/** What each task is taken for: the known answer, or what those say who are heard; -1 where nobody is. */
function labelsOf(state: LaneState, learned: Learned, lessons: NumberedLessons): Int32Array {
  const { task, contributor, label, originals } = lessons;
  const votes = Array.from(originals.tasks, (): CastVote[] => []);
  for (const [i, t] of task.entries()) {
    const by = originals.contributors[contributor[i] as number] as number;
    if (hasVote(standingOf(learned, by))) votes[t]?.push({ contributor: by, label: label[i] as number });
  }
  const { answer } = specOf(state).terms;
  return Int32Array.from(originals.tasks, (original, t) => {
    const control = controlOf(state, original);
    if (control !== undefined) return classOf(answer, control.answer);
    const heard = votes[t] as CastVote[];
    return heard.length === 0 ? -1 : posterior(learned.model, heard).choice;
  });
}
