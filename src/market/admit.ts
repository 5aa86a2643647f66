import { type Amount, formatAmount, isAmount, zero } from "../core/amount.ts";
import { type Bytes32, bytes32, equalBytes, fromBase58, toBase58, toHex } from "../core/bytes.ts";
import { type EarnestError, earnestError } from "../core/errors.ts";
import type { Hash } from "../core/hash.ts";
import { formatSlot, type Slot, slotsPerTask } from "../core/slot.ts";
import { bodyBytesHash, commitmentOf, parseSignInText } from "../core/statements.ts";
import { parseUtcMs } from "../core/utc.ts";
import { answerJson } from "../verification/answers/answer-schema.ts";
import { crashSignature } from "../verification/crashes/signature.ts";
import { own } from "../verification/primitives/evidence.ts";
import { isAnswerTo } from "./answer-codec.ts";
import { readBody } from "./body.ts";
import { admitChallenge, mayTakeSeat, seatStake, wantsSeat } from "./challenges.ts";
import { checkBatch } from "./composition.ts";
import { readContents, requireHashAnswer } from "./contents.ts";
import { controlCommitment, isHeld, openControls } from "./controls.ts";
import { admitCarrier, admitCovered, admitUncovered, findSession } from "./covering.ts";
import { requireEligible } from "./eligibility.ts";
import { attachmentOf, type EntryOf, type Input, type InputKind, type LogRecord } from "./entries.ts";
import { wantedExecution } from "./executions.ts";
import { parseFacts } from "./facts.ts";
import { policyOf } from "./learned.ts";
import { readMeasured } from "./measured.ts";
import { isScore, openTest } from "./qualifying.ts";
import { dayMs, parseSpecText, priceOf, type Terms } from "./spec.ts";
import {
  type Batch,
  type Budget,
  batchOf,
  controlOf,
  isFinished,
  isNewcomer,
  type LaneState,
  liveSlotCount,
  type MarketStatus,
  type Member,
  type MemberSession,
  ofChallenge,
  type SlotRecord,
  specOf,
  type TaskState,
  type Test,
  termsText,
} from "./state.ts";
import { readBodyEvidence, type Verifying, verifyingOf } from "./verifying.ts";
import { requireDaytime } from "./witnessed.ts";

export const limits = {
  tasksPerBatch: 10_000,
  openSlotsPerMember: 100,
  factsBytes: 4_096,
  nameLength: 64,
  tests: 100,
  noteLength: 2_000,
  programs: 16,
  /** What fits into a request of 8 MiB in base64. */
  programBytes: 6_000_000,
  /** Of all programs of a market. */
  programsBytes: 16_777_216,
} as const;

const attached: ReadonlySet<InputKind> = new Set(["submitted", "batchAdded", "testAdded", "programAdded"]);

type Rule<Kind extends InputKind> = (state: LaneState, record: LogRecord<EntryOf<Kind>>, hash: Hash) => void;

/** Refuses an input that the state does not allow; the same rules guard the live server and replay. */
export function admit(state: LaneState, record: LogRecord<Input>, hash: Hash): void {
  if (state.spec === null && record.entry.kind !== "created")
    throw malformed("log", "does not begin with its creation");
  if (record.attachment !== null && !attached.has(record.entry.kind))
    throw malformed("attachment", "has no place here");
  (rules[record.entry.kind] as (state: LaneState, record: LogRecord<Input>, hash: Hash) => void)(state, record, hash);
}

