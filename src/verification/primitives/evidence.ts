import type { Json } from "../../core/json.ts";
import type { Load } from "../baseline/load.ts";
import type { Season } from "../baseline/season.ts";

/** Named values. Read them with `own`: a name may be one that every object inherits. */
export type Named<T> = { readonly [name: string]: T };

/** The value of that name, or undefined; never what an object inherits. */
export const own = <T>(named: Named<T>, name: string): T | undefined =>
  Object.hasOwn(named, name) ? named[name] : undefined;

/** Readings at strictly increasing times, lane time in milliseconds. */
export interface Series {
  readonly timesMs: readonly number[];
  readonly values: readonly number[];
}

/** A place on the ellipsoid's coordinates, in ten-millionths of a degree, north and east positive. */
export interface Place {
  readonly latitudeE7: number;
  readonly longitudeE7: number;
}

export interface Sighting extends Place {
  readonly timeMs: number;
  /** The radius within which the device says it is. */
  readonly accuracyMm: number;
}

/** What a contributor says a program gives; both are hashes in hexadecimal. */
export interface Run {
  readonly inputHash: string;
  /** Null where the submission claims no output, only that something happens. */
  readonly outputHash: string | null;
}

/**
 * A picture as it was read: what it looks like, and what the camera wrote into it. Anybody can write that: it may speak
 * against a submission, never for it.
 */
export interface Picture {
  /** Of the picture's bytes. */
  readonly digest: string;
  readonly width: number;
  readonly height: number;
  /** 256 bits in hexadecimal: copies differ in a few of them. */
  readonly likeness: string;
  /** By the camera's own clock, taken as if it were UTC. */
  readonly localMs: number | null;
  /** What its clock is ahead of UTC, where it says so. */
  readonly offsetMinutes: number | null;
  /** By the satellites. */
  readonly satelliteMs: number | null;
  readonly place: Place | null;
}

/** A beacon as a device heard it. */
export interface Reception {
  /** The device, by its key. */
  readonly device: string;
  /** Where it stands, as its owner asserted it: an H3 cell. */
  readonly cell: string;
  /** Of its antenna, in tenths of a decibel. */
  readonly gainDdb: number;
  /** Whether it can take part: devices that only forward cannot. */
  readonly isFull: boolean;
  readonly region: string;
  readonly frequencyHz: number;
  /** In tenths of a decibel over a milliwatt. */
  readonly signalDdbm: number;
  /** What was heard, in hexadecimal. */
  readonly payload: string;
  readonly receivedAtMs: number;
}

/** What a contributor sent. Nothing of it is trusted; numbers may be anything. */
export interface Evidence {
  readonly answer: Json;
  /** The code of the task, as it came back. */
  readonly nonce: string | null;
  /** When the contributor's device says it was done. */
  readonly takenAtMs: number | null;
  /** Hashes of content, in hexadecimal. */
  readonly digests: Named<string>;
  readonly quantities: Named<number>;
  readonly runs: Named<Run>;
  readonly series: Named<Series>;
  /** What meters counted, interval by interval. */
  readonly loads: Named<Load>;
  readonly tracks: Named<readonly Sighting[]>;
  readonly pictures: Named<Picture>;
  readonly receptions: Named<Reception>;
}

/** What the log knew of identity and time when the submission came. */
export interface Attestation {
  readonly isSigned: boolean;
  /** The task's code; null where it has none. */
  readonly nonce: string | null;
  readonly isNonceUsed: boolean;
  readonly assignedAtMs: number;
  readonly expiresAtMs: number;
  readonly receivedAtMs: number;
  /** The party behind the key, a logged fact. */
  readonly owner: string;
  readonly requesterOwner: string;
  /** Owners of the other submissions to the same task. */
  readonly taskOwners: readonly string[];
  /** Accepted submissions of this owner that count towards its cap. */
  readonly acceptedOfOwner: number;
}

export interface Control {
  readonly answer: Json;
  /** What the log committed to before, for reasons: the answer itself stays hidden until the control retires. */
  readonly commitment: string;
  readonly isVoid: boolean;
}

/** How the owner did on control tasks so far. */
export interface ControlRecord {
  readonly answered: number;
  readonly right: number;
}

