import type { Answer, AskEvent, Posted } from "../contract/ask.ts";
import type { Bytes32 } from "../core/bytes.ts";
import { marketId } from "../core/market-id.ts";
import type { EventView, ResultView } from "../engine/types.ts";
import type { ApiContext } from "./context.ts";
import { TaskFollower } from "./follow-task.ts";
import type { Money } from "./values.ts";
import { fromPpm } from "./values.ts";
import { acknowledgementView } from "./views.ts";

/** Entries that others may have written between the question's and our first look at the log. */
const lookBack = 500;
/** How often a question that nothing happens to is looked at: its deadline may have passed. */
const tickMs = 1_000;

/**
 * What happens to a question until it is answered, or its deadline has passed and nobody works on it any more. Ends
 * early, without an answer, when the signal says so.
 */
export async function* followQuestion(
  context: ApiContext,
  owner: Bytes32,
  posted: Posted,
  deadlineMs: number,
  signal: AbortSignal,
): AsyncGenerator<AskEvent> {
  yield { event: "posted", data: posted };
  const market = marketId(posted.market);
  const head = (await context.engine.market(market)).lanes[0]?.sequence ?? 0;
  const events = context.engine.events(market, Math.max(0, head - lookBack), signal)[Symbol.asyncIterator]();
  const follower = new TaskFollower(posted.task);
  try {
    let next = events.next();
    while (!signal.aborted) {
      next.catch(() => undefined);
      const event = await withTick(next);
      if (event === "tick") {
        if (Date.now() < deadlineMs || !follower.isIdle) continue;
        yield { event: "answer", data: await answerOf(context, owner, posted) };
        return;
      }
      if (event.done === true) return;
      for (const each of follower.steps(event.value)) {
        if (each.step !== "settled") {
          yield { event: each.step, data: { slot: each.slot } };
          continue;
        }
        yield { event: "settled", data: { sequence: each.sequence } };
        yield { event: "answer", data: await answerOf(context, owner, posted) };
        return;
      }
      next = events.next();
    }
  } finally {
    events.return?.().catch(() => undefined);
  }
}

async function withTick(next: Promise<IteratorResult<EventView>>): Promise<IteratorResult<EventView> | "tick"> {
  let timer: NodeJS.Timeout | undefined;
  const tick = new Promise<"tick">((resolve) => {
    timer = setTimeout(() => resolve("tick"), tickMs);
  });
  try {
    return await Promise.race([next, tick]);
  } finally {
    clearTimeout(timer);
  }
}

async function answerOf(context: ApiContext, owner: Bytes32, posted: Posted): Promise<Answer> {
  const asked = marketId(posted.market);
  for await (const row of context.engine.results(owner, asked, posted.task)) {
    return fromResult(await context.moneys.of(asked), posted, row);
  }
  const { market, task } = posted;
  return { market, task, answer: null, confidence: 0, decided: false, cost: "0", votes: {}, receipt: null };
}

const fromResult = (money: Money, { market, task }: Posted, row: ResultView): Answer => ({
  market,
  task,
  answer: typeof row.label === "string" ? row.label : JSON.stringify(row.label),
  confidence: fromPpm(row.confidencePpm),
  decided: row.decided,
  cost: money.write(row.cost),
  votes: { ...row.votes },
  receipt: acknowledgementView(row.receipt),
});
