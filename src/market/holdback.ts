import { type Amount, addAmounts, amount, sumAmounts } from "../core/amount.ts";
import { endHoldback, holdBack } from "../ledger/purse.ts";
import { recordOf } from "./model.ts";
import { hourMs } from "./spec.ts";
import { type HeldBack, type LaneState, type Member, specOf } from "./state.ts";
import { type Verifying, verifyingOf } from "./verifying.ts";

/** Keeps a part of what is credited next in the member's reserve. Times are rounded up to the hour: few parts then. */
export function holdBackOf(state: LaneState, member: Member, part: Amount): void {
  if (part === 0n) return;
  const { release } = verifyingOf(specOf(state)) as Verifying;
  const untilMs = release?.type === "delay" ? Math.ceil((state.timeMs + release.delayMs) / hourMs) * hourMs : null;
  holdBack(member.purse, part);
  const before = member.heldBack.find((each) => each.untilMs === untilMs);
  const others = member.heldBack.filter((each) => each !== before);
  member.heldBack = [...others, { untilMs, amount: addAmounts(before?.amount ?? amount(0n), part) }];
}

/** Whether something that is held back of a member may go now: what a closed market holds back, nobody checks any more. */
export const mayLetGo = (state: LaneState, member: Member): boolean =>
  member.heldBack.some((part) => isOver(state, member, part));

export function letGo(state: LaneState, member: Member): void {
  const over = member.heldBack.filter((part) => isOver(state, member, part));
  member.heldBack = member.heldBack.filter((part) => !over.includes(part));
  endHoldback(member.purse, sumAmounts(over.map((part) => part.amount)));
}

function isOver(state: LaneState, member: Member, { untilMs }: HeldBack): boolean {
  if (state.status === "closed") return true;
  if (untilMs !== null) return state.timeMs >= untilMs;
  const release = verifyingOf(specOf(state))?.release;
  return release?.type === "checked" && recordOf(member).checked >= release.checkedMin;
}
