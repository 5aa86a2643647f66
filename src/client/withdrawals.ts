import type { Withdrawal } from "../contract/withdrawals.ts";
import { parseAmount } from "../core/amount.ts";
import { bytes32, equalBytes, fromBase58, fromBase64 } from "../core/bytes.ts";
import { isTokenAccountOf, readTokenTransfer, type TokenTransfer } from "../core/token-transfer.ts";
import { sha256 } from "./sha256.ts";

/** What was asked for, and of which token. */
export interface AskedTransfer {
  readonly from: string;
  readonly to: string;
  /** In tokens; null where everything was asked for, and the plan says how much that is. */
  readonly amount: string | null;
  readonly mint: string;
  readonly decimals: number;
}

/** A server wants something signed that was not asked for. Nothing was signed. */
export class UnaskedTransfer extends Error {
  override readonly name = "UnaskedTransfer";
}

/**
 * The bytes of a plan that may be signed: a transaction that moves so many tokens of this wallet to that one, does nothing
 * else, and is paid for by somebody else. A key that signs whatever a server gives it belongs to that server.
 *
 * @throws UnaskedTransfer
 */
export function messageToSign({ toSign, amount }: Withdrawal, asked: AskedTransfer): Uint8Array {
  const message = fromBase64(toSign?.message ?? "");
  const said = readTokenTransfer(message);
  const refuse = (what: string): never => {
    throw new UnaskedTransfer(`The server's transaction ${what}; nothing was signed.`);
  };
  if (said === null) return refuse("does something else than send tokens");
  if (!isKey(said.owner, asked.from)) refuse("is not of this wallet");
  if (!isKey(said.mint, asked.mint)) refuse("sends another token");
  if (said.amount !== parseAmount(asked.amount ?? amount, asked.decimals)) refuse("sends another amount");
  if (!isAccountOf(said, said.destination, asked.to)) refuse("sends to another wallet");
  if (!isAccountOf(said, said.source, asked.from)) refuse("takes from another token account");
  if (said.creates !== null && !isKey(said.creates, asked.to)) refuse("makes a token account of another wallet");
  return message;
}

const isKey = (key: Uint8Array, text: string): boolean => equalBytes(key, fromBase58(text));

const isAccountOf = ({ mint, tokenProgram }: TokenTransfer, account: Uint8Array, wallet: string): boolean =>
  isTokenAccountOf(sha256, account, { wallet: bytes32(fromBase58(wallet)), mint, tokenProgram });
