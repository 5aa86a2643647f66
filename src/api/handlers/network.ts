import { openApiDocument } from "../../contract/open-api.ts";
import type { Amount } from "../../core/amount.ts";
import type { ApiContext } from "../context.ts";
import type { Handlers } from "../handler.ts";
import { networkView, totalsView } from "../views.ts";

type Ids = "getNetwork" | "getTotals" | "getSolvency" | "checkHealth" | "checkReady" | "getMetrics" | "getOpenApi";

export function networkHandlers({ engine, money, metrics, version }: ApiContext): Handlers<Ids> {
  const document = openApiDocument(version);
  return {
    getNetwork: async () => networkView(await engine.network()),
    getTotals: async () => totalsView(money, await engine.totals()),
    getSolvency: async () => {
      const { atMs, ...amounts } = await engine.solvency();
      const { held, deposited, refunded, unearned } = amounts;
      const write = (value: Amount): string => money.write(value);
      return {
        atMs,
        held: write(held),
        deposited: write(deposited),
        refunded: write(refunded),
        unearned: write(unearned),
      };
    },
    checkHealth: async () => ({ status: "ok" }),
    checkReady: async () => {
      await engine.checkReady();
      return { status: "ok" };
    },
    getMetrics: async ({ reply }) =>
      reply.header("content-type", metrics.registry.contentType).send(await metrics.registry.metrics()),
    getOpenApi: async () => document,
  };
}
