import { termsOfTask } from "./admit.ts";
import { priceOf } from "./spec.ts";
import { isFinished, type LaneState, specOf } from "./state.ts";

/** As many as somebody may be shown; and how far into the market they are looked for. */
const shownMax = 8;
const lookedMax = 200;

/**
 * Tasks that somebody who was never here may answer for the newcomers' money: the first ones of the market that want
 * answers, so that its requester decides what strangers see first. Where too few of those are left, the next ones.
 */
export function showcaseOf(state: LaneState): readonly number[] {
  const found: number[] = [];
  if (specOf(state).newcomer === null) return found;
  for (const from of [0, Math.max(lookedMax, state.frontier)]) {
    const to = Math.min(state.taskCount, from + lookedMax);
    for (let number = from; number < to && found.length < shownMax; number++) {
      if (isForStrangers(state, number)) found.push(number);
    }
  }
  return found;
}

function isForStrangers(state: LaneState, number: number): boolean {
  const control = state.controls.get(number);
  if (control === undefined ? isFinished(state, number) : control.status !== "live") return false;
  const terms = termsOfTask(state, number);
  if (terms.eligibility.length > 0 || state.books.newcomerBudget < priceOf(specOf(state), terms)) return false;
  return control !== undefined || state.tasks.get(number) === undefined || state.withRoom.get(number) === true;
}
