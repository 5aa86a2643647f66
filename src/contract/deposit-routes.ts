import { z } from "zod";
import { market } from "./markets.ts";
import { route } from "./route.ts";
import { base64Bytes, count, ed25519Signature, marketRef, publicKey, tokenAmount } from "./wire.ts";

const ofMarket = z.strictObject({ market: marketRef });
const moveErrors = ["MARKET_NOT_FOUND", "OWNER_MISMATCH", "MARKET_STATE"] as const;
const wide = z.string().regex(/^\d{1,20}$/);

/** A deposit of the wallet that the market's refund goes to, in a transaction that the network pays for. */
export const depositPlan = z.strictObject({
  market: marketRef,
  from: publicKey.meta({ description: "The wallet that pays and has to sign: the market's `refundTo`." }),
  amount: tokenAmount,
  message: base64Bytes.meta({ description: "What that wallet signs: a Solana message of version 0." }),
  lastValidBlockHeight: wide,
  ticket: ed25519Signature.meta({
    description: "By the network's signer: it planned this, and pays for nothing else.",
  }),
  paidByNetwork: z
    .strictObject({ feeLamports: count, rentLamports: count })
    .meta({ description: "What it costs the network at most; the rent comes back to it with the refund." }),
});
export type DepositPlan = z.output<typeof depositPlan>;

export const signedDeposit = depositPlan
  .pick({ message: true, lastValidBlockHeight: true, ticket: true, paidByNetwork: true })
  .extend({ signature: ed25519Signature.meta({ description: "Of the wallet, over `message`." }) });
export type SignedDeposit = z.input<typeof signedDeposit>;

/** Money from wallets without SOL, as those of a browser are. */
export const depositRoutes = {
  planDeposit: route("planDeposit", {
    tag: "markets",
    method: "POST",
    path: "/v1/markets/:market/deposits",
    auth: "either",
    summary: "Plan a deposit from the market's refund wallet, which needs no SOL: what it has to sign",
    params: ofMarket,
    body: z.strictObject({ amount: tokenAmount }),
    status: 201,
    response: depositPlan,
    errors: [
      ...moveErrors,
      "DEPOSIT_REFUSED",
      "TOKENS_INSUFFICIENT",
      "ESCROW_TERMS_MISMATCH",
      "LAMPORTS_INSUFFICIENT",
      "CHAIN_UNAVAILABLE",
    ],
  }),
  sendDeposit: route("sendDeposit", {
    tag: "markets",
    method: "POST",
    path: "/v1/markets/:market/deposits/signature",
    auth: "either",
    summary: "Give the wallet's signature; the network adds its own, sends the deposit and credits it once it is final",
    params: ofMarket,
    body: signedDeposit,
    response: market,
    errors: [
      ...moveErrors,
      "DEPOSIT_REFUSED",
      "DEPOSIT_NOT_FOUND",
      "SIGNATURE_MISMATCH",
      "TRANSACTION_EXPIRED",
      "TRANSACTION_FAILED",
    ],
  }),
  giveTestTokens: route("giveTestTokens", {
    tag: "network",
    method: "POST",
    path: "/v1/test-tokens",
    auth: "either",
    summary: "Test tokens for a wallet, on a network whose tokens are worth nothing",
    body: z.strictObject({ wallet: publicKey, amount: tokenAmount }),
    errors: ["TEST_TOKENS_NOT_FOUND", "LIMIT_EXCEEDED"],
  }),
  getHoldings: route("getHoldings", {
    tag: "network",
    method: "GET",
    path: "/v1/wallets/:wallet/holdings",
    auth: "either",
    summary: "What a wallet holds of the network's token, by the chain",
    params: z.strictObject({ wallet: publicKey }),
    response: z.strictObject({ wallet: publicKey, held: tokenAmount }),
    errors: ["CHAIN_UNAVAILABLE"],
  }),
} as const;
