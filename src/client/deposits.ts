import type { DepositPlan, WalletPlan } from "../contract/deposit-routes.ts";
import type { Market } from "../contract/markets.ts";
import type { Network } from "../contract/network.ts";
import { parseAmount } from "../core/amount.ts";
import { type Bytes32, bytes32, equalBytes, fromBase58, fromBase64, toHex } from "../core/bytes.ts";
import { readEscrowClosing } from "../core/escrow-closing.ts";
import { readEscrowDeposit } from "../core/escrow-deposit.ts";
import { isTokenAccountOf } from "../core/token-transfer.ts";
import { sha256 } from "./sha256.ts";

export interface AskedDeposit {
  readonly market: Market;
  readonly network: Network;
  /** In tokens. */
  readonly amount: string;
  readonly wallet: Bytes32;
}

export type AskedClosing = Omit<AskedDeposit, "amount">;

/**
 * The bytes of a plan that may be signed: a transaction that ends that market on chain, and does nothing else.
 *
 * @throws UnaskedSignature
 */
export function closingToSign({ message: text }: WalletPlan, { market, network, wallet }: AskedClosing): Uint8Array {
  const message = fromBase64(text);
  const said = readEscrowClosing(message);
  const isKey = (key: Uint8Array, wanted: string): boolean => equalBytes(key, fromBase58(wanted));
  if (said === null) return refuse("does something else than end a market");
  if (!equalBytes(said.owner, wallet)) refuse("is not of this wallet");
  if (!isKey(said.program, network.program) || !isKey(said.pool, market.token.pool)) refuse("is for another network");
  if (!isKey(said.market, market.account)) refuse("ends another market");
  return message;
}

function refuse(what: string): never {
  throw new UnaskedSignature(`The server's transaction ${what}; nothing was signed.`);
}

/** A server wants something signed that was not asked for. Nothing was signed. */
export class UnaskedSignature extends Error {
  override readonly name = "UnaskedSignature";
}

/**
 * The bytes of a plan that may be signed: a transaction that pays so many of this wallet's tokens into that market, opens
 * the market's account on the terms that were published and with this wallet for its refund, and does nothing else.
 *
 * @throws UnaskedSignature
 */
export function depositToSign({ message: text }: DepositPlan, asked: AskedDeposit): Uint8Array {
  const { market, network, amount, wallet } = asked;
  const { token } = market;
  const message = fromBase64(text);
  const said = readEscrowDeposit(message);
  if (said === null) return refuse("does something else than pay into a market");
  const isKey = (key: Uint8Array, wanted: string): boolean => equalBytes(key, fromBase58(wanted));
  if (!equalBytes(said.owner, wallet)) refuse("is not of this wallet");
  if (!isKey(said.program, network.program) || !isKey(said.pool, token.pool) || !isKey(said.vault, token.vault)) {
    refuse("pays into another network");
  }
  if (!isKey(said.market, market.account)) refuse("pays into another market");
  if (said.amount !== parseAmount(amount, token.decimals)) refuse("pays another amount");
  const own = { wallet, mint: bytes32(fromBase58(token.mint)), tokenProgram: said.tokenProgram };
  if (!isTokenAccountOf(sha256, said.source, own)) refuse("takes from another token account");
  if (said.opens === null) return message;
  if (toHex(said.opens.specHash) !== market.specHash || toHex(said.opens.id) !== market.id) {
    refuse("opens the market with other terms");
  }
  if (!equalBytes(said.opens.refundTo, said.source)) refuse("names another account for the refund");
  return message;
}
