import type { Queryable } from "../pool.ts";
import { runStatement, statement } from "../pool-statement.ts";

export interface WebhookRow {
  readonly id: string;
  readonly owner: Uint8Array;
  readonly url: string;
  readonly secret: Uint8Array;
  readonly kinds: readonly string[];
  readonly createdAtMs: number;
  readonly failures: number;
  readonly nextTryAtMs: number;
  readonly stoppedAtMs: number | null;
}

interface Row {
  id: string;
  owner: Uint8Array;
  url: string;
  secret: Uint8Array;
  kinds: string[];
  created_at_ms: bigint;
  failures: number;
  next_try_at_ms: bigint;
  stopped_at_ms: bigint | null;
}

const toWebhook = ({ created_at_ms, next_try_at_ms, stopped_at_ms, ...row }: Row): WebhookRow => ({
  ...row,
  createdAtMs: Number(created_at_ms),
  nextTryAtMs: Number(next_try_at_ms),
  stoppedAtMs: stopped_at_ms === null ? null : Number(stopped_at_ms),
});

const columns = "id, owner, url, secret, kinds, created_at_ms, failures, next_try_at_ms, stopped_at_ms";

const insert = statement<readonly unknown[], Record<string, never>>(
  "webhooks.insert",
  `with made as (
     insert into webhooks (id, owner, url, secret, kinds, created_at_ms, next_try_at_ms)
     values ($1, $2, $3, $4, $5, $6, $6) returning id)
   insert into webhook_positions (webhook, market, sequence)
   select made.id, m.market, l.sequence from made cross join markets m join lanes l on l.market = m.market and l.lane = 0
   where m.owner = $2`,
);

/** From now on: what markets have in their logs already is not told. */
export async function insertWebhook(
  on: Queryable,
  row: Pick<WebhookRow, "id" | "owner" | "url" | "secret" | "kinds" | "createdAtMs">,
): Promise<void> {
  await runStatement(on, insert, [row.id, row.owner, row.url, row.secret, row.kinds, row.createdAtMs]);
}

const byOwner = statement<[owner: Uint8Array], Row>(
  "webhooks.byOwner",
  `select ${columns} from webhooks where owner = $1 order by created_at_ms, id`,
);

export async function listWebhooks(on: Queryable, owner: Uint8Array): Promise<WebhookRow[]> {
  return (await runStatement(on, byOwner, [owner])).map(toWebhook);
}

const remove = statement<[owner: Uint8Array, id: string], Record<string, never>>(
  "webhooks.remove",
  "delete from webhooks where owner = $1 and id = $2",
);

export async function removeWebhook(on: Queryable, owner: Uint8Array, id: string): Promise<void> {
  await runStatement(on, remove, [owner, id]);
}

const take = statement<[nowMs: number, untilMs: number, limit: number], Row>(
  "webhooks.take",
  `update webhooks set next_try_at_ms = $2 where id in (
     select w.id from webhooks w
     where w.stopped_at_ms is null and w.next_try_at_ms <= $1 and (
       exists (select from webhook_messages g where g.webhook = w.id and g.taken_at_ms is null)
       or exists (
         select from markets m join lanes l on l.market = m.market and l.lane = 0
         left join webhook_positions p on p.webhook = w.id and p.market = m.market
         where m.owner = w.owner and l.sequence > coalesce(p.sequence, 0)))
     order by w.next_try_at_ms limit $3 for update of w skip locked)
   returning ${columns}`,
);

/** Those that have something to tell and whose turn it is; until a time they are the caller's alone. */
export async function takeWebhooks(
  on: Queryable,
  nowMs: number,
  untilMs: number,
  limit: number,
): Promise<WebhookRow[]> {
  return (await runStatement(on, take, [nowMs, untilMs, limit])).map(toWebhook);
}

const put = statement<readonly unknown[], Record<string, never>>(
  "webhooks.put",
  "update webhooks set failures = $2, next_try_at_ms = $3, stopped_at_ms = $4 where id = $1",
);

export async function putWebhookState(
  on: Queryable,
  id: string,
  state: Pick<WebhookRow, "failures" | "nextTryAtMs" | "stoppedAtMs">,
): Promise<void> {
  await runStatement(on, put, [id, state.failures, state.nextTryAtMs, state.stoppedAtMs]);
}

interface Behind {
  market: Uint8Array;
  sequence: bigint;
}

const behind = statement<[webhook: string, owner: Uint8Array, limit: number], Behind>(
  "webhooks.behind",
  `select m.market, coalesce(p.sequence, 0) as sequence
   from markets m join lanes l on l.market = m.market and l.lane = 0
   left join webhook_positions p on p.webhook = $1 and p.market = m.market
   where m.owner = $2 and l.sequence > coalesce(p.sequence, 0) order by m.market limit $3`,
);

/** Markets whose logs went on, and how far each was told. */
export async function marketsBehind(
  on: Queryable,
  { id, owner }: Pick<WebhookRow, "id" | "owner">,
  limit: number,
): Promise<readonly { readonly market: Uint8Array; readonly sequence: number }[]> {
  const rows = await runStatement(on, behind, [id, owner, limit]);
  return rows.map(({ market, sequence }) => ({ market, sequence: Number(sequence) }));
}

const move = statement<[webhook: string, market: Uint8Array, sequence: number], Record<string, never>>(
  "webhooks.move",
  `insert into webhook_positions (webhook, market, sequence) values ($1, $2, $3)
   on conflict (webhook, market) do update set sequence = excluded.sequence`,
);

export async function moveWebhook(on: Queryable, id: string, market: Uint8Array, sequence: number): Promise<void> {
  await runStatement(on, move, [id, market, sequence]);
}