const rules: { readonly [Kind in InputKind]: Rule<Kind> } = {
  created: (state, { entry }) => {
    if (state.spec !== null) throw malformed("created", "the market exists");
    parseSpecText(entry.spec);
  },
  timed: (state, { entry }) => {
    if (entry.timeMs <= state.timeMs)
      throw earnestError("TIME_STATE", { timeMs: entry.timeMs, laneTimeMs: state.timeMs });
  },
  // In every status: the money has come already, and goes back the way it would have gone.
  funded: (state, { entry }) => {
    if (entry.amount === 0n) throw malformed("amount", "must be more than 0");
    requireCountable(state, entry.amount);
  },
  opened: (state) => {
    requireStatus(state, "open", "draft");
    const { appeal, newcomer } = specOf(state);
    requireFree(state, appeal.budget + (newcomer?.budget ?? 0n));
  },
  paused: (state) => requireStatus(state, "pause", "open"),
  resumed: (state) => requireStatus(state, "resume", "paused"),
  closing: (state) => requireStatus(state, "close", "draft", "open", "paused"),
  batchAdded: (state, { entry, attachment }, hash) => {
    requireStatus(state, "take tasks", "draft", "open", "paused");
    if (entry.first !== state.taskCount) throw malformed("first", "must follow the last task");
    if (entry.count < 1 || entry.count > limits.tasksPerBatch) {
      throw earnestError("LIMIT_EXCEEDED", { what: "tasks in a batch", max: limits.tasksPerBatch });
    }
    const terms = termsText(state, entry.terms);
    checkBatch(specOf(state), terms, entry.controls.length > 0, state.programs);
    let next = entry.first;
    for (const control of openControls(hash, entry.controls, attachment)) {
      const fits = control.task < entry.first + entry.count && isAnswerTo(terms.answer, control.answer);
      if (control.task < next || !fits) throw malformed("controls", "must be tasks of the batch in ascending order");
      next = control.task + 1;
    }
  },
  joined: (state, { entry }) => {
    if (state.members.get(entry.contributor) !== undefined) throw malformed("contributor", "has joined already");
    if (entry.facts.length > limits.factsBytes)
      throw earnestError("LIMIT_EXCEEDED", { what: "bytes of facts", max: limits.factsBytes });
    parseFacts(entry.facts);
  },
  qualified: (state, { entry }) => {
    memberOf(state, entry.contributor);
    if (entry.by === "test") admitAttempt(state, entry);
    if (entry.name.length > limits.nameLength)
      throw earnestError("LIMIT_EXCEEDED", { what: "characters in a name", max: limits.nameLength });
  },
  assigned: (state, { entry }) => admitAssignment(state, entry, entry.contributor, entry.expiresAtMs),
  authorised: (state, { entry }) => {
    sessionOf(memberOf(state, entry.contributor), entry.text);
  },
  signed: (state, { entry }) => {
    const session = findSession(memberOf(state, entry.contributor), entry.session);
    if (session === undefined || session.untilMs < state.timeMs)
      throw malformed("session", "is none that the contributor authorised");
    if (entry.count < 1 || entry.count > 100)
      throw earnestError("LIMIT_EXCEEDED", { what: "submissions in a request", max: 100 });
  },
  carried: (state, { entry }) => admitCarrier(memberOf(state, entry.contributor), entry.session, state.timeMs),
  covered: (state, { entry }, hash) => admitCovered(memberOf(state, entry.contributor), entry, state.timeMs, hash),
  submitted: (state, record, hash) => {
    const { entry } = record;
    const slot = ownSlotOf(state, entry, entry.contributor);
    if (slot.state !== "assigned") throw earnestError("SLOT_STATE", { slot: formatSlot(entry), state: slot.state });
    if (slot.expiresAtMs <= state.timeMs)
      throw earnestError("SLOT_STATE", { slot: formatSlot(entry), state: "expired" });
    const member = memberOf(state, entry.contributor);
    if (member.signedLeft < 1) admitUncovered(member, state.timeMs);
    const body = attachmentOf(record);
    readBody(termsOfTask(state, entry.task).answer, body);
    const verifying = slot.panelOf === null ? verifyingOf(specOf(state)) : null;
    if (verifying !== null) admitEvidence(state, entry.task, verifying, body, hash);
    if (!equalBytes(record.bodyHash ?? bodyBytesHash(hash, body), entry.body))
      throw malformed("body", "does not fit its hash");
    admitCommitted(state, entry, slot, hash);
    if (entry.next !== null) admitAssignment(state, entry.next, entry.contributor, entry.next.expiresAtMs);
  },
  programAdded: (state, record, hash) => {
    requireStatus(state, "take a program", "draft", "open", "paused");
    const { entry } = record;
    const program = attachmentOf(record);
    if (program.length > limits.programBytes)
      throw earnestError("LIMIT_EXCEEDED", { what: "bytes in a program", max: limits.programBytes });
    if (program.length !== entry.bytes || !equalBytes(hash(program), entry.hash))
      throw malformed("hash", "is not that of the program");
    if (state.programs.has(toHex(entry.hash))) throw malformed("hash", "is of a program that the market has");
    if (state.programs.size >= limits.programs)
      throw earnestError("LIMIT_EXCEEDED", { what: "programs in a market", max: limits.programs });
    const before = [...state.programs.values()].reduce((sum, { bytes }) => sum + bytes, 0);
    if (before + program.length > limits.programsBytes)
      throw earnestError("LIMIT_EXCEEDED", { what: "bytes in a market's programs", max: limits.programsBytes });
  },
  committed: (state, { entry }) => {
    const slot = ownSlotOf(state, entry, entry.contributor);
    if (slot.state !== "assigned" || slot.expiresAtMs <= state.timeMs)
      throw earnestError("SLOT_STATE", { slot: formatSlot(entry), state: stateAt(slot, state.timeMs) });
    if (slot.panelOf !== null || (verifyingOf(specOf(state))?.crash ?? null) === null)
      throw earnestError("COMMITMENT_STATE", { slot: formatSlot(entry), problem: "nothing has to be committed to" });
  },
  executed: (state, { entry }, hash) => {
    const slot = slotOf(state, entry);
    const wanted = slot.state === "held" ? wantedExecution(state, entry) : null;
    if (wanted === null) throw malformed("executed", "is of no submission that waits for it");
    if (
      entry.name !== wanted.name ||
      !equalBytes(entry.program, wanted.program.hash) ||
      !equalBytes(entry.input, wanted.input.hash)
    )
      throw malformed("executed", "is of another program or input");
    const { outcome, crash, fuel } = entry;
    if ((crash !== null) !== (outcome === "trapped")) throw malformed("crash", "must be there where it trapped");
    if (crash !== null && !equalBytes(crash.signature, crashSignature(hash, crash)))
      throw malformed("signature", "is not that of the crash");
    if (fuel > wanted.limits.fuelMax) throw malformed("fuel", "is more than was allowed");
  },
  drawn: (state, { entry }) => {
    if (entry.chainSlot <= state.drawnSlot)
      throw malformed("chainSlot", `must be above ${state.drawnSlot}, whose hash was drawn before`);
    if (entry.upTo > state.tree.size) throw malformed("upTo", "is an entry that is not there yet");
  },
  voided: (state, { entry }) => {
    const slot = slotOf(state, entry);
    if (slot.state !== "assigned" && slot.state !== "held") {
      throw earnestError("SLOT_STATE", { slot: formatSlot(entry), state: slot.state });
    }
  },
  reviewed: (state, { entry }) => {
    const slot = slotOf(state, entry);
    if (slot.state !== "review")
      throw earnestError("REVIEW_STATE", { slot: formatSlot(entry), problem: `it is ${slot.state}` });
    if (entry.note.length > limits.noteLength)
      throw earnestError("LIMIT_EXCEEDED", { what: "characters in a note", max: limits.noteLength });
  },
  appealed: (state, { entry }) => {
    const slot = ownSlotOf(state, entry, entry.contributor);
    const refuse = (problem: string): never => {
      throw earnestError("APPEAL_STATE", { slot: formatSlot(entry), problem });
    };
    if (slot.panelOf !== null) refuse("it was itself part of an appeal");
    if (slot.state !== "appealable")
      refuse(slot.state === "rejected" ? "its window has passed" : `it is ${slot.state}`);
    if (slot.expiresAtMs <= state.timeMs) refuse("its window has passed");
    if (entry.cost !== appealCost(state, memberOf(state, entry.contributor))) refuse("its cost is another");
    requireBudget("reserve", entry.cost, memberOf(state, entry.contributor).purse.held);
    requireBudget("appeal", panelPriceOf(state, entry.task), state.books.appealBudget);
  },
  reserveSet: (state, { entry }) => {
    memberOf(state, entry.contributor);
  },
  bonusPaid: (state, { entry }) => {
    memberOf(state, entry.contributor);
    requireFree(state, entry.amount);
    if (entry.note.length > limits.noteLength)
      throw earnestError("LIMIT_EXCEEDED", { what: "characters in a note", max: limits.noteLength });
  },
  blocked: (state, { entry }) => {
    if (memberOf(state, entry.contributor).isBlocked === entry.isBlocked)
      throw malformed("isBlocked", "says what is so");
    if (entry.isBlocked && entry.note.trim() === "") throw malformed("note", "must say why");
    if (entry.note.length > limits.noteLength)
      throw earnestError("LIMIT_EXCEEDED", { what: "characters in a note", max: limits.noteLength });
  },
  controlRetired: (state, { entry }, hash) => {
    const control = state.controls.get(entry.task);
    if (control === undefined) throw earnestError("TASK_NOT_FOUND", { task: `${entry.task}` });
    if (control.openedSequence !== null) throw taskState(entry.task, "its answer is open already");
    if (isHeld(state, entry.task)) throw taskState(entry.task, "somebody is about to answer it");
    if (!equalBytes(controlCommitment(hash, entry), control.commitment))
      throw malformed("answer", "does not fit its commitment");
  },
  sent: (state, { entry }) => {
    requireFree(state, entry.amount);
    if (entry.number !== (state.sent.get(entry.toLane) ?? 0) + 1)
      throw malformed("number", "must follow the last transfer");
  },
  received: (state, { entry }) => {
    requireCountable(state, entry.amount);
    if (entry.number !== (state.received.get(entry.fromLane) ?? 0) + 1)
      throw malformed("number", "must follow the last transfer");
  },
  cut: (state, { entry }) => {
    if (entry.epoch <= state.epoch) throw malformed("epoch", "must grow");
  },
  testAdded: (state, record, hash) => {
    requireStatus(state, "take a test", "draft", "open", "paused");
    const { name, passPpm, validMs } = record.entry;
    if (name.length < 1 || name.length > limits.nameLength)
      throw earnestError("LIMIT_EXCEEDED", { what: "characters in a name", max: limits.nameLength });
    if (!state.tests.has(name) && state.tests.size >= limits.tests)
      throw earnestError("LIMIT_EXCEEDED", { what: "tests in a market", max: limits.tests });
    if (passPpm > 1_000_000) throw malformed("passPpm", "must be at most 1,000,000");
    if (validMs < dayMs || validMs > 366 * dayMs) throw malformed("validMs", "must be 1 to 366 days");
    openTest(hash, record.entry, attachmentOf(record));
  },
  escrowed: (state) => {
    if (state.escrow !== null) throw malformed("escrowed", "the market has its escrow");
  },
  payTo: (state, { entry }) => {
    const { paying } = memberOf(state, entry.contributor);
    if (entry.number <= (paying?.number ?? 0)) throw malformed("number", "must grow");
  },
  returned: (state, { entry }) => {
    const slot = ownSlotOf(state, entry, entry.contributor);
    if (slot.state !== "assigned" || slot.expiresAtMs <= state.timeMs)
      throw earnestError("SLOT_STATE", { slot: formatSlot(entry), state: stateAt(slot, state.timeMs) });
  },
  measured: (state, { entry }) => {
    const slot = slotOf(state, entry);
    const verifying = verifyingOf(specOf(state));
    if (!isUnmeasured(verifying, slot))
      throw earnestError("SLOT_STATE", { slot: formatSlot(entry), state: slot.state });
    readMeasured(verifying as Verifying, entry.facts);
  },
  challenged: (state, { entry }) => {
    requireStatus(state, "hear challenges", "open", "paused", "closing");
    admitChallenge(state, entry);
  },
};

