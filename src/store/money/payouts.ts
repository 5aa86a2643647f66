import { type Amount, amount } from "../../core/amount.ts";
import type { Connection, Queryable } from "../pool.ts";
import { runStatement, statement } from "../pool-statement.ts";

export interface Payout {
  /** `contributor/<number>`, `refund/<market>` or `operator`. */
  readonly payee: string;
  /** A contributor's key in hexadecimal, or an address. */
  readonly destination: string;
  readonly amount: Amount;
}

const due = statement<[after: string, limit: number], { payee: string; destination: string; amount: string }>(
  "payees.due",
  `select payee, destination, (allocated - prepared)::text as amount from payees
   where prepared < allocated and payee > $1 order by payee limit $2 for update skip locked`,
);

/**
 * Who is owed more than transactions carry; locked, so that no other process pays them at the same time. A page, after
 * the last payee of the page before: those who cannot be paid now must not hide the others.
 */
export async function lockDuePayouts(connection: Connection, after: string, limit: number): Promise<Payout[]> {
  const rows = await runStatement(connection, due, [after, limit]);
  return rows.map((row) => ({ ...row, amount: amount(BigInt(row.amount)) }));
}

export interface PayoutTransaction {
  readonly signature: string;
  readonly wire: Uint8Array;
  readonly lastValidBlockHeight: bigint;
  readonly payees: readonly string[];
  readonly amounts: readonly Amount[];
}

const insert = statement<readonly unknown[], Record<string, never>>(
  "payouts.insert",
  `insert into payout_transactions (signature, epoch, wire, last_valid_block_height, state, payees, amounts)
   values ($1, (select max(epoch) from epochs), $2, $3, 'pending', $4, $5)`,
);

const prepare = statement<[payees: readonly string[], amounts: readonly string[]], Record<string, never>>(
  "payees.prepare",
  `update payees p set prepared = p.prepared + x.amount
   from unnest($1::text[], $2::numeric[]) as x(payee, amount) where p.payee = x.payee`,
);

/** Stored before it is sent: whatever happens then, nobody is paid again until it is known to have failed. */
export async function insertPayout(connection: Connection, transaction: PayoutTransaction): Promise<void> {
  const { signature, wire, lastValidBlockHeight, payees } = transaction;
  const amounts = transaction.amounts.map(String);
  await runStatement(connection, insert, [signature, wire, lastValidBlockHeight, payees, amounts]);
  await runStatement(connection, prepare, [payees, amounts]);
}

interface Row {
  signature: string;
  wire: Uint8Array;
  last_valid_block_height: bigint;
  payees: string[];
  amounts: string[];
}

const pending = statement<[limit: number], Row>(
  "payouts.pending",
  `select signature, wire, last_valid_block_height, payees, amounts::text[] as amounts from payout_transactions
   where state = 'pending' order by signature limit $1`,
);

export async function readPendingPayouts(on: Queryable, limit: number): Promise<PayoutTransaction[]> {
  return (await runStatement(on, pending, [limit])).map((row) => ({
    signature: row.signature,
    wire: row.wire,
    lastValidBlockHeight: row.last_valid_block_height,
    payees: row.payees,
    amounts: row.amounts.map((text) => amount(BigInt(text))),
  }));
}

const finish = statement<[signature: string, state: string], { payees: string[]; amounts: string[] }>(
  "payouts.finish",
  `update payout_transactions set state = $2 where signature = $1 and state = 'pending'
   returning payees, amounts::text[] as amounts`,
);

const unprepare = statement<[payees: readonly string[], amounts: readonly string[]], Record<string, never>>(
  "payees.unprepare",
  `update payees p set prepared = p.prepared - x.amount
   from unnest($1::text[], $2::numeric[]) as x(payee, amount) where p.payee = x.payee`,
);

/** A transaction that can no longer land makes its payees due again; one that landed stays counted. */
export async function finishPayout(
  connection: Connection,
  signature: string,
  state: "finalized" | "expired" | "failed",
): Promise<void> {
  const [row] = await runStatement(connection, finish, [signature, state]);
  if (row !== undefined && state !== "finalized") await runStatement(connection, unprepare, [row.payees, row.amounts]);
}

const settled = statement<[payee: string], { amount: string }>(
  "payouts.settledOf",
  `select coalesce(sum(x.amount), 0)::text as amount from payout_transactions t,
     unnest(t.payees, t.amounts) as x(payee, amount)
   where t.payees @> array[$1] and t.state = 'finalized' and x.payee = $1`,
);

/** What final transactions paid to one payee. */
export async function settledOf(on: Queryable, payee: string): Promise<Amount> {
  const [row] = await runStatement(on, settled, [payee]);
  return amount(BigInt(row?.amount ?? 0));
}

const settledTotal = statement<[], { amount: string }>(
  "payouts.settledContributors",
  `select coalesce(sum(x.amount), 0)::text as amount from payout_transactions t,
     unnest(t.payees, t.amounts) as x(payee, amount)
   where t.state = 'finalized' and x.payee like 'contributor/%'`,
);

/** What final transactions paid to contributors. */
export async function settledToContributors(on: Queryable): Promise<Amount> {
  const [row] = await runStatement(on, settledTotal, []);
  return amount(BigInt(row?.amount ?? 0));
}
