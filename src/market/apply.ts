import { type Amount, addAmounts, amount, subtractAmounts, zero } from "../core/amount.ts";
import { toHex } from "../core/bytes.ts";
import type { Hash } from "../core/hash.ts";
import { type Slot, slotKey } from "../core/slot.ts";
import { bringIn, transfer } from "../ledger/books.ts";
import { credit, returnStake, setReserveTarget, slash, stake } from "../ledger/purse.ts";
import { budgetFor, isUnmeasured, panelFor, panelPriceOf, sessionOf, slotOf, termsOfTask } from "./admit.ts";
import { readBody } from "./body.ts";
import { openChallenge } from "./challenges.ts";
import { challenge, change, moveHold, openWindow, settleStakes, takeSeat, unstake } from "./challenging.ts";
import { readContents, withContents } from "./contents.ts";
import { openControls } from "./controls.ts";
import { countAgreement, countControl, forgetControl } from "./counting.ts";
import { carry, coverUpTo, creditSlot, withSession } from "./covering.ts";
import { schedule } from "./due.ts";
import { attachmentOf, type EntryKind, type EntryOf, type LogRecord, type Reason } from "./entries.ts";
import { runsOf, undrawn } from "./executions.ts";
import { parseFacts } from "./facts.ts";
import { groupsNow } from "./groups.ts";
import { holdBackOf, letGo, mayLetGo } from "./holdback.ts";
import { measureMsMax, readMeasured } from "./measured.ts";
import { learnedNow, recordOf } from "./model.ts";
import { keepCrash, keepLesson } from "./noting.ts";
import { payOf } from "./paying.ts";
import { updateRoom } from "./room.ts";
import { parseSpecText, priceOf } from "./spec.ts";
import {
  controlOf,
  editMember,
  hasEnded,
  isFinished,
  type LaneState,
  type Member,
  newMember,
  nextBatch,
  ofChallenge,
  type SlotCheck,
  type SlotRecord,
  specOf,
  type TaskState,
} from "./state.ts";
import { evidenceKept, onAnswers, readBodyEvidence, type Verifying, verifyingOf } from "./verifying.ts";
import { lastSightingOf, noteAccepted, noteSubmitted } from "./witnessed.ts";

type Effect<Kind extends EntryKind> = (
  state: LaneState,
  entry: EntryOf<Kind>,
  record: LogRecord<EntryOf<Kind>>,
  hash: Hash,
) => void;

/** Changes the state by one entry that was admitted or follows; the same for the live server and replay. */
export function apply(state: LaneState, record: LogRecord, hash: Hash): void {
  const effect = effects[record.entry.kind] as (s: LaneState, e: unknown, r: LogRecord, h: Hash) => void;
  effect(state, record.entry, record, hash);
}

