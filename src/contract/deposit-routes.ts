import { z } from "zod";
import { market } from "./markets.ts";
import { route } from "./route.ts";
import { ofToken } from "./tokens.ts";
import { base64Bytes, count, ed25519Signature, marketRef, publicKey, tokenAmount } from "./wire.ts";

const ofMarket = z.strictObject({ market: marketRef });
const moveErrors = ["MARKET_NOT_FOUND", "OWNER_MISMATCH", "MARKET_STATE"] as const;
const wide = z.string().regex(/^\d{1,20}$/);

/** What the wallet that a market's refund goes to has to sign, in a transaction that the network pays for. */
const walletPlan = z.strictObject({
  market: marketRef,
  from: publicKey.meta({ description: "The wallet that has to sign: the market's `refundTo`." }),
  message: base64Bytes.meta({ description: "What that wallet signs: a Solana message of version 0." }),
  lastValidBlockHeight: wide,
  ticket: ed25519Signature.meta({
    description: "By the network's signer: it planned this, and pays for nothing else.",
  }),
  paidByNetwork: z
    .strictObject({ feeLamports: count, rentLamports: count })
    .meta({ description: "What it costs the network at most; the rent comes back to it with the refund." }),
});
export type WalletPlan = z.output<typeof walletPlan>;

export const depositPlan = walletPlan.extend({ amount: tokenAmount });
export type DepositPlan = z.output<typeof depositPlan>;

export const signedPlan = walletPlan
  .pick({ message: true, lastValidBlockHeight: true, ticket: true, paidByNetwork: true })
  .extend({ signature: ed25519Signature.meta({ description: "Of the wallet, over `message`." }) });

export type SignedPlan = z.output<typeof signedPlan>;

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
    body: signedPlan,
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
  getClosing: route("getClosing", {
    tag: "markets",
    method: "GET",
    path: "/v1/markets/:market/closing",
    auth: "either",
    summary: "Whether a closed market is ended on chain as well, so that what nobody earned comes back by itself",
    params: ofMarket,
    response: z.strictObject({ isEnded: z.boolean() }),
    errors: [...moveErrors, "CHAIN_UNAVAILABLE"],
  }),
  planClosing: route("planClosing", {
    tag: "markets",
    method: "POST",
    path: "/v1/markets/:market/closing",
    auth: "either",
    summary:
      "Plan the end of a closed market on chain, from where its refund comes: what its refund wallet has to sign",
    params: ofMarket,
    response: z.strictObject({
      plan: walletPlan.nullable().meta({ description: "Null where there is nothing to end." }),
    }),
    errors: [...moveErrors, "DEPOSIT_REFUSED", "LAMPORTS_INSUFFICIENT", "CHAIN_UNAVAILABLE"],
  }),
  sendClosing: route("sendClosing", {
    tag: "markets",
    method: "POST",
    path: "/v1/markets/:market/closing/signature",
    auth: "either",
    summary: "Give the wallet's signature; the network adds its own and sends it",
    params: ofMarket,
    body: signedPlan,
    response: market,
    errors: [...moveErrors, "DEPOSIT_REFUSED", "SIGNATURE_MISMATCH", "TRANSACTION_EXPIRED", "TRANSACTION_FAILED"],
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
    summary: "What a wallet holds of one of the network's tokens, by the chain",
    params: z.strictObject({ wallet: publicKey }),
    query: ofToken,
    response: z.strictObject({ wallet: publicKey, held: tokenAmount }),
    errors: ["TOKEN_NOT_FOUND", "CHAIN_UNAVAILABLE"],
  }),
} as const;