/** Whether a submission waits for the network's own measure of it. */
export const isUnmeasured = (verifying: Verifying | null, { state, check }: SlotRecord): boolean =>
  verifying !== null && verifying.measures !== null && state === "held" && check !== null && check.measured === null;
const stateAt = ({ state, expiresAtMs }: SlotRecord, timeMs: number): string =>
  state === "assigned" && expiresAtMs <= timeMs ? "expired" : state;

/** What a submission brings beside its answer has to be what the composition can look at. */
function admitEvidence(state: LaneState, task: number, verifying: Verifying, body: Uint8Array, hash: Hash): void {
  readBodyEvidence(verifying, body, hash);
  const { answer, known } = termsOfTask(state, task);
  if (known?.runs === undefined) return;
  const contents = readContents(body);
  for (const { name } of verifying.quorums) {
    if (own(known.runs, name) === undefined) continue;
    requireHashAnswer(hash, name, contents, answerJson(answer, readBody(answer, body)));
  }
}

/** Where being first counts, what is shown must be what was committed to. */
function admitCommitted(
  state: LaneState,
  entry: EntryOf<"submitted">,
  { panelOf, commitment }: SlotRecord,
  hash: Hash,
): void {
  if (panelOf !== null || (verifyingOf(specOf(state))?.crash ?? null) === null) return;
  const { contributor, body } = entry;
  const slot = formatSlot(entry);
  if (commitment === null) throw earnestError("COMMITMENT_STATE", { slot, problem: "it was not committed to before" });
  if (!equalBytes(commitment.hash, commitmentOf(hash, memberOf(state, contributor).key, body)))
    throw earnestError("COMMITMENT_STATE", { slot, problem: "what was committed to is something else" });
}