const effects: { readonly [Kind in EntryKind]: Effect<Kind> } = {
  created: (state, entry) => {
    state.market = entry.market;
    state.lane = entry.lane;
    state.requester = entry.requester;
    state.spec = parseSpecText(entry.spec);
  },
  timed: (state, { timeMs }) => {
    if (state.timeMs === 0) state.dueSecond = Math.floor(timeMs / 1000);
    state.timeMs = timeMs;
  },
  funded: (state, entry) => bringIn(state.books, "deposited", "free", entry.amount),
  opened: (state) => {
    const { appeal, newcomer } = specOf(state);
    transfer(state.books, "free", "appealBudget", appeal.budget);
    if (newcomer !== null) transfer(state.books, "free", "newcomerBudget", newcomer.budget);
    state.status = "open";
  },
  paused: (state) => {
    state.status = "paused";
  },
  resumed: (state) => {
    state.status = "open";
  },
  closing: (state) => {
    state.status = "closing";
    state.closesAtMs = state.timeMs + specOf(state).refundDelayMs;
  },
  closed: (state, { refund }) => {
    transfer(state.books, "appealBudget", "free", state.books.appealBudget);
    transfer(state.books, "newcomerBudget", "free", state.books.newcomerBudget);
    transfer(state.books, "free", "refunded", refund);
    state.status = "closed";
    letAllGo(state);
  },
  batchAdded: (state, entry, { attachment }, hash) => {
    const { first, count, root } = entry;
    state.batches.set(state.batches.size, nextBatch(state, { first, count, root, termsText: entry.terms }));
    state.taskCount += count;
    for (const [i, { task, answer, salt }] of openControls(hash, entry.controls, attachment).entries()) {
      const { commitment } = entry.controls[i] as (typeof entry.controls)[number];
      state.controls.set(task, { commitment, answer, salt, status: "live", openedSequence: null });
    }
  },
  joined: (state, entry) => {
    const { key, owner, automated } = entry;
    state.members.set(entry.contributor, newMember(key, owner, automated, parseFacts(entry.facts)));
  },
  qualified: (state, entry) => {
    const { value, expiresAtMs } = entry;
    const member = editMember(state, entry.contributor);
    member.qualifications = new Map(member.qualifications).set(entry.name, { value, expiresAtMs });
    if (entry.by === "test") member.attempts = new Map(member.attempts).set(entry.name, expiresAtMs);
  },
  assigned: (state, entry) => assign(state, entry, entry.contributor, entry.expiresAtMs),
  authorised: (state, { contributor, text }) => {
    const member = editMember(state, contributor);
    member.sessions = withSession(member, sessionOf(member, text));
  },
  carried: (state, { contributor, session }) => {
    editMember(state, contributor).carrier = session;
  },
  covered: (state, entry) => coverUpTo(editMember(state, entry.contributor), entry),
  signed: (state, entry) => {
    editMember(state, entry.contributor).signedLeft = entry.count;
  },
  programAdded: (state, { hash: key, language, bytes }) => {
    const program = { language, bytes, sequence: state.tree.size + 1 };
    state.programs = new Map(state.programs).set(toHex(key), program);
  },
  committed: (state, entry) => {
    const slot = editSlot(state, entry);
    if (slot.commitment !== null) state.claims.delete(slot.commitment.sequence);
    slot.commitment = { hash: entry.commitment, sequence: state.tree.size + 1 };
    state.claims.set(slot.commitment.sequence, slotKey(entry));
  },
  executed: (state, { kind: _, task, ordinal, program: __, ...execution }) => {
    const slot = editSlot(state, { task, ordinal });
    const check = slot.check as SlotCheck;
    const sequence = state.tree.size + 1;
    slot.check = { ...check, executions: [...check.executions, { ...execution, sequence }] };
  },
  drawn: (state, { chainSlot, chainHash, upTo }) => {
    state.drawnSlot = chainSlot;
    for (const slot of undrawn(state)) {
      const record = editSlot(state, slot);
      // What came while the hash was asked for may have been sent by who knew it.
      if (record.sequence > upTo) continue;
      record.check = { ...(record.check as SlotCheck), draw: { chainSlot, chainHash } };
    }
  },
  submitted: (state, entry, record, hash) => {
    const slot = editSlot(state, entry);
    slot.state = "held";
    slot.body = entry.body;
    slot.answer = readBody(termsOfTask(state, entry.task).answer, attachmentOf(record));
    slot.sequence = state.tree.size + 1;
    slot.check = checkOf(state, entry.task, slot, attachmentOf(record), hash);
    if (slot.check !== null) noteSubmitted(state, state.members.get(entry.contributor) as Member, entry, slot.check);
    if (isUnmeasured(verifyingOf(specOf(state)), slot)) schedule(state, entry, slot.expiresAtMs + measureMsMax);
    if (slot.check !== null && Object.keys(runsOf(state, entry.task)).length > 0)
      state.executing.set(slotKey(entry), true);
    transfer(state.books, "assigned", "held", priceOfTask(state, entry.task));
    const member = editMember(state, entry.contributor);
    if (member.signedLeft > 0) member.signedLeft--;
    else carry(member, entry, entry.body);
    close(member, entry);
    state.answers++;
    keepLesson(state, entry, slot);
    if (entry.next !== null) assign(state, entry.next, entry.contributor, entry.next.expiresAtMs);
  },
  returned: (state, entry) => {
    editSlot(state, entry).expiresAtMs = state.timeMs;
  },
  expired: (state, entry) => end(state, entry, "expired"),
  voided: (state, entry) => endByFault(state, entry),
  faulted: (state, entry) => endByFault(state, entry),
  judged: (state, entry) => {
    const slot = editSlot(state, entry);
    const control = controlOf(state, entry.task);
    if (control !== undefined && slot.panelOf === null) {
      countControl(state, entry, slot, control);
    } else if (slot.state === "held") {
      countAgreement(state, slot, entry.task);
    }
    rule(state, entry, slot, entry.verdict, entry.reason);
    finishIfDone(state, entry.task);
  },
  settled: (state, entry) => {
    const { label, confidencePpm, decided } = entry;
    const task = editTask(state, entry.task);
    task.settled = { label, confidencePpm, decided, sequence: state.tree.size + 1 };
    for (const { ordinal, verdict, reason } of entry.rulings) {
      const slot = task.slots[ordinal] as SlotRecord;
      countAgreement(state, slot, entry.task);
      rule(state, { task: entry.task, ordinal }, slot, verdict, reason);
    }
    const opensUntilMs = openWindow(state, entry.task);
    if (opensUntilMs !== null) schedule(state, { task: entry.task, ordinal: 0 }, opensUntilMs);
    updateRoom(state, entry.task);
    finishIfDone(state, entry.task);
  },
  verified: (state, entry) => {
    const slot = editSlot(state, entry);
    const control = controlOf(state, entry.task);
    const { verdict, reason, units, reserve } = entry;
    const isGate = verdict === "rejected" && !onAnswers.has(reason);
    const isOut = isGate && editTask(state, entry.task).settled === null;
    if (!isGate && control === undefined) countAgreement(state, slot, entry.task);
    if (!isGate && control !== undefined) countControl(state, entry, slot, control);
    const check = slot.check as SlotCheck;
    if (verdict !== "rejected") noteAccepted(state, termsOfTask(state, entry.task), check);
    const evidence = evidenceKept(verifyingOf(specOf(state)) as Verifying, check.evidence);
    slot.check = { ...check, evidence, measured: null, units, reserveUnits: reserve, isOut };
    if (verdict === "accepted") keepCrash(state, entry, slot);
    rule(state, entry, slot, verdict, reason);
    updateRoom(state, entry.task);
    finishIfDone(state, entry.task);
  },
  reviewed: (state, entry) => {
    const slot = editSlot(state, entry);
    rule(
      state,
      entry,
      slot,
      entry.accepted ? "accepted" : "rejected",
      entry.accepted ? "REVIEW_ACCEPTED" : "REVIEW_REJECTED",
    );
    finishIfDone(state, entry.task);
  },
  released: (state, entry) => {
    const slot = editSlot(state, entry);
    slot.state = "rejected";
    giveBack(state, entry.task, slot, "appealable");
    finishIfDone(state, entry.task);
  },
  appealed: (state, entry) => {
    const slot = editSlot(state, entry);
    slot.state = "appealed";
    slot.expiresAtMs = state.timeMs + specOf(state).appeal.windowMs;
    const member = editMember(state, entry.contributor);
    const owner = toHex(member.owner);
    state.appeals.set(owner, (state.appeals.get(owner) ?? 0) + 1);
    stake(member.purse, entry.cost);
    slot.stake = entry.cost;
    slot.panelHold = amount(panelPriceOf(state, entry.task));
    transfer(state.books, "appealBudget", "held", slot.panelHold);
    schedule(state, entry, slot.expiresAtMs);
    updateRoom(state, entry.task);
  },
  appealSettled: (state, entry) => {
    const task = editTask(state, entry.task);
    const slot = task.slots[entry.ordinal] as SlotRecord;
    const { won } = entry;
    endAppeal(state, entry, slot, won);
    // That the control was wrong, or nobody came to say otherwise, must not count against its contributor.
    if (won) forgetControl(state, slot);
    // A label corrected by an appeal never touches what was paid before.
    if (won && entry.votes > 0 && task.settled !== null) task.settled = { ...task.settled, label: entry.label };
    slot.reason = entry.votes === 0 ? "APPEAL_UNANSWERED" : won ? "APPEAL_WON" : "APPEAL_LOST";
    for (const { ordinal, verdict, reason } of entry.rulings) {
      rule(state, { task: entry.task, ordinal }, task.slots[ordinal] as SlotRecord, verdict, reason);
    }
    updateRoom(state, entry.task);
    finishIfDone(state, entry.task);
  },
  controlVoided: (state, { task: number }) => {
    const control = state.controls.edit(number);
    const task = editTask(state, number);
    if (control === undefined) return;
    for (const [ordinal, slot] of task.slots.entries()) {
      forgetControl(state, slot);
      // An open appeal is won: what its panel did not use and the stake go back at once.
      if (slot.state !== "appealable" && slot.state !== "appealed") continue;
      endAppeal(state, { task: number, ordinal }, slot, true);
      slot.reason = "CONTROL_VOIDED";
    }
    control.status = "void";
    updateRoom(state, number);
  },
  controlRetired: (state, { task }) => {
    const control = state.controls.edit(task);
    if (control !== undefined) {
      if (control.status === "live") control.status = "retired";
      control.openedSequence = state.tree.size + 1;
    }
    if (state.tasks.get(task) !== undefined) updateRoom(state, task);
  },
  modelAdopted: (state, { version, cut }) => {
    const learned = learnedNow(state);
    const groups = groupsNow(state);
    for (const contributor of state.members.keys()) {
      const member = state.members.get(contributor) as Member;
      const { right, checked } = recordOf(member);
      const group = groups.get(contributor) ?? null;
      // Most records stay as they are; a member that is edited is a row to write.
      if (right === member.adopted.right && checked === member.adopted.checked && group === member.group) continue;
      Object.assign(editMember(state, contributor), { adopted: { right, checked }, group });
    }
    state.model = { version, cut, answers: state.answers, learned };
  },
  reserveSet: (state, entry) => setReserveTarget(editMember(state, entry.contributor).purse, entry.target),
  bonusPaid: (state, entry) => {
    transfer(state.books, "free", "bonus", entry.amount);
    credit(editMember(state, entry.contributor).purse, entry.amount);
  },
  blocked: (state, { contributor, isBlocked }) => {
    editMember(state, contributor).isBlocked = isBlocked;
  },
  sent: (state, entry) => {
    transfer(state.books, "free", "sent", entry.amount);
    state.sent.set(entry.toLane, entry.number);
  },
  received: (state, entry) => {
    bringIn(state.books, "received", "free", entry.amount);
    state.received.set(entry.fromLane, entry.number);
  },
  cut: (state, { epoch }) => {
    state.epoch = epoch;
    letAllGo(state);
  },
  testAdded: (state, entry) => {
    const { name, questions, answers, count, passPpm, validMs } = entry;
    const test = { questions, answers, count, passPpm, validMs, sequence: state.tree.size + 1 };
    state.tests = new Map(state.tests).set(name, test);
  },
  escrowed: (state, { account, openedAt }) => {
    state.escrow = { account, openedAt };
  },
  measured: (state, entry) => {
    const slot = editSlot(state, entry);
    const measured = readMeasured(verifyingOf(specOf(state)) as Verifying, entry.facts);
    slot.check = { ...(slot.check as SlotCheck), measured };
  },
  payTo: (state, { contributor, number, wallet }) => {
    editMember(state, contributor).paying = { number, wallet };
  },
  challenged: (state, entry) => {
    schedule(state, { task: entry.task, ordinal: 0 }, challenge(state, entry));
    updateRoom(state, entry.task);
  },
  panelDrawn: (state, { task, contributors }) => {
    change(state, task, () => ({ drawn: contributors }));
    updateRoom(state, task);
  },
  challengeSettled: (state, entry) => {
    const task = editTask(state, entry.task);
    settleStakes(state, task, entry);
    if (entry.outcome === "overturned") {
      const { label, confidencePpm } = entry;
      task.settled = { label, confidencePpm, decided: true, sequence: state.tree.size + 1 };
    }
    for (const { ordinal, verdict, reason } of entry.rulings) {
      rule(state, { task: entry.task, ordinal }, task.slots[ordinal] as SlotRecord, verdict, reason);
    }
    updateRoom(state, entry.task);
    finishIfDone(state, entry.task);
  },
};

