import type { AssignmentWish } from "../contract/work.ts";
import { earnestError } from "../core/errors.ts";
import type { MarketId } from "../core/market-id.ts";
import type { Engine } from "../engine/engine.ts";

/** The task that a wish for slots names, by its number; null where it takes whatever there is. */
export async function wishedTask(
  engine: Engine,
  market: MarketId,
  { task, taskId }: Pick<AssignmentWish, "task" | "taskId">,
): Promise<number | null> {
  if (task !== undefined && taskId !== undefined) {
    throw earnestError("MALFORMED_REQUEST", { where: "body", problem: "names a task twice: task and taskId" });
  }
  return taskId === undefined ? (task ?? null) : await engine.findTask(market, taskId);
}
