import type { WalletPlan as WirePlan, SignedPlan as WireSigned } from "../../contract/deposit-routes.ts";
import { marketId } from "../../core/market-id.ts";
import type { SignedPlan, WalletPlan } from "../../engine/deposits.ts";
import type { ApiContext } from "../context.ts";
import type { Handlers } from "../handler.ts";
import { readBytes, writeBytes } from "../values.ts";
import { marketView } from "../views.ts";

type Ids =
  | "planDeposit"
  | "sendDeposit"
  | "getClosing"
  | "planClosing"
  | "sendClosing"
  | "giveTestTokens"
  | "getHoldings";

/** Of a transaction, as networks pass it on. */
const messageBytesMax = 1_232;

export function depositHandlers({ engine, moneys }: ApiContext): Handlers<Ids> {
  return {
    planDeposit: async ({ params, body, caller }) => {
      const money = await moneys.of(marketId(params.market));
      const plan = await engine.planDeposit(caller.owner, marketId(params.market), money.read(body.amount));
      return { ...planView(plan), amount: money.write(plan.amount) };
    },

    sendDeposit: async ({ params, body, caller }) => {
      const found = await engine.sendDeposit(caller.owner, marketId(params.market), readSigned(body));
      return marketView(moneys.by(found.token), found);
    },

    getClosing: async ({ params, caller }) => ({
      isEnded: await engine.isEndedOnChain(caller.owner, marketId(params.market)),
    }),

    planClosing: async ({ params, caller }) => {
      const plan = await engine.planClosing(caller.owner, marketId(params.market));
      return { plan: plan === null ? null : planView(plan) };
    },

    sendClosing: async ({ params, body, caller }) => {
      const found = await engine.sendClosing(caller.owner, marketId(params.market), readSigned(body));
      return marketView(moneys.by(found.token), found);
    },

    giveTestTokens: async ({ body }) => {
      await engine.giveTestTokens(body.wallet, (await moneys.in()).read(body.amount));
    },

    getHoldings: async ({ params: { wallet }, query: { mint } }) => {
      const held = await engine.holdings(wallet, mint);
      return { wallet, held: (await moneys.in(mint)).write(held) };
    },
  };
}

const planView = (plan: WalletPlan): WirePlan => ({
  market: plan.market,
  from: plan.from,
  message: writeBytes(plan.message),
  lastValidBlockHeight: `${plan.lastValidBlockHeight}`,
  ticket: writeBytes(plan.ticket),
  paidByNetwork: { feeLamports: Number(plan.feeLamports), rentLamports: Number(plan.rentLamports) },
});

const readSigned = ({ message, lastValidBlockHeight, ticket, signature, paidByNetwork }: WireSigned): SignedPlan => ({
  message: new Uint8Array(Buffer.from(message, "base64").subarray(0, messageBytesMax)),
  lastValidBlockHeight: BigInt(lastValidBlockHeight),
  ticket: readBytes(ticket, 64, "ticket"),
  signature: readBytes(signature, 64, "signature"),
  feeLamports: BigInt(paidByNetwork.feeLamports),
  rentLamports: BigInt(paidByNetwork.rentLamports),
});