/** A slot for this contributor in this task: paid for, eligible, one an owner and task, overlap never exceeded. */
export function admitAssignment(state: LaneState, slot: Slot, contributor: number, expiresAtMs: number): void {
  const task = state.tasks.get(slot.task);
  // An appeal is heard whatever became of its market and task meanwhile; everything else must still be offered.
  const panel = task === undefined ? null : panelFor(state, slot.task, task, contributor);
  const isPanel = panel !== null;
  if (isPanel) requireStatus(state, "hear appeals", "open", "paused", "closing");
  else requireStatus(state, "assign work", "open");
  const member = memberOf(state, contributor);
  const { terms } = batchOfTask(state, slot.task);
  if (expiresAtMs !== state.timeMs + terms.leaseMs) throw malformed("expiresAtMs", "must be the lease from now");
  if (equalBytes(member.owner, state.requester)) throw earnestError("OWN_MARKET_WORK", {});
  if (!isPanel && terms.deadlineMs !== null && state.timeMs >= terms.deadlineMs)
    throw taskState(slot.task, "its deadline has passed");
  // Nobody is taken off a panel that was drawn.
  if (member.isBlocked && panel !== ofChallenge)
    throw earnestError("NOT_ELIGIBLE", { requirement: "contributors whom its requester has not blocked" });
  requireEligible(terms.eligibility, member, state.timeMs);
  if (!isPanel) requireDaytime(state, slot.task, terms);
  if (member.open.length >= limits.openSlotsPerMember) {
    throw earnestError("LIMIT_EXCEEDED", { what: "open slots at a time", max: limits.openSlotsPerMember });
  }
  if (slot.ordinal !== (task?.slots.length ?? 0)) throw malformed("ordinal", "must be the task's next");
  if (slot.ordinal >= slotsPerTask) throw taskState(slot.task, "too many of its slots expired");
  if (isFinished(state, slot.task)) throw taskState(slot.task, "it is settled");
  if (hasAnswered(state, slot.task, member)) throw earnestError("DUPLICATE_ANSWER", { task: `${slot.task}` });
  const budget = budgetFor(state, slot.task, contributor);
  const price = priceOf(specOf(state), terms);
  if (budget === "free") requireFree(state, price);
  if (panel === ofChallenge) requireBudget("reserve", seatStake(state, slot.task), member.purse.held);
  // A panel was paid for when its appeal was made.
  if (budget === "newcomerBudget") requireBudget("newcomer", price, state.books.newcomerBudget);
}

