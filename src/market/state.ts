import type { Amount } from "../core/amount.ts";
import type { Bytes32 } from "../core/bytes.ts";
import { emptyLogTree, type LogTree } from "../core/log-tree.ts";
import type { MarketId } from "../core/market-id.ts";
import { type Books, emptyBooks } from "../ledger/books.ts";
import { emptyPurse, type Purse, purseTotal } from "../ledger/purse.ts";
import type { Answer } from "../verification/answers/answer.ts";
import type { EarlierPicture, Evidence, Sighting } from "../verification/primitives/evidence.ts";
import type { ChallengeOutcome, EntryOf, Reason } from "./entries.ts";
import type { Language } from "./known.ts";
import type { Learned } from "./learned.ts";
import type { Measured } from "./measured.ts";
import { type MarketSpec, parseTermsText, type Terms } from "./spec.ts";
import { MapTable, type Table } from "./table.ts";
import { WordTable } from "./words.ts";

export const statuses = ["draft", "open", "paused", "closing", "closed"] as const;
export type MarketStatus = (typeof statuses)[number];

/** A run of consecutive tasks that share their terms. */
export interface Batch {
  readonly first: number;
  readonly count: number;
  readonly root: Bytes32;
  readonly terms: Terms;
  /** The same as the log has it: empty where they are the market's. */
  readonly termsText: string;
}

/** An answer that the next model is learned from: what was given is one of the market's classes. */
export interface Lesson {
  readonly task: number;
  readonly contributor: number;
  readonly label: number;
  readonly sequence: number;
}

/** A task whose answer is known and hidden. */
export interface Control {
  readonly commitment: Bytes32;
  readonly answer: Answer;
  readonly salt: Bytes32;
  status: "live" | "retired" | "void";
  /** The entry that showed answer and salt to everybody, or null. */
  openedSequence: number | null;
}

/** A qualification test: what its questions are is beside the entry that added it. */
export interface Test {
  readonly questions: Bytes32;
  readonly answers: Bytes32;
  readonly count: number;
  readonly passPpm: number;
  /** How long a score stands, and keeps from another attempt. */
  readonly validMs: number;
  /** The entry that added it. */
  readonly sequence: number;
}

export const slotStates = [
  "assigned",
  "held",
  "review",
  "appealed",
  "appealable",
  "accepted",
  "rejected",
  "expired",
  "void",
] as const;
/** `appealable` and `rejected` are both rejections: within the appeal window, and final. */
export type SlotState = (typeof slotStates)[number];

export const budgets = ["free", "newcomerBudget", "appealBudget"] as const;
/** The account a slot's price was taken from, and goes back to. */
export type Budget = (typeof budgets)[number];

const ends: ReadonlySet<SlotState> = new Set(["accepted", "rejected", "expired", "void"]);
export const hasEnded = (slot: SlotRecord): boolean => ends.has(slot.state);

/** In place of an appealed slot's ordinal: a seat on the panel that decides a challenge of the task. */
export const ofChallenge = 0xffff;

export interface SlotRecord {
  readonly contributor: number;
  readonly budget: Budget;
  state: SlotState;
  expiresAtMs: number;
  /** The appealed slot whose panel this one belongs to, or `ofChallenge`. */
  readonly panelOf: number | null;
  body: Bytes32 | null;
  /** What was answered; 0 before. */
  answer: Answer;
  reason: Reason | null;
  /** Of an answer to a control task: how it counts in its contributor's record; null where it does not. */
  counted: boolean | null;
  /** The entry that submitted it; 0 before. */
  sequence: number;
  /** Reserve put behind its appeal, or of a seat on a challenge's panel behind its answer. */
  stake: Amount;
  /** What is set aside for slots that the panel of its open appeal has not taken, a part of the account `held`. */
  panelHold: Amount;
  /** What its contributor committed to before showing it; null where nothing was committed to. */
  commitment: Commitment | null;
  /** Null before it is answered, of a panel, and in a market without a composition. */
  check: SlotCheck | null;
}

export interface Commitment {
  readonly hash: Bytes32;
  /** The entry that has it: whoever has the lower one was first. */
  readonly sequence: number;
}

/** What a market's composition has to do with a submission. */
export interface SlotCheck {
  readonly receivedAtMs: number;
  /** What it brought beside its answer; once it was judged, no more than others are compared with. */
  readonly evidence: Evidence;
  /** The contributor's side when it answered, made of settled tasks alone. */
  readonly group: number | null;
  /** Where its owner was seen before; null where nowhere. */
  readonly lastSighting: Sighting | null;
  /** What the network measured of it; null before that, and where nothing is measured. */
  readonly measured: Measured | null;
  /** The hash that drew whether it is executed again; null before that, and where nothing is drawn. */
  readonly draw: Pick<EntryOf<"drawn">, "chainSlot" | "chainHash"> | null;
  /** Of the composition: what was paid, or what is paid should a review or an appeal end well. 0 before any verdict. */
  readonly units: number;
  /** Of these, what stays in reserve. */
  readonly reserveUnits: number;
  /** Failed before its answer was compared with others: it is not heard, and another takes its place. */
  readonly isOut: boolean;
  /** In our sandbox, as the log has them. */
  readonly executions: readonly SlotExecution[];
}

