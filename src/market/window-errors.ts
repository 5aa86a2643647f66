import { createAnswers } from "../verification/inference/answers.ts";
import { type ErrorCell, errorMatrices } from "../verification/inference/error-matrices.ts";
import { matrixClassesMax } from "../verification/overlap/market-model.ts";
import { posterior } from "../verification/overlap/posterior.ts";
import { classesOf, classOf, hasVote, type Learned, latestLessons, numbered, standingOf } from "./learned.ts";
import { controlOf, type LaneState, type Lesson, specOf } from "./state.ts";

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
  const lessons = latestLessons(state);
  const tasks = numbered(lessons.map(({ task }) => task));
  const people = numbered(lessons.map(({ contributor }) => contributor));
  const answers = createAnswers({
    tasks: tasks.originals.length,
    contributors: people.originals.length,
    classes,
    task: Int32Array.from(lessons, ({ task }) => tasks.numberOf.get(task) as number),
    contributor: Int32Array.from(lessons, ({ contributor }) => people.numberOf.get(contributor) as number),
    label: Int32Array.from(lessons, ({ label }) => label),
  });
  const labels = labelsOf(state, learned, tasks.originals, lessons);
  const isWanted = (w: number): boolean => wanted.has(people.originals[w] as number);
  const errors = new Map<number, Omit<ErrorCell, "contributor">[]>();
  for (const { contributor, ...cell } of errorMatrices(answers, { labels }, isWanted)) {
    if (cell.answers === 0 && cell.truth !== cell.label) continue;
    const original = people.originals[contributor] as number;
    const cells = errors.get(original);
    if (cells === undefined) errors.set(original, [cell]);
    else cells.push(cell);
  }
  return errors;
}

/** What each task is taken for: the known answer, or what those say who are heard; -1 where nobody is. */
function labelsOf(
  state: LaneState,
  learned: Learned,
  tasks: readonly number[],
  lessons: readonly Lesson[],
): Int32Array {
  const votes = new Map<number, Lesson[]>(tasks.map((task) => [task, []]));
  for (const lesson of lessons) {
    if (hasVote(standingOf(learned, lesson.contributor))) votes.get(lesson.task)?.push(lesson);
  }
  const { answer } = specOf(state).terms;
  return Int32Array.from(tasks, (task) => {
    const control = controlOf(state, task);
    if (control !== undefined) return classOf(answer, control.answer);
    const heard = votes.get(task) as Lesson[];
    return heard.length === 0 ? -1 : posterior(learned.model, heard).choice;
  });
}
