import type { Amount } from "../../core/amount.ts";

export interface VerdictRow {
  readonly task: number;
  readonly ordinal: number;
  readonly contributor: number;
  readonly state: string;
  readonly reason: string | null;
  readonly reward: Amount;
  readonly submittedSequence: number;
  readonly decidedSequence: number;
  /** The entries of this batch that ruled on the slot, in order: the last one decided it. */
  readonly sequences: readonly number[];
}
