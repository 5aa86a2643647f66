import type { Queryable } from "../pool.ts";
import { runStatement, statement } from "../pool-statement.ts";

const list = statement<[after: number, limit: number], { contributor: number; key: Uint8Array }>(
  "contributors.list",
  "select contributor, key from contributors where contributor > $1 order by contributor limit $2",
);

/** Every contributor's number and key, in portions. */
export async function* listContributorKeys(on: Queryable): AsyncGenerator<{ contributor: number; key: Uint8Array }> {
  for (let after = 0; ; ) {
    const rows = await runStatement(on, list, [after, 10_000]);
    yield* rows;
    const last = rows.at(-1);
    if (last === undefined) return;
    after = last.contributor;
  }
}
