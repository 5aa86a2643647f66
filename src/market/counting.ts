import { recordWithout } from "./controls.ts";
import type { EntryOf } from "./entries.ts";
import { broughtDigest, ownComputed } from "./executions.ts";
import { isRight } from "./right.ts";
import { type Control, editMember, type LaneState, type SlotRecord } from "./state.ts";

/** What goes into a contributor's record, by which its later answers weigh. */

/** An answer of a settled task counts in its contributor's record, right or wrong. */
export function countAgreement(state: LaneState, slot: SlotRecord, task: number): void {
  const settled = state.tasks.get(task)?.settled ?? null;
  if (settled === null || slot.panelOf !== null) return;
  // What the network computed itself is right, whatever most of its owners brought.
  const own = ownComputed(state, task);
  if (!settled.decided && own === null) return;
  const member = editMember(state, slot.contributor);
  member.judged++;
  const isOwn = own !== null && slot.check !== null && broughtDigest(slot.check, own.name) === own.digest;
  if (own === null ? isRight(state, task, slot.answer, settled.label) : isOwn) member.agreed++;
}

/** Most reasons say whether a control was met, also to those who do not know its answer. */
export function countControl(
  state: LaneState,
  { task, reason }: Pick<EntryOf<"judged">, "task" | "reason">,
  slot: SlotRecord,
  control: Control,
): void {
  const isKnown = reason === "CONTROL_MATCHED" || reason === "CONTROL_MISSED";
  slot.counted = isKnown ? reason === "CONTROL_MATCHED" : isRight(state, task, slot.answer, control.answer);
  const member = editMember(state, slot.contributor);
  member.controlsAnswered++;
  if (slot.counted) member.controlsRight++;
}

/** Takes an answer to a control task out of its contributor's record, where it counts in it. */
export function forgetControl(state: LaneState, slot: SlotRecord): void {
  const member = editMember(state, slot.contributor);
  Object.assign(member, recordWithout(member, slot));
  slot.counted = null;
}
