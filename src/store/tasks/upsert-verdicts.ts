import type { Amount } from "../../core/amount.ts";
import type { Connection } from "../pool.ts";
import { runStatement, statement } from "../pool-statement.ts";

export interface VerdictRow {
  readonly task: number;
  readonly ordinal: number;
  readonly contributor: number;
  readonly state: string;
  readonly reason: string | null;
  readonly reward: Amount;
  readonly bodyHash: Uint8Array;
  readonly submittedSequence: number;
  readonly decidedSequence: number;
  /** The entries of this batch that ruled on the slot, in order. */
  readonly sequences: readonly number[];
}

const upsert = statement<readonly unknown[], Record<string, never>>(
  "verdicts.upsert",
  `insert into verdicts (market, lane, decided_at_ms, task, ordinal, contributor, state, reason, reward, body_hash,
     submitted_sequence, decided_sequence, sequences)
   select $1, $2, $3, task, ordinal, contributor, state, reason, reward, body_hash, submitted, decided, listed::bigint[]
   from unnest($4::bigint[], $5::smallint[], $6::integer[], $7::text[], $8::text[], $9::numeric[],
     $10::bytea[], $11::bigint[], $12::bigint[], $13::text[])
     as x(task, ordinal, contributor, state, reason, reward, body_hash, submitted, decided, listed)
   on conflict (market, lane, task, ordinal) do update set state = excluded.state, reason = excluded.reason,
     reward = excluded.reward, decided_sequence = excluded.decided_sequence,
     sequences = verdicts.sequences || excluded.sequences, decided_at_ms = excluded.decided_at_ms`,
);

export async function upsertVerdicts(
  connection: Connection,
  market: Uint8Array,
  lane: number,
  timeMs: number,
  rows: readonly VerdictRow[],
): Promise<void> {
  await runStatement(connection, upsert, [
    market,
    lane,
    timeMs,
    rows.map((row) => row.task),
    rows.map((row) => row.ordinal),
    rows.map((row) => row.contributor),
    rows.map((row) => row.state),
    rows.map((row) => row.reason),
    rows.map((row) => row.reward.toString()),
    rows.map((row) => row.bodyHash),
    rows.map((row) => row.submittedSequence),
    rows.map((row) => row.decidedSequence),
    rows.map((row) => `{${row.sequences.join(",")}}`),
  ]);
}
