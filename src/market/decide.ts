import type { Amount } from "../core/amount.ts";
import { type Bytes32, equalBytes } from "../core/bytes.ts";
import { type EarnestError, earnestError, isEarnestError } from "../core/errors.ts";
import type { Hash } from "../core/hash.ts";
import { formatSlot, type Slot, slotOfKey } from "../core/slot.ts";
import {
  admitAssignment,
  appealCost,
  hasAnswered,
  marketState,
  memberOf,
  ownSlotOf,
  slotOf,
  termsOfTask,
  testOf,
} from "./admit.ts";
import { codeOf } from "./code.ts";
import { findSession } from "./covering.ts";
import { commitDraft, draftOf, type LaneDraft } from "./draft.ts";
import type { EntryOf, Input, LogRecord, Reason } from "./entries.ts";
import { heldReason } from "./executions.ts";
import { paidFor } from "./paying.ts";
import type { Proposer } from "./propose.ts";
import type { Terms } from "./spec.ts";
import { type LaneState, type Settlement, type SlotRecord, type SlotState, specOf, type TaskState } from "./state.ts";
import { type Appended, step } from "./step.ts";
import { verifyingOf } from "./verifying.ts";

export interface Rules {
  readonly hash: Hash;
  readonly propose: Proposer;
}

/** What the outside asks of a lane. */
export type Command =
  | { readonly type: "input"; readonly record: LogRecord<Input> }
  | {
      readonly type: "assign";
      readonly contributor: number;
      readonly task: number | null;
      readonly count: number;
      /** How the contributor enters the lane, should this be its first slot here. */
      readonly join: EntryOf<"joined"> | null;
    }
  | {
      readonly type: "submit";
      readonly contributor: number;
      readonly session: Bytes32;
      /** The sign-in that authorised the session: entered where the lane does not know it yet. */
      readonly authorisation: { readonly text: string; readonly signature: Uint8Array };
      /** The session's signature of the request; without it the session's token answers for them until it signs. */
      readonly signed: { readonly timeMs: number; readonly signature: Uint8Array } | null;
      readonly submissions: readonly { readonly slot: Slot; readonly body: Uint8Array; readonly bodyHash: Bytes32 }[];
      readonly next: number;
    }
  | {
      /** The first submissions that a session brought without a signature are signed for. */
      readonly type: "cover";
      readonly entry: EntryOf<"covered">;
      /** Of the session that signs. */
      readonly authorisation: { readonly text: string; readonly signature: Uint8Array };
    }
  | { readonly type: "appeal"; readonly contributor: number; readonly slot: Slot }
  | { readonly type: "return"; readonly contributor: number; readonly slot: Slot }
  | { readonly type: "challenge"; readonly contributor: number; readonly task: number }
  | {
      /** A test that was taken, and its score. */
      readonly type: "attempt";
      readonly contributor: number;
      readonly name: string;
      readonly value: number;
      readonly join: EntryOf<"joined">;
    };

/** A slot given to a contributor. */
export interface Offer {
  readonly slot: Slot;
  readonly expiresAtMs: number;
  /** What the submission has to bring as its nonce; null where the market asks for none. */
  readonly code: string | null;
  /** Those of its task, which never change: whoever shows the offer need not ask the state again. */
  readonly terms: Terms;
}

/** What became of one submission so far. */
export interface SlotOutcome {
  readonly slot: Slot;
  readonly state: SlotState;
  readonly reason: Reason | null;
  readonly reward: Amount;
  /** The entry that submitted it; its acknowledgement proves it. */
  readonly sequence: number;
  readonly settled: Settlement | null;
}

export interface Outcome {
  readonly slots: readonly SlotOutcome[];
  readonly offers: readonly Offer[];
  /** First and last sequence this command appended; empty range where it changed nothing. */
  readonly from: number;
  readonly to: number;
}

export interface Decision {
  readonly draft: LaneDraft;
  readonly appended: readonly Appended[];
  readonly outcomes: readonly (Outcome | EarnestError)[];
}

/**
 * Decides a batch of commands at a lane time over a draft: the state stays as it is until the draft is committed. One
 * refused command leaves no trace and does not disturb the others.
 */
export function decide(state: LaneState, timeMs: number, commands: readonly Command[], rules: Rules): Decision {
  const draft = draftOf(state);
  const appended: Appended[] = [];
  advance(draft, timeMs, rules, appended);
  const outcomes = commands.map((command) => attempt(draft, timeMs, command, rules, appended));
  const onlyTime = appended.length === 1 && appended[0]?.entry.kind === "timed";
  return onlyTime ? { draft: draftOf(state), appended: [], outcomes } : { draft, appended, outcomes };
}

/** The lane's time is monotone: a slower clock of another process changes nothing. */
function advance(draft: LaneState, timeMs: number, rules: Rules, appended: Appended[]): void {
  if (draft.spec === null || timeMs <= draft.timeMs) return;
  step(draft, { entry: { kind: "timed", timeMs }, attachment: null }, rules.hash, (each) => appended.push(each));
}

