import { amount } from "../core/amount.ts";
import type { Hash } from "../core/hash.ts";
import { type Slot, slotOfKey } from "../core/slot.ts";
import { agreeOn } from "../verification/agreement/agree-on.ts";
import { answerKey } from "../verification/answers/answer-schema.ts";
import { isUnmeasured, panelOf, termsOfTask } from "./admit.ts";
import { challengeDueMs, challengeSettlement, drawPanel, isPending, openChallenge } from "./challenges.ts";
import { metControl, passesGate, recordWithout } from "./controls.ts";
import { dueKeys, schedule, withDue } from "./due.ts";
import type { Consequence, Entry, EntryOf, OrdinalRuling } from "./entries.ts";
import { isUnexecuted } from "./executions.ts";
import { isTooFew, labelOf, votesByRecords } from "./label.ts";
import { measureMsMax } from "./measured.ts";
import { isModelBehind, modelDue, nextModel } from "./model.ts";
import { agreementOf, isRight } from "./right.ts";
import { updateRoom } from "./room.ts";
import { ruleControl, ruleSlot, type SlotRuling } from "./ruling.ts";
import {
  type Control,
  controlOf,
  hasEnded,
  type LaneState,
  liveSlots,
  type Member,
  ofChallenge,
  openSlots,
  type Settlement,
  type SlotRecord,
  specOf,
  type TaskState,
} from "./state.ts";
import { verifySlot } from "./verified.ts";
import { verifyingOf } from "./verifying.ts";

type Emit = (entry: Consequence) => void;

/**
 * What follows from an input by the rules alone: expiries, verdicts, payments, models, the close. Each consequence is
 * emitted as soon as it is certain, and applied before the next one is looked for.
 */
export function follow(state: LaneState, input: Entry, hash: Hash, emit: Emit): void {
  switch (input.kind) {
    case "timed":
      followTime(state, emit);
      break;
    case "submitted":
    case "measured":
      verifySubmission(state, input, emit);
      judgeTask(state, input.task, emit);
      break;
    case "executed":
      verifySubmission(state, input, emit);
      judgeTask(state, input.task, emit);
      judgeClaims(state, emit);
      break;
    case "drawn":
      judgeDrawn(state, input, emit);
      break;
    case "returned":
      emit({ kind: "expired", task: input.task, ordinal: input.ordinal });
      judgeTask(state, input.task, emit);
      judgeClaims(state, emit);
      break;
    case "voided":
    case "appealed":
      judgeTask(state, input.task, emit);
      judgeClaims(state, emit);
      break;
    case "challenged":
      emit(drawPanel(state, input.task, hash));
      break;
    case "closing":
      if (isModelBehind(state)) emit(nextModel(state, hash));
      for (const number of sortedTasks(state)) judgeTask(state, number, emit);
      judgeClaims(state, emit);
      break;
    case "funded":
    case "received":
      // Money that was under way when this lane closed goes back as well.
      if (state.status === "closed") emit({ kind: "closed", refund: state.books.free });
      break;
    default:
      return;
  }
  if (!modelDue(state)) return;
  emit(nextModel(state, hash));
  for (const number of [...state.waiting.keys()].sort((a, b) => a - b)) judgeTask(state, number, emit);
}

const sortedTasks = (state: LaneState): number[] => [...state.tasks.keys()].sort((a, b) => a - b);

function followTime(state: LaneState, emit: Emit): void {
  const now = Math.floor(state.timeMs / 1000);
  for (const second of secondsUntil(state, now)) {
    const due = state.due.get(second);
    if (due === undefined) continue;
    // Taken out first: what follows may fall due within this very second.
    state.due.delete(second);
    const later = dueKeys(due).filter((key) => !fallDue(state, key, second, emit));
    const left = withDue(dueKeys(state.due.get(second)), withDue(later, undefined));
    if (left !== undefined) state.due.set(second, left);
  }
  state.dueSecond = now;
  judgeClaims(state, emit);
  closeIfDone(state, emit);
}

/** The seconds in which something may be due, in order. A lane that slept long looks at those that are there alone. */
function* secondsUntil(state: LaneState, now: number): Iterable<number> {
  if (now - state.dueSecond <= state.due.size + 60) {
    for (let second = state.dueSecond; second <= now; second++) yield second;
    return;
  }
  yield* [...state.due.keys()].filter((second) => second < now).sort((a, b) => a - b);
  yield now;
}

