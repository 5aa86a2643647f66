import { toBase58 } from "#src/core/bytes";
import { marketIdToBytes } from "#src/core/market-id";
import { formatSlot } from "#src/core/slot";
import { accounts, sources } from "#src/ledger/books";
import { purseTotal } from "#src/ledger/purse";
import type { Member } from "#src/market/state";
import type { Pool } from "#src/store/pool";
import type { ReplayedLane } from "./check-log.ts";

/** What the database says of a slot that has a verdict. */
export interface StoredVerdict {
  readonly contributor: string;
  readonly state: string;
  readonly reward: bigint;
  readonly sequence: number;
}

interface VerdictRow {
  task: bigint;
  ordinal: number;
  key: Uint8Array;
  state: string;
  reward: string;
  submitted_sequence: bigint;
}

export async function verdictsOf(pool: Pool, { market }: ReplayedLane): Promise<Map<string, StoredVerdict>> {
  const { rows } = await pool.query<VerdictRow>(
    `select v.task, v.ordinal, c.key, v.state, v.reward::text as reward, v.submitted_sequence from verdicts v join contributors c using (contributor) where v.market = $1`,
    [marketIdToBytes(market)],
  );
  return new Map(
    rows.map((row) => [
      formatSlot({ task: Number(row.task), ordinal: row.ordinal }),
      {
        contributor: toBase58(row.key),
        state: row.state,
        reward: BigInt(row.reward),
        sequence: Number(row.submitted_sequence),
      },
    ]),
  );
}

/** Owners with more than one accepted slot of a task, each extra one counted. */
export async function paidTwiceByTask(pool: Pool): Promise<number> {
  const { rows } = await pool.query<{ extra: string }>(
    `select coalesce(sum(n - 1), 0)::text as extra from (
       select count(*) as n from verdicts v join contributors c using (contributor)
       where v.state = 'accepted' group by v.market, v.lane, v.task, c.owner having count(*) > 1) twice`,
  );
  return Number(rows[0]?.extra ?? 0);
}

/** Verdicts and bonuses, balances, and the replayed purses are three books of the same money. */
export async function checkBalances(
  pool: Pool,
  lane: ReplayedLane,
  verdicts: ReadonlyMap<string, StoredVerdict>,
  fail: (what: string) => void,
): Promise<void> {
  const earned = new Map<string, bigint>();
  const add = (who: string, value: bigint) => earned.set(who, (earned.get(who) ?? 0n) + value);
  for (const { contributor, state, reward } of verdicts.values()) {
    if (state === "accepted") add(contributor, reward);
    else if (reward !== 0n) fail(`${contributor} has a reward of ${reward} for what is ${state}`);
  }
  for (const { contributor, amount } of lane.bonuses) add(contributor, amount);
  const { rows } = await pool.query<{ key: Uint8Array; total: string }>(
    `select c.key, (b.released + b.held)::text as total from balances b join contributors c using (contributor)
     where b.market = $1`,
    [marketIdToBytes(lane.market)],
  );
  const balances = new Map(rows.map(({ key, total }) => [toBase58(key), BigInt(total)]));
  for (const [number, who] of lane.contributors) {
    const purse = purseTotal((lane.state.members.get(number) as Member).purse);
    const [byVerdicts, byBalance] = [earned.get(who) ?? 0n, balances.get(who) ?? 0n];
    if (purse !== byVerdicts || purse !== byBalance) {
      fail(`${who}: ${byVerdicts} by verdicts, ${byBalance} by balance, ${purse} by replay`);
    }
  }
}

/** The lane's row repeats the books of the replayed state. */
export async function checkBooks(pool: Pool, lane: ReplayedLane, fail: (what: string) => void): Promise<void> {
  const { rows } = await pool.query<Record<string, string>>(
    "select to_jsonb(l) as row from lanes l where market = $1",
    [marketIdToBytes(lane.market)],
  );
  const row = (rows[0] as unknown as { readonly row: Readonly<Record<string, number>> }).row;
  for (const name of [...accounts, ...sources]) {
    const column = name.replace(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`);
    if (BigInt(row[column] ?? -1) !== lane.state.books[name]) {
      fail(`${lane.market}: ${name} is ${row[column]} in the lane's row, ${lane.state.books[name]} by replay`);
    }
  }
}

/** Each task that a client added, once; none that nobody added. */
export async function checkTasks(
  pool: Pool,
  lane: ReplayedLane,
  added: ReadonlySet<string>,
  fail: (what: string) => void,
): Promise<void> {
  const { rows } = await pool.query<{ external_id: string }>("select external_id from tasks where market = $1", [
    marketIdToBytes(lane.market),
  ]);
  const stored = new Set(rows.map((row) => row.external_id));
  const missing = [...added].filter((id) => !stored.has(id));
  if (missing.length > 0) fail(`${missing.length} acknowledged tasks are gone: ${missing.slice(0, 5).join(", ")}`);
  if (rows.length !== lane.state.taskCount)
    fail(`${rows.length} tasks are stored, the log has ${lane.state.taskCount}`);
}
