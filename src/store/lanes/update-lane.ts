import type { Books } from "../../ledger/books.ts";
import type { Connection } from "../pool.ts";
import { runStatement, statement } from "../pool-statement.ts";

export interface LaneUpdate {
  readonly market: Uint8Array;
  readonly lane: number;
  readonly sequence: number;
  readonly head: Uint8Array;
  readonly timeMs: number;
  readonly dueAtMs: number | null;
  readonly status: string;
  readonly epoch: number;
  readonly books: Books;
}

const update = statement<readonly unknown[], Record<string, never>>(
  "lanes.update",
  `update lanes set sequence = $3, head = $4, time_ms = $5, due_at_ms = $6, status = $7, epoch = $8,
     deposited = $9, received = $10, free = $11, assigned = $12, held = $13, appealable = $14, appeal_budget = $15,
     newcomer_budget = $16, earned = $17, bonus = $18, fee = $19, refunded = $20, sent = $21
   where market = $1 and lane = $2`,
);

/** The new head and the lane's money, as the state machine has them. The table's check holds them conserved. */
export async function updateLane(connection: Connection, lane: LaneUpdate): Promise<void> {
  const { books } = lane;
  await runStatement(connection, update, [
    lane.market,
    lane.lane,
    lane.sequence,
    lane.head,
    lane.timeMs,
    lane.dueAtMs,
    lane.status,
    lane.epoch,
    books.deposited,
    books.received,
    books.free,
    books.assigned,
    books.held,
    books.appealable,
    books.appealBudget,
    books.newcomerBudget,
    books.earned,
    books.bonus,
    books.fee,
    books.refunded,
    books.sent,
  ]);
}
