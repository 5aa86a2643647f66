import type { Bytes32 } from "../core/bytes.ts";
import type { AttestorSignature } from "../core/commit/attestors.ts";
import type { CommitMessage } from "../core/commit/commit-message.ts";
import type { Json } from "../core/json.ts";
import type { MarketId } from "../core/market-id.ts";
import type { OutcomeStatement } from "../core/statements.ts";

/** A commit message as somebody shows it. Its digest was computed here; nothing else of it is to be believed. */
export interface ShownCommit {
  readonly digest: Bytes32;
  readonly message: CommitMessage;
  readonly state: "proposed" | "committed" | "expired";
  readonly signatures: readonly AttestorSignature[];
}

/** Whoever has commit messages and leaf files: the operator's server, or another attestor. */
export interface CommitSource {
  /** The newest first. */
  commits(): Promise<readonly ShownCommit[]>;
  /** Null where it is not known there. */
  commit(digest: Bytes32): Promise<ShownCommit | null>;
  /** Null where it is not to be had there any more. */
  leafFile(digest: Bytes32): Promise<Uint8Array | null>;
}

export interface AskedRecords {
  readonly market: MarketId;
  readonly lane: number;
  /** The number of the first entry that is wanted. */
  readonly from: number;
  readonly limit: number;
}

/** An entry as it was hashed, with what belongs to it. */
export interface SourceRecord {
  readonly sequence: number;
  readonly encoded: Uint8Array;
  readonly attachment: Uint8Array | null;
}

/** The operator's side: what it did, and what it wants signed. */
export interface LogSource extends CommitSource {
  /** In order; fewer than asked for where there are no more, or where an answer would be large. */
  records(asked: AskedRecords): Promise<readonly SourceRecord[]>;
  /** Of a task: where inputs stand that were executed. */
  content(market: MarketId, task: number): Promise<Json>;
  sign(digest: Bytes32, signature: AttestorSignature): Promise<void>;
  /** The attestor's word on a message that it does not sign, signed over `outcomeStatement`. */
  refuse(said: OutcomeStatement, signature: AttestorSignature): Promise<void>;
}