function attempt(
  draft: LaneDraft,
  timeMs: number,
  command: Command,
  rules: Rules,
  appended: Appended[],
): Outcome | EarnestError {
  const trial = draftOf(draft);
  const from = trial.tree.size + 1;
  const tried: Appended[] = [];
  try {
    const changes = run(trial, command, rules, tried);
    commitDraft(trial);
    appended.push(...tried);
    // A created lane gets its time at once, so that nothing in it happens at time 0.
    if (command.type === "input" && command.record.entry.kind === "created") advance(draft, timeMs, rules, appended);
    return { ...changes, from, to: from + tried.length - 1 };
  } catch (error) {
    if (isEarnestError(error) && error.kind !== "internal") return error;
    throw error;
  }
}

function run(
  state: LaneState,
  command: Command,
  rules: Rules,
  appended: Appended[],
): { slots: readonly SlotOutcome[]; offers: readonly Offer[] } {
  const take = (record: LogRecord<Input>): void => step(state, record, rules.hash, (each) => appended.push(each));
  switch (command.type) {
    case "input":
      take(command.record);
      return { slots: [], offers: [] };
    case "assign":
      if (command.join !== null && state.members.get(command.contributor) === undefined) {
        take({ entry: command.join, attachment: null });
      }
      return { slots: [], offers: assign(state, command, rules, take) };
    case "submit":
      return submit(state, command, rules, take);
    case "cover":
      coverOnce(state, command, take);
      return { slots: [], offers: [] };
    case "appeal": {
      const { contributor, slot } = command;
      ownSlotOf(state, slot, contributor);
      const cost = appealCost(state, memberOf(state, contributor));
      // The draft's copy of the task: should the control it appeals against be void by now, nothing of it is left.
      const task = state.tasks.edit(slot.task) as TaskState;
      take({ entry: { kind: "appealed", ...slot, contributor, cost }, attachment: null });
      return { slots: [outcomeOf(state, slot, task)], offers: [] };
    }
    case "return": {
      const { contributor, slot } = command;
      ownSlotOf(state, slot, contributor);
      const task = state.tasks.edit(slot.task) as TaskState;
      take({ entry: { kind: "returned", ...slot, contributor }, attachment: null });
      return { slots: [outcomeOf(state, slot, task)], offers: [] };
    }
    case "challenge": {
      const { contributor, task } = command;
      const stake = specOf(state).appeal.cost;
      take({ entry: { kind: "challenged", task, contributor, stake }, attachment: null });
      return { slots: [], offers: [] };
    }
    case "attempt": {
      const { contributor, name, value, join } = command;
      if (state.members.get(contributor) === undefined) take({ entry: join, attachment: null });
      const expiresAtMs = state.timeMs + testOf(state, name).validMs;
      take({ entry: { kind: "qualified", contributor, name, value, expiresAtMs, by: "test" }, attachment: null });
      return { slots: [], offers: [] };
    }
  }
}

type Take = (record: LogRecord<Input>) => void;
type AssignCommand = Extract<Command, { type: "assign" }>;
type SubmitCommand = Extract<Command, { type: "submit" }>;
type CoverCommand = Extract<Command, { type: "cover" }>;

function assign(state: LaneState, command: AssignCommand, rules: Rules, take: Take): Offer[] {
  const { contributor, task, count } = command;
  if (task !== null) {
    // Asking again for a task one holds is a retry, not a second slot.
    const held = openOffers(state, contributor).find(({ slot }) => slot.task === task);
    return [held ?? assignTask(state, contributor, task, take)];
  }
  const member = memberOf(state, contributor);
  const offers: Offer[] = [];
  let refusal: EarnestError | null = null;
  for (const candidate of rules.propose(state, contributor)) {
    if (offers.length >= count) break;
    // Most proposals that fail, fail by this; an error for each would cost more than all the rest.
    if (hasAnswered(state, candidate, member)) continue;
    try {
      offers.push(assignTask(state, contributor, candidate, take));
    } catch (error) {
      if (!isEarnestError(error) || error.kind === "internal") throw error;
      if (!isAboutTask(error)) refusal = error;
    }
  }
  if (offers.length > 0) return offers;
  throw refusal ?? (state.status === "open" ? earnestError("WORK_NOT_FOUND", {}) : marketState(state, "assign work"));
}

function assignTask(state: LaneState, contributor: number, task: number, take: Take): Offer {
  const slot = nextSlot(state, task);
  const { leaseMs } = termsOfTask(state, task);
  take({ entry: { kind: "assigned", ...slot, contributor, expiresAtMs: state.timeMs + leaseMs }, attachment: null });
  return offerOf(state, slot);
}

/** Refusals that another task may not meet; all others tell the contributor more than "no work". */
const isAboutTask = (error: EarnestError): boolean =>
  error.code === "DUPLICATE_ANSWER" || error.code === "TASK_STATE" || error.code === "OVERLAP_EXCEEDED";

