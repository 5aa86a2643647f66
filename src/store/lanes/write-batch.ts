import type { Amount } from "../../core/amount.ts";
import { earnestError } from "../../core/errors.ts";
import type { Books } from "../../ledger/books.ts";
import { amounts, bigints, booleans, bytesValues, integers, smallints, texts } from "../array-values.ts";
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
  /** Absolute, as the state machine has them. */
  readonly balances: readonly BalanceRow[];
  readonly landmarks: readonly Landmark[];
  readonly verdicts: readonly (VerdictRow & IfNew)[];
  readonly results: readonly (ResultRow & IfNew)[];
}

interface IfNew {
  /** There is no row yet. */
  readonly isNew: boolean;
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
  /** There is a row, and its paying address stays: whoever earned once has one. */
  readonly isKnown: boolean;
  readonly released: Amount;
  readonly held: Amount;
  /** Where the contributor wants to be paid instead of at its key. */
  readonly paying: { readonly number: number; readonly wallet: Uint8Array } | null;
}

/**
 * All parts hang on `moved`, which takes the lane's row: where another process went on with the log, there is none, and
 * nothing is written. The table's check holds the books conserved. Here are the rows of nearly every batch, each either new
 * or known to be there: an insert that asks which of the two writes two records more into the log for each row.
 * `array_position` looks for few among few, and leaves the planner no other way to the rows than their index.
 */