/** Whether the member's owner has a slot in this task that brought or may bring an answer. */
export function hasAnswered(state: LaneState, number: number, member: Member): boolean {
  return (state.tasks.get(number)?.slots ?? []).some(
    (slot) =>
      slot.state !== "expired" &&
      slot.state !== "void" &&
      equalBytes((state.members.get(slot.contributor) as Member).owner, member.owner),
  );
}

/** Which account pays for the next slot of a task: refuses where there is no room. */
export function budgetFor(state: LaneState, number: number, contributor: number): Budget {
  const task = state.tasks.get(number);
  if (task !== undefined && panelFor(state, number, task, contributor) !== null) return "appealBudget";
  const { terms } = batchOfTask(state, number);
  const control = controlOf(state, number);
  if (control?.status === "retired") throw taskState(number, "it is retired");
  if (task !== undefined && task.settled !== null) throw taskState(number, "it is settled");
  const overlapMax = control === undefined ? terms.overlap.max : slotsPerTask / 2;
  const taken = task === undefined ? 0 : liveSlotCount(task);
  if (taken >= overlapMax) throw earnestError("OVERLAP_EXCEEDED", { task: `${number}`, overlapMax });
  if (!isNewcomer(state, memberOf(state, contributor))) return "free";
  // Where pay waits for evidence anyway, a newcomer may work without the newcomer budget, and waits.
  const isSpent = state.books.newcomerBudget < priceOf(specOf(state), terms);
  return isSpent && policyOf(state, terms) !== null ? "free" : "newcomerBudget";
}

