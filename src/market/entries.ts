import type { Amount } from "../core/amount.ts";
import type { Bytes32 } from "../core/bytes.ts";
import {
  bool,
  bytes,
  type Codec,
  type Decoded,
  decode,
  encode,
  fixed,
  list,
  oneOf,
  optional,
  type Reader,
  type StructCodec,
  struct,
  text,
  u8,
  u16,
  u32,
  u64,
  varint,
  type Writer,
} from "../core/codec.ts";
import { earnestError } from "../core/errors.ts";
import type { MarketId } from "../core/market-id.ts";
import { answerCodec } from "./answer-codec.ts";
import { languages } from "./known.ts";

/** Why a verdict is what it is. Append only: the place in this list is what the log holds. */
export const reasons = [
  "AGREES",
  "DISAGREES",
  "UNDECIDED",
  "CONTROL_MATCHED",
  "CONTROL_MISSED",
  "CONTROL_RATE_LOW",
  "CONTROL_VOIDED",
  "REVIEW_ACCEPTED",
  "REVIEW_REJECTED",
  "REVIEW_LATE",
  "APPEAL_WON",
  "APPEAL_LOST",
  "APPEAL_UNANSWERED",
  "NOT_CONTRADICTED",
  "NEWCOMER",
  "UNPROVEN",
  "UNINFORMATIVE",
  "COPIED",
  // Of compositions: whatever a verdict can cite.
  "EVIDENCE_MISSING",
  "FAULT",
  "SIGNATURE_INVALID",
  "NONCE_WRONG",
  "NONCE_REPLAYED",
  "TOO_EARLY",
  "TOO_LATE",
  "OWNER_OF_MARKET",
  "OWNER_TWICE",
  "CAP_EXCEEDED",
  "SHAPE_WRONG",
  "DIGEST_DIFFERS",
  "VALUE_DIFFERS",
  "SCORE_LOW",
  "QUORUM_DIFFERS",
  "EQUIVOCATED",
  "GROUP_DISAGREES",
  "BRIDGE_LOW",
  "BRIDGE_ONE_SIDED",
  "CHALLENGED",
  "UNCHALLENGED",
  "PANEL_ACCEPTED",
  "PANEL_REJECTED",
  "FUEL_USED_UP",
  "MEMORY_USED_UP",
  "OUTPUT_TOO_LARGE",
  "TRAPPED",
  "OUTPUT_DIFFERS",
  "NOT_DETERMINISTIC",
  "NOT_REPRODUCED",
  "FIRES_ON_CONTROLS",
  "SERIES_MALFORMED",
  "SERIES_UNORDERED",
  "SERIES_OUTSIDE_WINDOW",
  "COVERAGE_LOW",
  "READINGS_OUT_OF_BOUNDS",
  "READINGS_JUMP",
  "READINGS_CONSTANT",
  "QUANTITY_LOW",
  "QUANTITY_CAPPED",
  "METERS_DIFFER",
  "BASELINE_UNRELIABLE",
  "PLACE_MALFORMED",
  "PLACE_INACCURATE",
  "PLACE_FAR",
  "SPEED_IMPLAUSIBLE",
  "TRACK_SHORT",
  "OBSERVERS_FEW",
  "NOT_SELECTED",
  "RECHECK_AGREES",
  "RECHECK_DIFFERS",
  "CANARY_MISSED",
  "WAITING",
  "ESCALATED",
  "CHECKS_PASSED",
  "DUPLICATE",
  "PICTURE_MALFORMED",
  "PICTURE_DUPLICATE",
  "PICTURE_ALIKE",
  "CLOCKS_DIFFER",
  "DEVICE_OTHER",
  "DENIED",
  "EDGE_DENIED",
  "SELF_WITNESS",
  "BEACON_IRREGULAR",
  "LAG_LONG",
  "PAYLOAD_DIFFERS",
  "CAPABILITY_MISSING",
  "FREQUENCY_DIFFERS",
  "REGION_DIFFERS",
  "CELLS_NEAR",
  "SIGNAL_STRONG",
  "AREA_CAPPED",
  "EDGE_CAPPED",
  "OUT_OF_HOURS",
  "AREA_DENIED",
  "PERIODS_THIN",
  "UNIT_WRONG",
  "INTERVAL_WRONG",
  "EVENTS_FEW",
  "BASELINE_DAYS_FEW",
  "BASELINE_BIASED",
  "EVENT_LOAD",
] as const;
export type Reason = (typeof reasons)[number];

export const verdicts = ["accepted", "rejected", "review"] as const;
/** `review` is not a verdict yet: the submission waits for its requester. */
export type Ruling = (typeof verdicts)[number];

export const faults = ["sandbox", "storage", "operator"] as const;
export type Fault = (typeof faults)[number];

