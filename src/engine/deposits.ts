import { type Amount, formatAmount } from "../core/amount.ts";
import { type Bytes32, bytes32, concatBytes, fromBase58, toUtf8 } from "../core/bytes.ts";
import { encode, u64 } from "../core/codec.ts";
import { earnestError, isEarnestError } from "../core/errors.ts";
import { type MarketId, marketIdToBytes } from "../core/market-id.ts";
import type { SponsoredPlan } from "../rails/solana/escrow/sponsored-plan.ts";
import type { EngineContext } from "./context.ts";
import type { Engine } from "./engine.ts";
import type { Pools } from "./pools.ts";
import { Spending } from "./spending.ts";
import type { MarketView } from "./types.ts";

/** What a requester's wallet has to sign, at the network's cost. */
export interface WalletPlan {
  readonly market: MarketId;
  /** The market's refund wallet. */
  readonly from: string;
  readonly message: Uint8Array;
  readonly lastValidBlockHeight: bigint;
  readonly ticket: Uint8Array;
  readonly feeLamports: bigint;
  readonly rentLamports: bigint;
}

export interface DepositPlan extends WalletPlan {
  readonly amount: Amount;
}

export type SignedPlan = Omit<WalletPlan, "market" | "from"> & { readonly signature: Uint8Array };

/** How long a request waits for its transaction. */
const waitMs = 30_000;
const testTokensMax = 1_000_000n;

type Own = Pick<
  Engine,
  "planDeposit" | "sendDeposit" | "isEndedOnChain" | "planClosing" | "sendClosing" | "giveTestTokens" | "holdings"
>;
type Markets = Pick<Engine, "market" | "fundMarket"> & { owned(owner: Bytes32, market: MarketId): Promise<unknown> };

/**
 * Deposits, and the ends of markets, that the operator pays for. Nothing is stored between plan and signature: the network
 * signs its plan, takes back what bears its signature, and the chain takes that once.
 */
export function createDeposits(context: EngineContext, markets: Markets, pools: Pools): Own {
  const { signer, verify, settings, clock } = context;
  const spending = new Spending(settings.withdrawals, clock);

  const owned = async (owner: Bytes32, market: MarketId): Promise<MarketView> => {
    await markets.owned(owner, market);
    return await markets.market(market);
  };

  /** One that is over here, so that it may end on chain. */
  const over = async (owner: Bytes32, id: MarketId): Promise<MarketView> => {
    const found = await owned(owner, id);
    const { status } = found;
    if (status !== "closing" && status !== "closed") {
      throw earnestError("MARKET_STATE", { market: id, status, action: "end on chain" });
    }
    return found;
  };

  const planned = (market: MarketId, from: string, plan: SponsoredPlan): WalletPlan => ({
    market,
    from,
    ticket: signer.sign(ticketText(market, plan)),
    ...plan,
  });

  /** @returns the transaction's signature, once it is final */
  const send = async (owner: Bytes32, id: MarketId, { ticket, signature, ...plan }: SignedPlan): Promise<string> => {
    const { refundTo } = await owned(owner, id);
    if (!(await verify(signer.publicKey, ticketText(id, plan), ticket))) {
      throw earnestError("SIGNATURE_MISMATCH", { what: "the ticket" });
    }
    if (!(await verify(bytes32(fromBase58(refundTo)), plan.message, signature))) {
      throw earnestError("SIGNATURE_MISMATCH", { what: "the transaction" });
    }
    const { rail } = await pools.of(id);
    spending.spend(owner, ticket, plan.feeLamports + plan.rentLamports);
    const sent = await rail.sendPlanned(plan, refundTo, signature, waitMs);
    if (sent.state === "expired") throw earnestError("TRANSACTION_EXPIRED", { signature: sent.signature });
    if (sent.state === "failed" || sent.problem !== null) {
      throw earnestError("TRANSACTION_FAILED", { signature: sent.signature, problem: sent.problem ?? "" });
    }
    return sent.signature;
  };

  return {
    async planDeposit(owner, id, amount) {
      const { status, refundTo, specHash } = await owned(owner, id);
      if (status === "closing" || status === "closed") {
        throw earnestError("MARKET_STATE", { market: id, status, action: "take a deposit" });
      }
      const { rail } = await pools.of(id);
      if (amount === 0n) throw earnestError("MALFORMED_AMOUNT", { text: "0", decimals: rail.decimals });
      spending.check(owner);
      const plan = await rail.planDeposit({ market: id, requester: refundTo, specHash }, amount);
      return { ...planned(id, refundTo, plan), amount };
    },

    async sendDeposit(owner, id, signed) {
      const signature = await send(owner, id, signed);
      try {
        return await markets.fundMarket(owner, id, signature);
      } catch (error) {
        // It was credited before: this is a retry, or somebody credited it by its signature.
        if (isEarnestError(error, "DEPOSIT_STATE")) return await markets.market(id);
        throw error;
      }
    },

    async isEndedOnChain(owner, id) {
      const { refundTo } = await over(owner, id);
      const { rail } = await pools.of(id);
      return await rail.isEnded(id, refundTo);
    },

    async planClosing(owner, id) {
      const { refundTo } = await over(owner, id);
      spending.check(owner);
      const { rail } = await pools.of(id);
      const plan = await rail.planClosing(id, refundTo);
      return plan === null ? null : planned(id, refundTo, plan);
    },

    async sendClosing(owner, id, signed) {
      await send(owner, id, signed);
      return await markets.market(id);
    },

    async giveTestTokens(wallet, amount) {
      if (context.giveTestTokens === undefined) throw earnestError("TEST_TOKENS_NOT_FOUND", {});
      const { rail } = pools.home;
      const max = testTokensMax * 10n ** BigInt(rail.decimals);
      if (amount > max) {
        const what = `test tokens at once (you asked for ${formatAmount(amount, rail.decimals)})`;
        throw earnestError("LIMIT_EXCEEDED", { what, max: Number(testTokensMax) });
      }
      await context.giveTestTokens(wallet, amount);
    },

    async holdings(wallet, mint) {
      const { rail } = await pools.byMint(mint);
      return (await rail.heldBy([wallet])).get(wallet) ?? (0n as Amount);
    },
  };
}

const tag = toUtf8("earnest/deposit-plan/1");

const ticketText = (
  market: MarketId,
  { message, lastValidBlockHeight, feeLamports, rentLamports }: SponsoredPlan,
): Uint8Array => {
  const numbers = [lastValidBlockHeight, feeLamports, rentLamports].map((each) => encode(u64<bigint>(), each));
  return concatBytes(tag, marketIdToBytes(market), ...numbers, message);
};