function submit(
  state: LaneState,
  command: SubmitCommand,
  rules: Rules,
  take: Take,
): { slots: readonly SlotOutcome[]; offers: readonly Offer[] } {
  const { contributor, submissions, session, signed } = command;
  const repeated = submissions.filter((each) => isRepeated(state, contributor, each));
  // A task whose last slot ends leaves the state; the draft's copy of it still tells what became of it.
  const tasks = submissions.map(({ slot }) => state.tasks.edit(slot.task) as TaskState);
  const outcomes = (): SlotOutcome[] => submissions.map(({ slot }, i) => outcomeOf(state, slot, tasks[i] as TaskState));
  if (repeated.length === submissions.length) return { slots: outcomes(), offers: openOffers(state, contributor) };
  const [first] = repeated;
  if (first !== undefined) {
    throw earnestError("SLOT_STATE", { slot: formatSlot(first.slot), state: slotOf(state, first.slot).state });
  }
  authorise(state, contributor, session, command.authorisation, take);
  const { carrier } = memberOf(state, contributor);
  if (signed !== null) {
    take({ entry: { kind: "signed", contributor, session, count: submissions.length, ...signed }, attachment: null });
  } else if (carrier === null || !equalBytes(carrier, session)) {
    take({ entry: { kind: "carried", contributor, session }, attachment: null });
  }
  const offers: Offer[] = [];
  const proposed = rules.propose(state, contributor)[Symbol.iterator]();
  try {
    for (const { slot, body, bodyHash } of submissions) {
      const next = offers.length < command.next ? firstAdmissible(state, contributor, proposed) : null;
      take({ entry: { kind: "submitted", ...slot, contributor, body: bodyHash, next }, attachment: body });
      if (next !== null) offers.push(offerOf(state, next));
    }
  } finally {
    // As a loop over it would.
    proposed.return?.();
  }
  return { slots: outcomes(), offers };
}

/** Enters the sign-in of a session that the lane does not know yet. */
function authorise(
  state: LaneState,
  contributor: number,
  session: Bytes32,
  authorisation: SubmitCommand["authorisation"],
  take: Take,
): void {
  if (findSession(memberOf(state, contributor), session) !== undefined) return;
  take({ entry: { kind: "authorised", contributor, ...authorisation }, attachment: null });
}

/** Signing for what was signed for is a retry. */
function coverOnce(state: LaneState, { entry, authorisation }: CoverCommand, take: Take): void {
  const { contributor, session, by, count, running } = entry;
  const known = findSession(memberOf(state, contributor), session);
  if (known?.coveredCount === count && equalBytes(known.running, running)) return;
  authorise(state, contributor, by, authorisation, take);
  take({ entry, attachment: null });
}

/** The first proposal that the rules allow, as the next assignment of a turn; null where there is none. */
function firstAdmissible(
  state: LaneState,
  contributor: number,
  proposed: Iterator<number>,
): (Slot & { readonly expiresAtMs: number }) | null {
  const member = memberOf(state, contributor);
  // What was passed over is refused for the request's later slots as well: no loop over it from the beginning.
  for (let candidate = proposed.next(); candidate.done !== true; candidate = proposed.next()) {
    const task = candidate.value;
    if (hasAnswered(state, task, member)) continue;
    const slot = nextSlot(state, task);
    const expiresAtMs = state.timeMs + termsOfTask(state, task).leaseMs;
    try {
      admitAssignment(state, slot, contributor, expiresAtMs);
      return { ...slot, expiresAtMs };
    } catch (error) {
      if (!isEarnestError(error) || error.kind === "internal") throw error;
    }
  }
  return null;
}

/** The natural key of a submission is slot and body: the same again is a retry, another body is refused. */
function isRepeated(
  state: LaneState,
  contributor: number,
  submission: { readonly slot: Slot; readonly bodyHash: Bytes32 },
): boolean {
  const slot = ownSlotOf(state, submission.slot, contributor);
  if (slot.body === null) return false;
  if (equalBytes(slot.body, submission.bodyHash)) return true;
  throw earnestError("ANSWER_MISMATCH", { slot: formatSlot(submission.slot) });
}

const nextSlot = (state: LaneState, task: number): Slot => ({
  task,
  ordinal: state.tasks.get(task)?.slots.length ?? 0,
});

function offerOf(state: LaneState, slot: Slot): Offer {
  const { task, ordinal } = slot;
  const { contributor, expiresAtMs, panelOf } = slotOf(state, slot);
  const hasCode = panelOf === null && verifyingOf(specOf(state))?.hasCode === true;
  return {
    slot: { task, ordinal },
    expiresAtMs,
    code: hasCode ? codeOf({ market: state.market, slot, expiresAtMs }, memberOf(state, contributor).key) : null,
    terms: termsOfTask(state, slot.task),
  };
}

/** The slots that a contributor holds and has not answered. */
export const openOffers = (state: LaneState, contributor: number): Offer[] =>
  memberOf(state, contributor).open.map((key) => offerOf(state, slotOfKey(key)));

function outcomeOf(state: LaneState, slot: Slot, task: TaskState): SlotOutcome {
  const record = task.slots[slot.ordinal] as SlotRecord;
  return {
    slot,
    state: record.state,
    reason: record.state === "held" ? heldReason(state, slot) : record.reason,
    reward: paidFor(specOf(state), termsOfTask(state, slot.task), record),
    sequence: record.sequence,
    settled: task.settled,
  };
}
