import { marketId } from "../../core/market-id.ts";
import type { ApiContext } from "../context.ts";
import type { Handlers } from "../handler.ts";
import { readBytes, writeBytes } from "../values.ts";
import { marketView } from "../views.ts";

type Ids = "planDeposit" | "sendDeposit" | "giveTestTokens" | "getHoldings";

/** Of a transaction, as networks pass it on. */
const messageBytesMax = 1_232;

export function depositHandlers({ engine, money }: ApiContext): Handlers<Ids> {
  return {
    planDeposit: async ({ params, body, caller }) => {
      const plan = await engine.planDeposit(caller.owner, marketId(params.market), money.read(body.amount));
      const { market, from, amount, message, lastValidBlockHeight, ticket, feeLamports, rentLamports } = plan;
      return {
        market,
        from,
        amount: money.write(amount),
        message: writeBytes(message),
        lastValidBlockHeight: `${lastValidBlockHeight}`,
        ticket: writeBytes(ticket),
        paidByNetwork: { feeLamports: Number(feeLamports), rentLamports: Number(rentLamports) },
      };
    },

    sendDeposit: async ({ params, body, caller }) => {
      const message = new Uint8Array(Buffer.from(body.message, "base64").subarray(0, messageBytesMax));
      const found = await engine.sendDeposit(caller.owner, marketId(params.market), {
        message,
        lastValidBlockHeight: BigInt(body.lastValidBlockHeight),
        ticket: readBytes(body.ticket, 64, "ticket"),
        signature: readBytes(body.signature, 64, "signature"),
        feeLamports: BigInt(body.paidByNetwork.feeLamports),
        rentLamports: BigInt(body.paidByNetwork.rentLamports),
      });
      return marketView(money, found);
    },

    giveTestTokens: async ({ body }) => {
      await engine.giveTestTokens(body.wallet, money.read(body.amount));
    },

    getHoldings: async ({ params }) => ({
      wallet: params.wallet,
      held: money.write(await engine.holdings(params.wallet)),
    }),
  };
}
