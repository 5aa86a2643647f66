import type { Amount } from "../core/amount.ts";
import { type Bytes32, bytes32, fromHex, toHex } from "../core/bytes.ts";
import {
  bool,
  type Codec,
  decode,
  encode,
  fixed,
  list,
  numberMap,
  oneOf,
  optional,
  struct,
  text,
  u8,
  u16,
  u32,
  u64,
  varint,
} from "../core/codec.ts";
import { Field } from "../core/field.ts";
import { type Hash, taggedHash, tags } from "../core/hash.ts";
import { canonicalJson, type Json } from "../core/json.ts";
import type { MarketId } from "../core/market-id.ts";
import { booksCodec } from "../ledger/books.ts";
import { purseCodec } from "../ledger/purse.ts";
import { readEvidence } from "../verification/algebra/read-case.ts";
import {
  type EarlierPicture,
  type Evidence,
  emptyEvidence,
  type Sighting,
} from "../verification/primitives/evidence.ts";
import { answerCodec } from "./answer-codec.ts";
import { openKeys, withDue } from "./due.ts";
import { challengeOutcomes, outcomes, reasons } from "./entries.ts";
import { languages } from "./known.ts";
import { learnedCodec } from "./learned.ts";
import { type Measured, measuredText, parseMeasured } from "./measured.ts";
import { parseSpecText, specText } from "./spec.ts";
import {
  type Batch,
  budgets,
  type ChallengeWindow,
  type Control,
  type Facts,
  type FoundCrash,
  type LaneState,
  type Lesson,
  type Member,
  nextBatch,
  type SlotExecution,
  type SlotRecord,
  slotStates,
  statuses,
  type TaskState,
} from "./state.ts";
import { MapTable } from "./table.ts";
import { evidenceJson } from "./verifying.ts";
import { type WordTable, wordsCodec } from "./words.ts";

const key32 = fixed<Bytes32>(32);

const evidenceText = text();
const noEvidence = canonicalJson(evidenceJson(emptyEvidence));
const evidenceCodec: Codec<Evidence> = {
  write: (writer, evidence) =>
    evidenceText.write(writer, evidence === emptyEvidence ? noEvidence : canonicalJson(evidenceJson(evidence))),
  read: (reader) => {
    const written = evidenceText.read(reader);
    if (written === noEvidence) return emptyEvidence;
    try {
      return readEvidence(new Field(JSON.parse(written) as Json, "evidence"));
    } catch {
      throw reader.malformed();
    }
  },
};

const measuredCodec: Codec<Measured> = {
  write: (writer, measured) => evidenceText.write(writer, measuredText(measured)),
  read: (reader) => {
    try {
      return parseMeasured(evidenceText.read(reader));
    } catch {
      throw reader.malformed();
    }
  },
};

const executionCodec: Codec<SlotExecution> = struct({
  name: text(),
  input: key32,
  outcome: oneOf(outcomes),
  fuel: varint,
  output: key32,
  outputBytes: varint,
  crash: optional(struct({ type: text(), state: list(text()), signature: key32 })),
  sequence: varint,
});

/** Of a sighting and of a place: degrees are counted from the pole and the line of dates, so that they are never negative. */
const sightingNumbers = struct({ north: varint, east: varint, timeMs: varint, accuracyMm: varint });
const poleE7 = 900_000_000;
const sightingCodec: Codec<Sighting> = {
  write: (writer, { latitudeE7, longitudeE7, timeMs, accuracyMm }) =>
    sightingNumbers.write(writer, {
      north: latitudeE7 + poleE7,
      east: longitudeE7 + 2 * poleE7,
      timeMs,
      accuracyMm,
    }),
  read: (reader) => {
    const { north, east, timeMs, accuracyMm } = sightingNumbers.read(reader);
    return { latitudeE7: north - poleE7, longitudeE7: east - 2 * poleE7, timeMs, accuracyMm };
  },
};