function assign(state: LaneState, slot: Slot, contributor: number, expiresAtMs: number): void {
  const budget = budgetFor(state, slot.task, contributor);
  if (state.tasks.get(slot.task) === undefined) startTask(state, slot.task);
  const task = editTask(state, slot.task);
  const panelOf = budget === "appealBudget" ? panelFor(state, slot.task, task, contributor) : null;
  task.slots.push({
    contributor,
    budget,
    state: "assigned",
    expiresAtMs,
    panelOf,
    body: null,
    answer: 0,
    reason: null,
    counted: null,
    sequence: 0,
    stake: zero,
    panelHold: zero,
    commitment: null,
    check: null,
  });
  const member = editMember(state, contributor);
  member.open.push(slotKey(slot));
  member.slotsTaken++;
  const price = priceOfTask(state, slot.task);
  if (panelOf === ofChallenge) takeSeat(state, slot.task, task.slots.at(-1) as SlotRecord);
  else if (panelOf !== null) {
    const appealed = task.slots[panelOf] as SlotRecord;
    appealed.panelHold = subtractAmounts(appealed.panelHold, price);
  }
  transfer(state.books, panelOf === null ? budget : "held", "assigned", price);
  schedule(state, slot, expiresAtMs);
  updateRoom(state, slot.task);
}

