import type { Queryable } from "../pool.ts";
import { runStatement, statement } from "../pool-statement.ts";
import type { MarketRow } from "./insert-market.ts";

/** A market as it is found, with what became of its answers lately. */
export interface FoundMarket extends MarketRow {
  /** The share of the newest answers with a verdict that were rejected; null before there was one. */
  readonly rejected: number | null;
}

interface Row {
  market: Uint8Array;
  owner: Uint8Array;
  title: string;
  kind: string;
  spec: string;
  spec_hash: Uint8Array;
  refund_to: string;
  pool: number;
  standing: boolean;
  created_at_ms: bigint;
  rejected: number | null;
}

const columns = `market, owner, title, kind, spec, spec_hash, refund_to, pool, standing, created_at_ms,
  (select p.rejected::double precision / nullif(p.judged, 0) from paces p where p.market = markets.market) as rejected`;

const byId = statement<[market: Uint8Array], Row>("markets.byId", `select ${columns} from markets where market = $1`);

const standingOf = statement<[owner: Uint8Array], Row>(
  "markets.standing",
  `select ${columns} from markets where owner = $1 and standing`,
);

const before = "(created_at_ms, market) < ($1::bigint, $2)";
const newest = "order by created_at_ms desc, market desc limit $3";
const page = statement<[createdAtMs: number, market: Uint8Array, limit: number], Row>(
  "markets.page",
  `select ${columns} from markets where ${before} ${newest}`,
);
const pageOfOwner = statement<[createdAtMs: number, market: Uint8Array, limit: number, owner: Uint8Array], Row>(
  "markets.pageOfOwner",
  `select ${columns} from markets where owner = $4 and ${before} ${newest}`,
);

const toMarket = (row: Row): FoundMarket => ({
  market: row.market,
  owner: row.owner,
  title: row.title,
  kind: row.kind,
  spec: row.spec,
  specHash: row.spec_hash,
  refundTo: row.refund_to,
  pool: row.pool,
  standing: row.standing,
  createdAtMs: Number(row.created_at_ms),
  rejected: row.rejected,
});

export async function readMarket(on: Queryable, market: Uint8Array): Promise<FoundMarket | null> {
  const [row] = await runStatement(on, byId, [market]);
  return row === undefined ? null : toMarket(row);
}

export async function readStandingMarket(on: Queryable, owner: Uint8Array): Promise<MarketRow | null> {
  const [row] = await runStatement(on, standingOf, [owner]);
  return row === undefined ? null : toMarket(row);
}

/** Where a page of markets ended. */
export type MarketPlace = Pick<MarketRow, "createdAtMs" | "market">;

/** Younger than all markets. */
const start: MarketPlace = { createdAtMs: Number.MAX_SAFE_INTEGER, market: new Uint8Array() };

/** The newest first, from the first behind `after`. */
export async function listMarkets(
  on: Queryable,
  owner: Uint8Array | null,
  after: MarketPlace | null,
  limit: number,
): Promise<FoundMarket[]> {
  const { createdAtMs, market } = after ?? start;
  const rows =
    owner === null
      ? await runStatement(on, page, [createdAtMs, market, limit])
      : await runStatement(on, pageOfOwner, [createdAtMs, market, limit, owner]);
  return rows.map(toMarket);
}
