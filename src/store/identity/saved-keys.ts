import type { Queryable } from "../pool.ts";
import { runStatement, statement } from "../pool-statement.ts";

const count = statement<[contributor: number, id: Uint8Array], { others: bigint }>(
  "saved_keys.others",
  "select count(*) as others from saved_keys where contributor = $1 and id <> $2",
);
const put = statement<[id: Uint8Array, contributor: number, wrapped: Uint8Array, atMs: number], Record<string, never>>(
  "saved_keys.put",
  `insert into saved_keys (id, contributor, wrapped, saved_at_ms) values ($1, $2, $3, $4)
   on conflict (id) do update set wrapped = excluded.wrapped, saved_at_ms = excluded.saved_at_ms
   where saved_keys.contributor = excluded.contributor`,
);
const one = statement<[id: Uint8Array], { wrapped: Uint8Array }>(
  "saved_keys.one",
  "select wrapped from saved_keys where id = $1",
);

/** How many a contributor has under other ids. */
export async function countOtherSavedKeys(on: Queryable, contributor: number, id: Uint8Array): Promise<number> {
  return Number((await runStatement(on, count, [contributor, id]))[0]?.others ?? 0);
}

/** Keeps it, or replaces the contributor's own under the same id. */
export async function putSavedKey(
  on: Queryable,
  row: {
    readonly id: Uint8Array;
    readonly contributor: number;
    readonly wrapped: Uint8Array;
    readonly savedAtMs: number;
  },
): Promise<void> {
  await runStatement(on, put, [row.id, row.contributor, row.wrapped, row.savedAtMs]);
}

export const readSavedKey = async (on: Queryable, id: Uint8Array): Promise<Uint8Array | null> =>
  (await runStatement(on, one, [id]))[0]?.wrapped ?? null;
