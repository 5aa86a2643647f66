import type { Amount } from "../../core/amount.ts";
import type { Books } from "../../ledger/books.ts";
import type { Landmark } from "../log/landmarks.ts";
import type { Connection } from "../pool.ts";
import { runStatement, statement } from "../pool-statement.ts";
import type { ResultRow } from "../tasks/result-row.ts";
import type { VerdictRow } from "../tasks/verdict-row.ts";

/** What a batch of a lane writes, all of it or nothing. */
export interface BatchWrite {
  readonly market: Uint8Array;
  readonly lane: number;
  /** Where the lane's log ended before, as whoever decided the batch knew it. */
  readonly before: { readonly sequence: number; readonly head: Uint8Array };
  readonly after: LaneAfter;
  /** The entries from `before.sequence` + 1 to `after.sequence`. */
  readonly entries: readonly EntryRow[];
  /** Absolute, as the state machine has them: writing them twice changes nothing. */
  readonly balances: readonly BalanceRow[];
  readonly landmarks: readonly Landmark[];
  readonly verdicts: readonly VerdictRow[];
  readonly results: readonly ResultRow[];
}

export interface LaneAfter {
  readonly sequence: number;
  readonly head: Uint8Array;
  readonly signature: Uint8Array;
  readonly timeMs: number;
  readonly dueAtMs: number | null;
  readonly status: string;
  readonly epoch: number;
  readonly books: Books;
}

export interface EntryRow {
  readonly encoded: Uint8Array;
  readonly attachment: Uint8Array | null;
}

export interface BalanceRow {
  readonly contributor: number;
  readonly released: Amount;
  readonly held: Amount;
  /** Where the contributor wants to be paid instead of at its key. */
  readonly paying: { readonly number: number; readonly wallet: Uint8Array } | null;
}

/**
 * All parts hang on `moved`, which takes the lane's row: where another process went on with the log, there is none, and
 * nothing is written. The entries' primary key is the last line against two writers of one sequence; the table's check
 * holds the books conserved. A verdict that changes keeps the entries that ruled before; a label that an appeal corrects
 * keeps the sequence of its settlement.
 */
const write = statement<readonly unknown[], { moved: number }>(
  "lanes.writeBatch",
  `with moved as (
     update lanes set sequence = $5, head = $6, time_ms = $8, due_at_ms = $9, status = $10, epoch = $11,
       deposited = $12, received = $13, free = $14, assigned = $15, held = $16, appealable = $17, appeal_budget = $18,
       newcomer_budget = $19, earned = $20, bonus = $21, fee = $22, refunded = $23, sent = $24
     where market = $1 and lane = $2 and sequence = $3 and head = $4 returning market, lane
   ), signed as (
     insert into heads (market, lane, sequence, root, time_ms, signature)
     select market, lane, $5, $6, $8, $7 from moved
   ), appended as (
     insert into entries (market, lane, sequence, encoded, attachment)
     select market, lane, $3::bigint + place, encoded, attachment
     from moved, unnest($25::bytea[], $26::bytea[]) with ordinality as row (encoded, attachment, place)
   ), balanced as (
     insert into balances (market, lane, contributor, released, held, paying_number, paying_wallet)
     select moved.*, row.*
     from moved, unnest($27::integer[], $28::numeric[], $29::numeric[], $30::bigint[], $31::bytea[]) as row
     on conflict (contributor, market, lane) do update set released = excluded.released, held = excluded.held,
       paying_number = excluded.paying_number, paying_wallet = excluded.paying_wallet
   ), marked as (
     insert into landmarks (market, lane, kind, number, sequence)
     select moved.*, row.* from moved, unnest($32::text[], $33::bigint[], $34::bigint[]) as row
     on conflict do nothing
   ), judged as (
     insert into verdicts (market, lane, decided_at_ms, task, ordinal, contributor, state, reason, reward, body_hash,
       submitted_sequence, decided_sequence, sequences)
     select market, lane, $8, task, ordinal, contributor, state, reason, reward, body_hash, submitted, decided,
       listed::bigint[]
     from moved, unnest($35::bigint[], $36::smallint[], $37::integer[], $38::text[], $39::text[], $40::numeric[],
         $41::bytea[], $42::bigint[], $43::bigint[], $44::text[])
       as row (task, ordinal, contributor, state, reason, reward, body_hash, submitted, decided, listed)
     on conflict (market, lane, task, ordinal) do update set state = excluded.state, reason = excluded.reason,
       reward = excluded.reward, decided_sequence = excluded.decided_sequence,
       sequences = verdicts.sequences || excluded.sequences, decided_at_ms = excluded.decided_at_ms
   ), labelled as (
     insert into results (market, lane, settled_at_ms, task, label, confidence_ppm, decided, sequence)
     select market, lane, $8, task, label::jsonb, ppm, decided, row.sequence
     from moved, unnest($45::bigint[], $46::text[], $47::integer[], $48::boolean[], $49::bigint[])
       as row (task, label, ppm, decided, sequence)
     on conflict (market, lane, task) do update set label = excluded.label, confidence_ppm = excluded.confidence_ppm,
       decided = excluded.decided
   )
   select count(*)::integer as moved from moved`,
);

/**
 * One statement a batch: every other would be a round trip more, in which the lane stands still.
 * @returns whether the log ended where it was thought to; otherwise nothing was written
 */
export async function writeBatch(connection: Connection, batch: BatchWrite): Promise<boolean> {
  const { market, lane, before, entries, balances, landmarks, verdicts, results } = batch;
  const [row] = await runStatement(connection, write, [
    market,
    lane,
    before.sequence,
    before.head,
    ...laneValues(batch.after),
    entries.map(({ encoded }) => encoded),
    entries.map(({ attachment }) => attachment),
    balances.map(({ contributor }) => contributor),
    balances.map(({ released }) => released.toString()),
    balances.map(({ held }) => held.toString()),
    balances.map(({ paying }) => paying?.number ?? null),
    balances.map(({ paying }) => paying?.wallet ?? null),
    landmarks.map(({ kind }) => kind),
    landmarks.map(({ number }) => number),
    landmarks.map(({ sequence }) => sequence),
    ...verdictValues(verdicts),
    results.map(({ task }) => task),
    results.map(({ label }) => JSON.stringify(label)),
    results.map(({ confidencePpm }) => confidencePpm),
    results.map(({ decided }) => decided),
    results.map(({ sequence }) => sequence),
  ]);
  return row?.moved === 1;
}

const laneValues = ({ sequence, head, signature, timeMs, dueAtMs, status, epoch, books }: LaneAfter): unknown[] => [
  sequence,
  head,
  signature,
  timeMs,
  dueAtMs,
  status,
  epoch,
  books.deposited,
  books.received,
  books.free,
  books.assigned,
  books.held,
  books.appealable,
  books.appealBudget,
  books.newcomerBudget,
  books.earned,
  books.bonus,
  books.fee,
  books.refunded,
  books.sent,
];

const verdictValues = (rows: readonly VerdictRow[]): unknown[] => [
  rows.map(({ task }) => task),
  rows.map(({ ordinal }) => ordinal),
  rows.map(({ contributor }) => contributor),
  rows.map(({ state }) => state),
  rows.map(({ reason }) => reason),
  rows.map(({ reward }) => reward.toString()),
  rows.map(({ bodyHash }) => bodyHash),
  rows.map(({ submittedSequence }) => submittedSequence),
  rows.map(({ decidedSequence }) => decidedSequence),
  rows.map(({ sequences }) => `{${sequences.join(",")}}`),
];
