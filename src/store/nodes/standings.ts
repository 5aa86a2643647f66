import type { Queryable } from "../pool.ts";
import { runStatement, statement } from "../pool-statement.ts";

/** What gateways have seen of a node. */
export interface NodeStanding {
  /** A session that goes well takes one away. */
  readonly strikes: number;
  /** The check that the last one came of; null without strikes. */
  readonly foundBy: string | null;
  /** Until then it stands behind others, as another owner had its line first. */
  readonly sharingUntilMs: number;
  readonly demotedUntilMs: number;
  /** That went well. */
  readonly sessions: number;
}

/** What is added to it. */
export interface NodeNote {
  readonly strikes: number;
  /** In force where the strikes come to so many. */
  readonly strikesMax: number;
  readonly demotedUntilMs: number;
  /** Null where no strike comes. */
  readonly foundBy: string | null;
  /** Null where that stays as it is. */
  readonly sharingUntilMs: number | null;
  readonly isGood: boolean;
  readonly notedAtMs: number;
}

interface Row {
  readonly strikes: number;
  readonly found_by: string | null;
  readonly sharing_until_ms: bigint;
  readonly demoted_until_ms: bigint;
  readonly sessions: bigint;
}

/** More are not counted: so many good sessions make up for all. */
const strikesKept = 10;

const one = statement<[key: Uint8Array], Row>(
  "nodes.one",
  "select strikes, found_by, sharing_until_ms, demoted_until_ms, sessions from node_standings where key = $1",
);
const note = statement<
  [
    key: Uint8Array,
    strikes: number,
    strikesMax: number,
    untilMs: number,
    good: number,
    atMs: number,
    foundBy: string | null,
    sharingUntilMs: number | null,
  ],
  Row
>(
  "nodes.note",
  `insert into node_standings (key, strikes, demoted_until_ms, sessions, noted_at_ms, found_by, sharing_until_ms)
   values ($1, $2::integer, case when $2::integer >= $3::integer then $4::bigint else 0 end, $5::bigint, $6, $7,
     coalesce($8::bigint, 0))
   on conflict (key) do update set
     strikes = greatest(0, least(${strikesKept}, node_standings.strikes + excluded.strikes - excluded.sessions)),
     found_by = case when node_standings.strikes + excluded.strikes - excluded.sessions > 0
       then coalesce(excluded.found_by, node_standings.found_by) end,
     sharing_until_ms = coalesce($8::bigint, node_standings.sharing_until_ms),
     demoted_until_ms = case when excluded.strikes > 0 and node_standings.strikes + excluded.strikes >= $3::integer
       then greatest(node_standings.demoted_until_ms, $4::bigint) else node_standings.demoted_until_ms end,
     sessions = node_standings.sessions + excluded.sessions,
     noted_at_ms = excluded.noted_at_ms
   returning strikes, found_by, sharing_until_ms, demoted_until_ms, sessions`,
);
const prune = statement<[beforeMs: number], Record<string, never>>(
  "nodes.prune",
  "delete from node_standings where noted_at_ms < $1 and demoted_until_ms < $1",
);

const standingOf = (row: Row): NodeStanding => ({
  strikes: row.strikes,
  foundBy: row.found_by,
  sharingUntilMs: Number(row.sharing_until_ms),
  demotedUntilMs: Number(row.demoted_until_ms),
  sessions: Number(row.sessions),
});

export const unknownNode: NodeStanding = {
  strikes: 0,
  foundBy: null,
  sharingUntilMs: 0,
  demotedUntilMs: 0,
  sessions: 0,
};

export async function readNodeStanding(on: Queryable, key: Uint8Array): Promise<NodeStanding> {
  const [row] = await runStatement(on, one, [key]);
  return row === undefined ? unknownNode : standingOf(row);
}

/** @returns what it comes to */
export async function noteNode(on: Queryable, key: Uint8Array, noted: NodeNote): Promise<NodeStanding> {
  const { strikes, strikesMax, demotedUntilMs, isGood, notedAtMs, foundBy, sharingUntilMs } = noted;
  const good = isGood ? 1 : 0;
  const values = [key, strikes, strikesMax, demotedUntilMs, good, notedAtMs, foundBy, sharingUntilMs] as const;
  const [row] = await runStatement(on, note, [...values]);
  return standingOf(row as Row);
}

/** Forgets nodes that nothing was noted of since. */
export async function pruneNodes(on: Queryable, beforeMs: number): Promise<void> {
  await runStatement(on, prune, [beforeMs]);
}
