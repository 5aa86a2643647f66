import {
  type Base64EncodedWireTransaction,
  isSolanaError,
  type Signature,
  SOLANA_ERROR__JSON_RPC__SERVER_ERROR_SEND_TRANSACTION_PREFLIGHT_FAILURE,
  SOLANA_ERROR__TRANSACTION_ERROR__ACCOUNT_NOT_FOUND,
  SOLANA_ERROR__TRANSACTION_ERROR__ALREADY_PROCESSED,
  SOLANA_ERROR__TRANSACTION_ERROR__BLOCKHASH_NOT_FOUND,
  SOLANA_ERROR__TRANSACTION_ERROR__INSUFFICIENT_FUNDS_FOR_FEE,
  type SolanaError,
} from "@solana/kit";
import { TOKEN_PROGRAM_ADDRESS } from "@solana-program/token";
import { toBase64 } from "../../core/bytes.ts";
import { earnestError } from "../../core/errors.ts";
import type { SolanaClient } from "./client.ts";
import type { SignedTransaction } from "./messages.ts";

/**
 * Harmless to repeat: a transaction that the chain holds already, or can no longer take, is left to `outcomeOf`.
 * @throws TRANSACTION_FAILED where the chain refuses it
 */
export async function submit(client: SolanaClient, { signature, wire }: SignedTransaction): Promise<void> {
  const encoded = toBase64(wire) as Base64EncodedWireTransaction;
  try {
    await client.call((rpc) => rpc.sendTransaction(encoded, { encoding: "base64", preflightCommitment: "confirmed" }));
  } catch (error) {
    if (!isSolanaError(error)) throw error;
    const problem = refusal(error);
    if (problem !== null) throw earnestError("TRANSACTION_FAILED", { signature, problem }, { cause: error });
  }
}

/** The token program's own error 1, which its newest version no longer puts into words. */
const tooLittle = `Program ${TOKEN_PROGRAM_ADDRESS} failed: custom program error: 0x1`;

/** Why the node refused; null where `outcomeOf` will say all there is to say. By codes: in production kit has no words. */
function refusal(error: SolanaError): string | null {
  if (!isSolanaError(error, SOLANA_ERROR__JSON_RPC__SERVER_ERROR_SEND_TRANSACTION_PREFLIGHT_FAILURE)) {
    return error.message;
  }
  const { cause } = error;
  if (isSolanaError(cause, SOLANA_ERROR__TRANSACTION_ERROR__ALREADY_PROCESSED)) return null;
  if (isSolanaError(cause, SOLANA_ERROR__TRANSACTION_ERROR__BLOCKHASH_NOT_FOUND)) return null;
  if (
    isSolanaError(cause, SOLANA_ERROR__TRANSACTION_ERROR__ACCOUNT_NOT_FOUND) ||
    isSolanaError(cause, SOLANA_ERROR__TRANSACTION_ERROR__INSUFFICIENT_FUNDS_FOR_FEE)
  ) {
    return "the fee payer has too little SOL";
  }
  const logs = error.context.logs ?? [];
  const problem = [cause instanceof Error ? cause.message : error.message, ...logs.slice(-2)].join("; ");
  return logs.includes(tooLittle) ? `the paying token account holds too little; ${problem}` : problem;
}

export type TransactionOutcome = "finalized" | "failed" | "pending" | "expired";

/** What became of a transaction. */
export const outcomeOf = async (client: SolanaClient, transaction: SignedTransaction): Promise<TransactionOutcome> =>
  (await outcomesOf(client, [transaction]))[0] as TransactionOutcome;

/** The most getSignatureStatuses takes. */
const statusesPerCall = 256;

/**
 * What became of transactions. `expired` takes two facts in this order: every block that could hold it is final, and
 * then a node that has seen those blocks does not know it.
 */
export async function outcomesOf(
  client: SolanaClient,
  transactions: readonly SignedTransaction[],
): Promise<TransactionOutcome[]> {
  const epoch = await client.call((rpc) => rpc.getEpochInfo({ commitment: "finalized" }));
  const outcomes: TransactionOutcome[] = [];
  for (let at = 0; at < transactions.length; at += statusesPerCall) {
    const chunk = transactions.slice(at, at + statusesPerCall);
    const signatures = chunk.map((each) => each.signature as Signature);
    const { context, value } = await client.call((rpc) =>
      rpc.getSignatureStatuses(signatures, { searchTransactionHistory: true }),
    );
    outcomes.push(
      ...chunk.map(({ lastValidBlockHeight }, i): TransactionOutcome => {
        const status = value[i] ?? null;
        if (status !== null) {
          if (status.confirmationStatus !== "finalized") return "pending";
          return status.err === null ? "finalized" : "failed";
        }
        const allFinal = epoch.blockHeight > lastValidBlockHeight && context.slot >= epoch.absoluteSlot;
        return allFinal ? "expired" : "pending";
      }),
    );
  }
  return outcomes;
}