type Authorised = Pick<MemberSession, "key" | "untilMs">;

/** Who is admitted with a text is applied with it next. */
let lastRead: { readonly key: Bytes32; readonly text: string; readonly authorised: Authorised } | null = null;

/** What a sign-in text authorises; its signature is for those to check who do not trust the server. */
export function sessionOf({ key }: Member, text: string): Authorised {
  if (lastRead !== null && lastRead.text === text && equalBytes(lastRead.key, key)) return lastRead.authorised;
  const authorised = readSession(key, text);
  lastRead = { key, text, authorised };
  return authorised;
}

function readSession(key: Bytes32, text: string): Authorised {
  const message = parseSignInText(text);
  if (message === null || message.address !== toBase58(key))
    throw malformed("text", "is no sign-in of the contributor");
  const untilMs = parseUtcMs(message.expirationTime);
  const session = keyOf(message.sessionKey);
  if (untilMs === null || session === null) throw malformed("text", "names no session key, or no time until which");
  return { key: session, untilMs };
}

function keyOf(text: string): Bytes32 | null {
  try {
    return bytes32(fromBase58(text));
  } catch {
    return null;
  }
}

/** A score that a test can give, once while the last one stands, whichever of its keys an owner comes with. */
function admitAttempt(state: LaneState, entry: EntryOf<"qualified">): void {
  const { name, contributor, value, expiresAtMs } = entry;
  const test = testOf(state, name);
  const { owner } = memberOf(state, contributor);
  if (equalBytes(owner, state.requester)) throw earnestError("OWN_MARKET_WORK", {});
  if (!isScore(value, test.count)) throw malformed("value", "is no score of this test");
  if (expiresAtMs !== state.timeMs + test.validMs)
    throw malformed("expiresAtMs", "must be the test's validity from now");
  for (const key of state.members.keys()) {
    const other = state.members.get(key) as Member;
    if (!equalBytes(other.owner, owner) || (other.attempts.get(name) ?? 0) <= state.timeMs) continue;
    throw earnestError("TEST_STATE", { test: name, problem: "it was taken, and the score still stands" });
  }
}

export function testOf(state: LaneState, name: string): Test {
  const test = state.tests.get(name);
  if (test === undefined) throw earnestError("TEST_NOT_FOUND", { test: name.slice(0, limits.nameLength) });
  return test;
}

/** The ordinal of an appealed slot whose panel still wants members, or null. */
export function panelWanting(state: LaneState, task: TaskState): number | null {
  const { panel } = specOf(state).appeal;
  for (let ordinal = 0; ordinal < task.slots.length; ordinal++) {
    const slot = task.slots[ordinal] as SlotRecord;
    if (slot.state !== "appealed" || state.timeMs >= slot.expiresAtMs) continue;
    if (panelOf(task, ordinal).length < panel) return ordinal;
  }
  return null;
}

