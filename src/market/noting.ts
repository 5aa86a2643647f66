import type { Slot } from "../core/slot.ts";
import { batchOfTask } from "./admit.ts";
import { programOf } from "./executions.ts";
import { groupRuleOf, groupWindowAnswers } from "./groups.ts";
import { classOf, policyOf } from "./learned.ts";
import { type LaneState, type SlotRecord, specOf } from "./state.ts";
import { verifyingOf } from "./verifying.ts";

/** What was paid as the first of its sort: whoever commits to the same later has a duplicate. */
export function keepCrash(state: LaneState, { task }: Slot, { check, commitment }: SlotRecord): void {
  const name = verifyingOf(specOf(state))?.crash ?? null;
  if (name === null || commitment === null) return;
  const crash = check?.executions.find((each) => each.name === name && each.crash !== null)?.crash;
  const program = programOf(state, task, name);
  if (crash === undefined || crash === null || program === null) return;
  const { type, state: frames } = crash;
  state.crashes.set(commitment.sequence, { program, commitment: commitment.hash, type, state: frames });
}

/** What tasks under the policy are answered is what the next model learns from. */
export function keepLesson(state: LaneState, { task }: Slot, { contributor, answer, panelOf }: SlotRecord): void {
  const { terms } = batchOfTask(state, task);
  const policy = policyOf(state, terms);
  const windowAnswers = policy?.windowAnswers ?? (groupRuleOf(state) === null ? null : groupWindowAnswers);
  if (windowAnswers === null || panelOf !== null) return;
  const label = classOf(terms.answer, answer);
  state.lessons.set(state.lessonCount, { task, contributor, label, sequence: state.tree.size + 1 });
  state.lessons.delete(state.lessonCount - windowAnswers);
  state.lessonCount++;
}