/** What an execution came to, and the entry that says so. */
export type SlotExecution = Omit<EntryOf<"executed">, "kind" | "task" | "ordinal" | "program"> & {
  readonly sequence: number;
};

/** A program of the market, which tasks name by its hash. */
export interface Program {
  readonly language: Language;
  readonly bytes: number;
  /** The entry that added it, and has it attached. */
  readonly sequence: number;
}

/** A crash that was paid for: whoever commits to the same later has a duplicate. */
export interface FoundCrash {
  readonly program: Bytes32;
  readonly commitment: Bytes32;
  readonly type: string;
  readonly state: readonly string[];
}

export interface TaskState {
  /** The slot with ordinal n is the n-th here. */
  readonly slots: SlotRecord[];
  settled: Settlement | null;
}

export interface Settlement {
  readonly label: Answer;
  readonly confidencePpm: number;
  /** False where the posterior stayed below the margin. */
  readonly decided: boolean;
  readonly sequence: number;
}

/** How long what a task settled on may be challenged, and what became of it. Replaced as a whole. */
export interface ChallengeWindow {
  readonly openedAtMs: number;
  readonly endsAtMs: number;
  /** Null while nobody objected. */
  readonly challenge: Challenge | null;
}

export interface Challenge {
  readonly contributor: number;
  readonly atMs: number;
  /** Nobody takes a seat after that. */
  readonly endsAtMs: number;
  /** Reserve that the challenger put behind it. */
  readonly stake: Amount;
  /** What is set aside for seats that nobody has taken, a part of the account `held`. */
  readonly hold: Amount;
  /** Who may sit on the panel, in the order of the draw. */
  readonly drawn: readonly number[];
  /** Null while the panel is heard. */
  readonly outcome: ChallengeOutcome | null;
}

export interface Member {
  readonly key: Bytes32;
  readonly owner: Bytes32;
  readonly automated: boolean;
  readonly facts: Facts;
  /** The market's requester gives the member no more work. */
  isBlocked: boolean;
  qualifications: ReadonlyMap<string, { readonly value: number; readonly expiresAtMs: number }>;
  /** Tests taken: until when each score stands. */
  attempts: ReadonlyMap<string, number>;
  purse: Purse;
  /** Slots ever taken here: while few, a newcomer. */
  slotsTaken: number;
  controlsAnswered: number;
  controlsRight: number;
  /** Answers judged against a settled label, and those that agreed. */
  judged: number;
  agreed: number;
  /** The record the adopted model knows the member by: nothing before the first one. */
  adopted: TrackRecord;
  /** The side that the adopted model has the member on; null where it has none, or makes no groups. */
  group: number | null;
  /** Slots assigned and not ended, oldest first. */
  open: number[];
  /** Submissions still signed by the last signature. */
  signedLeft: number;
  /** The session whose token brings the submissions that are not signed; null before there were any. */
  carrier: Bytes32 | null;
  /** Keys that may sign for the member, the newest last. */
  sessions: readonly MemberSession[];
  /** Where to pay instead of at the member's key; null where nothing else was asked for. */
  paying: PayingAddress | null;
  /** What the market's composition holds back of the purse, and until when; replaced as a whole. */
  heldBack: readonly HeldBack[];
}

/** Parts that are let go at one time; all of a market whose composition asks for checked work have no time of their own. */
export interface HeldBack {
  readonly untilMs: number | null;
  readonly amount: Amount;
}

export interface MemberSession {
  readonly key: Bytes32;
  readonly untilMs: number;
  /** Of the submissions that it carried, so many from the first on are signed for, with this running hash. */
  readonly coveredCount: number;
  readonly running: Bytes32;
  /** Those after them, oldest first; replaced as a whole. */
  readonly uncovered: readonly UncoveredSubmission[];
}

/** A submission that came with its session's token alone. */
export interface UncoveredSubmission {
  readonly task: number;
  readonly ordinal: number;
  readonly body: Bytes32;
  /** What it has earned so far, a part of the purse's `uncovered`. */
  readonly pay: Amount;
}

/** Of several changes of a contributor, in whatever lanes, the one with the highest number counts. */
export interface PayingAddress {
  readonly number: number;
  readonly wallet: Bytes32;
}

