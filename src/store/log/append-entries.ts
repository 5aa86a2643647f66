import type { Connection } from "../pool.ts";
import { runStatement, statement } from "../pool-statement.ts";

export interface NewEntries {
  readonly market: Uint8Array;
  readonly lane: number;
  readonly sequences: readonly number[];
  readonly encoded: readonly Uint8Array[];
  readonly attachments: readonly (Uint8Array | null)[];
}

const append = statement<readonly unknown[], Record<string, never>>(
  "entries.append",
  `insert into entries (market, lane, sequence, encoded, attachment)
   select $1, $2, * from unnest($3::bigint[], $4::bytea[], $5::bytea[])`,
);

/** One statement a batch. The primary key is the last line against two writers of one sequence. */
export async function appendEntries(connection: Connection, entries: NewEntries): Promise<void> {
  const { market, lane, sequences, encoded, attachments } = entries;
  await runStatement(connection, append, [market, lane, sequences, encoded, attachments]);
}
