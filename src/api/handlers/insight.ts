import { marketId } from "../../core/market-id.ts";
import type { ApiContext } from "../context.ts";
import type { Handlers } from "../handler.ts";
import { contributorView, ownRecordView, reportView } from "../insight-views.ts";
import { readCount } from "../values.ts";

type Ids = "listContributors" | "getReport" | "getOwnRecord";

export function insightHandlers({ engine, money }: ApiContext): Handlers<Ids> {
  return {
    listContributors: async ({ params, query, caller }) => {
      const limit = readCount(query.limit, 100);
      const page = await engine.contributors(caller.owner, marketId(params.market), query.after ?? null, limit);
      return { items: page.items.map((each) => contributorView(money, each)), next: page.next };
    },

    getReport: async ({ params, caller }) =>
      reportView(money, await engine.report(caller.owner, marketId(params.market))),

    getOwnRecord: async ({ params, caller }) =>
      ownRecordView(money, await engine.ownRecord(caller.session, marketId(params.market))),
  };
}