/** What a contributor would sit on a panel for, if it took a slot of the task now: an appealed slot, or a challenge. */
export const panelFor = (state: LaneState, number: number, task: TaskState, contributor: number): number | null =>
  mayTakeSeat(state, number, task, contributor) ? ofChallenge : panelWanting(state, task);

/** Whether any panel of the task wants another member. */
export const wantsPanelist = (state: LaneState, number: number, task: TaskState): boolean =>
  panelWanting(state, task) !== null || wantsSeat(state, number, task);

/** The slots of an appeal's panel that bring or brought an answer. */
export const panelOf = (task: TaskState, ordinal: number): SlotRecord[] =>
  task.slots.filter((slot) => slot.panelOf === ordinal && slot.state !== "expired" && slot.state !== "void");

/** What a whole panel on this task costs: set aside when an appeal is made, so that none fails for want of money. */
export const panelPriceOf = (state: LaneState, task: number): bigint =>
  panelPriceFor(state, task, specOf(state).appeal.panel);

export const panelPriceFor = (state: LaneState, task: number, seats: number): bigint =>
  priceOf(specOf(state), termsOfTask(state, task)) * BigInt(seats);

/** The first appeal of an owner in a market is free; further ones cost reserve, returned when the appeal is won. */
export const appealCost = (state: LaneState, member: Member): Amount =>
  state.appeals.get(toHex(member.owner)) === undefined ? zero : specOf(state).appeal.cost;

export function memberOf(state: LaneState, contributor: number): Member {
  const member = state.members.get(contributor);
  if (member === undefined) throw earnestError("CONTRIBUTOR_NOT_FOUND", { contributor: `${contributor}` });
  return member;
}

export function batchOfTask(state: LaneState, task: number): Batch {
  const batch = batchOf(state, task);
  if (batch === undefined) throw earnestError("TASK_NOT_FOUND", { task: `${task}` });
  return batch;
}

export const termsOfTask = (state: LaneState, task: number): Terms => batchOfTask(state, task).terms;

export function slotOf(state: LaneState, slot: Slot): SlotRecord {
  const found = state.tasks.get(slot.task)?.slots[slot.ordinal];
  if (found === undefined) throw earnestError("SLOT_NOT_FOUND", { slot: formatSlot(slot) });
  return found;
}

export function ownSlotOf(state: LaneState, slot: Slot, contributor: number): SlotRecord {
  const found = slotOf(state, slot);
  if (found.contributor !== contributor) throw earnestError("OWNER_MISMATCH", { what: `The slot ${formatSlot(slot)}` });
  return found;
}

export const marketState = ({ market, status }: LaneState, action: string): EarnestError =>
  earnestError("MARKET_STATE", { market, status, action });

const malformed = (where: string, problem: string): Error => earnestError("MALFORMED_REQUEST", { where, problem });
const taskState = (task: number, problem: string): Error => earnestError("TASK_STATE", { task: `${task}`, problem });

function requireStatus(state: LaneState, action: string, ...allowed: readonly MarketStatus[]): void {
  if (!allowed.includes(state.status)) throw marketState(state, action);
}

/** No token has more base units than 64 bits can count. */
function requireCountable({ books }: LaneState, more: Amount): void {
  if (!isAmount(books.deposited + books.received + more)) throw malformed("amount", "is more than a token can have");
}

/** Amounts in these errors are base units: a lane does not know its token's decimals. */
function requireFree(state: LaneState, needed: bigint): void {
  if (state.books.free < needed) {
    throw earnestError("ESCROW_INSUFFICIENT", {
      needed: formatAmount(needed, 0),
      free: formatAmount(state.books.free, 0),
    });
  }
}

function requireBudget(budget: string, needed: bigint, left: Amount): void {
  if (left < needed) {
    throw earnestError("BUDGET_EXCEEDED", { budget, needed: formatAmount(needed, 0), left: formatAmount(left, 0) });
  }
}
