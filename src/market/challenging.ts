import { type Amount, amount, zero } from "../core/amount.ts";
import { transfer } from "../ledger/books.ts";
import { credit, returnStake, slash, stake } from "../ledger/purse.ts";
import { panelPriceFor, termsOfTask } from "./admit.ts";
import { challengeRuleIn, seatStake } from "./challenges.ts";
import { creditSlot } from "./covering.ts";
import type { EntryOf } from "./entries.ts";
import { isRight } from "./right.ts";
import { priceOf } from "./spec.ts";
import {
  type Challenge,
  type ChallengeWindow,
  editMember,
  type LaneState,
  type SlotRecord,
  specOf,
  type TaskState,
} from "./state.ts";
import type { ChallengeRule } from "./verifying.ts";

/** What challenges do to the state. */

/** Opens the window in which everybody may object to what a task just settled on. Tells when it ends; null without one. */
export function openWindow(state: LaneState, task: number): number | null {
  const rule = challengeRuleIn(state);
  if (rule === null) return null;
  const endsAtMs = state.timeMs + rule.windowMs;
  state.challenges.set(task, { openedAtMs: state.timeMs, endsAtMs, challenge: null });
  return endsAtMs;
}

/** Puts reserve behind the objection, and sets aside what its panel costs. Tells until when the panel is heard. */
export function challenge(state: LaneState, { task, contributor, stake: cost }: EntryOf<"challenged">): number {
  const window = state.challenges.get(task) as ChallengeWindow;
  stake(editMember(state, contributor).purse, cost);
  const hold = amount(panelPriceFor(state, task, (challengeRuleIn(state) as ChallengeRule).seats));
  transfer(state.books, "appealBudget", "held", hold);
  const endsAtMs = state.timeMs + specOf(state).appeal.windowMs;
  const opened = { contributor, atMs: state.timeMs, endsAtMs, stake: cost, hold, drawn: [], outcome: null };
  state.challenges.set(task, { ...window, challenge: opened });
  return endsAtMs;
}

/** A seat is paid from what was set aside, and its holder puts as much at stake as it may earn. */
export function takeSeat(state: LaneState, task: number, record: SlotRecord): void {
  moveHold(state, task, "out");
  record.stake = seatStake(state, task);
  stake(editMember(state, record.contributor).purse, record.stake);
}

/** A seat takes its price out of what was set aside, and gives it back where it ends unanswered. */
export function moveHold(state: LaneState, task: number, by: "out" | "in"): void {
  const price = priceOf(specOf(state), termsOfTask(state, task));
  change(state, task, ({ hold }) => ({ hold: amount(by === "out" ? hold - price : hold + price) }));
}

export function change(state: LaneState, task: number, changes: (challenge: Challenge) => Partial<Challenge>): void {
  const window = state.challenges.get(task) as ChallengeWindow;
  const before = window.challenge as Challenge;
  state.challenges.set(task, { ...window, challenge: { ...before, ...changes(before) } });
}

/** A seat's stake goes back as it was where the seat ends without an answer, or by a fault of ours. */
export function unstake(state: LaneState, record: SlotRecord): void {
  if (record.stake === 0n) return;
  returnStake(editMember(state, record.contributor).purse, record.stake);
  record.stake = zero;
}

interface Winner {
  readonly contributor: number;
  /** What it won by; null for the objection itself. */
  readonly ordinal: number | null;
}

/**
 * Whoever was wrong loses what was at stake: to the seats that were right, and with them to the challenger, or to those
 * whose answers were challenged for nothing. Equal parts, the remainder to the first. Without a majority all goes back.
 */
export function settleStakes(state: LaneState, task: TaskState, entry: EntryOf<"challengeSettled">): void {
  const { challenge: opened } = state.challenges.get(entry.task) as ChallengeWindow;
  const { contributor, stake: cost, hold } = opened as Challenge;
  transfer(state.books, "held", "appealBudget", hold);
  let lost = 0n;
  const lose = (loser: number, value: Amount): void => {
    slash(editMember(state, loser).purse, value);
    lost += value;
  };
  if (entry.outcome === "upheld") lose(contributor, cost);
  else returnStake(editMember(state, contributor).purse, cost);
  for (const { ordinal, verdict } of entry.rulings) {
    const seat = task.slots[ordinal] as SlotRecord;
    if (verdict === "accepted") unstake(state, seat);
    else lose(seat.contributor, seat.stake);
    seat.stake = zero;
  }
  change(state, entry.task, () => ({ outcome: entry.outcome, hold: zero, stake: zero }));
  const winners = winnersOf(state, task, entry, contributor);
  const share = winners.length === 0 ? 0n : lost / BigInt(winners.length);
  for (const [i, winner] of winners.entries()) {
    const part = amount(i === 0 ? lost - share * BigInt(winners.length - 1) : share);
    const member = editMember(state, winner.contributor);
    if (winner.ordinal === null) credit(member.purse, part);
    else creditSlot(member, { task: entry.task, ordinal: winner.ordinal }, part);
  }
}

function winnersOf(
  state: LaneState,
  { slots }: TaskState,
  { task, outcome, label, rulings }: EntryOf<"challengeSettled">,
  challenger: number,
): Winner[] {
  const seats = rulings.flatMap(({ ordinal, verdict }) =>
    verdict === "accepted" ? [{ contributor: (slots[ordinal] as SlotRecord).contributor, ordinal }] : [],
  );
  if (outcome === "overturned") return [{ contributor: challenger, ordinal: null }, ...seats];
  const upheld = slots.flatMap((slot, ordinal) =>
    slot.panelOf === null &&
    slot.state === "held" &&
    slot.contributor !== challenger &&
    isRight(state, task, slot.answer, label)
      ? [{ contributor: slot.contributor, ordinal }]
      : [],
  );
  return [...seats, ...upheld];
}