/** What the market's composition will look at, once or when the task has settled. */
function checkOf(
  state: LaneState,
  task: number,
  { panelOf, contributor }: SlotRecord,
  body: Uint8Array,
  hash: Hash,
): SlotCheck | null {
  const verifying = panelOf === null ? verifyingOf(specOf(state)) : null;
  if (verifying === null) return null;
  const claimed = readBodyEvidence(verifying, body, hash);
  const runs = termsOfTask(state, task).known?.runs;
  const evidence = runs === undefined ? claimed : withContents(hash, runs, claimed, readContents(body));
  const [receivedAtMs, nothing] = [state.timeMs, { units: 0, reserveUnits: 0, isOut: false }];
  const member = state.members.get(contributor) as Member;
  const lastSighting = lastSightingOf(state, member);
  const { group } = member;
  return { receivedAtMs, evidence, group, lastSighting, measured: null, draw: null, ...nothing, executions: [] };
}

function startTask(state: LaneState, number: number): void {
  state.tasks.set(number, { slots: [], settled: null });
  const started = (task: number): boolean => state.tasks.get(task) !== undefined || isFinished(state, task);
  while (state.frontier < state.taskCount && started(state.frontier)) state.frontier++;
  const { deadlineMs } = termsOfTask(state, number);
  if (deadlineMs !== null) schedule(state, { task: number, ordinal: 0 }, deadlineMs);
}

