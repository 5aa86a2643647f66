import { type Amount, amount } from "../../core/amount.ts";
import type { Queryable } from "../pool.ts";
import { runStatement, statement } from "../pool-statement.ts";

export interface ClaimRow {
  /** Of the leaf: a contributor's number, or 0 for the operator. */
  readonly contributor: number;
  readonly claimed: Amount;
  readonly sponsored: "granted" | "made" | null;
}

const all = statement<[pool: number], { contributor: number; claimed: string; sponsored: "granted" | "made" | null }>(
  "claims.all",
  "select contributor, claimed::text, sponsored from claims where pool = $1",
);

export async function readClaims(on: Queryable, pool: number): Promise<ClaimRow[]> {
  return (await runStatement(on, all, [pool])).map((row) => ({ ...row, claimed: amount(BigInt(row.claimed)) }));
}

const claim = statement<readonly unknown[], Record<string, never>>(
  "claims.put",
  `insert into claims (pool, contributor, claimed) select $3::smallint, * from unnest($1::integer[], $2::numeric[])
   on conflict (pool, contributor) do update set claimed = excluded.claimed where claims.claimed < excluded.claimed`,
);

/** What the chain's pages were seen to say; it never falls. */
export async function upsertClaimed(
  on: Queryable,
  claims: readonly { readonly contributor: number; readonly claimed: Amount }[],
  pool: number,
): Promise<void> {
  if (claims.length === 0) return;
  await runStatement(on, claim, [
    claims.map(({ contributor }) => contributor),
    claims.map(({ claimed }) => claimed.toString()),
    pool,
  ]);
}

const grant = statement<readonly unknown[], Record<string, never>>(
  "claims.grant",
  `insert into claims (pool, contributor, sponsored, sponsored_at_ms, sponsored_lamports)
   select $4::smallint, unnest($1::integer[]), 'granted', $2::bigint, $3::numeric
   on conflict (pool, contributor) do update set sponsored = 'granted', sponsored_at_ms = excluded.sponsored_at_ms,
     sponsored_lamports = excluded.sponsored_lamports where claims.sponsored is null`,
);
const make = statement<[contributors: readonly number[], pool: number], Record<string, never>>(
  "claims.make",
  "update claims set sponsored = 'made' where contributor = any($1::integer[]) and pool = $2",
);

/** Before their token accounts are paid for. */
export async function grantSponsorships(
  on: Queryable,
  contributors: readonly number[],
  { atMs, lamportsEach }: { readonly atMs: number; readonly lamportsEach: bigint },
  pool: number,
): Promise<void> {
  await runStatement(on, grant, [contributors, atMs, lamportsEach.toString(), pool]);
}

/** Once their token accounts were seen. */
export async function endSponsorships(on: Queryable, contributors: readonly number[], pool: number): Promise<void> {
  await runStatement(on, make, [contributors, pool]);
}

const claimedOfStatement = statement<[contributor: number, pool: number], { claimed: string }>(
  "claims.of",
  "select claimed::text from claims where contributor = $1 and pool = $2",
);
const claimedTotal = statement<[pool: number], { claimed: string }>(
  "claims.total",
  "select coalesce(sum(claimed), 0)::text as claimed from claims where contributor > 0 and pool = $1",
);

/** What one contributor was paid on chain. */
export async function claimedOf(on: Queryable, contributor: number, pool: number): Promise<Amount> {
  const [row] = await runStatement(on, claimedOfStatement, [contributor, pool]);
  return amount(BigInt(row?.claimed ?? 0));
}

/** What contributors were paid on chain. */
export async function claimedByContributors(on: Queryable, pool: number): Promise<Amount> {
  const [row] = await runStatement(on, claimedTotal, [pool]);
  return amount(BigInt(row?.claimed ?? 0));
}
