import type { Routes } from "../../contract/routes.ts";
import { type Bytes32, equalBytes } from "../../core/bytes.ts";
import { marketId } from "../../core/market-id.ts";
import { standingSpec } from "../../engine/ask.ts";
import type { MarketView } from "../../engine/types.ts";
import type { ApiContext } from "../context.ts";
import { isShown, shown } from "../drafts.ts";
import type { Handler, Handlers } from "../handler.ts";
import { warningView } from "../insight-views.ts";
import { marketOf } from "../market-spec.ts";
import { readCount, readKey, writeKey } from "../values.ts";
import { marketView } from "../views.ts";

type Move = "openMarket" | "pauseMarket" | "resumeMarket" | "closeMarket";
type Ids = Move | "createMarket" | "listMarkets" | "getMarket" | "fundMarket" | "openBalance";

export function marketHandlers({ engine, moneys }: ApiContext): Handlers<Ids> {
  const view = (found: MarketView) => marketView(moneys.by(found.token), found);
  const move =
    (action: "open" | "pause" | "resume" | "close"): Handler<Routes[Move]> =>
    async ({ params, caller, once }) =>
      view(await engine.changeStatus(caller.owner, marketId(params.market), action, once));

  const standingOf = async (owner: Bytes32): Promise<MarketView | null> => {
    for (let after: string | null = null; ; ) {
      const page = await engine.listMarkets({ owner, after, limit: 200 });
      const found = page.items.find((market) => market.standing);
      if (found !== undefined || page.next === null) return found ?? null;
      after = page.next;
    }
  };

  return {
    createMarket: async ({ body, caller, once }) => {
      const [{ feeBasisPoints, mint: home }, token] = await Promise.all([engine.network(), engine.token(body.mint)]);
      // The home token goes without saying: there is one way to say it.
      const { mint, ...rest } = body;
      const named = mint === undefined || mint === home ? rest : { ...rest, mint };
      const wanted = marketOf(moneys.by(token), feeBasisPoints, caller.owner, named);
      return view(await engine.createMarket(caller.owner, wanted, once));
    },

    listMarkets: async ({ query, caller }) => {
      const page = await engine.listMarkets({
        owner: query.owner === undefined ? null : readKey(query.owner),
        after: query.after ?? null,
        limit: readCount(query.limit, 100),
      });
      return { items: page.items.filter((each) => isShown(each, caller)).map(view), next: page.next };
    },

    getMarket: async ({ params, caller }) => {
      const found = shown(await engine.market(marketId(params.market)), caller);
      const isOwner = caller !== null && equalBytes(caller.owner, found.owner);
      if (!isOwner) return view(found);
      const money = moneys.by(found.token);
      const warnings = (await engine.warnings(found.market)).map((each) => warningView(money, each));
      return { ...view(found), warnings };
    },

    fundMarket: async ({ params, body, caller, once }) =>
      view(await engine.fundMarket(caller.owner, marketId(params.market), body.signature, once)),

    openMarket: move("open"),
    pauseMarket: move("pause"),
    resumeMarket: move("resume"),
    closeMarket: move("close"),

    openBalance: async ({ body, caller }) => {
      const standing = await standingOf(caller.owner);
      if (standing !== null) return view(standing);
      const { feeBasisPoints } = await engine.network();
      const refundTo = body.refundTo ?? writeKey(caller.owner);
      const spec = standingSpec(feeBasisPoints);
      return view(await engine.createMarket(caller.owner, { spec, refundTo, standing: true }));
    },
  };
}
