import { type Amount, amount } from "../../core/amount.ts";
import type { Queryable } from "../pool.ts";
import { runStatement, statement } from "../pool-statement.ts";

export type WithdrawalState = "planned" | "sent" | "final" | "expired" | "failed";

export interface NewWithdrawal {
  readonly id: Uint8Array;
  readonly contributor: number;
  /** The number of the pool whose token it is. */
  readonly pool: number;
  readonly destination: Uint8Array;
  readonly amount: Amount;
  readonly feeLamports: bigint;
  readonly rentLamports: bigint;
  readonly message: Uint8Array;
  readonly lastValidBlockHeight: bigint;
  readonly plannedAtMs: number;
}

export interface WithdrawalRow extends NewWithdrawal {
  readonly state: WithdrawalState;
  readonly ownerSignature: Uint8Array | null;
  /** The transaction's signature, once it is known. */
  readonly transaction: string | null;
  readonly problem: string | null;
}

interface Stored {
  readonly id: Uint8Array;
  readonly contributor: number;
  readonly pool: number;
  readonly destination: Uint8Array;
  readonly amount: string;
  readonly fee_lamports: bigint;
  readonly rent_lamports: bigint;
  readonly message: Uint8Array;
  readonly last_valid_block_height: bigint;
  readonly planned_at_ms: bigint;
  readonly state: WithdrawalState;
  readonly owner_signature: Uint8Array | null;
  readonly transaction: string | null;
  readonly problem: string | null;
}

const columns = `id, contributor, pool, destination, amount::text, fee_lamports, rent_lamports, message, last_valid_block_height,
  planned_at_ms, state, owner_signature, transaction, problem`;

const rowOf = (row: Stored): WithdrawalRow => ({
  id: row.id,
  contributor: row.contributor,
  pool: row.pool,
  destination: row.destination,
  amount: amount(BigInt(row.amount)),
  feeLamports: row.fee_lamports,
  rentLamports: row.rent_lamports,
  message: row.message,
  lastValidBlockHeight: row.last_valid_block_height,
  plannedAtMs: Number(row.planned_at_ms),
  state: row.state,
  ownerSignature: row.owner_signature,
  transaction: row.transaction,
  problem: row.problem,
});

const dropUnsigned = statement<[contributor: number], Record<string, never>>(
  "withdrawals.dropUnsigned",
  "delete from withdrawals where contributor = $1 and state in ('planned', 'expired') and owner_signature is null",
);
const insert = statement<readonly unknown[], { id: Uint8Array }>(
  "withdrawals.insert",
  `insert into withdrawals (id, contributor, destination, amount, fee_lamports, rent_lamports, message,
     last_valid_block_height, planned_at_ms, pool, state)
   values ($1, $2, $3, $4::numeric, $5, $6, $7, $8, $9, $10, 'planned') on conflict do nothing returning id`,
);

/** Replaces a plan that was not signed. False where another withdrawal of this contributor is under way. */
export async function insertWithdrawal(on: Queryable, row: NewWithdrawal): Promise<boolean> {
  await runStatement(on, dropUnsigned, [row.contributor]);
  const { id, contributor, destination, feeLamports, rentLamports, message } = row;
  const rest = [feeLamports, rentLamports, message, row.lastValidBlockHeight, row.plannedAtMs, row.pool];
  const inserted = await runStatement(on, insert, [id, contributor, destination, row.amount.toString(), ...rest]);
  return inserted.length > 0;
}

const one = statement<[id: Uint8Array, contributor: number], Stored>(
  "withdrawals.one",
  `select ${columns} from withdrawals where id = $1 and contributor = $2`,
);
const newest = statement<[contributor: number, limit: number], Stored>(
  "withdrawals.newest",
  `select ${columns} from withdrawals where contributor = $1 order by planned_at_ms desc, id limit $2`,
);
const underWay = statement<[limit: number], Stored>(
  "withdrawals.underWay",
  `select ${columns} from withdrawals where state = 'sent' order by signed_at_ms limit $1`,
);

export async function readWithdrawal(
  on: Queryable,
  contributor: number,
  id: Uint8Array,
): Promise<WithdrawalRow | null> {
  const [row] = await runStatement(on, one, [id, contributor]);
  return row === undefined ? null : rowOf(row);
}

export const listWithdrawals = async (on: Queryable, contributor: number, limit: number): Promise<WithdrawalRow[]> =>
  (await runStatement(on, newest, [contributor, limit])).map(rowOf);

/** Signed, and not known to have ended: the oldest first. */
export const readUnderWay = async (on: Queryable, limit: number): Promise<WithdrawalRow[]> =>
  (await runStatement(on, underWay, [limit])).map(rowOf);

const sign = statement<[id: Uint8Array, signature: Uint8Array, atMs: number], Record<string, never>>(
  "withdrawals.sign",
  "update withdrawals set state = 'sent', owner_signature = $2, signed_at_ms = $3 where id = $1 and state = 'planned'",
);

/** Before it is sent. What is no plan any more stays as it is. */
export async function signWithdrawal(
  on: Queryable,
  id: Uint8Array,
  signature: Uint8Array,
  atMs: number,
): Promise<void> {
  await runStatement(on, sign, [id, signature, atMs]);
}

const note = statement<readonly unknown[], Record<string, never>>(
  "withdrawals.note",
  `update withdrawals set state = $2, transaction = $3, problem = $4, ended_at_ms = $5 where id = $1 and state = 'sent'`,
);

/** What became of one that was sent; `endedAtMs` is null while it may still be taken. */
export async function noteWithdrawal(
  on: Queryable,
  id: Uint8Array,
  became: {
    readonly state: Exclude<WithdrawalState, "planned">;
    readonly transaction: string;
    readonly problem: string | null;
    readonly endedAtMs: number | null;
  },
): Promise<void> {
  await runStatement(on, note, [id, became.state, became.transaction, became.problem, became.endedAtMs]);
}

const expire = statement<[beforeMs: number, atMs: number], Record<string, never>>(
  "withdrawals.expire",
  "update withdrawals set state = 'expired', ended_at_ms = $2 where state = 'planned' and planned_at_ms < $1",
);

/** Plans from before then, which nobody signed. */
export async function expirePlans(on: Queryable, beforeMs: number, atMs: number): Promise<void> {
  await runStatement(on, expire, [beforeMs, atMs]);
}
