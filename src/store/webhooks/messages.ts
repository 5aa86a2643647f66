import type { Queryable } from "../pool.ts";
import { runStatement, statement } from "../pool-statement.ts";

export interface WebhookTry {
  readonly atMs: number;
  readonly durationMs: number;
  readonly status: number | null;
  readonly problem: string | null;
}

export interface MessageRow {
  readonly number: number;
  readonly id: string;
  /** Entries of a market's log; null for a trial. */
  readonly range: { readonly market: Uint8Array; readonly first: number; readonly last: number } | null;
  readonly createdAtMs: number;
  readonly takenAtMs: number | null;
}

interface Row {
  number: bigint;
  id: string;
  market: Uint8Array | null;
  first: bigint | null;
  last: bigint | null;
  created_at_ms: bigint;
  taken_at_ms: bigint | null;
}

const toMessage = ({ number, id, market, first, last, created_at_ms, taken_at_ms }: Row): MessageRow => ({
  number: Number(number),
  id,
  range: market === null ? null : { market, first: Number(first), last: Number(last) },
  createdAtMs: Number(created_at_ms),
  takenAtMs: taken_at_ms === null ? null : Number(taken_at_ms),
});

const columns = "number, id, market, first, last, created_at_ms, taken_at_ms";

const insert = statement<readonly unknown[], Record<string, never>>(
  "webhook_messages.insert",
  "insert into webhook_messages (id, webhook, market, first, last, created_at_ms) values ($1, $2, $3, $4, $5, $6)",
);

export async function insertMessage(
  on: Queryable,
  webhook: string,
  { id, range, createdAtMs }: Pick<MessageRow, "id" | "range" | "createdAtMs">,
): Promise<void> {
  const { market = null, first = null, last = null } = range ?? {};
  await runStatement(on, insert, [id, webhook, market, first, last, createdAtMs]);
}

const waiting = statement<[webhook: string], Row>(
  "webhook_messages.waiting",
  `select ${columns} from webhook_messages where webhook = $1 and taken_at_ms is null order by number limit 1`,
);

/** The first that nobody has taken yet. */
export async function readWaitingMessage(on: Queryable, webhook: string): Promise<MessageRow | null> {
  const [row] = await runStatement(on, waiting, [webhook]);
  return row === undefined ? null : toMessage(row);
}

const page = statement<[webhook: string, before: number, limit: number], Row>(
  "webhook_messages.page",
  `select ${columns} from webhook_messages where webhook = $1 and number < $2 order by number desc limit $3`,
);

/** The newest first. */
export async function listMessages(
  on: Queryable,
  webhook: string,
  before: number,
  limit: number,
): Promise<MessageRow[]> {
  return (await runStatement(on, page, [webhook, before, limit])).map(toMessage);
}

const taken = statement<[message: number, atMs: number], Record<string, never>>(
  "webhook_messages.taken",
  "update webhook_messages set taken_at_ms = $2 where number = $1",
);

export async function putTaken(on: Queryable, message: number, atMs: number): Promise<void> {
  await runStatement(on, taken, [message, atMs]);
}

const again = statement<[webhook: string, id: string], Row>(
  "webhook_messages.again",
  `update webhook_messages set taken_at_ms = null where webhook = $1 and id = $2 returning ${columns}`,
);

/** Lets it wait once more; null where there is none of that id. */
export async function waitAgain(on: Queryable, webhook: string, id: string): Promise<MessageRow | null> {
  const [row] = await runStatement(on, again, [webhook, id]);
  return row === undefined ? null : toMessage(row);
}

const insertOne = statement<readonly unknown[], Record<string, never>>(
  "webhook_tries.insert",
  `with added as (
     insert into webhook_tries (message, at_ms, duration_ms, status, problem) values ($1, $2, $3, $4, $5))
   delete from webhook_tries where message = $1 and at_ms < (
     select at_ms from webhook_tries where message = $1 order by at_ms desc offset $6 limit 1)`,
);

/** Remembers so many of the earlier ones. */
export async function insertTry(on: Queryable, message: number, made: WebhookTry, kept: number): Promise<void> {
  const { atMs, durationMs, status, problem } = made;
  await runStatement(on, insertOne, [message, atMs, durationMs, status, problem, kept]);
}

interface TryRow {
  message: bigint;
  at_ms: bigint;
  duration_ms: number;
  status: number | null;
  problem: string | null;
}

const ofMessages = statement<[messages: readonly number[]], TryRow>(
  "webhook_tries.ofMessages",
  `select message, at_ms, duration_ms, status, problem from webhook_tries where message = any($1::bigint[])
   order by at_ms desc`,
);

/** By message, the newest first. */
export async function readTries(on: Queryable, messages: readonly number[]): Promise<Map<number, WebhookTry[]>> {
  const found = new Map<number, WebhookTry[]>(messages.map((message) => [message, []]));
  for (const { message, at_ms, duration_ms, status, problem } of await runStatement(on, ofMessages, [messages])) {
    found.get(Number(message))?.push({ atMs: Number(at_ms), durationMs: duration_ms, status, problem });
  }
  return found;
}

const prune = statement<[beforeMs: number], Record<string, never>>(
  "webhook_messages.prune",
  "delete from webhook_messages where created_at_ms < $1 and taken_at_ms is not null",
);

export async function pruneMessages(on: Queryable, beforeMs: number): Promise<void> {
  await runStatement(on, prune, [beforeMs]);
}