/** Deals with whatever is due of a slot; false where something of it falls due later in this second. */
function fallDue(state: LaneState, key: number, second: number, emit: Emit): boolean {
  const slot = slotOfKey(key);
  const record = state.tasks.get(slot.task)?.slots[slot.ordinal];
  if (record === undefined) return true;
  const isLater = (timeMs: number | null | undefined): boolean =>
    timeMs !== null && timeMs !== undefined && timeMs > state.timeMs && Math.floor(timeMs / 1000) === second;
  // Asked before anything changes: what then falls due is planned anew.
  const later =
    isLater(record.expiresAtMs) ||
    (record.state === "held" && isLater(record.expiresAtMs + measureMsMax)) ||
    isLater(termsOfTask(state, slot.task).deadlineMs) ||
    isLater(challengeDueMs(state.challenges.get(slot.task))) ||
    isLater(state.waiting.get(slot.task));
  if (record.expiresAtMs <= state.timeMs) {
    switch (record.state) {
      case "assigned":
        emit({ kind: "expired", ...slot });
        break;
      case "held":
        if (isUnmeasured(verifyingOf(specOf(state)), record) && record.expiresAtMs + measureMsMax <= state.timeMs)
          emit({ kind: "expired", ...slot });
        break;
      case "appealable":
        emit({ kind: "released", ...slot });
        break;
      case "review": {
        const isRejected = verifyingOf(specOf(state))?.escalate?.otherwise === "rejected";
        emit({ kind: "judged", ...slot, verdict: isRejected ? "rejected" : "accepted", reason: "REVIEW_LATE" });
        break;
      }
      default:
    }
  }
  judgeTask(state, slot.task, emit);
  return !later;
}

function closeIfDone(state: LaneState, emit: Emit): void {
  if (state.status !== "closing" || state.closesAtMs === null || state.timeMs < state.closesAtMs) return;
  const { assigned, held, appealable, free, appealBudget, newcomerBudget } = state.books;
  if (assigned + held + appealable > 0n) return;
  // A slot without a price stands in no account.
  if (sortedTasks(state).some((number) => taskOf(state, number).slots.some((slot) => !hasEnded(slot)))) return;
  emit({ kind: "closed", refund: amount(free + appealBudget + newcomerBudget) });
}

/** A check that fails decides at once, and so does a composition that asks for no agreement. */
function verifySubmission(state: LaneState, { task, ordinal }: Slot, emit: Emit): void {
  if (verifyingOf(specOf(state)) === null || slotAt(state, task, ordinal).check === null) return;
  // A control task is judged by its hidden answer, with all that waits there.
  if (controlOf(state, task) !== undefined) return;
  const verified = verifySlot(state, { task, ordinal }, false);
  if (verified !== null) emit(verified);
}

/** All that waited for this hash: what is not drawn has its verdict, what is drawn waits for its execution. */
function judgeDrawn(state: LaneState, { chainSlot }: EntryOf<"drawn">, emit: Emit): void {
  const drawn = [...state.executing.keys()]
    .map(slotOfKey)
    .filter(({ task, ordinal }) => slotAt(state, task, ordinal).check?.draw?.chainSlot === chainSlot);
  for (const number of new Set(drawn.map(({ task }) => task))) judgeTask(state, number, emit);
}

/** What was shown waits for those who committed before, each of whom may be the first that found it. */
function judgeClaims(state: LaneState, emit: Emit): void {
  if (state.claims.size === 0) return;
  for (const sequence of [...state.claims.keys()].sort((a, b) => a - b)) {
    const key = state.claims.get(sequence);
    const slot = key === undefined ? null : slotOfKey(key);
    if (slot === null || slotAt(state, slot.task, slot.ordinal).state !== "held") continue;
    const verified = verifySlot(state, slot, false);
    if (verified === null) continue;
    emit(verified);
    judgeTask(state, slot.task, emit);
  }
}

/** Gives every submission of a task the verdict that is due. */
export function judgeTask(state: LaneState, number: number, emit: Emit): void {
  const control = controlOf(state, number);
  if (control !== undefined) judgeControl(state, number, control, emit);
  // Not else: a control that its answers just voided leaves an ordinary task, whose label those answers settle.
  if (controlOf(state, number) === undefined) {
    if (!state.tasks.get(number)?.settled) settle(state, number, emit);
    settleChallenge(state, number, emit);
    if (state.tasks.get(number)?.settled) judgeLate(state, number, emit);
  }
  // Few tasks have an appeal or a panel: two looks at their slots instead of several at each.
  if (hasSlot(state, number, isAppealed)) settleAppeals(state, number, emit);
  if (hasSlot(state, number, isOnPanel)) payStrays(state, number, emit);
}

const isAppealed = (slot: SlotRecord): boolean => slot.state === "appealed";
const isOnPanel = (slot: SlotRecord): boolean => slot.panelOf !== null;

const hasSlot = (state: LaneState, number: number, isWanted: (slot: SlotRecord) => boolean): boolean =>
  state.tasks.get(number)?.slots.some(isWanted) ?? false;

