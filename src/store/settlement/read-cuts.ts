import { type Amount, amount } from "../../core/amount.ts";
import type { Queryable } from "../pool.ts";
import { runStatement, statement } from "../pool-statement.ts";

/** A lane at its newest cut. */
export interface CutRow {
  readonly market: Uint8Array;
  readonly lane: number;
  readonly epoch: number;
  readonly size: number;
  readonly root: Uint8Array;
  readonly timeMs: number;
  readonly specHash: Uint8Array;
  readonly isClosed: boolean;
  readonly deposited: Amount;
  readonly allocated: Amount;
  readonly fee: Amount;
}

interface CutColumns {
  market: Uint8Array;
  lane: number;
  epoch: bigint;
  size: bigint;
  root: Uint8Array;
  time_ms: bigint;
  spec_hash: Uint8Array;
  closed: boolean;
  deposited: string;
  allocated: string;
  fee: string;
}

const cuts = statement<[from: number, pool: number], CutColumns>(
  "cuts.from",
  `select c.market, c.lane, c.epoch, c.size, c.root, c.time_ms, m.spec_hash, c.closed, c.deposited::text,
     c.allocated::text, c.fee::text
   from cuts c join markets m using (market) where c.epoch >= $1 and m.pool = $2 order by c.market, c.lane`,
);

/** The lanes of a pool that were cut in an epoch or later. */
export async function readCutsFrom(on: Queryable, epoch: number, pool: number): Promise<CutRow[]> {
  return (await runStatement(on, cuts, [epoch, pool])).map((row) => ({
    market: row.market,
    lane: row.lane,
    epoch: Number(row.epoch),
    size: Number(row.size),
    root: row.root,
    timeMs: Number(row.time_ms),
    specHash: row.spec_hash,
    isClosed: row.closed,
    deposited: amount(BigInt(row.deposited)),
    allocated: amount(BigInt(row.allocated)),
    fee: amount(BigInt(row.fee)),
  }));
}

/** What a contributor had in a lane at its newest cut. */
export interface ShareRow {
  readonly contributor: number;
  readonly key: Uint8Array;
  readonly released: Amount;
  readonly held: Amount;
  readonly paying: { readonly number: number; readonly wallet: Uint8Array } | null;
}

interface ShareColumns {
  contributor: number;
  key: Uint8Array;
  released: string;
  held: string;
  paying_number: bigint | null;
  paying_wallet: Uint8Array | null;
}

type SharesAsked = [market: Uint8Array, lane: number, after: number, contributor: number, limit: number];

const shares = statement<SharesAsked, ShareColumns>(
  "shares.after",
  `select s.contributor, k.key, s.released::text, s.held::text, s.paying_number, s.paying_wallet
   from shares s join contributors k using (contributor)
   where s.market = $1 and s.lane = $2 and s.epoch > $3 and s.contributor > $4 order by s.contributor limit $5`,
);

const perPage = 50_000;

/** The shares of a lane that changed after an epoch, by contributor. */
export async function readSharesAfter(
  on: Queryable,
  market: Uint8Array,
  lane: number,
  epoch: number,
): Promise<ShareRow[]> {
  const rows: ShareRow[] = [];
  for (let last = 0; ; ) {
    const page = await runStatement(on, shares, [market, lane, epoch, last, perPage]);
    for (const { contributor, key, released, held, paying_number: number, paying_wallet: wallet } of page) {
      rows.push({
        contributor,
        key,
        released: amount(BigInt(released)),
        held: amount(BigInt(held)),
        paying: number === null || wallet === null ? null : { number: Number(number), wallet },
      });
    }
    if (page.length < perPage) return rows;
    last = page.at(-1)?.contributor ?? last;
  }
}