/** What a task settled on; `isDecided` is false where its answers ended below the margin. */
export interface Settled {
  readonly answer: Json;
  readonly isDecided: boolean;
}

export interface Vote {
  readonly owner: string;
  readonly digest: string;
}

export interface Quorum {
  /** Of every submission to the task, this one among them. */
  readonly votes: readonly Vote[];
  /** No further ones can come. */
  readonly isExhausted: boolean;
}

/** What one group of raters says of the item. */
export interface GroupVotes {
  readonly group: string;
  readonly ratings: number;
  /** How many of them say what this submission says. */
  readonly agreeing: number;
}

export interface Bridged {
  readonly groups: readonly GroupVotes[];
  /** Of a matrix factorisation over the whole market, as Community Notes publishes its own; null below its size. */
  readonly fit: { readonly interceptPpm: number; readonly factorPpm: number } | null;
  readonly isExhausted: boolean;
}

export interface Challenge {
  readonly openedAtMs: number;
  /** Null while nobody has challenged. */
  readonly challengedAtMs: number | null;
}

export interface PanelVotes {
  readonly accepted: number;
  readonly rejected: number;
}

/** A run in our sandbox, as the log has it. */
export interface Execution {
  readonly inputHash: string;
  readonly outcome: "finished" | "fuelUsedUp" | "memoryUsedUp" | "trapped" | "fault";
  readonly fuel: number;
  readonly outputHash: string;
  readonly outputBytes: number;
  /** Whether the oracle fired; null where there is none. */
  readonly hasFired: boolean | null;
}

/** What happens when the proof of a fault is run, and what others committed to before; docs/crashes.md has the words. */
export interface CrashFacts {
  readonly type: string;
  readonly state: readonly string[];
  /** Of the same target, the earliest commitment first. */
  readonly earlier: readonly EarlierCrash[];
}

export interface EarlierCrash {
  readonly commitment: string;
  readonly type: string;
  readonly state: readonly string[];
}

/** A stretch of lane time; its end is not part of it. */
export interface TimeWindow {
  readonly startMs: number;
  readonly endMs: number;
}

/** What a series would have been without the contributor's doing, and how far such forecasts miss on other days. */
export interface Baseline {
  /** One an interval of the window. */
  readonly quantities: readonly number[];
  readonly errorPpm: number;
}

export interface Observer extends Place {
  readonly owner: string;
  /** Of the market's grid, such as an H3 index; observers of one cell count once. */
  readonly cell: string;
  readonly timeMs: number;
}

/** A beacon that somebody sent, and who may not take part in it. */
export interface Beacon {
  readonly device: string;
  readonly cell: string;
  readonly gainDdb: number;
  /** Conducted, in decibels over a milliwatt. */
  readonly powerDbm: number;
  readonly region: string;
  readonly frequencyHz: number;
  readonly payload: string;
  readonly sentAtMs: number;
  /** Of the same device; null where it is its first. */
  readonly lastSentAtMs: number | null;
  /** Of all receptions; null where this is the first. */
  readonly firstReceivedAtMs: number | null;
  /** Devices that are shut out. */
  readonly denied: readonly string[];
  /** Pairs of devices that are shut out from hearing each other, in either order. */
  readonly deniedEdges: readonly (readonly [string, string])[];
}

/** A picture that came with an earlier submission of this market. */
export interface EarlierPicture {
  /** The submission, as `task.ordinal`. */
  readonly slot: string;
  readonly digest: string;
  readonly likeness: string;
}

/** When a cell was last covered by a track that was paid. */
export interface CoveredCell {
  readonly cell: string;
  readonly atMs: number;
}

/** Accepted submissions from one cell, and between one pair of devices. */
export interface AcceptedNearby {
  readonly ofCell: number;
  readonly ofEdge: number;
}

export interface AuditFacts {
  /** In hexadecimal. */
  readonly submissionHash: string;
  readonly submittedAtSlot: number;
  /** Of a later slot than the submission's; null until there is one. */
  readonly slotHash: { readonly slot: number; readonly hash: string } | null;
  /** Null until it was rechecked. */
  readonly recheck: "agrees" | "differs" | null;
  readonly faults: number;
}

