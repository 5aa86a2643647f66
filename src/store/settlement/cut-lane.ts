import type { Connection, Queryable } from "../pool.ts";
import { runStatement, statement } from "../pool-statement.ts";

/** Any constant of our own. */
const lockNumber = 7_305_222;

const insertEpochStatement = statement<[cutAtMs: number, lock: number, pool: number], { epoch: bigint }>(
  "epochs.insert",
  "insert into epochs (cut_at_ms, pool) select $1, $3 from (select pg_advisory_xact_lock($2, $3)) as locked returning epoch",
);

/**
 * Epochs are numbered by the database: two processes never cut the same one. The next one of a pool begins when no
 * lane is being cut in the one before.
 */
export async function insertEpoch(on: Queryable, cutAtMs: number, pool: number): Promise<number> {
  const [row] = await runStatement(on, insertEpochStatement, [cutAtMs, lockNumber, pool]);
  return Number(row?.epoch);
}

const hold = statement<[lock: number, pool: number], Record<string, never>>(
  "epochs.hold",
  "select 1 from (select pg_advisory_xact_lock_shared($1, $2)) as locked",
);
const newest = statement<[pool: number], { epoch: bigint }>(
  "epochs.newest",
  "select epoch from epochs where pool = $1 order by epoch desc limit 1",
);

/**
 * Whether lanes are still cut in an epoch: then they are until this transaction ends. So whoever saw a cut of a later one
 * has seen all of this.
 */
export async function holdEpoch(connection: Connection, epoch: number, pool: number): Promise<boolean> {
  await runStatement(connection, hold, [lockNumber, pool]);
  const [row] = await runStatement(connection, newest, [pool]);
  return Number(row?.epoch) === epoch;
}

type OfLane = [market: Uint8Array, lane: number, epoch: number];

const cut = statement<OfLane, Record<string, never>>(
  "cuts.put",
  `insert into cuts (market, lane, epoch, size, root, time_ms, closed, deposited, allocated, fee)
   select market, lane, $3, sequence, head, time_ms, status = 'closed', deposited, earned + bonus + fee, fee
   from lanes where market = $1 and lane = $2
   on conflict (market, lane) do update set epoch = excluded.epoch, size = excluded.size, root = excluded.root,
     time_ms = excluded.time_ms, closed = excluded.closed, deposited = excluded.deposited,
     allocated = excluded.allocated, fee = excluded.fee`,
);

/**
 * Whose balance changed since the cut before, and is another than there. What stood there is looked up for each by its key:
 * joined, the planner of a table that grew since its statistics read all shares of the lane for each of them.
 */
const share = statement<OfLane, Record<string, never>>(
  "shares.put",
  `insert into shares (contributor, market, lane, epoch, released, held, paying_number, paying_wallet)
   select contributor, market, lane, $3, released, held, paying_number, paying_wallet from balances
   where market = $1 and lane = $2
     and sequence > (select cut_sequence from lanes where market = $1 and lane = $2)
   on conflict (contributor, market, lane) do update set epoch = excluded.epoch, released = excluded.released,
     held = excluded.held, paying_number = excluded.paying_number, paying_wallet = excluded.paying_wallet
   where (shares.released, shares.held, shares.paying_number, shares.paying_wallet)
     is distinct from (excluded.released, excluded.held, excluded.paying_number, excluded.paying_wallet)`,
);

const mark = statement<[market: Uint8Array, lane: number], Record<string, never>>(
  "lanes.markCut",
  "update lanes set cut_sequence = sequence where market = $1 and lane = $2",
);

/**
 * What settlement counts of a lane from now on: the lane as it stands. Runs in the transaction that writes the lane's
 * `cut` entry, after it, so that the log says exactly which entries an epoch covers.
 */
export async function cutLane(connection: Connection, market: Uint8Array, lane: number, epoch: number): Promise<void> {
  await runStatement(connection, cut, [market, lane, epoch]);
  await runStatement(connection, share, [market, lane, epoch]);
  await runStatement(connection, mark, [market, lane]);
}