/** The account on chain that holds a market's money. */
export interface MarketEscrow {
  readonly account: Bytes32;
  /** Seconds since 1970: an address may be used again. */
  readonly openedAt: number;
}

/** Answers that were compared with a known or settled one, and those that were right. */
export interface TrackRecord {
  readonly right: number;
  readonly checked: number;
}

/** What contributors say of themselves; markets may ask for it, and the log records what they relied on. */
export interface Facts {
  readonly languages: readonly string[];
  readonly country: string | null;
  readonly birthYear: number | null;
  readonly place: string | null;
}

export const noFacts: Facts = { languages: [], country: null, birthYear: null, place: null };

export interface Model {
  readonly version: number;
  /** The sequence up to which the log was used. */
  readonly cut: number;
  /** Answers known at that cut. */
  readonly answers: number;
  /** What the market's policy goes by; null before the first, and where there is no policy. */
  readonly learned: Learned | null;
}

/** Slots that fall due in one second, the newest first: a list that grows without being copied. */
export interface DueSlot {
  readonly key: number;
  readonly before: DueSlot | null;
}

export interface LaneState {
  market: MarketId;
  lane: number;
  requester: Bytes32;
  spec: MarketSpec | null;
  /** Null before its account on chain was seen. */
  escrow: MarketEscrow | null;
  status: MarketStatus;
  timeMs: number;
  closesAtMs: number | null;
  tree: LogTree;
  books: Books;
  taskCount: number;
  answers: number;
  lessonCount: number;
  voids: number;
  epoch: number;
  model: Model;
  /** By name; replaced as a whole, like all that changes seldom. */
  tests: ReadonlyMap<string, Test>;
  /** By their hash in hexadecimal; replaced as a whole. */
  programs: ReadonlyMap<string, Program>;
  readonly batches: Table<Batch>;
  readonly tasks: Table<TaskState>;
  /** Tasks that need nothing more, 32 to a word; their slots live in the log alone. */
  readonly finished: Table<number>;
  readonly controls: Table<Control>;
  /** Started tasks with room for another contributor. */
  readonly withRoom: Table<true>;
  /** The latest answers that can be learned from, by their number; `lessonCount` is that of the next one. */
  readonly lessons: Table<Lesson>;
  /** Tasks that need no more answers but a better model, for their label or for some answers; and until when. */
  readonly waiting: Table<number>;
  /** Tasks with an appeal whose panel wants another member. */
  readonly wantsPanel: Table<true>;
  /** Of settled tasks, where the market's composition lets everybody object for a while. */
  readonly challenges: Table<ChallengeWindow>;
  /** The lowest task number never assigned. */
  frontier: number;
  readonly members: Table<Member>;
  /** How often each owner appealed, by its hex. */
  readonly appeals: Table<number, string>;
  /** Accepted submissions of each owner, by its hex; only where the composition has a cap. */
  readonly accepted: Table<number, string>;
  /** Slot keys by the second in which something of theirs falls due. */
  readonly due: Table<DueSlot>;
  /** Everything due before this second has been dealt with. */
  dueSecond: number;
  /** The slot of the chain whose hash was drawn last. */
  drawnSlot: number;
  /** Transfers sent to and received from each lane: numbered for each pair, so that none counts twice or is skipped. */
  readonly sent: Table<number>;
  readonly received: Table<number>;
  /** Slot keys of submissions that are held, in a market that executes. */
  readonly executing: Table<true>;
  /** Slot keys of open commitments, by the entry that has them. */
  readonly claims: Table<number>;
  /** By the entry of their commitment. */
  readonly crashes: Table<FoundCrash>;
  /** Where each owner was last seen, by its hex. */
  readonly sightings: Table<Sighting, string>;
  /** The latest pictures that came, by the entry of their submission and their place in it. */
  readonly pictures: Table<EarlierPicture>;
  /** When each cell was last covered by a track that was paid. */
  readonly coveredCells: Table<number, string>;
  /** Accepted submissions from each cell, and of each pair of devices. */
  readonly acceptedNearby: Table<number, string>;
}

export const emptyLaneState = (): LaneState => ({
  market: "" as MarketId,
  lane: 0,
  requester: new Uint8Array(32) as Bytes32,
  spec: null,
  escrow: null,
  status: "draft",
  timeMs: 0,
  closesAtMs: null,
  tree: emptyLogTree,
  books: emptyBooks(),
  taskCount: 0,
  answers: 0,
  lessonCount: 0,
  voids: 0,
  epoch: 0,
  model: { version: 0, cut: 0, answers: 0, learned: null },
  tests: new Map(),
  programs: new Map(),
  batches: new MapTable(),
  tasks: new MapTable(),
  finished: new WordTable(),
  controls: new MapTable(),
  withRoom: new MapTable(),
  lessons: new MapTable(),
  waiting: new MapTable(),
  wantsPanel: new MapTable(),
  challenges: new MapTable(),
  frontier: 0,
  members: new MapTable(),
  appeals: new MapTable(),
  accepted: new MapTable(),
  due: new MapTable(),
  dueSecond: 0,
  drawnSlot: 0,
  sent: new MapTable(),
  received: new MapTable(),
  executing: new MapTable(),
  claims: new MapTable(),
  crashes: new MapTable(),
  sightings: new MapTable(),
  pictures: new MapTable(),
  coveredCells: new MapTable(),
  acceptedNearby: new MapTable(),
});