/** How an execution ended: `fault` is the machine's doing or ours, all others the program's. Append only. */
export const outcomes = [
  "finished",
  "outputTooLarge",
  "trapped",
  "fuelUsedUp",
  "memoryUsedUp",
  "refused",
  "fault",
] as const;
export type ExecutionOutcome = (typeof outcomes)[number];

/**
 * How a challenge ends: the panel finds what the task settled on right, or something else; or it comes to no majority,
 * which changes nothing. Append only.
 */
export const challengeOutcomes = ["upheld", "overturned", "lapsed"] as const;
export type ChallengeOutcome = (typeof challengeOutcomes)[number];

const verdictCodec = oneOf(verdicts);
const reasonCodec = oneOf(reasons);
const key32 = fixed<Bytes32>(32);
const money = u64<Amount>();

const slotFields = { task: u32, ordinal: u16 } as const;
const rulingCodec = struct({ ordinal: u16, verdict: verdictCodec, reason: reasonCodec });
export type OrdinalRuling = Decoded<typeof rulingCodec>;

/**
 * Every kind of entry with its fields in encoding order. The place in this list is the kind's number in the log: append
 * only. Inputs come from outside and are admitted or refused; consequences follow from the state alone, so replay
 * computes them again and compares.
 */
const inputs = {
  created: struct({ market: text<MarketId>(), lane: u16, requester: key32, spec: text() }),
  timed: struct({ timeMs: varint }),
  funded: struct({ amount: money, deposit: text() }),
  opened: struct({}),
  paused: struct({}),
  resumed: struct({}),
  closing: struct({}),
  /** `terms` is canonical JSON of what differs from the market's terms, or empty. */
  batchAdded: struct({
    first: u32,
    count: u32,
    root: key32,
    terms: text(),
    controls: list(struct({ task: u32, commitment: key32 })),
  }),
  joined: struct({ contributor: u32, key: key32, owner: key32, automated: bool, facts: text() }),
  qualified: struct({
    contributor: u32,
    name: text(),
    value: u32,
    expiresAtMs: varint,
    by: oneOf(["requester", "test"]),
  }),
  assigned: struct({ ...slotFields, contributor: u32, expiresAtMs: varint }),
  /** Signs the `count` submissions that follow it. */
  signed: struct({ contributor: u32, session: key32, timeMs: varint, count: u8, signature: fixed(64) }),
  /** `next` is the contributor's next assignment: a turn is one entry. */
  submitted: struct({
    ...slotFields,
    contributor: u32,
    body: key32,
    next: optional(struct({ ...slotFields, expiresAtMs: varint })),
  }),
  voided: struct({ ...slotFields, fault: oneOf(faults), evidence: key32 }),
  reviewed: struct({ ...slotFields, accepted: bool, note: text() }),
  appealed: struct({ ...slotFields, contributor: u32, cost: money }),
  reserveSet: struct({ contributor: u32, target: money }),
  bonusPaid: struct({ contributor: u32, amount: money, note: text() }),
  controlRetired: struct({ task: u32, answer: answerCodec, salt: key32 }),
  sent: struct({ toLane: u16, amount: money, number: varint }),
  received: struct({ fromLane: u16, amount: money, number: varint }),
  cut: struct({ epoch: varint }),
  /** Hash of the questions that contributors see, salted commitment to the answers. */
  testAdded: struct({ name: text(), questions: key32, count: u16, passPpm: u32, validMs: varint, answers: key32 }),
  /** The account on chain that holds the market's money; `openedAt` in seconds, as an address may be used again. */
  escrowed: struct({ account: key32, openedAt: varint }),
  /**
   * A contributor lets a session key sign its requests: the exact sign-in text, and the contributor's own signature of it,
   * so that nobody answers in its name.
   */
  authorised: struct({ contributor: u32, text: text(), signature: fixed(64) }),
  /** The contributor's submissions that no signature covers come with this session's token from here on. */
  carried: struct({ contributor: u32, session: key32 }),
  /**
   * Signed by the session key `by`: the first `count` submissions that `session` carried have this running hash. `by` may
   * be a later session of the contributor, so that what a lost one earned is not lost.
   */
  covered: struct({
    contributor: u32,
    session: key32,
    by: key32,
    count: varint,
    running: key32,
    signature: fixed(64),
  }),
  /** Where a contributor wants to be paid instead of at its own key, signed by that key over `payToStatement`. */
  payTo: struct({ contributor: u32, number: varint, wallet: key32, signature: fixed(64) }),
  /** A program that tasks of the market name by its hash; the program itself is attached. */
  programAdded: struct({ hash: key32, language: oneOf(languages), bytes: u32 }),
  /**
   * Before a contributor shows what it found it says so: `commitmentOf` the body that will follow. Whoever committed
   * first found it first.
   */
  committed: struct({ ...slotFields, contributor: u32, commitment: key32 }),
  /**
   * One execution in the sandbox, for a submission that is held: an external fact that anybody with program and input can
   * repeat. `name` is that of the composition. Where nothing came out, `output` is zeros.
   */
  executed: struct({
    ...slotFields,
    name: text(),
    program: key32,
    input: key32,
    outcome: oneOf(outcomes),
    fuel: varint,
    output: key32,
    outputBytes: varint,
    /** What the trap was, in the words of docs/crashes.md, and its signature. */
    crash: optional(struct({ type: text(), state: list(text()), signature: key32 })),
  }),
  /**
   * The hash of a slot of the chain that began after the entry `upTo`: it draws which of the submissions until then are
   * executed again. Who does not know it before does not know where it is safe to make something up.
   */
  drawn: struct({ chainSlot: varint, chainHash: key32, upTo: varint }),
  /** A contributor gives an assignment back: it ends at once, unpaid and neutral, as if its lease had passed. */
  returned: struct({ ...slotFields, contributor: u32 }),
  /** The requester gives a contributor no more work, or again, and says why. What was begun is judged like anything else. */
  blocked: struct({ contributor: u32, isBlocked: bool, note: text() }),
  /** What the network measured of a submission that waits for it: canonical JSON of `Measured`. */
  measured: struct({ ...slotFields, facts: text() }),
  /** A contributor objects to what a task settled on, and puts reserve behind it. */
  challenged: struct({ task: u32, contributor: u32, stake: money }),
} as const;

