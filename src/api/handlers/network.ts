import { openApiDocument } from "../../contract/open-api.ts";
import type { NewTokenFilled } from "../../contract/tokens.ts";
import type { Amount } from "../../core/amount.ts";
import type { Bytes32 } from "../../core/bytes.ts";
import { earnestError } from "../../core/errors.ts";
import type { NewToken } from "../../engine/types.ts";
import type { ApiContext } from "../context.ts";
import type { Handlers } from "../handler.ts";
import { moneyOf, writeKey } from "../values.ts";
import { networkView, tokenView, totalsView } from "../views.ts";

type Ids =
  | "getNetwork"
  | "addToken"
  | "getTotals"
  | "getSolvency"
  | "checkHealth"
  | "checkReady"
  | "getMetrics"
  | "getOpenApi";

export function networkHandlers({ engine, moneys, metrics, version }: ApiContext): Handlers<Ids> {
  const document = openApiDocument(version);
  return {
    getNetwork: async () => networkView(await engine.network()),
    addToken: async ({ body, caller }) =>
      tokenView(await engine.addToken(caller.owner, newTokenOf(caller.owner, body))),
    getTotals: async ({ query: { mint } }) => {
      const totals = await engine.totals(mint);
      return totalsView(await moneys.in(mint), totals);
    },
    getSolvency: async ({ query }) => {
      const { mint, atMs, ...amounts } = await engine.solvency(query.mint);
      const { held, deposited, refunded, unearned } = amounts;
      const money = await moneys.in(mint);
      const write = (value: Amount): string => money.write(value);
      return {
        mint,
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

function newTokenOf(owner: Bytes32, wanted: NewTokenFilled): NewToken {
  const { mint, issue } = wanted;
  if (mint !== undefined && issue === undefined) return { mint };
  if (issue === undefined || mint !== undefined) {
    throw earnestError("MALFORMED_REQUEST", { where: "body", problem: "names a mint, or a token to issue" });
  }
  const { name, symbol, decimals, uri = "", to = writeKey(owner), authority } = issue;
  const supply = moneyOf(decimals).read(issue.supply);
  const mayMint = authority === "keep" ? to : authority === "burn" ? null : authority;
  return { issue: { name, symbol, decimals, supply, uri, to, authority: mayMint } };
}
