import type { Queryable } from "../pool.ts";
import { runStatement, statement } from "../pool-statement.ts";

/** A browser that wants to be told, as it gave itself to us. */
export interface NoticeAddress {
  /** URL at the browser's push service. */
  readonly endpoint: string;
  /** P-256, uncompressed: 65 bytes. */
  readonly publicKey: Uint8Array;
  /** 16 bytes. */
  readonly secret: Uint8Array;
}

export interface NoticeRow extends NoticeAddress {
  readonly contributor: number;
  /** Markets of 16 bytes, end to end; null before the first look. */
  readonly known: Uint8Array | null;
  readonly triedAtMs: number;
}

const count = statement<[contributor: number, endpoint: string], { others: bigint }>(
  "notices.others",
  "select count(*) as others from notice_addresses where contributor = $1 and endpoint <> $2",
);

/** How many other browsers of a contributor want to be told. */
export async function countOtherNoticeAddresses(on: Queryable, contributor: number, endpoint: string): Promise<number> {
  return Number((await runStatement(on, count, [contributor, endpoint]))[0]?.others ?? 0);
}

const put = statement<readonly unknown[], Record<string, never>>(
  "notices.put",
  `insert into notice_addresses (endpoint, contributor, public_key, secret, looked_at_ms, tried_at_ms)
   values ($1, $2, $3, $4, 0, 0)
   on conflict (endpoint) do update set
     contributor = excluded.contributor, public_key = excluded.public_key, secret = excluded.secret, failures = 0,
     known = case when notice_addresses.contributor = excluded.contributor then notice_addresses.known end`,
);

/** Whoever has the endpoint has the browser: it tells of the work of whom it was given for last. */
export async function putNoticeAddress(
  on: Queryable,
  contributor: number,
  { endpoint, publicKey, secret }: NoticeAddress,
): Promise<void> {
  await runStatement(on, put, [endpoint, contributor, publicKey, secret]);
}

const remove = statement<[endpoint: string, contributor: number], Record<string, never>>(
  "notices.remove",
  "delete from notice_addresses where endpoint = $1 and contributor = $2",
);

export async function removeNoticeAddress(on: Queryable, contributor: number, endpoint: string): Promise<void> {
  await runStatement(on, remove, [endpoint, contributor]);
}

const take = statement<
  [nowMs: number, before: number, limit: number],
  {
    endpoint: string;
    contributor: number;
    public_key: Uint8Array;
    secret: Uint8Array;
    known: Uint8Array | null;
    tried_at_ms: bigint;
  }
>(
  "notices.take",
  `update notice_addresses set looked_at_ms = $1
   where endpoint in (
     select endpoint from notice_addresses where looked_at_ms < $2 order by looked_at_ms limit $3 for update skip locked)
   returning endpoint, contributor, public_key, secret, known, tried_at_ms`,
);

/** Those last looked at before a time, the longest ago first; each by one process. */
export async function takeNoticeAddresses(
  on: Queryable,
  nowMs: number,
  beforeMs: number,
  limit: number,
): Promise<readonly NoticeRow[]> {
  const rows = await runStatement(on, take, [nowMs, beforeMs, limit]);
  return rows.map(({ public_key, tried_at_ms, ...row }) => ({
    ...row,
    publicKey: public_key,
    triedAtMs: Number(tried_at_ms),
  }));
}

const know = statement<[endpoint: string, contributor: number, known: Uint8Array], Record<string, never>>(
  "notices.know",
  "update notice_addresses set known = $3 where endpoint = $1 and contributor = $2",
);

export async function putKnownWork(on: Queryable, row: NoticeRow, known: Uint8Array): Promise<void> {
  await runStatement(on, know, [row.endpoint, row.contributor, known]);
}

const taken = statement<
  [endpoint: string, contributor: number, atMs: number, known: Uint8Array],
  Record<string, never>
>(
  "notices.taken",
  `update notice_addresses set tried_at_ms = $3, known = $4, failures = 0 where endpoint = $1 and contributor = $2`,
);

/** A message was taken for this browser. */
export async function putTold(on: Queryable, row: NoticeRow, atMs: number, known: Uint8Array): Promise<void> {
  await runStatement(on, taken, [row.endpoint, row.contributor, atMs, known]);
}

const fail = statement<[endpoint: string, atMs: number, failuresMax: number], Record<string, never>>(
  "notices.fail",
  `with failed as (
     update notice_addresses set failures = failures + 1, tried_at_ms = $2
     where endpoint = $1 and failures < $3 returning endpoint)
   delete from notice_addresses where endpoint = $1 and not exists (select from failed)`,
);

/** Forgets a browser that could not be reached more often than that in a row. */
export async function countFailure(on: Queryable, endpoint: string, atMs: number, failuresMax: number): Promise<void> {
  await runStatement(on, fail, [endpoint, atMs, failuresMax]);
}
