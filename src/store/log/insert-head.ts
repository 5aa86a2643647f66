import type { Connection } from "../pool.ts";
import { runStatement, statement } from "../pool-statement.ts";

export interface StoredHead {
  readonly sequence: number;
  readonly root: Uint8Array;
  readonly timeMs: number;
  readonly signature: Uint8Array;
}

const insert = statement<readonly unknown[], Record<string, never>>(
  "heads.insert",
  "insert into heads (market, lane, sequence, root, time_ms, signature) values ($1, $2, $3, $4, $5, $6)",
);

export async function insertHead(
  connection: Connection,
  market: Uint8Array,
  lane: number,
  head: StoredHead,
): Promise<void> {
  await runStatement(connection, insert, [market, lane, head.sequence, head.root, head.timeMs, head.signature]);
}
