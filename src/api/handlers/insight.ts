import { marketId } from "../../core/market-id.ts";
import type { ApiContext } from "../context.ts";
import type { Handlers } from "../handler.ts";
import { contributorView, earnedDayView, openWorkView, ownRecordView, reportView } from "../insight-views.ts";
import { sendEarnings } from "../rows/earnings.ts";
import { readCount } from "../values.ts";
import { taskView } from "../views.ts";

type Ids = "listContributors" | "getReport" | "listWork" | "getFirstWork" | "getEarnings" | "getOwnRecord";

export function insightHandlers({ engine, moneys }: ApiContext): Handlers<Ids> {
  return {
    listContributors: async ({ params, query, caller }) => {
      const limit = readCount(query.limit, 100);
      const page = await engine.contributors(caller.owner, marketId(params.market), query.after ?? null, limit);
      const money = await moneys.of(marketId(params.market));
      return { items: page.items.map((each) => contributorView(money, each)), next: page.next };
    },

    getReport: async ({ params, caller }) =>
      reportView(await moneys.of(marketId(params.market)), await engine.report(caller.owner, marketId(params.market))),

    listWork: async ({ query, caller }) => {
      const page = await engine.openWork(caller?.session ?? null, query.after ?? null, readCount(query.limit, 100));
      return { items: page.items.map((each) => openWorkView(moneys.by(each.token), each)), next: page.next };
    },

    getFirstWork: async () => {
      const first = await engine.firstWork();
      if (first === null) return { first: null };
      const { work, task } = first;
      const money = moneys.by(work.token);
      return {
        first: { work: openWorkView(money, work), task: taskView(money, await engine.task(work.market, task)) },
      };
    },

    getEarnings: async ({ query, caller, request, reply }) => {
      const { timeMs } = await engine.network();
      const year = readCount(query.year, new Date(timeMs).getUTCFullYear());
      const days = await engine.earnings(caller.session, year);
      const shown = await Promise.all(days.map(async (day) => earnedDayView(await moneys.in(day.mint), day)));
      return sendEarnings(shown, year, query.format, request, reply);
    },

    getOwnRecord: async ({ params, caller }) =>
      ownRecordView(
        await moneys.of(marketId(params.market)),
        await engine.ownRecord(caller.session, marketId(params.market)),
      ),
  };
}
