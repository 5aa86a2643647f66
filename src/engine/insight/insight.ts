import type { Amount } from "../../core/amount.ts";
import type { Bytes32 } from "../../core/bytes.ts";
import type { Json } from "../../core/json.ts";
import type { MarketId } from "../../core/market-id.ts";
import type { Concern } from "../../market/outlook.ts";
import type { Ring } from "../../market/rings.ts";
import type { MarketSpec, Requirement } from "../../market/spec.ts";
import type { Contribution } from "../../verification/machines/contribution.ts";
import type { ErrorCount, Measured } from "../../verification/machines/measure.ts";
import type { Standing } from "../../verification/pay/rule.ts";
import type { Page, Session, TokenView } from "../types.ts";
import type { Items } from "./items.ts";
import type { Timelines } from "./timeline.ts";

/** How a market goes, for its owner; where work is, and what came of it, for contributors. Decides nothing. */
export interface Insight extends Items, Timelines {
  contributors(owner: Bytes32, market: MarketId, after: string | null, limit: number): Promise<Page<ContributorRecord>>;
  /** What the owner should know while something can be done. */
  warnings(market: MarketId): Promise<readonly Warning[]>;
  report(owner: Bytes32, market: MarketId): Promise<MarketReport>;
  /** Open markets with work, the best paid by the hour first. A page may have fewer than there is room for. */
  openWork(session: Pick<Session, "contributor"> | null, after: string | null, limit: number): Promise<Page<OpenWork>>;
  /** A task that anybody may answer and be paid for at once; null where there is none. */
  firstWork(): Promise<FirstWork | null>;
  /** Days of a year in UTC on which something was earned, in order. */
  earnings(session: Session, year: number): Promise<readonly EarnedDay[]>;
  ownRecord(session: Session, market: MarketId): Promise<OwnRecord>;
}

/** What concerns a market's owner, and how that is said in English. */
export type Warning = Concern & { readonly what: string; readonly next: string };

/** A cell of an error matrix, in answers as people give them. */
export interface ErrorCell {
  readonly truth: Json;
  readonly answer: Json;
  readonly answers: number;
  readonly probability: number;
  readonly low: number;
  readonly high: number;
}

export interface ContributorRecord {
  readonly contributor: Bytes32;
  readonly automated: boolean;
  readonly isBlocked: boolean;
  readonly answers: number;
  readonly accepted: number;
  readonly rejected: number;
  readonly held: number;
  readonly earned: Amount;
  readonly controls: { readonly answered: number; readonly right: number };
  readonly agreement: { readonly judged: number; readonly agreed: number };
  readonly standing: { readonly standing: Standing; readonly informative: number; readonly model: number } | null;
  readonly errors: readonly ErrorCell[] | null;
}

export interface OwnRecord {
  readonly market: MarketId;
  readonly title: string;
  readonly answers: number;
  readonly accepted: number;
  readonly rejected: number;
  readonly appealable: number;
  readonly appealed: number;
  readonly held: {
    readonly count: number;
    readonly review: number;
    readonly because: "LABELS_AWAITED" | "STANDING_AWAITED" | null;
    readonly next: string | null;
  };
  readonly earned: Amount;
  readonly reserve: Amount;
  readonly controls: { readonly met: number; readonly missed: number };
  readonly standing: Standing | null;
  readonly firstAtMs: number | null;
  readonly lastAtMs: number | null;
  readonly pace: Pace | null;
}

/** A real hourly rate. */
export interface Pace {
  readonly answers: number;
  readonly activeSeconds: number;
  readonly earned: Amount;
  /** Null where the time is too short to say. */
  readonly perHour: Amount | null;
}

/** What a machine gave to a market. */
export interface MachineReport {
  readonly contributor: Bytes32;
  readonly answers: number;
  readonly measured: Measured & { readonly errors: readonly ErrorCount<Json>[] };
  readonly judged: number;
  readonly agreed: number;
  readonly earned: Amount;
}

/** What a market came to. See contract/report.ts for what each number counts. */
export interface MarketReport {
  /** Devices whose reports are of each other alone. */
  readonly rings: readonly Ring[];
  readonly market: MarketId;
  readonly title: string;
  readonly tasks: {
    readonly asked: number;
    readonly controls: number;
    readonly settled: number;
    readonly decided: number;
  };
  readonly answers: { readonly machines: number; readonly people: number; readonly perTask: number | null };
  readonly confidence: number | null;
  readonly agreement: { readonly judged: number; readonly agreed: number };
  readonly machines: readonly MachineReport[];
  readonly people: { readonly contributors: number; readonly measured: Measured };
  readonly settledBy: Contribution["settledBy"];
  readonly added: Contribution["added"];
  readonly saved: {
    readonly peopleAlone: number;
    readonly answers: number;
    readonly share: number;
    readonly isEstimate: true;
  } | null;
  readonly cost: Amount;
  readonly warnings: readonly Warning[];
}

/** A market that has work. */
export interface OpenWork {
  readonly market: MarketId;
  readonly requester: Bytes32;
  readonly token: TokenView;
  readonly spec: MarketSpec;
  readonly payPerHour: Amount | null;
  readonly secondsPerAnswer: number | null;
  readonly measuredAnswers: number;
  readonly rejected: number | null;
  readonly tasksLeft: number;
  readonly automatedAllowed: boolean;
  /** Whether tasks have a place. */
  readonly hasPlaces: boolean;
  /** Null where nobody asked for himself. */
  readonly qualifies: boolean | null;
  readonly missing: readonly Lack[];
}

/** A market with money for newcomers, and the number of a task of it that wants answers. */
export interface FirstWork {
  readonly work: OpenWork;
  readonly task: number;
}

/** What a contributor lacks for a market's work. */
export interface Lack {
  readonly what: string;
  readonly next: string;
  /** Null where it is the contributor's own market. */
  readonly requirement: Requirement | null;
  /** The test that gives it. */
  readonly test: string | null;
}

/** A day in UTC on which something was earned. */
export interface EarnedDay {
  readonly day: string;
  /** The token: a day has a row for each that was earned. */
  readonly mint: string;
  readonly answers: number;
  readonly rewards: Amount;
  readonly bonuses: Amount;
}

/** What a market's composition found in a submission. */
export interface Finding {
  readonly code: string;
  readonly what: string;
  readonly next: string;
}

/** Why a verdict is what it is. */
export interface Explanation {
  readonly rule: string;
  readonly findings: readonly Finding[];
  readonly control: {
    readonly commitment: Bytes32;
    readonly committedSequence: number;
    readonly openedSequence: number | null;
    /** Null as long as it is hidden. */
    readonly answer: Json;
  } | null;
  readonly label: {
    readonly label: Json;
    readonly confidencePpm: number;
    readonly decided: boolean;
    readonly sequence: number;
  } | null;
  readonly record: {
    readonly answered: number;
    readonly right: number;
    readonly answeredMin: number;
    readonly accuracyPpmMin: number;
  } | null;
  readonly model: { readonly version: number; readonly sequence: number; readonly standing: Standing | null } | null;
  readonly panel: { readonly votes: number; readonly label: Json } | null;
  readonly note: string | null;
  readonly appeal: {
    readonly isOpen: boolean;
    readonly untilMs: number | null;
    readonly cost: Amount | null;
    readonly problem: string | null;
  } | null;
}
