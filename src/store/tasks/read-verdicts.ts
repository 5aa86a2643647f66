import { amount } from "../../core/amount.ts";
import type { Queryable } from "../pool.ts";
import { runStatement, statement } from "../pool-statement.ts";
import type { VerdictRow } from "./verdict-row.ts";

export interface StoredVerdict extends VerdictRow {
  readonly market: Uint8Array;
  readonly lane: number;
  readonly decidedAtMs: number;
  readonly key: Uint8Array;
}

interface Row {
  market: Uint8Array;
  lane: number;
  task: bigint;
  ordinal: number;
  contributor: number;
  state: string;
  reason: string | null;
  reward: string;
  submitted_sequence: bigint;
  decided_sequence: bigint;
  sequences: bigint[];
  decided_at_ms: bigint;
  key: Uint8Array;
}

const selection = `select v.market, v.lane, v.task, v.ordinal, v.contributor, v.state, v.reason, v.reward::text as reward,
   v.submitted_sequence, v.decided_sequence, v.earlier_sequences || v.decided_sequence as sequences, v.decided_at_ms, c.key
   from verdicts v join contributors c using (contributor)`;

const toVerdict = (row: Row): StoredVerdict => ({
  market: row.market,
  lane: row.lane,
  task: Number(row.task),
  ordinal: row.ordinal,
  contributor: row.contributor,
  state: row.state,
  reason: row.reason,
  reward: amount(BigInt(row.reward)),
  submittedSequence: Number(row.submitted_sequence),
  decidedSequence: Number(row.decided_sequence),
  sequences: row.sequences.map(Number),
  decidedAtMs: Number(row.decided_at_ms),
  key: row.key,
});

const bySlot = statement<[market: Uint8Array, lane: number, task: number, ordinal: number], Row>(
  "verdicts.bySlot",
  `${selection} where v.market = $1 and v.lane = $2 and v.task = $3 and v.ordinal = $4`,
);

const byTasks = statement<[market: Uint8Array, lane: number, from: number, to: number], Row>(
  "verdicts.byTasks",
  `${selection} where v.market = $1 and v.lane = $2 and v.task between $3 and $4 order by v.task, v.ordinal`,
);

const paidSequences = statement<
  [market: Uint8Array, lane: number, tasks: readonly number[]],
  { submitted_sequence: bigint }
>(
  "verdicts.paid",
  `select submitted_sequence from verdicts
   where market = $1 and lane = $2 and task = any($3::bigint[]) and state = 'accepted'`,
);

const byContributor = statement<readonly unknown[], Row>(
  "verdicts.byContributor",
  `${selection} where v.contributor = $1 and v.decided_at_ms <= $2
     and (v.decided_at_ms, v.market, v.lane, v.task, v.ordinal) < ($2, $3, $4, $5, $6)
   order by v.decided_at_ms desc, v.market desc, v.lane desc, v.task desc, v.ordinal desc limit $7`,
);

export async function readVerdict(
  on: Queryable,
  market: Uint8Array,
  lane: number,
  task: number,
  ordinal: number,
): Promise<StoredVerdict | null> {
  const [row] = await runStatement(on, bySlot, [market, lane, task, ordinal]);
  return row === undefined ? null : toVerdict(row);
}

/** All judged slots of a range of tasks, in order. */
export async function readVerdictsOfTasks(
  on: Queryable,
  market: Uint8Array,
  lane: number,
  from: number,
  to: number,
): Promise<StoredVerdict[]> {
  return (await runStatement(on, byTasks, [market, lane, from, to])).map(toVerdict);
}

/** The entries that submitted the accepted answers of these tasks. */
export async function readPaidSequences(
  on: Queryable,
  market: Uint8Array,
  lane: number,
  tasks: readonly number[],
): Promise<Set<number>> {
  if (tasks.length === 0) return new Set();
  const rows = await runStatement(on, paidSequences, [market, lane, tasks]);
  return new Set(rows.map((row) => Number(row.submitted_sequence)));
}

/** The place of a verdict in its contributor's list. */
export type VerdictPlace = Pick<StoredVerdict, "decidedAtMs" | "market" | "lane" | "task" | "ordinal">;

/** Before all verdicts there are. */
export const newestPlace: VerdictPlace = {
  decidedAtMs: Number.MAX_SAFE_INTEGER,
  market: new Uint8Array(0),
  lane: 0,
  task: 0,
  ordinal: 0,
};

/** A contributor's verdicts after a place, newest first. */
export async function readVerdictsOfContributor(
  on: Queryable,
  contributor: number,
  after: VerdictPlace,
  limit: number,
): Promise<StoredVerdict[]> {
  const { decidedAtMs, market, lane, task, ordinal } = after;
  const values = [contributor, decidedAtMs, market, lane, task, ordinal, limit];
  return (await runStatement(on, byContributor, values)).map(toVerdict);
}
