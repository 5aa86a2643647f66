import { batchOfTask, wantsPanelist } from "./admit.ts";
import { controlOf, type LaneState, liveSlotCount, type TaskState } from "./state.ts";
import type { Table } from "./table.ts";

/** Keeps the sets of started tasks that another contributor may take, and of those whose appeals want one. */
export function updateRoom(state: LaneState, number: number): void {
  const task = state.tasks.get(number) as TaskState;
  const { terms } = batchOfTask(state, number);
  const control = controlOf(state, number);
  const ownRoom =
    control === undefined
      ? task.settled === null && state.waiting.get(number) === undefined && liveSlotCount(task) < terms.overlap.max
      : control.status === "live";
  list(state.withRoom, number, ownRoom);
  list(state.wantsPanel, number, wantsPanelist(state, number, task));
}

function list(tasks: Table<true>, number: number, isOn: boolean): void {
  if (isOn) tasks.set(number, true);
  else tasks.delete(number);
}
