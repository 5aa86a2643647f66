import {
  type Address,
  appendTransactionMessageInstructions,
  type Blockhash,
  createTransactionMessage,
  getSignatureFromTransaction,
  getTransactionEncoder,
  type Instruction,
  pipe,
  setTransactionMessageFeePayerSigner,
  setTransactionMessageLifetimeUsingBlockhash,
  signTransactionMessageWithSigners,
  type TransactionSigner,
} from "@solana/kit";
import { toUtf8 } from "../../core/bytes.ts";
import type { MarketId } from "../../core/market-id.ts";
import type { SolanaClient } from "./client.ts";

export interface Lifetime {
  readonly blockhash: Blockhash;
  readonly lastValidBlockHeight: bigint;
}

export interface SignedTransaction {
  readonly signature: string;
  readonly wire: Uint8Array;
  readonly lastValidBlockHeight: bigint;
}

const computeBudgetProgram = "ComputeBudget111111111111111111111111111111" as Address;
export const memoPrograms: ReadonlySet<string> = new Set([
  "MemoSq4gqABAXKb96qnH8TysNcWxMyWCqXgDLGmfcHr",
  "Memo1UhkJRfHyvLMcVucJwxXeuD728EqVDDwQDxFMNo",
]);
const memoProgram = "MemoSq4gqABAXKb96qnH8TysNcWxMyWCqXgDLGmfcHr" as Address;

const depositPrefix = "earnest:deposit:";
export const depositMemo = (market: MarketId): string => `${depositPrefix}${market}`;

export function marketOfMemo(memo: string): MarketId | null {
  const id = memo.startsWith(depositPrefix) ? memo.slice(depositPrefix.length) : "";
  return /^[0-9a-f]{32}$/.test(id) ? (id as MarketId) : null;
}

export const memoInstruction = (text: string): Instruction => ({ programAddress: memoProgram, data: toUtf8(text) });

export interface Budget {
  readonly computeUnits: number;
  /** Micro-lamports a unit, on top of the base fee. */
  readonly unitPrice: bigint;
}

export const budgetBytes = { limit: 8, price: 12 };

/**
 * The unit limit doubles as a nonce: two transactions that say the same with the same blockhash would have the same
 * signature, and the chain would take them for one.
 */
export function budgetInstructions({ computeUnits, unitPrice }: Budget, nonce: number): Instruction[] {
  const limit = new Uint8Array(5);
  limit[0] = 2;
  new DataView(limit.buffer).setUint32(1, computeUnits + nonce, true);
  const price = new Uint8Array(9);
  price[0] = 3;
  new DataView(price.buffer).setBigUint64(1, unitPrice, true);
  const instructions = [{ programAddress: computeBudgetProgram, data: limit }];
  return unitPrice === 0n ? instructions : [...instructions, { programAddress: computeBudgetProgram, data: price }];
}

export async function latestLifetime(client: SolanaClient): Promise<Lifetime> {
  const { value } = await client.call((rpc) => rpc.getLatestBlockhash({ commitment: "confirmed" }));
  return value;
}

/** A signed v0 transaction, different from every other that this client signs. */
export async function signTransaction(
  client: SolanaClient,
  payer: TransactionSigner,
  lifetime: Lifetime,
  instructions: readonly Instruction[],
  budget: Budget,
): Promise<SignedTransaction> {
  const message = pipe(
    createTransactionMessage({ version: 0 }),
    (m) => setTransactionMessageFeePayerSigner(payer, m),
    (m) => setTransactionMessageLifetimeUsingBlockhash(lifetime, m),
    (m) => appendTransactionMessageInstructions([...budgetInstructions(budget, client.nonce()), ...instructions], m),
  );
  const transaction = await signTransactionMessageWithSigners(message);
  return {
    signature: getSignatureFromTransaction(transaction),
    wire: new Uint8Array(getTransactionEncoder().encode(transaction)),
    lastValidBlockHeight: lifetime.lastValidBlockHeight,
  };
}