/** A loop: a control task has many slots, and is looked at with each of its answers. */
function heldOrdinals(task: TaskState | undefined): number[] {
  const held: number[] = [];
  const slots = task?.slots ?? [];
  for (let ordinal = 0; ordinal < slots.length; ordinal++) {
    const slot = slots[ordinal] as SlotRecord;
    if (slot.state === "held" && slot.panelOf === null) held.push(ordinal);
  }
  return held;
}

const taskOf = (state: LaneState, number: number): TaskState => state.tasks.get(number) as TaskState;
const slotsIn = (state: LaneState, number: number): number => state.tasks.get(number)?.slots.length ?? 0;
const slotAt = (state: LaneState, number: number, ordinal: number): SlotRecord =>
  taskOf(state, number).slots[ordinal] as SlotRecord;

function judgeControl(state: LaneState, number: number, control: Control, emit: Emit): void {
  const task = state.tasks.get(number);
  if (task === undefined) return;
  const isOver = hasWaited(state, number, task);
  for (const ordinal of heldOrdinals(task)) {
    const judged = isVerified(state)
      ? verifySlot(state, { task: number, ordinal }, isOver)
      : asJudged(number, ordinal, ruleControl(state, number, slotAt(state, number, ordinal), control, isOver));
    if (judged !== null) emit(judged);
  }
  waitIf(state, number, heldOrdinals(taskOf(state, number)).length > 0);
  if (control.status === "live" && isContradicted(state, number, control))
    emit({ kind: "controlVoided", task: number });
}

/**
 * Five qualified contributors, three in four of them for one and the same other answer. Qualified is who answered other
 * control tasks well enough: whoever knows nothing but this one proves nothing about it, and a wrong control must not
 * disqualify those who contradict it.
 */
const contradiction = { answersMin: 5, sharePpmMin: 750_000 } as const;

function isContradicted(state: LaneState, number: number, control: Control): boolean {
  const votes = new Map<number | string, number>();
  let total = 0;
  for (const slot of state.tasks.get(number)?.slots ?? []) {
    if (!metControl(slot)) continue;
    const others = recordWithout(state.members.get(slot.contributor) as Member, slot);
    if (others.controlsAnswered === 0 || !passesGate(specOf(state).controls, others)) continue;
    total++;
    // Near the control's answer is not against it.
    if (isRight(state, number, slot.answer, control.answer)) continue;
    const key = answerKey(slot.answer);
    votes.set(key, (votes.get(key) ?? 0) + 1);
  }
  if (total < contradiction.answersMin) return false;
  return [...votes.values()].some((count) => count * 1_000_000 >= total * contradiction.sharePpmMin);
}

/**
 * Answers that were in flight when a task settled are judged against its label, which they never change; and so are
 * those that waited for a better model.
 */
function judgeLate(state: LaneState, number: number, emit: Emit): void {
  if (isPending(state, number)) return;
  const task = taskOf(state, number);
  const isOver = hasWaited(state, number, task);
  const settled = task.settled as Settlement;
  const judged = heldOrdinals(task).map((ordinal) =>
    isVerified(state)
      ? verifySlot(state, { task: number, ordinal }, isOver)
      : asJudged(number, ordinal, ruleSlot(state, number, slotAt(state, number, ordinal), settled, isOver)),
  );
  for (const each of judged) if (each !== null) emit(each);
  waitIf(
    state,
    number,
    judged.some((each) => each === null),
  );
}

const isVerified = (state: LaneState): boolean => specOf(state).verification !== undefined;

const asJudged = (task: number, ordinal: number, ruling: SlotRuling): EntryOf<"judged"> | null =>
  ruling === null ? null : { kind: "judged", task, ordinal, ...ruling };

function settle(state: LaneState, number: number, emit: Emit): void {
  const task = state.tasks.get(number);
  const verifying = verifyingOf(specOf(state));
  if (task === undefined) return;
  // What is not measured or executed yet is not heard yet: a task has not settled on what is found to be nothing. All
  // answers are held, but those that a control judged before it was voided.
  const answered = liveSlots(task).filter(
    (slot) => slot.body !== null && !isUnmeasured(verifying, slot) && !isUnexecuted(verifying, slot),
  );
  if (answered.length === 0) return;
  const canGetMore = !isExhausted(state, number, task);
  if (canGetMore && isTooFew(state, number, answered.length)) {
    waitIf(state, number, false);
    return;
  }
  const found = labelOf(state, number, answered);
  const isOver = hasWaited(state, number, task);
  if (canGetMore && found.isAsking) {
    waitIf(state, number, false);
    return;
  }
  if (found.isAwaited && !isOver) {
    waitIf(state, number, true);
    return;
  }
  const { label, confidencePpm, decided } = found;
  const settlement: Settlement = { label, confidencePpm, decided, sequence: 0 };
  // With a composition each submission has its own entry, once the label is there.
  const ruled = isVerified(state) ? [] : heldOrdinals(task);
  const rulings = ruled.flatMap((ordinal): OrdinalRuling[] => {
    const ruling = ruleSlot(state, number, task.slots[ordinal] as SlotRecord, settlement, isOver);
    return ruling === null ? [] : [{ ordinal, ...ruling }];
  });
  emit({ kind: "settled", task: number, label, confidencePpm, decided, rulings });
}