const consequences = {
  expired: struct(slotFields),
  judged: struct({ ...slotFields, verdict: verdictCodec, reason: reasonCodec }),
  settled: struct({ task: u32, label: answerCodec, confidencePpm: u32, decided: bool, rulings: list(rulingCodec) }),
  /** The appeal window of a rejection has passed: its money is free again. */
  released: struct(slotFields),
  /** An appeal is won where its panel finds the answer right, or nobody came to say otherwise. */
  appealSettled: struct({ ...slotFields, label: answerCodec, votes: u16, won: bool, rulings: list(rulingCodec) }),
  controlVoided: struct({ task: u32 }),
  modelAdopted: struct({ version: varint, cut: varint, hash: key32 }),
  closed: struct({ refund: money }),
  /**
   * The verdict of a market's composition on one submission. `units` are those of the composition: paid where it is
   * accepted, of which `reserve` stay in the contributor's reserve; otherwise what is paid should a review or an appeal
   * end well, 0 where there is no appeal. `findings` is canonical JSON of every reason with what it rests on.
   */
  verified: struct({
    ...slotFields,
    verdict: verdictCodec,
    reason: reasonCodec,
    units: varint,
    reserve: varint,
    findings: text(),
  }),
  /** A submission ends as void: what it takes to judge it failed too often, and that was none of its doing. */
  faulted: struct({ ...slotFields, fault: oneOf(faults) }),
  /** Who may sit on the panel of a challenge, in the order of the draw. */
  panelDrawn: struct({ task: u32, contributors: list(u32) }),
  /** What the panel of a challenge came to, with a ruling on each of its seats; `label` is the task's from here on. */
  challengeSettled: struct({
    task: u32,
    outcome: oneOf(challengeOutcomes),
    label: answerCodec,
    confidencePpm: u32,
    votes: u16,
    rulings: list(rulingCodec),
  }),
} as const;

const kinds = { ...inputs, ...consequences };
/** Numbers in the log. Append only. */
const kindNumbers: Readonly<Record<EntryKind, number>> = {
  created: 0,
  timed: 1,
  funded: 2,
  opened: 3,
  paused: 4,
  resumed: 5,
  closing: 6,
  batchAdded: 7,
  joined: 8,
  qualified: 9,
  assigned: 10,
  signed: 11,
  submitted: 12,
  voided: 13,
  reviewed: 14,
  appealed: 15,
  reserveSet: 16,
  bonusPaid: 17,
  controlRetired: 18,
  sent: 19,
  received: 20,
  cut: 21,
  testAdded: 22,
  escrowed: 23,
  payTo: 24,
  authorised: 25,
  carried: 26,
  covered: 27,
  measured: 30,
  programAdded: 31,
  committed: 32,
  executed: 33,
  drawn: 34,
  returned: 40,
  blocked: 41,
  challenged: 42,
  expired: 64,
  judged: 65,
  settled: 66,
  released: 67,
  appealSettled: 68,
  controlVoided: 69,
  modelAdopted: 70,
  closed: 71,
  verified: 72,
  faulted: 73,
  panelDrawn: 74,
  challengeSettled: 75,
};
const inputNumbers = new Set(Object.keys(inputs).map((kind) => kindNumbers[kind as InputKind]));
/** Whether an encoding that begins with this byte came from outside: whoever looks for inputs need not decode the rest. */
export const isInputNumber = (number: number | undefined): boolean => inputNumbers.has(number as number);
export const kindNumberOf = (kind: EntryKind): number => kindNumbers[kind];

