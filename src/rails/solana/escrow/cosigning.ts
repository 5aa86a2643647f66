import {
  type Address,
  getPublicKeyFromAddress,
  isTransactionPartialSigner,
  type SignatureBytes,
  type TransactionPartialSigner,
  verifySignature,
} from "@solana/kit";
import { toBase58 } from "../../../core/bytes.ts";
import { earnestError, isEarnestError } from "../../../core/errors.ts";
import { signedWire } from "../compiled-message.ts";
import type { SignedTransaction } from "../messages.ts";
import { outcomeOf, submit } from "../submission.ts";
import { failureOf } from "./deliveries.ts";
import type { Escrow } from "./escrow.ts";
import { explained } from "./refusals.ts";

/** What the payer pays for and somebody else signs too. Its owner's signature is the second one. */
export interface Cosigned {
  readonly message: Uint8Array;
  readonly lastValidBlockHeight: bigint;
  readonly owner: Address;
}

export interface CosignedOutcome {
  readonly state: "pending" | "finalized" | "failed" | "expired";
  readonly signature: string;
  /** Why it failed; or why the node does not take it now, where another try may. */
  readonly problem: string | null;
}

export const noSignature = new Uint8Array(64);
const pollMs = 400;

/**
 * Adds the payer's signature, sends it and waits until it is final, for so long at most. It may be repeated, also after a
 * crash and by several at once: the same message has the same signatures, and the chain takes it once.
 *
 * @throws SIGNATURE_MISMATCH where the owner did not sign exactly this; CHAIN_UNAVAILABLE
 */
export async function sendCosigned(
  escrow: Escrow,
  cosigned: Cosigned,
  ownerSignature: Uint8Array,
  waitMs: number,
): Promise<CosignedOutcome> {
  const { client } = escrow;
  const transaction = await cosign(escrow, cosigned, ownerSignature);
  const { signature } = transaction;
  for (let waited = 0; ; waited += pollMs) {
    const problem = await trySubmit(escrow, transaction);
    const state = await outcomeOf(client, transaction);
    if (state === "failed") return { state, signature, problem: (await failureOf(escrow, signature)).message };
    if (state !== "pending" || problem !== null || waited >= waitMs) return { state, signature, problem };
    await client.sleep(pollMs);
  }
}

/** Null where the node took it, or its outcome says all there is to say. */
async function trySubmit({ client, payer }: Escrow, transaction: SignedTransaction): Promise<string | null> {
  try {
    await submit(client, transaction);
    return null;
  } catch (error) {
    const known = explained(error, payer.address);
    if (!isEarnestError(known) || isEarnestError(known, "CHAIN_UNAVAILABLE")) throw known;
    return known.message;
  }
}

async function cosign(
  { payer }: Escrow,
  { message, lastValidBlockHeight, owner }: Cosigned,
  ownerSignature: Uint8Array,
): Promise<SignedTransaction> {
  if (!(await isSignedBy(owner, message, ownerSignature))) {
    throw earnestError("SIGNATURE_MISMATCH", { what: "the transaction" });
  }
  const signature = await signAs(payer, message, owner);
  return {
    signature: toBase58(signature),
    wire: signedWire(message, [signature, ownerSignature]),
    lastValidBlockHeight,
  };
}

async function isSignedBy(owner: Address, message: Uint8Array, signature: Uint8Array): Promise<boolean> {
  if (signature.length !== noSignature.length) return false;
  return await verifySignature(await getPublicKeyFromAddress(owner), signature as SignatureBytes, message);
}

type Signable = Parameters<TransactionPartialSigner["signTransactions"]>[0][number];

/** As whatever holds the key signs: in this process, or elsewhere. */
async function signAs(payer: Escrow["payer"], message: Uint8Array, owner: Address): Promise<Uint8Array> {
  if (!isTransactionPartialSigner(payer)) {
    throw earnestError("INVARIANT_MISMATCH", { what: "the payer's key cannot sign what others sign too" });
  }
  const transaction = { messageBytes: message, signatures: { [payer.address]: null, [owner]: null } } as unknown;
  const [made] = await payer.signTransactions([transaction as Signable]);
  return (made as Readonly<Record<string, Uint8Array>>)[payer.address] as Uint8Array;
}