/** No further answer can come: the market closes or the deadline has passed, and nothing is out. */
function isExhausted(state: LaneState, number: number, task: TaskState): boolean {
  const { deadlineMs } = termsOfTask(state, number);
  return (isEnding(state) || (deadlineMs !== null && state.timeMs >= deadlineMs)) && openSlots(task) === 0;
}

const isEnding = ({ status }: LaneState): boolean => status === "closing" || status === "closed";

/** No better model may be waited for: none comes, or it took too long. */
const hasWaited = (state: LaneState, number: number, task: TaskState): boolean =>
  (isEnding(state) && openSlots(task) === 0) || (state.waiting.get(number) ?? Infinity) <= state.timeMs;

/** Lists a task among those that the next model is for, and looks at it again when it waited as long as it may. */
function waitIf(state: LaneState, number: number, isWaiting: boolean): void {
  const task = state.tasks.get(number);
  if (task === undefined) return;
  if (!isWaiting) {
    if (state.waiting.get(number) === undefined) return;
    state.waiting.delete(number);
  } else {
    if ((state.waiting.get(number) ?? 0) > state.timeMs) return;
    const untilMs = state.timeMs + (specOf(state).policy?.holdMs ?? 0);
    state.waiting.set(number, untilMs);
    schedule(state, { task: number, ordinal: 0 }, untilMs);
  }
  updateRoom(state, number);
}

/** What a challenge's panel found becomes the label, before anybody is judged by it. */
function settleChallenge(state: LaneState, number: number, emit: Emit): void {
  const settled = challengeSettlement(state, number);
  if (settled !== null) emit(settled);
}

/** An appeal is decided by its panel, or by its deadline: on the votes there are, and without any for the contributor. */
function settleAppeals(state: LaneState, number: number, emit: Emit): void {
  // Read anew each time: a draft copies a task when it changes it, so that what was read before is of the past.
  for (let ordinal = 0; ordinal < slotsIn(state, number); ordinal++) {
    const slot = state.tasks.get(number)?.slots[ordinal];
    if (slot?.state !== "appealed") continue;
    const task = taskOf(state, number);
    const panel = panelOf(task, ordinal);
    const answered = panel.filter((each) => each.state === "held");
    const full = answered.length >= specOf(state).appeal.panel;
    const late = state.timeMs >= slot.expiresAtMs && answered.length === panel.length;
    if (full || late) emit(appealSettlement(state, number, ordinal, answered));
  }
}

/** A panel's answer to an appeal that a void control has decided: nobody is left to compare it with, so it is paid. */
function payStrays(state: LaneState, number: number, emit: Emit): void {
  for (let ordinal = 0; ordinal < slotsIn(state, number); ordinal++) {
    const slots = state.tasks.get(number)?.slots;
    const slot = slots?.[ordinal];
    if (slot?.state !== "held" || slot.panelOf === null || slots?.[slot.panelOf]?.state === "appealed") continue;
    if (slot.panelOf === ofChallenge && openChallenge(state, number) !== null) continue;
    emit({ kind: "judged", task: number, ordinal, verdict: "accepted", reason: "UNDECIDED" });
  }
}

function appealSettlement(
  state: LaneState,
  number: number,
  ordinal: number,
  panel: readonly SlotRecord[],
): EntryOf<"appealSettled"> {
  const terms = termsOfTask(state, number);
  const { answer, overlap } = terms;
  const { label, confidencePpm } = agreeOn(answer, votesByRecords(state, answer, panel), agreementOf(terms));
  const decided = confidencePpm >= overlap.targetPpm;
  const task = taskOf(state, number);
  const rulings = panel.map((slot): OrdinalRuling => {
    const agrees = isRight(state, number, slot.answer, label);
    return {
      ordinal: task.slots.indexOf(slot),
      verdict: agrees || !decided ? "accepted" : "rejected",
      reason: agrees ? "AGREES" : decided ? "DISAGREES" : "UNDECIDED",
    };
  });
  const won = panel.length === 0 || isRight(state, number, slotAt(state, number, ordinal).answer, label);
  return { kind: "appealSettled", task: number, ordinal, label, votes: panel.length, won, rulings };
}
