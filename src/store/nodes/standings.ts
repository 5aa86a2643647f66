import type { Queryable } from "../pool.ts";
import { runStatement, statement } from "../pool-statement.ts";

/** What sessions have shown of a node. */
export interface NodeStanding {
  /** Since the last session that went well. */
  readonly strikes: number;
  readonly demotedUntilMs: number;
  /** That went well. */
  readonly sessions: number;
}

/** What a session adds: a session that went well takes all strikes away. */
export interface NodeNote {
  readonly strikes: number;
  /** In force where the strikes come to so many. */
  readonly strikesMax: number;
  readonly demotedUntilMs: number;
  readonly isGood: boolean;
  readonly notedAtMs: number;
}

interface Row {
  readonly strikes: number;
  readonly demoted_until_ms: bigint;
  readonly sessions: bigint;
}

const one = statement<[key: Uint8Array], Row>(
  "nodes.one",
  "select strikes, demoted_until_ms, sessions from node_standings where key = $1",
);
const note = statement<
  [key: Uint8Array, strikes: number, strikesMax: number, untilMs: number, good: number, atMs: number],
  Row
>(
  "nodes.note",
  `insert into node_standings (key, strikes, demoted_until_ms, sessions, noted_at_ms)
   values ($1, $2::integer, case when $2::integer >= $3::integer then $4::bigint else 0 end, $5::bigint, $6)
   on conflict (key) do update set
     strikes = case when excluded.sessions > 0 then 0 else node_standings.strikes + excluded.strikes end,
     demoted_until_ms = case when excluded.sessions = 0 and node_standings.strikes + excluded.strikes >= $3::integer
       then greatest(node_standings.demoted_until_ms, $4::bigint) else node_standings.demoted_until_ms end,
     sessions = node_standings.sessions + excluded.sessions,
     noted_at_ms = excluded.noted_at_ms
   returning strikes, demoted_until_ms, sessions`,
);
const prune = statement<[beforeMs: number], Record<string, never>>(
  "nodes.prune",
  "delete from node_standings where noted_at_ms < $1 and demoted_until_ms < $1",
);

const standingOf = (row: Row): NodeStanding => ({
  strikes: row.strikes,
  demotedUntilMs: Number(row.demoted_until_ms),
  sessions: Number(row.sessions),
});

export const unknownNode: NodeStanding = { strikes: 0, demotedUntilMs: 0, sessions: 0 };

export async function readNodeStanding(on: Queryable, key: Uint8Array): Promise<NodeStanding> {
  const [row] = await runStatement(on, one, [key]);
  return row === undefined ? unknownNode : standingOf(row);
}

/** @returns what it comes to */
export async function noteNode(on: Queryable, key: Uint8Array, noted: NodeNote): Promise<NodeStanding> {
  const { strikes, strikesMax, demotedUntilMs, isGood, notedAtMs } = noted;
  const values = [key, strikes, strikesMax, demotedUntilMs, isGood ? 1 : 0, notedAtMs] as const;
  const [row] = await runStatement(on, note, [...values]);
  return standingOf(row as Row);
}

/** Forgets nodes that nothing was noted of since. */
export async function pruneNodes(on: Queryable, beforeMs: number): Promise<void> {
  await runStatement(on, prune, [beforeMs]);
}
