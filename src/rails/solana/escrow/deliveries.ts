import type { Signature, TransactionError } from "@solana/kit";
import { type EarnestError, earnestError } from "../../../core/errors.ts";
import type { SignedTransaction } from "../messages.ts";
import { outcomeOf, submit } from "../submission.ts";
import { explained, refusalOfJson } from "./refusals.ts";
import type { Sender } from "./transactions.ts";

/**
 * What is known of a transaction. `signed` may or may not have been sent (whoever stored it may have died while
 * sending); `sent` was taken by a node; the others are final.
 */
export type DeliveryState = "signed" | "sent" | "finalized" | "failed" | "expired";

/**
 * A transaction on its way: plain data, which its owner stores before it is sent and whenever it changes. Whoever loads
 * it goes on where the other one stopped. It says the same thing again, under another signature, only when this
 * transaction has expired or failed for good: so nothing happens twice.
 */
export interface Delivery {
  readonly state: DeliveryState;
  readonly transaction: SignedTransaction;
  /** Earlier transactions that said the same; all of them expired. */
  readonly expired: readonly string[];
}

export const newDelivery = (transaction: SignedTransaction, expired: readonly string[] = []): Delivery => ({
  state: "signed",
  transaction,
  expired,
});

export const isFinal = ({ state }: Delivery): boolean => state !== "signed" && state !== "sent";

/**
 * One step: sends it, or asks what became of it and sends it again where nothing is known, as networks drop transactions.
 * Harmless to repeat, also after a crash and from another process.
 *
 * @throws what the node refuses it with (PROGRAM_REFUSED, LAMPORTS_INSUFFICIENT, …): it may still be taken, until it
 * has expired; CHAIN_UNAVAILABLE
 */
export async function advance(escrow: Sender, delivery: Delivery): Promise<Delivery> {
  const { client } = escrow;
  const { transaction, state } = delivery;
  if (isFinal(delivery)) return delivery;
  if (state === "sent") {
    const outcome = await outcomeOf(client, transaction);
    if (outcome !== "pending") return { ...delivery, state: outcome };
  }
  try {
    await submit(client, transaction);
  } catch (error) {
    // It may have been taken by an attempt whose answer was lost, and be refused now for what it did itself.
    const outcome = await outcomeOf(client, transaction);
    if (outcome === "pending") throw explained(error, escrow.payer.address);
    return { ...delivery, state: outcome };
  }
  return state === "sent" ? delivery : { ...delivery, state: "sent" };
}

export interface Delivering {
  /** Signs it (anew, where one has expired). */
  sign(): Promise<SignedTransaction>;
  /** Makes it durable before anything is sent. */
  store(delivery: Delivery): Promise<void>;
  /** Whether what it is for is there already, by whomever; asked before each signing and after each refusal. */
  isDone?(): Promise<boolean>;
}

const pollMs = 400;
/** A transaction that expires this often is not wanted by the cluster at its price. */
const signingsMax = 5;

/**
 * Signs, stores, sends and waits until it is final, from the beginning or from a stored delivery. Null where it was done
 * without it.
 *
 * @throws TRANSACTION_EXPIRED after several signings; PROGRAM_REFUSED, LAMPORTS_INSUFFICIENT, TOKENS_INSUFFICIENT,
 * TRANSACTION_FAILED; CHAIN_UNAVAILABLE. What was stored last says whether it may still happen: deliver that again.
 */
export async function deliver(
  escrow: Sender,
  how: Delivering,
  stored: Delivery | null = null,
): Promise<Delivery | null> {
  let delivery = stored;
  for (;;) {
    if (delivery === null || delivery.state === "expired") {
      delivery = await signAgain(how, delivery);
      if (delivery === null) return null;
    }
    let next: Delivery;
    try {
      next = await advance(escrow, delivery);
    } catch (error) {
      if ((await how.isDone?.()) === true) return null;
      throw error;
    }
    const isWaiting = next.state === delivery.state;
    if (!isWaiting) await how.store(next);
    delivery = next;
    if (delivery.state === "finalized") return delivery;
    if (delivery.state === "failed") {
      if ((await how.isDone?.()) === true) return null;
      throw await failureOf(escrow, delivery.transaction.signature);
    }
    // Not right after it was sent: localnet has it at once.
    if (isWaiting) await escrow.client.sleep(pollMs);
  }
}

async function signAgain(how: Delivering, delivery: Delivery | null): Promise<Delivery | null> {
  if ((await how.isDone?.()) === true) return null;
  const expired = delivery === null ? [] : [...delivery.expired, delivery.transaction.signature];
  const [last] = expired.slice(-1);
  if (last !== undefined && expired.length >= signingsMax) {
    throw earnestError("TRANSACTION_EXPIRED", { signature: last });
  }
  const signed = newDelivery(await how.sign(), expired);
  await how.store(signed);
  return signed;
}

/** Why a transaction that a block holds failed. */
export async function failureOf(escrow: Sender, signature: string): Promise<EarnestError> {
  const { client, payer } = escrow;
  const { value } = await client.call((rpc) =>
    rpc.getSignatureStatuses([signature as Signature], { searchTransactionHistory: true }),
  );
  const error: TransactionError | null = value[0]?.err ?? null;
  if (error === null) return earnestError("TRANSACTION_FAILED", { signature, problem: "a program refused it" });
  const found = await client.call((rpc) =>
    rpc.getTransaction(signature as Signature, {
      commitment: "finalized",
      encoding: "json",
      maxSupportedTransactionVersion: 1,
    }),
  );
  return refusalOfJson(error, { signature, payer: payer.address, logs: found?.meta?.logMessages ?? [] });
}