/** What a market's policy says of an answer, by all that it learned of its contributors. */
export interface Consensus {
  readonly verdict: "accepted" | "rejected" | "held";
  readonly code: ConsensusCode;
}

export const consensusCodes = [
  "AGREES",
  "DISAGREES",
  "UNDECIDED",
  "NOT_CONTRADICTED",
  "NEWCOMER",
  "UNPROVEN",
  "UNINFORMATIVE",
  "COPIED",
] as const;
export type ConsensusCode = (typeof consensusCodes)[number];

/** What decided an escalation: an external fact, entered in the log. */
export interface Decision {
  readonly isAccepted: boolean;
  readonly atMs: number;
}

/** What is known of how long, and how often, a contributor has done well. Releases what was held back. */
export interface Standing {
  readonly acceptedAtMs: number | null;
  readonly checked: number;
  readonly events: number;
}

/** What the log knows. A fact that is null is not known yet: a check that needs it waits. */
export interface Context {
  readonly nowMs: number;
  readonly attestation: Attestation | null;
  /** Null where the task is no control. */
  readonly control: Control | null;
  readonly record: ControlRecord;
  readonly settled: Settled | null;
  /**
   * How well the answer agrees with the accepted one, of a live control with the hidden one, where that is not yes or
   * no.
   */
  readonly scorePpm: number | null;
  /** Null where no policy decides. Where one does, its word stands for whether the answer agrees with the label. */
  readonly consensus: Consensus | null;
  readonly quorums: Named<Quorum>;
  readonly bridged: Bridged | null;
  readonly challenge: Challenge | null;
  readonly panel: PanelVotes | null;
  /** Content hashes as we computed them. */
  readonly digests: Named<string>;
  /** Hashes that hidden checks expect; a task without one is no canary. */
  readonly canaries: Named<string>;
  readonly values: Named<number>;
  /** What our side measured. */
  readonly quantities: Named<number>;
  readonly baselines: Named<Baseline>;
  readonly executions: Named<readonly Execution[]>;
  /** Null in it where nothing crashed. */
  readonly crashes: Named<CrashFacts | null>;
  readonly window: TimeWindow | null;
  readonly season: Season | null;
  readonly place: Place | null;
  /** Where the owner was last seen. */
  readonly lastSighting: Sighting | null;
  readonly observers: readonly Observer[];
  /** Whether no further observer can come. */
  readonly areObserversAll: boolean;
  /** The key of the device that submits. */
  readonly device: string | null;
  readonly beacon: Beacon | null;
  readonly earlierPictures: readonly EarlierPicture[];
  /** Null where nobody keeps it. */
  readonly covered: readonly CoveredCell[] | null;
  readonly acceptedNearby: AcceptedNearby | null;
  readonly audit: AuditFacts | null;
  /** When it became clear that the rules alone do not decide. */
  readonly undecidedAtMs: number | null;
  readonly review: Decision | null;
  readonly standing: Standing;
}

const nothing: Named<never> = {};

export const emptyEvidence: Evidence = {
  answer: null,
  nonce: null,
  takenAtMs: null,
  digests: nothing,
  quantities: nothing,
  runs: nothing,
  series: nothing,
  loads: nothing,
  tracks: nothing,
  pictures: nothing,
  receptions: nothing,
};

export const emptyContext: Context = {
  nowMs: 0,
  attestation: null,
  control: null,
  record: { answered: 0, right: 0 },
  settled: null,
  scorePpm: null,
  consensus: null,
  quorums: nothing,
  bridged: null,
  challenge: null,
  panel: null,
  digests: nothing,
  canaries: nothing,
  values: nothing,
  quantities: nothing,
  baselines: nothing,
  executions: nothing,
  crashes: nothing,
  window: null,
  season: null,
  place: null,
  lastSighting: null,
  observers: [],
  areObserversAll: false,
  device: null,
  beacon: null,
  earlierPictures: [],
  covered: null,
  acceptedNearby: null,
  audit: null,
  undecidedAtMs: null,
  review: null,
  standing: { acceptedAtMs: null, checked: 0, events: 0 },
};
