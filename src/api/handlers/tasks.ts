import type { NewTaskFilled } from "../../contract/tasks.ts";
import { earnestError } from "../../core/errors.ts";
import { type MarketId, marketId } from "../../core/market-id.ts";
import type { ApiContext } from "../context.ts";
import { shown } from "../drafts.ts";
import type { Handlers } from "../handler.ts";
import { taskOf } from "../market-spec.ts";
import { importRows } from "../rows/import.ts";
import { readCount } from "../values.ts";
import { taskView } from "../views.ts";

const secondsToRetryImport = 5;

type Ids = "addTasks" | "importTasks" | "listTasks" | "getTask";

export function taskHandlers(context: ApiContext): Handlers<Ids> {
  const { engine, moneys } = context;
  let importing = 0;
  const one = async (market: MarketId, task: number) =>
    taskView(await moneys.of(market), await engine.task(market, task));

  return {
    addTasks: async ({ params, body, caller, once }) => {
      requireDistinct(body.tasks);
      const money = await moneys.of(marketId(params.market));
      const tasks = body.tasks.map((task) => taskOf(money, task));
      return await engine.addTasks(caller.owner, marketId(params.market), tasks, once);
    },

    importTasks: async ({ params, query, caller, request }) => {
      if (importing >= context.limits.importsMax) {
        throw earnestError("RATE_EXCEEDED", { retryAfterSeconds: secondsToRetryImport });
      }
      importing++;
      try {
        return await importRows(context, caller.owner, marketId(params.market), query, request);
      } finally {
        importing--;
      }
    },

    listTasks: async ({ params, query, caller }) => {
      const { market } = shown(await engine.market(marketId(params.market)), caller);
      if (query.id !== undefined) {
        return { items: [await one(market, await engine.findTask(market, query.id))], next: null };
      }
      const after = query.after === undefined ? null : Number(query.after);
      const page = await engine.listTasks(market, after, readCount(query.limit, 100));
      const money = await moneys.of(market);
      return { items: page.items.map((each) => taskView(money, each)), next: page.next };
    },

    getTask: async ({ params, caller }) => {
      const { market } = shown(await engine.market(marketId(params.market)), caller);
      return await one(market, Number(params.task));
    },
  };
}

function requireDistinct(tasks: readonly NewTaskFilled[]): void {
  const seen = new Set<string>();
  for (const [i, { id }] of tasks.entries()) {
    if (seen.has(id)) {
      throw earnestError("MALFORMED_REQUEST", { where: `body.tasks[${i}].id`, problem: `"${id}" stands there twice` });
    }
    seen.add(id);
  }
}