function endByFault(state: LaneState, slot: Slot): void {
  end(state, slot, "void");
  state.voids++;
  if (state.voids > specOf(state).voidMax && state.status === "open") state.status = "paused";
}

/** An assignment or an unjudged submission ends unpaid and neutral; its price goes back to where it came from. */
function end(state: LaneState, slot: Slot, outcome: "expired" | "void"): void {
  const record = editSlot(state, slot);
  giveBack(state, slot.task, record, record.state === "held" ? "held" : "assigned");
  close(editMember(state, record.contributor), slot);
  if (record.panelOf === ofChallenge) unstake(state, record);
  record.state = outcome;
  endExecuting(state, slot, record);
  updateRoom(state, slot.task);
  finishIfDone(state, slot.task);
}

/** The price of a slot returns to the budget it came from; that of a panel's slot to the hold of its appeal while open. */
function giveBack(state: LaneState, task: number, record: SlotRecord, from: "assigned" | "held" | "appealable"): void {
  const price = priceOfTask(state, task);
  if (record.panelOf === ofChallenge && openChallenge(state, task) !== null) {
    moveHold(state, task, "in");
    transfer(state.books, from, "held", price);
    return;
  }
  const appealed = record.panelOf === null ? undefined : editTask(state, task).slots[record.panelOf];
  if (appealed?.state === "appealed") {
    appealed.panelHold = addAmounts(appealed.panelHold, price);
    transfer(state.books, from, "held", price);
  } else transfer(state.books, from, record.budget, price);
}

/** Gives a submission its verdict, and its pay in the same step. */
function rule(
  state: LaneState,
  slot: Slot,
  record: SlotRecord,
  verdict: "accepted" | "rejected" | "review",
  reason: Reason,
): void {
  record.reason = reason;
  endExecuting(state, slot, record);
  if (verdict === "review") {
    record.state = "review";
    record.expiresAtMs = state.timeMs + (specOf(state).review?.windowMs ?? 0);
    schedule(state, slot, record.expiresAtMs);
    return;
  }
  if (verdict === "accepted") {
    pay(state, slot, record, "held");
    record.state = "accepted";
    return;
  }
  if (record.panelOf !== null || record.check?.units === 0) {
    // A panel's verdict ends the matter: there is no appeal of an appeal, nor of what no other answer can change.
    giveBack(state, slot.task, record, "held");
    record.state = "rejected";
    return;
  }
  transfer(state.books, "held", "appealable", priceOfTask(state, slot.task));
  record.state = "appealable";
  record.expiresAtMs = state.timeMs + specOf(state).appeal.windowMs;
  schedule(state, slot, record.expiresAtMs);
}

