import { termsOfTask } from "./admit.ts";
import type { LaneState } from "./state.ts";
import { isFinished, liveSlots, type TaskState } from "./state.ts";

/** Suggests tasks for a contributor, best first. Impure proposers are welcome: `decide` admits or refuses each. */
export type Proposer = (state: LaneState, contributor: number) => Iterable<number>;

/** How many started tasks are looked at before a new one is begun, and how many new ones. */
const startedMax = 64;
const freshMax = 100;

/**
 * Finishes what was started before it begins something new: settled tasks are worth more than half-answered ones. It
 * asks for no more answers at a time than the task surely needs, so that one that settles early is not overpaid.
 */
export const fillFirst: Proposer = function* (state) {
  let looked = 0;
  for (const number of state.withRoom.keys()) {
    // Control tasks keep their room for ever: counted, they would in time hide every other task.
    if (state.controls.get(number) === undefined && ++looked > startedMax) break;
    const task = state.tasks.get(number);
    if (task !== undefined && wantsAnother(state, number, task)) yield number;
  }
  let offered = 0;
  for (let number = state.frontier; number < state.taskCount && offered < freshMax; number++) {
    if (state.tasks.get(number) !== undefined || isFinished(state, number)) continue;
    offered++;
    yield number;
  }
};

function wantsAnother(state: LaneState, number: number, task: TaskState): boolean {
  const live = liveSlots(task);
  if (task.settled !== null || state.controls.get(number) !== undefined) return true;
  return live.length < termsOfTask(state, number).overlap.min || !live.some((slot) => slot.state === "assigned");
}
