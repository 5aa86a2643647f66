import type { Purse } from "../ledger/purse.ts";
import type { Control, LaneState, Member, SlotRecord, TaskState } from "./state.ts";
import { DraftTable, type Table } from "./table.ts";

/** By names, as nearly every entry copies some: the engine takes several times as long to find them out. */
const cloneSlot = (slot: SlotRecord): SlotRecord => ({
  contributor: slot.contributor,
  budget: slot.budget,
  state: slot.state,
  expiresAtMs: slot.expiresAtMs,
  panelOf: slot.panelOf,
  body: slot.body,
  answer: slot.answer,
  reason: slot.reason,
  counted: slot.counted,
  sequence: slot.sequence,
  stake: slot.stake,
  panelHold: slot.panelHold,
  commitment: slot.commitment,
  check: slot.check,
});

const cloneTask = (task: TaskState): TaskState => ({ slots: task.slots.map(cloneSlot), settled: task.settled });

const clonePurse = (purse: Purse): Purse => ({
  released: purse.released,
  held: purse.held,
  staked: purse.staked,
  target: purse.target,
  heldBack: purse.heldBack,
  uncovered: purse.uncovered,
});

const cloneMember = (member: Member): Member => ({
  key: member.key,
  owner: member.owner,
  automated: member.automated,
  facts: member.facts,
  isBlocked: member.isBlocked,
  qualifications: member.qualifications,
  attempts: member.attempts,
  purse: clonePurse(member.purse),
  slotsTaken: member.slotsTaken,
  controlsAnswered: member.controlsAnswered,
  controlsRight: member.controlsRight,
  judged: member.judged,
  agreed: member.agreed,
  adopted: member.adopted,
  group: member.group,
  open: member.open.slice(),
  signedLeft: member.signedLeft,
  carrier: member.carrier,
  sessions: member.sessions,
  paying: member.paying,
  heldBack: member.heldBack,
});

const cloneControl = (control: Control): Control => ({ ...control });

const itself = <V>(value: V): V => value;

type Drafted<T> = T extends Table<infer V, infer Key> ? DraftTable<V, Key> : never;
type Tables = {
  readonly [Name in keyof LaneState as LaneState[Name] extends { readonly edit: unknown } ? Name : never]: Drafted<
    LaneState[Name]
  >;
};

/** A copy-on-write view: decide over it, then `commitDraft`, or drop it and nothing happened. */
export type LaneDraft = Omit<LaneState, keyof Tables> & Tables & { readonly base: LaneState };

/**
 * Field by field, as each command of a batch has a draft of its own: copying by names takes ten times as long. A test
 * holds it to all fields.
 */
export const draftOf = (base: LaneState): LaneDraft => ({
  base,
  market: base.market,
  lane: base.lane,
  requester: base.requester,
  spec: base.spec,
  escrow: base.escrow,
  status: base.status,
  timeMs: base.timeMs,
  closesAtMs: base.closesAtMs,
  tree: base.tree,
  books: { ...base.books },
  taskCount: base.taskCount,
  answers: base.answers,
  lessonCount: base.lessonCount,
  voids: base.voids,
  epoch: base.epoch,
  model: base.model,
  tests: base.tests,
  programs: base.programs,
  batches: new DraftTable(base.batches, itself),
  tasks: new DraftTable(base.tasks, cloneTask),
  finished: new DraftTable(base.finished, itself),
  controls: new DraftTable(base.controls, cloneControl),
  withRoom: new DraftTable(base.withRoom, itself),
  lessons: new DraftTable(base.lessons, itself),
  waiting: new DraftTable(base.waiting, itself),
  wantsPanel: new DraftTable(base.wantsPanel, itself),
  challenges: new DraftTable(base.challenges, itself),
  frontier: base.frontier,
  members: new DraftTable(base.members, cloneMember),
  appeals: new DraftTable(base.appeals, itself),
  accepted: new DraftTable(base.accepted, itself),
  due: new DraftTable(base.due, itself),
  dueSecond: base.dueSecond,
  drawnSlot: base.drawnSlot,
  sent: new DraftTable(base.sent, itself),
  received: new DraftTable(base.received, itself),
  executing: new DraftTable(base.executing, itself),
  claims: new DraftTable(base.claims, itself),
  crashes: new DraftTable(base.crashes, itself),
  sightings: new DraftTable(base.sightings, itself),
  pictures: new DraftTable(base.pictures, itself),
  coveredCells: new DraftTable(base.coveredCells, itself),
  acceptedNearby: new DraftTable(base.acceptedNearby, itself),
});

export function commitDraft(draft: LaneDraft): LaneState {
  const { base } = draft;
  base.market = draft.market;
  base.lane = draft.lane;
  base.requester = draft.requester;
  base.spec = draft.spec;
  base.escrow = draft.escrow;
  base.status = draft.status;
  base.timeMs = draft.timeMs;
  base.closesAtMs = draft.closesAtMs;
  base.tree = draft.tree;
  base.books = draft.books;
  base.taskCount = draft.taskCount;
  base.answers = draft.answers;
  base.lessonCount = draft.lessonCount;
  base.voids = draft.voids;
  base.epoch = draft.epoch;
  base.model = draft.model;
  base.tests = draft.tests;
  base.programs = draft.programs;
  base.frontier = draft.frontier;
  base.dueSecond = draft.dueSecond;
  base.drawnSlot = draft.drawnSlot;
  draft.batches.commit();
  draft.tasks.commit();
  draft.finished.commit();
  draft.controls.commit();
  draft.withRoom.commit();
  draft.lessons.commit();
  draft.waiting.commit();
  draft.wantsPanel.commit();
  draft.challenges.commit();
  draft.members.commit();
  draft.appeals.commit();
  draft.accepted.commit();
  draft.due.commit();
  draft.sent.commit();
  draft.received.commit();
  draft.executing.commit();
  draft.claims.commit();
  draft.crashes.commit();
  draft.sightings.commit();
  draft.pictures.commit();
  draft.coveredCells.commit();
  draft.acceptedNearby.commit();
  return base;
}

/** Members whose row a batch changed. */
export const changedMembers = (draft: LaneDraft): number[] => [...draft.members.changedKeys()].sort((a, b) => a - b);
