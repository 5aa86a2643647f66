import type { Queryable } from "../pool.ts";
import { runStatement, statement } from "../pool-statement.ts";

export type CommitState = "proposed" | "committed" | "expired";

export interface CommitRow {
  readonly digest: Uint8Array;
  /** Context and body. */
  readonly message: Uint8Array;
  readonly state: CommitState;
  readonly hasLeafFile: boolean;
  readonly proposedAtMs: number;
  readonly committedAtMs: number | null;
}

interface Columns {
  digest: Uint8Array;
  message: Uint8Array;
  state: CommitState;
  has_leaf_file: boolean;
  proposed_at_ms: bigint;
  committed_at_ms: bigint | null;
}

const columns = "digest, message, state, leaf_file is not null as has_leaf_file, proposed_at_ms, committed_at_ms";

const rowOf = (row: Columns): CommitRow => ({
  digest: row.digest,
  message: row.message,
  state: row.state,
  hasLeafFile: row.has_leaf_file,
  proposedAtMs: Number(row.proposed_at_ms),
  committedAtMs: row.committed_at_ms === null ? null : Number(row.committed_at_ms),
});

export interface NewCommit {
  readonly digest: Uint8Array;
  readonly epoch: bigint;
  readonly message: Uint8Array;
  readonly leafFile: Uint8Array;
  readonly proposedAtMs: number;
}

const insert = statement<readonly unknown[], { digest: Uint8Array }>(
  "commits.insert",
  `insert into commits (digest, epoch, message, leaf_file, state, proposed_at_ms, pool)
   select $1, $2::bigint, $3, $4, 'proposed', $5::bigint, $6::smallint
   where not exists (select from commits where pool = $6::smallint and state = 'committed' and epoch >= $2::bigint)
   on conflict do nothing returning digest`,
);

/**
 * False where another message may still land, or this one or another of its epoch did: then there is none to add. Whoever
 * made it looked at the chain before.
 */
export async function insertCommit(on: Queryable, commit: NewCommit, pool: number): Promise<boolean> {
  const { digest, epoch, message, leafFile, proposedAtMs } = commit;
  return (await runStatement(on, insert, [digest, epoch, message, leafFile, proposedAtMs, pool])).length > 0;
}

const byDigest = statement<[digest: Uint8Array], Columns>(
  "commits.byDigest",
  `select ${columns} from commits where digest = $1`,
);
const newest = statement<[pool: number, epoch: bigint, proposedAtMs: number, limit: number], Columns>(
  "commits.newest",
  `select ${columns} from commits where pool = $1 and (epoch, proposed_at_ms) < ($2::bigint, $3::bigint)
   order by epoch desc, proposed_at_ms desc limit $4`,
);
const ofState = statement<[state: CommitState, pool: number], Columns>(
  "commits.newestOfState",
  `select ${columns} from commits where state = $1 and pool = $2 order by epoch desc, proposed_at_ms desc limit 1`,
);

export async function readCommit(on: Queryable, digest: Uint8Array): Promise<CommitRow | null> {
  const [row] = await runStatement(on, byDigest, [digest]);
  return row === undefined ? null : rowOf(row);
}

/** Where a page of commits ended. One waits at a time, so that no two of an epoch were proposed at once. */
export interface CommitPlace {
  readonly epoch: bigint;
  readonly proposedAtMs: number;
}

/** Later than all commits. */
const start: CommitPlace = { epoch: 2n ** 63n - 1n, proposedAtMs: Number.MAX_SAFE_INTEGER };

/** The newest first, from the first behind `after`. */
export async function listCommits(
  on: Queryable,
  pool: number,
  after: CommitPlace | null,
  limit: number,
): Promise<CommitRow[]> {
  const { epoch, proposedAtMs } = after ?? start;
  return (await runStatement(on, newest, [pool, epoch, proposedAtMs, limit])).map(rowOf);
}

/** The one that is under way, or the last that landed. */
export async function readNewestOf(
  on: Queryable,
  state: "proposed" | "committed",
  pool: number,
): Promise<CommitRow | null> {
  const [row] = await runStatement(on, ofState, [state, pool]);
  return row === undefined ? null : rowOf(row);
}

const leafFile = statement<[digest: Uint8Array], { leaf_file: Uint8Array | null }>(
  "commits.leafFile",
  "select leaf_file from commits where digest = $1",
);

export async function readLeafFileOf(on: Queryable, digest: Uint8Array): Promise<Uint8Array | null> {
  return (await runStatement(on, leafFile, [digest]))[0]?.leaf_file ?? null;
}

const finish = statement<[digest: Uint8Array, state: CommitState, atMs: number | null], Record<string, never>>(
  "commits.finish",
  "update commits set state = $2, committed_at_ms = $3 where digest = $1 and state <> 'committed'",
);
const prune = statement<[kept: number, pool: number], Record<string, never>>(
  "commits.prune",
  `update commits set leaf_file = null where pool = $2 and leaf_file is not null and state <> 'proposed'
     and digest not in (select digest from commits where pool = $2 and state = 'committed' order by epoch desc limit $1)`,
);

/** As many roots as the program keeps. */
const leafFilesKept = 4;

/** A message that landed, or can no longer; leaf files that nobody can claim by any more are dropped. */
export async function finishCommit(
  on: Queryable,
  digest: Uint8Array,
  end: { readonly state: "committed"; readonly atMs: number } | { readonly state: "expired" },
  pool: number,
): Promise<void> {
  await runStatement(on, finish, [digest, end.state, end.state === "committed" ? end.atMs : null]);
  await runStatement(on, prune, [leafFilesKept, pool]);
}