const slotCodec: Codec<SlotRecord> = struct({
  contributor: u32,
  budget: oneOf(budgets),
  state: oneOf(slotStates),
  expiresAtMs: varint,
  panelOf: optional(u16),
  body: optional(key32),
  answer: answerCodec,
  reason: optional(oneOf(reasons)),
  counted: optional(bool),
  sequence: varint,
  stake: u64<Amount>(),
  panelHold: u64<Amount>(),
  commitment: optional(struct({ hash: key32, sequence: varint })),
  check: optional(
    struct({
      receivedAtMs: varint,
      evidence: evidenceCodec,
      group: optional(u8),
      lastSighting: optional(sightingCodec),
      measured: optional(measuredCodec),
      draw: optional(struct({ chainSlot: varint, chainHash: key32 })),
      units: varint,
      reserveUnits: varint,
      isOut: bool,
      executions: list(executionCodec),
    }),
  ),
});

const taskCodec: Codec<TaskState> = struct({
  slots: list(slotCodec),
  settled: optional(struct({ label: answerCodec, confidencePpm: u32, decided: bool, sequence: varint })),
});

const factsCodec: Codec<Facts> = struct({
  languages: list(text()),
  country: optional(text()),
  birthYear: optional(u16),
  place: optional(text()),
});

const byName = <T extends { readonly name: string }>(items: T[]): T[] =>
  items.sort((a, b) => (a.name < b.name ? -1 : 1));

type Qualifications = Member["qualifications"];

const qualificationCodec = list(struct({ name: text(), value: u32, expiresAtMs: varint }));

const qualificationsCodec: Codec<Qualifications> = {
  write: (writer, value) =>
    qualificationCodec.write(writer, byName([...value].map(([name, held]) => ({ name, ...held })))),
  read: (reader) =>
    new Map(qualificationCodec.read(reader).map(({ name, value, expiresAtMs }) => [name, { value, expiresAtMs }])),
};

const attemptCodec = list(struct({ name: text(), untilMs: varint }));

const attemptsCodec: Codec<Member["attempts"]> = {
  write: (writer, value) =>
    attemptCodec.write(writer, byName([...value].map(([name, untilMs]) => ({ name, untilMs })))),
  read: (reader) => new Map(attemptCodec.read(reader).map(({ name, untilMs }) => [name, untilMs])),
};

const testCodec = list(
  struct({
    name: text(),
    questions: key32,
    answers: key32,
    count: u16,
    passPpm: u32,
    validMs: varint,
    sequence: varint,
  }),
);

const testsCodec: Codec<LaneState["tests"]> = {
  write: (writer, value) => testCodec.write(writer, byName([...value].map(([name, test]) => ({ name, ...test })))),
  read: (reader) => new Map(testCodec.read(reader).map(({ name, ...test }) => [name, test])),
};

const programCodec = list(struct({ hash: key32, language: oneOf(languages), bytes: u32, sequence: varint }));

const programsCodec: Codec<LaneState["programs"]> = {
  write: (writer, value) =>
    programCodec.write(
      writer,
      [...value]
        .sort(([a], [b]) => (a < b ? -1 : 1))
        .map(([hash, program]) => ({ hash: bytes32(fromHex(hash)), ...program })),
    ),
  read: (reader) => new Map(programCodec.read(reader).map(({ hash, ...program }) => [toHex(hash), program])),
};

const memberCodec: Codec<Member> = struct({
  key: key32,
  owner: key32,
  automated: bool,
  facts: factsCodec,
  isBlocked: bool,
  qualifications: qualificationsCodec,
  attempts: attemptsCodec,
  purse: purseCodec,
  slotsTaken: varint,
  controlsAnswered: varint,
  controlsRight: varint,
  judged: varint,
  agreed: varint,
  adopted: struct({ right: varint, checked: varint }),
  group: optional(u8),
  open: list(varint),
  signedLeft: u8,
  carrier: optional(key32),
  sessions: list(
    struct({
      key: key32,
      untilMs: varint,
      coveredCount: varint,
      running: key32,
      uncovered: list(struct({ task: u32, ordinal: u16, body: key32, pay: u64<Amount>() })),
    }),
  ),
  paying: optional(struct({ number: varint, wallet: key32 })),
  heldBack: list(struct({ untilMs: optional(varint), amount: u64<Amount>() })),
});

