import { type Amount, formatAmount } from "../core/amount.ts";
import { type Bytes32, bytes32, concatBytes, fromBase58, toUtf8 } from "../core/bytes.ts";
import { encode, u64 } from "../core/codec.ts";
import { earnestError, isEarnestError } from "../core/errors.ts";
import { type MarketId, marketIdToBytes } from "../core/market-id.ts";
import type { EngineContext } from "./context.ts";
import type { Engine } from "./engine.ts";
import { Spending } from "./spending.ts";
import type { MarketView } from "./types.ts";

export interface DepositPlan {
  readonly market: MarketId;
  readonly from: string;
  readonly amount: Amount;
  readonly message: Uint8Array;
  readonly lastValidBlockHeight: bigint;
  readonly ticket: Uint8Array;
  readonly feeLamports: bigint;
  readonly rentLamports: bigint;
}

export type SignedDeposit = Omit<DepositPlan, "market" | "from" | "amount"> & { readonly signature: Uint8Array };

/** How long a request waits for its transaction. */
const waitMs = 30_000;
const testTokensMax = 1_000_000n;

type Own = Pick<Engine, "planDeposit" | "sendDeposit" | "giveTestTokens" | "holdings">;
type Markets = Pick<Engine, "market" | "fundMarket"> & { owned(owner: Bytes32, market: MarketId): Promise<unknown> };

/**
 * Deposits that the operator pays for. Nothing is stored between plan and signature: the network signs its plan, takes
 * back what bears its signature, and the chain takes that once.
 */
export function createDeposits(context: EngineContext, markets: Markets): Own {
  const { rail, signer, verify, settings, clock } = context;
  const spending = new Spending(settings.withdrawals, clock);

  const owned = async (owner: Bytes32, market: MarketId): Promise<MarketView> => {
    await markets.owned(owner, market);
    return await markets.market(market);
  };

  return {
    async planDeposit(owner, id, amount) {
      const { status, refundTo, specHash } = await owned(owner, id);
      if (status === "closing" || status === "closed") {
        throw earnestError("MARKET_STATE", { market: id, status, action: "take a deposit" });
      }
      if (amount === 0n) throw earnestError("MALFORMED_AMOUNT", { text: "0", decimals: rail.decimals });
      spending.check(owner);
      const planned = await rail.planDeposit({ market: id, requester: refundTo, specHash }, amount);
      const ticket = signer.sign(ticketText(id, planned));
      return { market: id, from: refundTo, amount, ticket, ...planned };
    },

    async sendDeposit(owner, id, { ticket, signature, ...planned }) {
      const { refundTo } = await owned(owner, id);
      const { message } = planned;
      if (!(await verify(signer.publicKey, ticketText(id, planned), ticket))) {
        throw earnestError("SIGNATURE_MISMATCH", { what: "the ticket" });
      }
      if (!(await verify(bytes32(fromBase58(refundTo)), message, signature))) {
        throw earnestError("SIGNATURE_MISMATCH", { what: "the transaction" });
      }
      spending.spend(owner, ticket, planned.feeLamports + planned.rentLamports);
      const sent = await rail.sendDeposit(planned, refundTo, signature, waitMs);
      if (sent.state === "expired") throw earnestError("TRANSACTION_EXPIRED", { signature: sent.signature });
      if (sent.state === "failed" || sent.problem !== null) {
        throw earnestError("TRANSACTION_FAILED", { signature: sent.signature, problem: sent.problem ?? "" });
      }
      try {
        return await markets.fundMarket(owner, id, sent.signature);
      } catch (error) {
        // It was credited before: this is a retry, or somebody credited it by its signature.
        if (isEarnestError(error, "DEPOSIT_STATE")) return await markets.market(id);
        throw error;
      }
    },

    async giveTestTokens(wallet, amount) {
      if (context.giveTestTokens === undefined) throw earnestError("TEST_TOKENS_NOT_FOUND", {});
      const max = testTokensMax * 10n ** BigInt(rail.decimals);
      if (amount > max) {
        const what = `test tokens at once (you asked for ${formatAmount(amount, rail.decimals)})`;
        throw earnestError("LIMIT_EXCEEDED", { what, max: Number(testTokensMax) });
      }
      await context.giveTestTokens(wallet, amount);
    },

    async holdings(wallet) {
      return (await rail.heldBy([wallet])).get(wallet) ?? (0n as Amount);
    },
  };
}

const tag = toUtf8("earnest/deposit-plan/1");

const ticketText = (
  market: MarketId,
  { message, lastValidBlockHeight, feeLamports, rentLamports }: Omit<SignedDeposit, "ticket" | "signature">,
): Uint8Array => {
  const numbers = [lastValidBlockHeight, feeLamports, rentLamports].map((each) => encode(u64<bigint>(), each));
  return concatBytes(tag, marketIdToBytes(market), ...numbers, message);
};
