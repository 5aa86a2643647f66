import type { Connection } from "../pool.ts";
import { runStatement, statement } from "../pool-statement.ts";

const insertEpochStatement = statement<[cutAtMs: number], { epoch: bigint }>(
  "epochs.insert",
  "insert into epochs (cut_at_ms, allocated) values ($1, 0) returning epoch",
);

/** Epochs are numbered by the database: two processes never cut the same one. */
export async function insertEpoch(connection: Connection, cutAtMs: number): Promise<number> {
  const [row] = await runStatement(connection, insertEpochStatement, [cutAtMs]);
  return Number(row?.epoch);
}

const serialize = statement<[key: number], Record<string, never>>("cut.serialize", "select pg_advisory_xact_lock($1)");
/** Any constant of our own. */
const cutLock = 7_305_220;

const allocateContributors = statement<[market: Uint8Array, lane: number], Record<string, never>>(
  "payees.contributors",
  `with changed as (
     select contributor, sum(b.released) as released from balances b
     where contributor in (select contributor from balances where market = $1 and lane = $2)
     group by contributor
   ), payable as (select 'contributor/' || contributor as payee, contributor, released from changed where released > 0)
   insert into payees (payee, destination, allocated, prepared)
   select payee, encode(c.key, 'hex'), released, 0 from payable join contributors c using (contributor)
   on conflict (payee) do update set allocated = excluded.allocated where payees.allocated < excluded.allocated`,
);

const allocateRefund = statement<[market: Uint8Array], Record<string, never>>(
  "payees.refund",
  `insert into payees (payee, destination, allocated, prepared)
   select 'refund/' || encode(m.market, 'hex'), m.refund_to, sum(l.refunded), 0
   from markets m join lanes l using (market) where m.market = $1 group by m.market having sum(l.refunded) > 0
   on conflict (payee) do update set allocated = excluded.allocated where payees.allocated < excluded.allocated`,
);

const allocateFee = statement<[destination: string], Record<string, never>>(
  "payees.fee",
  `insert into payees (payee, destination, allocated, prepared)
   select 'operator', $1, sum(fee), 0 from lanes having sum(fee) > 0
   on conflict (payee) do update set allocated = excluded.allocated, destination = excluded.destination
     where payees.allocated < excluded.allocated`,
);

const markCut = statement<[market: Uint8Array, lane: number], Record<string, never>>(
  "lanes.markCut",
  "update lanes set cut_total = earned + bonus + fee + refunded where market = $1 and lane = $2",
);

/**
 * Gives out what a lane's people earned up to its cut: cumulative totals, which never fall. Runs in the transaction
 * that writes the cut, so that the log says exactly which entries an epoch covers. One at a time: the sums go over
 * lanes, and two cuts at once, each of which pays the same contributor, would not see the other's.
 */
export async function allocate(
  connection: Connection,
  market: Uint8Array,
  lane: number,
  operator: string,
): Promise<void> {
  await runStatement(connection, serialize, [cutLock]);
  await runStatement(connection, allocateContributors, [market, lane]);
  await runStatement(connection, allocateRefund, [market]);
  await runStatement(connection, allocateFee, [operator]);
  await runStatement(connection, markCut, [market, lane]);
}