const controlCodec: Codec<Control> = struct({
  commitment: key32,
  answer: answerCodec,
  salt: key32,
  status: oneOf(["live", "retired", "void"]),
  openedSequence: optional(varint),
});

const challengeCodec: Codec<ChallengeWindow> = struct({
  openedAtMs: varint,
  endsAtMs: varint,
  challenge: optional(
    struct({
      contributor: u32,
      atMs: varint,
      endsAtMs: varint,
      stake: u64<Amount>(),
      hold: u64<Amount>(),
      drawn: list(u32),
      outcome: optional(oneOf(challengeOutcomes)),
    }),
  ),
});

const headCodec = struct({
  market: text<MarketId>(),
  lane: u16,
  requester: key32,
  spec: text(),
  escrow: optional(struct({ account: key32, openedAt: varint })),
  status: oneOf(statuses),
  timeMs: varint,
  closesAtMs: optional(varint),
  size: varint,
  peaks: list(key32),
  books: booksCodec,
  taskCount: varint,
  answers: varint,
  lessonCount: varint,
  voids: varint,
  epoch: varint,
  model: struct({ version: varint, cut: varint, answers: varint, learned: optional(learnedCodec) }),
  tests: testsCodec,
  programs: programsCodec,
  frontier: varint,
  dueSecond: varint,
  drawnSlot: varint,
});

const tablesCodec = struct({
  batches: list(struct({ first: u32, count: u32, root: key32, termsText: text() })),
  tasks: numberMap(taskCodec),
  finished: wordsCodec,
  controls: numberMap(controlCodec),
  withRoom: list(varint),
  lessons: numberMap(struct({ task: u32, contributor: u32, label: varint, sequence: varint })),
  waiting: numberMap(varint),
  wantsPanel: list(varint),
  members: numberMap(memberCodec),
  appeals: list(struct({ owner: key32, appeals: varint })),
  accepted: list(struct({ owner: key32, count: varint })),
  due: numberMap(list(varint)),
  sent: numberMap(varint),
  received: numberMap(varint),
  executing: list(varint),
  claims: numberMap(varint),
  crashes: numberMap(struct({ program: key32, commitment: key32, type: text(), state: list(text()) })),
  sightings: list(struct({ owner: text(), at: sightingCodec })),
  pictures: numberMap(struct({ slot: text(), digest: text(), likeness: text() })),
  coveredCells: list(struct({ cell: text(), atMs: varint })),
  acceptedNearby: list(struct({ key: text(), count: varint })),
  challenges: numberMap(challengeCodec),
});

const snapshotCodec = struct({ head: headCodec, tables: tablesCodec });

/** Whether `forgetDue` was called is nothing that a state's bytes may tell. */
const openDue = (state: LaneState): Map<number, number[]> =>
  new Map(
    Array.from(state.due.keys(), (second): [number, number[]] => [
      second,
      openKeys(state, state.due.get(second)),
    ]).filter(([, keys]) => keys.length > 0),
  );

