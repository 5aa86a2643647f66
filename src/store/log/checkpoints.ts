import type { Connection, Queryable } from "../pool.ts";
import { runStatement, statement } from "../pool-statement.ts";

export interface Checkpoint {
  readonly sequence: number;
  readonly hash: Uint8Array;
  readonly state: Uint8Array;
}

const insert = statement<readonly unknown[], Record<string, never>>(
  "checkpoints.insert",
  `insert into checkpoints (market, lane, sequence, hash, state) values ($1, $2, $3, $4, $5)
   on conflict (market, lane, sequence) do update set hash = excluded.hash, state = excluded.state`,
);

const prune = statement<[market: Uint8Array, lane: number], Record<string, never>>(
  "checkpoints.prune",
  `delete from checkpoints where market = $1 and lane = $2 and sequence not in
     (select sequence from checkpoints where market = $1 and lane = $2 order by sequence desc limit 2)`,
);

/** Keeps the two newest: should the last be unusable, the one before it still shortens the start. */
export async function insertCheckpoint(
  connection: Connection,
  market: Uint8Array,
  lane: number,
  checkpoint: Checkpoint,
): Promise<void> {
  await runStatement(connection, insert, [market, lane, checkpoint.sequence, checkpoint.hash, checkpoint.state]);
  await runStatement(connection, prune, [market, lane]);
}

const read = statement<
  [market: Uint8Array, lane: number, upTo: number],
  { sequence: bigint; hash: Uint8Array; state: Uint8Array }
>(
  "checkpoints.newest",
  `select sequence, hash, state from checkpoints
   where market = $1 and lane = $2 and sequence <= $3 order by sequence desc limit 1`,
);

/** The newest one up to a sequence. */
export async function readCheckpoint(
  on: Queryable,
  market: Uint8Array,
  lane: number,
  upTo: number,
): Promise<Checkpoint | null> {
  const [row] = await runStatement(on, read, [market, lane, upTo]);
  return row === undefined ? null : { ...row, sequence: Number(row.sequence) };
}