export const newMember = (key: Bytes32, owner: Bytes32, automated: boolean, facts: Facts): Member => ({
  key,
  owner,
  automated,
  facts,
  isBlocked: false,
  qualifications: new Map(),
  attempts: new Map(),
  purse: emptyPurse(),
  slotsTaken: 0,
  controlsAnswered: 0,
  controlsRight: 0,
  judged: 0,
  agreed: 0,
  adopted: { right: 0, checked: 0 },
  group: null,
  open: [],
  signedLeft: 0,
  carrier: null,
  sessions: [],
  paying: null,
  heldBack: [],
});

/** A member that is there, to be changed. */
export const editMember = (state: LaneState, contributor: number): Member => state.members.edit(contributor) as Member;

export function specOf(state: LaneState): MarketSpec {
  return state.spec as MarketSpec;
}

/** The batch that holds a task. It is asked for many times in a step, mostly for the same. */
export function batchOf({ batches }: LaneState, task: number): Batch | undefined {
  if (lastBatch?.batches === batches && isIn(lastBatch.batch, task)) return lastBatch.batch;
  const batch = batchAmong(batches, task);
  if (batch !== undefined) lastBatch = { batches, batch };
  return batch;
}

/** A batch never changes, nor do the tasks that it holds. */
let lastBatch: { readonly batches: LaneState["batches"]; readonly batch: Batch } | null = null;

const isIn = ({ first, count }: Batch, task: number): boolean => task >= first && task < first + count;

/** By bisection over the batches' first tasks. */
function batchAmong(batches: LaneState["batches"], task: number): Batch | undefined {
  let low = 0;
  let high = batches.size - 1;
  while (low < high) {
    const middle = Math.ceil((low + high) / 2);
    if ((batches.get(middle) as Batch).first <= task) low = middle;
    else high = middle - 1;
  }
  const batch = batches.get(low);
  return batch !== undefined && isIn(batch, task) ? batch : undefined;
}

export const termsText = (state: LaneState, terms: string): Terms =>
  terms === "" ? specOf(state).terms : parseTermsText(specOf(state), terms);

/** A batch that comes after those of the state; one that has the terms of the one before shares them. */
export function nextBatch(state: LaneState, { first, count, root, termsText: own }: Omit<Batch, "terms">): Batch {
  const before = state.batches.get(state.batches.size - 1);
  return before?.termsText === own
    ? { first, count, root, terms: before.terms, termsText: before.termsText }
    : { first, count, root, terms: termsText(state, own), termsText: own };
}

export const isFinished = (state: LaneState, task: number): boolean =>
  (((state.finished.get(Math.floor(task / 32)) ?? 0) >>> (task % 32)) & 1) === 1;

export function openSlots(task: TaskState): number {
  let open = 0;
  for (const slot of task.slots) if (slot.state === "assigned" && slot.panelOf === null) open++;
  return open;
}

/** Slots of the task itself (not of an appeal's panel) that hold or may still bring an answer. */
export const liveSlots = (task: TaskState): SlotRecord[] => task.slots.filter(isLive);

/** A loop: each assignment counts them several times. */
export function liveSlotCount({ slots }: TaskState): number {
  let count = 0;
  for (let ordinal = 0; ordinal < slots.length; ordinal++) if (isLive(slots[ordinal] as SlotRecord)) count++;
  return count;
}

const isLive = ({ panelOf, state, check }: SlotRecord): boolean =>
  panelOf === null && state !== "expired" && state !== "void" && check?.isOut !== true;

/** The control that checks this task's answers; a voided one checks nothing any more, its task is like any other. */
export function controlOf(state: LaneState, task: number): Control | undefined {
  const control = state.controls.get(task);
  return control?.status === "void" ? undefined : control;
}

export const isNewcomer = (state: LaneState, member: Member): boolean => {
  const { newcomer } = specOf(state);
  return newcomer !== null && member.slotsTaken < newcomer.answers;
};

/** The sum of what the members of a lane earned: equals the books' `earned + bonus`. */
export function earnedByMembers(state: LaneState): Amount {
  let total = 0n;
  for (const key of state.members.keys()) {
    total += purseTotal((state.members.get(key) as Member).purse);
  }
  return total as Amount;
}
