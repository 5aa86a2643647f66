import type { Connection, Queryable } from "../pool.ts";
import { runStatement, statement } from "../pool-statement.ts";

/** A pool beside the home pool, which has the number 0 and no row. */
export interface PoolRow {
  readonly number: number;
  readonly mint: string;
}

const all = statement<[], PoolRow & Record<string, unknown>>(
  "pools.all",
  "select number, mint from pools where opened_at_ms is not null order by number",
);

/** Those that are on chain. */
export const readPools = async (on: Queryable): Promise<readonly PoolRow[]> => await runStatement(on, all, []);

/** A token that somebody asked for: of one that the network issues, what it is and the seed of its mint's key. */
export interface AskedPool {
  readonly mint: string;
  readonly owner: Uint8Array;
  readonly issued: { readonly symbol: string; readonly terms: string; readonly seed: Uint8Array } | null;
}

interface AskedColumns {
  mint: string;
  owner: Uint8Array;
  symbol: string | null;
  terms: string | null;
  seed: Uint8Array | null;
}

const asked = statement<[mint: string | null, owner: Uint8Array, symbol: string | null], AskedColumns>(
  "pools.asked",
  "select mint, owner, symbol, terms, seed from pools where mint = $1 or (owner = $2 and symbol = $3)",
);

/** By the mint, or by who wanted it issued and its symbol. */
export async function findAskedPool(
  on: Queryable,
  { mint, owner, symbol }: { readonly mint: string | null; readonly owner: Uint8Array; readonly symbol: string | null },
): Promise<AskedPool | null> {
  const [row] = await runStatement(on, asked, [mint, owner, symbol]);
  if (row === undefined) return null;
  const { symbol: name, terms, seed } = row;
  const issued = name === null || terms === null || seed === null ? null : { symbol: name, terms, seed };
  return { mint: row.mint, owner: row.owner, issued };
}

const use = statement<
  [sinceMs: number, owner: Uint8Array],
  { total: bigint; today: bigint; own: bigint; highest: number }
>(
  "pools.use",
  `select count(*) as total, count(*) filter (where asked_at_ms >= $1) as today,
     count(*) filter (where asked_at_ms >= $1 and owner = $2) as own, coalesce(max(number), 0) as highest from pools`,
);

export interface PoolUse {
  readonly total: number;
  /** Asked for since then, by anybody and by this owner. */
  readonly today: number;
  readonly own: number;
  readonly highest: number;
}

export async function readPoolUse(on: Queryable, sinceMs: number, owner: Uint8Array): Promise<PoolUse> {
  const [row] = await runStatement(on, use, [sinceMs, owner]);
  const { total = 0n, today = 0n, own = 0n, highest = 0 } = row ?? {};
  return { total: Number(total), today: Number(today), own: Number(own), highest };
}

const insert = statement<readonly unknown[], Record<string, never>>(
  "pools.insert",
  "insert into pools (number, mint, owner, symbol, terms, seed, asked_at_ms) values ($1, $2, $3, $4, $5, $6, $7)",
);

/** Before anything of it is on chain. */
export async function insertPool(
  dbTx: Connection,
  number: number,
  { mint, owner, issued }: AskedPool,
  atMs: number,
): Promise<void> {
  const { symbol = null, terms = null, seed = null } = issued ?? {};
  await runStatement(dbTx, insert, [number, mint, owner, symbol, terms, seed, atMs]);
}

const open = statement<[mint: string, atMs: number], Record<string, never>>(
  "pools.open",
  "update pools set opened_at_ms = $2 where mint = $1 and opened_at_ms is null",
);

/** Once it is on chain. */
export async function markPoolOpen(on: Queryable, mint: string, atMs: number): Promise<void> {
  await runStatement(on, open, [mint, atMs]);
}

const ofMarket = statement<[market: Uint8Array], { pool: number }>(
  "pools.ofMarket",
  "select pool from markets where market = $1",
);

/** The number of the pool that a market's money is in; null where there is no such market. */
export async function readPoolOf(on: Queryable, market: Uint8Array): Promise<number | null> {
  return (await runStatement(on, ofMarket, [market]))[0]?.pool ?? null;
}
