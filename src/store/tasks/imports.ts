import type { Connection, Queryable } from "../pool.ts";
import { createStaging, dropStaging, type Staging } from "./stage-tasks.ts";

/** An import under a key of its owner, which whoever brings the same key goes on with. */
export interface KeptImport {
  readonly owner: Uint8Array;
  readonly key: string;
  readonly staging: Staging;
  /** How many tasks are staged. */
  readonly count: number;
  /** What was saved with them; null at the beginning. */
  readonly saved: { readonly mark: string; readonly runs: string } | null;
  /** Grows with each that takes it: only the last may go on. */
  readonly turn: number;
}

/** What an owner may leave unfinished; beyond, the oldest is given up. */
const keptMax = 8;

interface Row {
  readonly staged: string;
  readonly count: number;
  readonly mark: string | null;
  readonly runs: string | null;
  readonly turn: number;
}

/** Begins an import, or takes the one that broke off; whoever was at it can do no more. */
export async function takeImport(
  dbTx: Connection,
  owner: Uint8Array,
  key: string,
  fresh: Staging,
): Promise<KeptImport> {
  const { rows } = await dbTx.query<Row>(
    `insert into imports (owner, key, staged, count, turn) values ($1, $2, $3, 0, 0)
     on conflict (owner, key) do update set turn = imports.turn + 1
     returning staged, count, mark, runs, turn`,
    [owner, key, fresh.table],
  );
  const { staged, count, mark, runs, turn } = rows[0] as Row;
  const staging = { table: staged };
  if (staged === fresh.table) {
    await createStaging(dbTx, fresh);
    await giveUpOldest(dbTx, owner);
  } else await dbTx.query(`delete from ${staged} where place >= $1`, [count]);
  const saved = mark === null || runs === null ? null : { mark, runs };
  return { owner, key, staging, count, saved, turn };
}

/** Names of tables begin with the time at which they were made. */
async function giveUpOldest(dbTx: Connection, owner: Uint8Array): Promise<void> {
  const { rows } = await dbTx.query<{ staged: string }>(
    "select staged from imports where owner = $1 order by staged desc offset $2",
    [owner, keptMax],
  );
  for (const { staged } of rows) await dropStaging(dbTx, { table: staged });
}

/** False where another has taken it. In the transaction that stages the tasks. */
export async function saveImport(
  dbTx: Connection,
  { owner, key, turn }: KeptImport,
  count: number,
  { mark, runs }: { readonly mark: string; readonly runs: string },
): Promise<boolean> {
  const { rowCount } = await dbTx.query(
    "update imports set count = $4, mark = $5, runs = $6 where owner = $1 and key = $2 and turn = $3",
    [owner, key, turn, count, mark, runs],
  );
  return rowCount === 1;
}

/** False where another has taken it. Nobody takes it before the transaction ends. */
export async function holdImport(dbTx: Connection, { owner, key, turn }: KeptImport): Promise<boolean> {
  const { rowCount } = await dbTx.query("select from imports where owner = $1 and key = $2 and turn = $3 for update", [
    owner,
    key,
    turn,
  ]);
  return rowCount === 1;
}

/** False where another has taken it: then its table is the other's. */
export async function endImport(on: Queryable, { owner, key, turn }: KeptImport): Promise<boolean> {
  const { rowCount } = await on.query("delete from imports where owner = $1 and key = $2 and turn = $3", [
    owner,
    key,
    turn,
  ]);
  return rowCount === 1;
}