/** The whole state of a lane in canonical bytes: equal states have equal bytes. Only for a committed state. */
export function encodeState(state: LaneState): Uint8Array {
  const maps = <V, Key = number>(table: unknown): Map<Key, V> => (table as MapTable<V, Key>).map;
  const { size, peaks } = state.tree;
  return encode(snapshotCodec, {
    head: { ...state, spec: state.spec === null ? "" : specText(state.spec), size, peaks: [...peaks] },
    tables: {
      batches: [...maps<Batch>(state.batches).values()],
      tasks: maps<TaskState>(state.tasks),
      finished: state.finished as WordTable,
      controls: maps<Control>(state.controls),
      withRoom: [...state.withRoom.keys()].sort((a, b) => a - b),
      lessons: maps<Lesson>(state.lessons),
      waiting: maps<number>(state.waiting),
      wantsPanel: [...state.wantsPanel.keys()].sort((a, b) => a - b),
      members: maps<Member>(state.members),
      appeals: [...maps<number, string>(state.appeals)]
        .sort(([a], [b]) => (a < b ? -1 : 1))
        .map(([owner, appeals]) => ({ owner: bytes32(fromHex(owner)), appeals })),
      accepted: [...maps<number, string>(state.accepted)]
        .sort(([a], [b]) => (a < b ? -1 : 1))
        .map(([owner, count]) => ({ owner: bytes32(fromHex(owner)), count })),
      due: openDue(state),
      sent: maps<number>(state.sent),
      received: maps<number>(state.received),
      executing: [...state.executing.keys()].sort((a, b) => a - b),
      claims: maps<number>(state.claims),
      crashes: maps<FoundCrash>(state.crashes) as Map<number, FoundCrash & { state: string[] }>,
      sightings: inOrder(maps<Sighting, string>(state.sightings)).map(([owner, at]) => ({ owner, at })),
      pictures: maps<EarlierPicture>(state.pictures),
      coveredCells: inOrder(maps<number, string>(state.coveredCells)).map(([cell, atMs]) => ({ cell, atMs })),
      acceptedNearby: inOrder(maps<number, string>(state.acceptedNearby)).map(([key, count]) => ({ key, count })),
      challenges: maps<ChallengeWindow>(state.challenges),
    },
  });
}

const inOrder = <V>(table: ReadonlyMap<string, V>): [string, V][] => [...table].sort(([a], [b]) => (a < b ? -1 : 1));

export const stateHash = (hash: Hash, state: LaneState): Bytes32 => taggedHash(hash, tags.state, encodeState(state));

export function decodeState(bytes: Uint8Array): LaneState {
  const { head, tables } = decode(snapshotCodec, bytes, "a checkpoint");
  const { size, peaks, spec, ...scalars } = head;
  const state: LaneState = {
    ...scalars,
    spec: spec === "" ? null : parseSpecText(spec),
    tree: { size, peaks },
    batches: new MapTable(),
    tasks: new MapTable(tables.tasks),
    finished: tables.finished,
    controls: new MapTable(tables.controls),
    withRoom: new MapTable(new Map(tables.withRoom.map((task) => [task, true]))),
    lessons: new MapTable(tables.lessons),
    waiting: new MapTable(tables.waiting),
    wantsPanel: new MapTable(new Map(tables.wantsPanel.map((task) => [task, true]))),
    members: new MapTable(tables.members),
    appeals: new MapTable(new Map(tables.appeals.map(({ owner, appeals }) => [toHex(owner), appeals]))),
    accepted: new MapTable(new Map(tables.accepted.map(({ owner, count }) => [toHex(owner), count]))),
    due: new MapTable(),
    sent: new MapTable(tables.sent),
    received: new MapTable(tables.received),
    executing: new MapTable(new Map(tables.executing.map((key) => [key, true]))),
    claims: new MapTable(tables.claims),
    crashes: new MapTable<FoundCrash>(tables.crashes),
    sightings: new MapTable(new Map(tables.sightings.map(({ owner, at }) => [owner, at]))),
    pictures: new MapTable(tables.pictures),
    coveredCells: new MapTable(new Map(tables.coveredCells.map(({ cell, atMs }) => [cell, atMs]))),
    acceptedNearby: new MapTable(new Map(tables.acceptedNearby.map(({ key, count }) => [key, count]))),
    challenges: new MapTable(tables.challenges),
  };
  for (const [second, keys] of tables.due) {
    const newest = withDue(keys, undefined);
    if (newest !== undefined) state.due.set(second, newest);
  }
  for (const [number, batch] of tables.batches.entries()) state.batches.set(number, nextBatch(state, batch));
  return state;
}
