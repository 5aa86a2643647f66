import { type Bytes32, bytes32 } from "../../core/bytes.ts";
import { type MarketId, marketIdFromBytes } from "../../core/market-id.ts";
import type { Connection, Queryable } from "../pool.ts";
import { runStatement, statement } from "../pool-statement.ts";

/** The account on chain that holds a market's money. */
export interface EscrowRow {
  readonly market: MarketId;
  readonly account: Bytes32;
  /** Seconds since 1970. */
  readonly openedAt: number;
}

const put = statement<[market: Uint8Array, account: Uint8Array, openedAt: number], Record<string, never>>(
  "markets.escrow",
  "update markets set escrow = $2, escrow_opened_at = $3 where market = $1",
);

/** In the transaction that writes the market's `escrowed` entry. */
export async function putEscrow(
  connection: Connection,
  market: Uint8Array,
  { account, openedAt }: Pick<EscrowRow, "account" | "openedAt">,
): Promise<void> {
  await runStatement(connection, put, [market, account, openedAt]);
}

const all = statement<[pool: number], { market: Uint8Array; escrow: Uint8Array; escrow_opened_at: bigint }>(
  "markets.escrows",
  "select market, escrow, escrow_opened_at from markets where escrow is not null and pool = $1 order by market",
);

/** Of the markets of a pool. */
export async function readEscrows(on: Queryable, pool: number): Promise<EscrowRow[]> {
  return (await runStatement(on, all, [pool])).map((row) => ({
    market: marketIdFromBytes(row.market),
    account: bytes32(row.escrow),
    openedAt: Number(row.escrow_opened_at),
  }));
}