/** Nothing is executed for it any more, and nobody waits for what it committed to. */
function endExecuting(state: LaneState, slot: Slot, { commitment }: SlotRecord): void {
  state.executing.delete(slotKey(slot));
  if (commitment !== null) state.claims.delete(commitment.sequence);
}

/** Pays what the submission is worth; what is left of its price goes back to where it came from. */
function pay(state: LaneState, slot: Slot, record: SlotRecord, from: "held" | "appealable"): void {
  const terms = termsOfTask(state, slot.task);
  const spec = specOf(state);
  const { check } = record;
  const { reward, fee } = payOf(spec, terms, check === null ? null : check.units);
  transfer(state.books, from, "earned", reward);
  transfer(state.books, from, "fee", fee);
  const member = editMember(state, record.contributor);
  if (check !== null) holdBackOf(state, member, payOf(spec, terms, check.reserveUnits).reward);
  creditSlot(member, slot, reward);
  if (check === null) return;
  transfer(state.books, from, record.budget, amount(priceOf(spec, terms) - reward - fee));
  if (verifyingOf(spec)?.hasCap === true) {
    const owner = toHex(member.owner);
    state.accepted.set(owner, (state.accepted.get(owner) ?? 0) + 1);
  }
}

/** What is held back goes with the next cut after its time, and when the market closes. */
function letAllGo(state: LaneState): void {
  if ((verifyingOf(specOf(state))?.release ?? null) === null) return;
  for (const contributor of state.members.keys()) {
    if (mayLetGo(state, state.members.get(contributor) as Member)) letGo(state, editMember(state, contributor));
  }
}

/** Ends a rejection that may be or was appealed: its price, the stake, and what the panel did not use go their way. */
function endAppeal(state: LaneState, slot: Slot, record: SlotRecord, won: boolean): void {
  settleStake(state, slot.task, record, won);
  transfer(state.books, "held", "appealBudget", record.panelHold);
  record.panelHold = zero;
  if (won) pay(state, slot, record, "appealable");
  else giveBack(state, slot.task, record, "appealable");
  record.state = won ? "accepted" : "rejected";
}

/** A lost stake goes to the task's other contributors in equal parts, the remainder to the first; without any, back. */
function settleStake(state: LaneState, number: number, appealed: SlotRecord, won: boolean): void {
  const task = editTask(state, number);
  const member = editMember(state, appealed.contributor);
  const cost = appealed.stake;
  if (cost === 0n) return;
  const others = task.slots.filter((slot) => slot.state === "accepted" && slot.contributor !== appealed.contributor);
  if (won || others.length === 0) {
    returnStake(member.purse, cost);
    return;
  }
  slash(member.purse, cost);
  const share = cost / BigInt(others.length);
  const remainder = cost - share * BigInt(others.length);
  for (const [i, slot] of others.entries()) {
    const part = amount(i === 0 ? share + remainder : share);
    creditSlot(editMember(state, slot.contributor), { task: number, ordinal: task.slots.indexOf(slot) }, part);
  }
}

/** A settled task whose slots have all ended leaves the state: from then on only the log and the results hold it. */
function finishIfDone(state: LaneState, number: number): void {
  const task = state.tasks.get(number);
  if (task === undefined || task.settled === null || openChallenge(state, number) !== null) return;
  if (!task.slots.every((slot) => hasEnded(slot))) return;
  state.tasks.delete(number);
  state.challenges.delete(number);
  state.withRoom.delete(number);
  state.wantsPanel.delete(number);
  state.waiting.delete(number);
  const word = Math.floor(number / 32);
  state.finished.set(word, ((state.finished.get(word) ?? 0) | (1 << (number % 32))) >>> 0);
}

function close(member: Member, slot: Slot): void {
  const at = member.open.indexOf(slotKey(slot));
  if (at >= 0) member.open.splice(at, 1);
}

const priceOfTask = (state: LaneState, task: number): Amount => priceOf(specOf(state), termsOfTask(state, task));

function editTask(state: LaneState, number: number): TaskState {
  return state.tasks.edit(number) as TaskState;
}

function editSlot(state: LaneState, slot: Slot): SlotRecord {
  slotOf(state, slot);
  return editTask(state, slot.task).slots[slot.ordinal] as SlotRecord;
}