/**
 * The same fields once more for the kinds that nearly all of a log are of: read by their names they take a third of the
 * time. A test holds them to the lists above.
 */
const busy: { readonly [Kind in EntryKind]?: (reader: Reader) => EntryOf<Kind> } = {
  timed: (r) => ({ kind: "timed", timeMs: r.varint() }),
  assigned: (r) => ({
    kind: "assigned",
    task: r.u32(),
    ordinal: r.u16(),
    contributor: r.u32(),
    expiresAtMs: r.varint(),
  }),
  signed: (r) => ({
    kind: "signed",
    contributor: r.u32(),
    session: r.raw(32) as Bytes32,
    timeMs: r.varint(),
    count: r.u8(),
    signature: r.raw(64),
  }),
  submitted: (r) => ({
    kind: "submitted",
    task: r.u32(),
    ordinal: r.u16(),
    contributor: r.u32(),
    body: r.raw(32) as Bytes32,
    next: bool.read(r) ? { task: r.u32(), ordinal: r.u16(), expiresAtMs: r.varint() } : null,
  }),
};

/** By an entry's number; a gap where no kind has it. */
const readers: readonly (((reader: Reader) => Entry) | undefined)[] = entryReaders();

function entryReaders(): ((reader: Reader) => Entry)[] {
  const byNumber: ((reader: Reader) => Entry)[] = [];
  for (const [kind, number] of Object.entries(kindNumbers)) {
    const { blank, readInto } = kinds[kind as EntryKind] as StructCodec<object>;
    const blankEntry = { kind, ...blank };
    byNumber[number] =
      busy[kind as EntryKind] ??
      ((reader) => {
        const entry = { ...blankEntry };
        readInto(reader, entry);
        return entry as unknown as Entry;
      });
  }
  return byNumber;
}

export type EntryKind = keyof typeof kinds;
export const entryKinds = Object.keys(kinds) as readonly EntryKind[];
export type InputKind = keyof typeof inputs;
export type ConsequenceKind = keyof typeof consequences;
export type EntryOf<Kind extends EntryKind> = { readonly kind: Kind } & Readonly<Decoded<(typeof kinds)[Kind]>>;
export type Entry = { [Kind in EntryKind]: EntryOf<Kind> }[EntryKind];
export type Input = { [Kind in InputKind]: EntryOf<Kind> }[InputKind];
export type Consequence = { [Kind in ConsequenceKind]: EntryOf<Kind> }[ConsequenceKind];

export const isInput = (entry: Entry): entry is Input => Object.hasOwn(inputs, entry.kind);

/**
 * An entry and what it commits to by hash but does not contain: the body of a submission, the answers of control tasks
 * and of qualification tests, a program.
 * The log proves the entry; the attachment may be withheld from those who must not see it yet.
 */
export interface LogRecord<E = Entry> {
  readonly entry: E;
  readonly attachment: Uint8Array | null;
  /** What the attachment comes to as a submission's body, where whoever feeds it has hashed it already. */
  readonly bodyHash?: Bytes32 | null;
}

const entryCodec: Codec<Entry> = {
  write: (writer: Writer, entry: Entry) => {
    writer.u8(kindNumbers[entry.kind]);
    (kinds[entry.kind] as Codec<unknown>).write(writer, entry);
  },
  read: (reader) => {
    const read = readers[reader.u8()];
    if (read === undefined) throw reader.malformed();
    return read(reader);
  },
};

export const encodeEntry = (entry: Entry): Uint8Array => encode(entryCodec, entry);
export const decodeEntry = (encoded: Uint8Array): Entry => decode(entryCodec, encoded, "a log entry");

const recordCodec = struct({ entry: bytes, attachment: optional(bytes) });
export const encodeRecord = (record: LogRecord): Uint8Array =>
  encode(recordCodec, { entry: encodeEntry(record.entry), attachment: record.attachment });
export function decodeRecord(encoded: Uint8Array): LogRecord {
  const { entry, attachment } = decode(recordCodec, encoded, "a log record");
  return { entry: decodeEntry(entry), attachment };
}

export function attachmentOf(record: LogRecord<{ readonly kind: EntryKind }>): Uint8Array {
  if (record.attachment === null) {
    throw earnestError("INVARIANT_MISMATCH", { what: `the attachment of a ${record.entry.kind} entry is missing` });
  }
  return record.attachment;
}
