import type { Queryable } from "../pool.ts";
import { runStatement, statement } from "../pool-statement.ts";
import type { MarketRow } from "./insert-market.ts";

interface Row {
  market: Uint8Array;
  owner: Uint8Array;
  title: string;
  kind: string;
  spec: string;
  spec_hash: Uint8Array;
  refund_to: string;
  standing: boolean;
  created_at_ms: bigint;
}

const columns = "market, owner, title, kind, spec, spec_hash, refund_to, standing, created_at_ms";

const byId = statement<[market: Uint8Array], Row>("markets.byId", `select ${columns} from markets where market = $1`);

const standingOf = statement<[owner: Uint8Array], Row>(
  "markets.standing",
  `select ${columns} from markets where owner = $1 and standing`,
);

const page = statement<[owner: Uint8Array | null, after: Uint8Array, limit: number], Row>(
  "markets.page",
  `select ${columns} from markets where ($1::bytea is null or owner = $1) and market > $2 order by market limit $3`,
);

const toMarket = (row: Row): MarketRow => ({
  market: row.market,
  owner: row.owner,
  title: row.title,
  kind: row.kind,
  spec: row.spec,
  specHash: row.spec_hash,
  refundTo: row.refund_to,
  standing: row.standing,
  createdAtMs: Number(row.created_at_ms),
});

export async function readMarket(on: Queryable, market: Uint8Array): Promise<MarketRow | null> {
  const [row] = await runStatement(on, byId, [market]);
  return row === undefined ? null : toMarket(row);
}

export async function readStandingMarket(on: Queryable, owner: Uint8Array): Promise<MarketRow | null> {
  const [row] = await runStatement(on, standingOf, [owner]);
  return row === undefined ? null : toMarket(row);
}

/** By id, from the first after `after`; an empty `after` begins at the start. */
export async function listMarkets(
  on: Queryable,
  owner: Uint8Array | null,
  after: Uint8Array,
  limit: number,
): Promise<MarketRow[]> {
  return (await runStatement(on, page, [owner, after, limit])).map(toMarket);
}
