import type { Queryable } from "../pool.ts";
import { runStatement, statement } from "../pool-statement.ts";

export interface LaneKey {
  readonly market: Uint8Array;
  readonly lane: number;
}

export interface DueLane extends LaneKey {
  readonly dueAtMs: number;
}

interface Row extends LaneKey {
  readonly due_at_ms: bigint;
}

const find = statement<readonly unknown[], Row>(
  "lanes.due",
  `select market, lane, due_at_ms from lanes where due_at_ms <= $1 and (due_at_ms, market, lane) > ($2, $3, $4)
   order by due_at_ms, market, lane limit 100`,
);

/**
 * Lanes in which something falls due that no request will bring about: expiries, windows, closes. A page of them, after
 * the last lane of the page before: one that cannot be swept now must not hide the others.
 */
export async function findDueLanes(on: Queryable, nowMs: number, after: DueLane | null): Promise<DueLane[]> {
  const rows = await runStatement(on, find, [
    nowMs,
    after?.dueAtMs ?? -1,
    after?.market ?? new Uint8Array(0),
    after?.lane ?? 0,
  ]);
  return rows.map(({ market, lane, due_at_ms }) => ({ market, lane, dueAtMs: Number(due_at_ms) }));
}
