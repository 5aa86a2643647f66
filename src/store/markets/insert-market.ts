import { earnestError } from "../../core/errors.ts";
import type { Connection } from "../pool.ts";
import { runStatement, statement } from "../pool-statement.ts";

export interface MarketRow {
  readonly market: Uint8Array;
  readonly owner: Uint8Array;
  readonly title: string;
  readonly kind: string;
  readonly spec: string;
  readonly specHash: Uint8Array;
  readonly refundTo: string;
  /** The number of its pool. */
  readonly pool: number;
  readonly standing: boolean;
  readonly createdAtMs: number;
}

const insert = statement<readonly unknown[], { market: Uint8Array }>(
  "markets.insert",
  `insert into markets (market, owner, title, kind, spec, spec_hash, refund_to, pool, standing, created_at_ms)
   values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10) on conflict do nothing returning market`,
);

/** @throws MARKET_STATE where the owner has a standing market already. */
export async function insertMarket(connection: Connection, row: MarketRow): Promise<void> {
  const { market, owner, title, kind, spec, specHash, refundTo, pool, standing, createdAtMs } = row;
  const inserted = await runStatement(connection, insert, [
    market,
    owner,
    title,
    kind,
    spec,
    specHash,
    refundTo,
    pool,
    standing,
    createdAtMs,
  ]);
  if (inserted.length === 0) {
    throw earnestError("MARKET_STATE", { market: title, status: "standing already", action: "be created twice" });
  }
}
