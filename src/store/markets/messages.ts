import type { Queryable } from "../pool.ts";
import { runStatement, statement } from "../pool-statement.ts";

export interface MessageToContributor {
  readonly market: Uint8Array;
  readonly title: string;
  readonly text: string;
  /** It says why the contributor gets no more work there. */
  readonly blocks: boolean;
  readonly sentAtMs: number;
}

const insert = statement<readonly unknown[], Record<string, never>>(
  "messages.insert",
  "insert into messages (market, contributor, text, blocks, sent_at_ms) values ($1, $2, $3, $4, $5)",
);

export async function insertMessageTo(
  on: Queryable,
  contributor: number,
  { market, text, blocks, sentAtMs }: Omit<MessageToContributor, "title">,
): Promise<void> {
  await runStatement(on, insert, [market, contributor, text, blocks, sentAtMs]);
}

const count = statement<[market: Uint8Array, contributor: number, sinceMs: number], { sent: bigint }>(
  "messages.count",
  "select count(*) as sent from messages where market = $1 and contributor = $2 and sent_at_ms > $3",
);

export async function countMessagesTo(
  on: Queryable,
  market: Uint8Array,
  contributor: number,
  sinceMs: number,
): Promise<number> {
  return Number((await runStatement(on, count, [market, contributor, sinceMs]))[0]?.sent ?? 0);
}

interface Row {
  market: Uint8Array;
  title: string;
  text: string;
  blocks: boolean;
  sent_at_ms: bigint;
}

const newest = statement<[contributor: number, limit: number], Row>(
  "messages.newest",
  `select g.market, m.title, g.text, g.blocks, g.sent_at_ms from messages g join markets m on m.market = g.market
   where g.contributor = $1 order by g.number desc limit $2`,
);

/** The newest first. */
export async function listMessagesTo(
  on: Queryable,
  contributor: number,
  limit: number,
): Promise<MessageToContributor[]> {
  const rows = await runStatement(on, newest, [contributor, limit]);
  return rows.map(({ sent_at_ms, ...row }) => ({ ...row, sentAtMs: Number(sent_at_ms) }));
}
