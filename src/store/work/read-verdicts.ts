import { type Amount, amount } from "../../core/amount.ts";
import type { Queryable } from "../pool.ts";
import { runStatement, statement } from "../pool-statement.ts";
import type { VerdictRow } from "./upsert-verdicts.ts";

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
  body_hash: Uint8Array;
  submitted_sequence: bigint;
  decided_sequence: bigint;
  decided_at_ms: bigint;
  key: Uint8Array;
}

const selection = `select v.market, v.lane, v.task, v.ordinal, v.contributor, v.state, v.reason, v.reward::text as reward,
   v.body_hash, v.submitted_sequence, v.decided_sequence, v.decided_at_ms, c.key
   from verdicts v join contributors c using (contributor)`;

const toVerdict = (row: Row): StoredVerdict => ({
  market: row.market,
  lane: row.lane,
  task: Number(row.task),
  ordinal: row.ordinal,
  contributor: row.contributor,
  state: row.state,
  reason: row.reason,
  reward: amount(BigInt(row.reward)) as Amount,
  bodyHash: row.body_hash,
  submittedSequence: Number(row.submitted_sequence),
  decidedSequence: Number(row.decided_sequence),
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

const byContributor = statement<[contributor: number, beforeMs: number, limit: number, offset: number], Row>(
  "verdicts.byContributor",
  `${selection} where v.contributor = $1 and v.decided_at_ms <= $2
   order by v.decided_at_ms desc, v.market, v.lane, v.task, v.ordinal limit $3 offset $4`,
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

/** A contributor's verdicts, newest first. */
export async function readVerdictsOfContributor(
  on: Queryable,
  contributor: number,
  beforeMs: number,
  limit: number,
  offset: number,
): Promise<StoredVerdict[]> {
  return (await runStatement(on, byContributor, [contributor, beforeMs, limit, offset])).map(toVerdict);
}