const write = statement<readonly unknown[], { moved: number; balanced: number }>(
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
     insert into entries (market, lane, last, encoded, attachments)
     select market, lane, $3::bigint + until, ($25::bytea[])[since:until],
       case when attached then ($26::bytea[])[since:until] end
     from moved, unnest($27::integer[], $28::integer[], $29::boolean[]) as run (since, until, attached)
   ), balanced as (
     update balances set released = ($31::numeric[])[array_position($30::integer[], contributor)],
       held = ($32::numeric[])[array_position($30::integer[], contributor)], sequence = $5
     where contributor = any($30::integer[]) and market = $1 and lane = $2 and exists (select from moved)
     returning contributor
   ), judged as (
     insert into verdicts (market, lane, decided_at_ms, task, ordinal, contributor, state, reason, reward,
       submitted_sequence, decided_sequence, earlier_sequences)
     select market, lane, $8, task, ordinal, contributor, state, reason, reward, submitted, decided, earlier::bigint[]
     from moved, unnest($33::bigint[], $34::smallint[], $35::integer[], $36::text[], $37::text[], $38::numeric[],
         $39::bigint[], $40::bigint[], $41::text[])
       as row (task, ordinal, contributor, state, reason, reward, submitted, decided, earlier)
   ), labelled as (
     insert into results (market, lane, settled_at_ms, task, label, confidence_ppm, decided, sequence)
     select market, lane, $8, task, label::jsonb, ppm, decided, row.sequence
     from moved, unnest($42::bigint[], $43::text[], $44::integer[], $45::boolean[], $46::bigint[])
       as row (task, label, ppm, decided, sequence)
   )
   select (select count(*) from moved)::integer as moved, (select count(*) from balanced)::integer as balanced`,
);

/**
 * The rows of few batches: what may be there already. A verdict that changes keeps the entries that ruled before; a label
 * that an appeal corrects keeps the sequence of its settlement.
 */
const rewrite = statement<readonly unknown[], Record<string, never>>(
  "lanes.rewriteRows",
  `with balanced as (
     insert into balances (market, lane, contributor, released, held, paying_number, paying_wallet, sequence)
     select $1, $2, row.*, $26::bigint
     from unnest($4::integer[], $5::numeric[], $6::numeric[], $7::bigint[], $8::bytea[]) as row
     on conflict (contributor, market, lane) do update set released = excluded.released, held = excluded.held,
       paying_number = excluded.paying_number, paying_wallet = excluded.paying_wallet, sequence = excluded.sequence
   ), marked as (
     insert into landmarks (market, lane, kind, number, sequence)
     select $1, $2, row.* from unnest($9::text[], $10::bigint[], $11::bigint[]) as row
     on conflict do nothing
   ), judged as (
     insert into verdicts (market, lane, decided_at_ms, task, ordinal, contributor, state, reason, reward,
       submitted_sequence, decided_sequence, earlier_sequences)
     select $1, $2, $3, task, ordinal, contributor, state, reason, reward, submitted, decided, earlier::bigint[]
     from unnest($12::bigint[], $13::smallint[], $14::integer[], $15::text[], $16::text[], $17::numeric[],
         $18::bigint[], $19::bigint[], $20::text[])
       as row (task, ordinal, contributor, state, reason, reward, submitted, decided, earlier)
     on conflict (market, lane, task, ordinal) do update set state = excluded.state, reason = excluded.reason,
       reward = excluded.reward, decided_sequence = excluded.decided_sequence, decided_at_ms = excluded.decided_at_ms,
       earlier_sequences = verdicts.earlier_sequences || verdicts.decided_sequence || excluded.earlier_sequences
   )
   insert into results (market, lane, settled_at_ms, task, label, confidence_ppm, decided, sequence)
   select $1, $2, $3, task, label::jsonb, ppm, decided, row.sequence
   from unnest($21::bigint[], $22::text[], $23::integer[], $24::boolean[], $25::bigint[])
     as row (task, label, ppm, decided, sequence)
   on conflict (market, lane, task) do update set label = excluded.label, confidence_ppm = excluded.confidence_ppm,
     decided = excluded.decided`,
);

/**
 * One statement for nearly every batch: each other would be a round trip more, in which the lane stands still.
 * @returns whether the log ended where it was thought to; otherwise nothing was written
 */
export async function writeBatch(connection: Connection, batch: BatchWrite): Promise<boolean> {
  const { market, lane, before, after, entries, balances, landmarks, verdicts, results } = batch;
  const runs = runsOf(entries);
  const known = balances.filter(({ isKnown }) => isKnown);
  const [row] = await runStatement(connection, write, [
    market,
    lane,
    before.sequence,
    before.head,
    ...laneValues(after),
    bytesValues(entries.map(({ encoded }) => encoded)),
    bytesValues(entries.map(({ attachment }) => attachment)),
    integers(runs.map(({ since }) => since)),
    integers(runs.map(({ until }) => until)),
    booleans(runs.map(({ isAttached }) => isAttached)),
    integers(known.map(({ contributor }) => contributor)),
    amounts(known.map(({ released }) => released)),
    amounts(known.map(({ held }) => held)),
    ...verdictValues(verdicts.filter(({ isNew }) => isNew)),
    ...resultValues(results.filter(({ isNew }) => isNew)),
  ]);
  if (row?.moved !== 1) return false;
  if (row.balanced !== known.length) {
    throw earnestError("INVARIANT_MISMATCH", { what: `${known.length - row.balanced} balances are missing` });
  }
  const [fresh, judged, labelled] = [
    balances.filter(({ isKnown }) => !isKnown),
    verdicts.filter(({ isNew }) => !isNew),
    results.filter(({ isNew }) => !isNew),
  ];
  if (fresh.length + landmarks.length + judged.length + labelled.length === 0) return true;
  await runStatement(connection, rewrite, [
    market,
    lane,
    after.timeMs,
    fresh.map(({ contributor }) => contributor),
    fresh.map(({ released }) => released.toString()),
    fresh.map(({ held }) => held.toString()),
    fresh.map(({ paying }) => paying?.number ?? null),
    fresh.map(({ paying }) => paying?.wallet ?? null),
    landmarks.map(({ kind }) => kind),
    landmarks.map(({ number }) => number),
    landmarks.map(({ sequence }) => sequence),
    ...verdictValues(judged),
    ...resultValues(labelled),
    after.sequence,
  ]);
  return true;
}

/** Entries that lie in one row, by their places in the batch from 1 on. */
interface Run {
  readonly since: number;
  until: number;
  bytes: number;
  isAttached: boolean;
}

/** So many fit twice into a page, and one of them is read for a single entry. */
const runBytesMax = 3_900;
/** A row may hold as many. */
export const runEntriesMax = 256;
/** What an array spends on an element beside its bytes. */
const elementBytes = 6;

function runsOf(entries: readonly EntryRow[]): readonly Run[] {
  const runs: Run[] = [];
  for (const [i, { encoded, attachment }] of entries.entries()) {
    const bytes = encoded.length + (attachment?.length ?? 0) + 2 * elementBytes;
    const last = runs.at(-1);
    const place = i + 1;
    if (last === undefined || last.bytes + bytes > runBytesMax || place - last.since >= runEntriesMax) {
      runs.push({ since: place, until: place, bytes, isAttached: attachment !== null });
    } else {
      last.until = place;
      last.bytes += bytes;
      last.isAttached ||= attachment !== null;
    }
  }
  return runs;
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
  bigints(rows.map(({ task }) => task)),
  smallints(rows.map(({ ordinal }) => ordinal)),
  integers(rows.map(({ contributor }) => contributor)),
  texts(rows.map(({ state }) => state)),
  texts(rows.map(({ reason }) => reason)),
  amounts(rows.map(({ reward }) => reward)),
  bigints(rows.map(({ submittedSequence }) => submittedSequence)),
  bigints(rows.map(({ decidedSequence }) => decidedSequence)),
  texts(rows.map(({ sequences }) => (sequences.length > 1 ? `{${sequences.slice(0, -1).join(",")}}` : null))),
];

const resultValues = (rows: readonly ResultRow[]): unknown[] => [
  bigints(rows.map(({ task }) => task)),
  texts(rows.map(({ label }) => JSON.stringify(label))),
  integers(rows.map(({ confidencePpm }) => confidencePpm)),
  booleans(rows.map(({ decided }) => decided)),
  bigints(rows.map(({ sequence }) => sequence)),
];
