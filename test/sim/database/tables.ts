import type { Amount } from "#src/core/amount";
import type { Books } from "#src/ledger/books";
import type { ContributorRow } from "#src/store/identity/contributors";
import type { SessionRow } from "#src/store/identity/sessions";
import type { BalanceRow, EntryRow } from "#src/store/lanes/write-batch";
import type { Checkpoint } from "#src/store/log/checkpoints";
import type { Landmark } from "#src/store/log/landmarks";
import type { StoredHead } from "#src/store/log/read-newest-head";
import type { MarketRow } from "#src/store/markets/insert-market";
import type { OutcomeRow, SignatureRow } from "#src/store/settlement/commit-signatures";
import type { CommitRow } from "#src/store/settlement/commits";
import type { ResultRow } from "#src/store/tasks/result-row";
import type { VerdictRow } from "#src/store/tasks/verdict-row";

export interface Table<Row extends object> {
  readonly name: string;
  readonly rows: Map<string, Row>;
}

export interface OfLane {
  readonly market: Uint8Array;
  readonly lane: number;
}

export type Balance = Omit<BalanceRow, "isKnown">;

export interface LaneRecord extends OfLane {
  readonly sequence: number;
  readonly head: Uint8Array;
  readonly timeMs: number;
  readonly dueAtMs: number | null;
  readonly status: string;
  readonly epoch: number;
  readonly books: Books;
  readonly cutSequence: number;
}

export interface MarketRecord extends MarketRow {
  readonly escrow: { readonly account: Uint8Array; readonly openedAt: number } | null;
}

export interface CutRecord extends OfLane {
  readonly epoch: number;
  readonly size: number;
  readonly root: Uint8Array;
  readonly timeMs: number;
  readonly isClosed: boolean;
  readonly deposited: Amount;
  readonly allocated: Amount;
  readonly fee: Amount;
}

export interface ClaimRecord {
  readonly contributor: number;
  readonly claimed: Amount;
  readonly sponsored: "granted" | "made" | null;
  readonly sponsoredAtMs: number;
  readonly sponsoredLamports: bigint;
}

export interface CommitRecord extends Omit<CommitRow, "hasLeafFile"> {
  readonly epoch: bigint;
  readonly leafFile: Uint8Array | null;
}

export interface KeyRecord {
  readonly requestHash: Uint8Array;
  readonly status: number;
  readonly response: string;
  readonly createdAtMs: number;
}

export interface TaskRecord extends OfLane {
  readonly task: number;
  readonly externalId: string;
  readonly content: string;
  readonly hash: Uint8Array;
}

export const createTables = () => ({
  settings: table<{ readonly value: string }>("settings"),
  challenges: table<{ readonly expiresAtMs: number }>("challenges"),
  contributors: table<ContributorRow>("contributors"),
  /** By the hash of the token. */
  sessions: table<SessionRow & { readonly revokedAtMs: number | null }>("sessions"),
  keys: table<KeyRecord>("idempotency_keys"),
  markets: table<MarketRecord>("markets"),
  tasks: table<TaskRecord>("tasks"),
  lanes: table<LaneRecord>("lanes"),
  heads: table<OfLane & StoredHead>("heads"),
  entries: table<OfLane & EntryRow & { readonly sequence: number }>("entries"),
  checkpoints: table<OfLane & Checkpoint>("checkpoints"),
  landmarks: table<OfLane & Landmark>("landmarks"),
  balances: table<OfLane & Balance>("balances"),
  verdicts: table<OfLane & VerdictRow & { readonly decidedAtMs: number }>("verdicts"),
  results: table<OfLane & ResultRow>("results"),
  deposits: table<{ readonly amount: Amount }>("deposits"),
  epochs: table<{ readonly cutAtMs: number }>("epochs"),
  cuts: table<CutRecord>("cuts"),
  shares: table<OfLane & Balance & { readonly epoch: number }>("shares"),
  commits: table<CommitRecord>("commits"),
  signatures: table<SignatureRow & { readonly digest: Uint8Array }>("commit_signatures"),
  outcomes: table<OutcomeRow & { readonly digest: Uint8Array }>("commit_outcomes"),
  claims: table<ClaimRecord>("claims"),
});

export type Tables = ReturnType<typeof createTables>;

const table = <Row extends object>(name: string): Table<Row> => ({ name, rows: new Map() });
