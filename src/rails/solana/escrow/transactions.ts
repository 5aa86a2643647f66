import type { webcrypto } from "node:crypto";
import {
  addSignersToTransactionMessage,
  appendTransactionMessageInstructions,
  type Blockhash,
  compileTransaction,
  createTransactionMessage,
  getBase64EncodedWireTransaction,
  getSignatureFromTransaction,
  getTransactionEncoder,
  type Instruction,
  isKeyPairSigner,
  pipe,
  setTransactionMessageConfig,
  setTransactionMessageFeePayerSigner,
  setTransactionMessageLifetimeUsingBlockhash,
  signBytes,
  signTransactionMessageWithSigners,
  type TransactionSigner,
} from "@solana/kit";
import { toBase58 } from "../../../core/bytes.ts";
import { isEarnestError } from "../../../core/errors.ts";
import { compileMessage, type MessageBudget, signedWire, signersOf } from "../compiled-message.ts";
import { budgetInstructions, type Lifetime, latestLifetime, type SignedTransaction } from "../messages.ts";
import type { Escrow } from "./escrow.ts";
import { unitLimit, unitPrice } from "./fees.ts";
import { refusalOfJson } from "./refusals.ts";

/** 0 works everywhere; 1 has room for 4,096 bytes, where the cluster knows it. */
export type TransactionVersion = 0 | 1;

export const transactionBytesMax = { 0: 1_232, 1: 4_096 } as const satisfies Record<TransactionVersion, number>;

export interface TransactionPlan {
  readonly instructions: readonly Instruction[];
  /** Besides the payer of the fee. */
  readonly signers?: readonly TransactionSigner[];
  readonly version?: TransactionVersion;
  /** Where they are known; otherwise a simulation tells, which also refuses what would fail. */
  readonly computeUnits?: number;
}

/** What it takes to send anything: a node, who pays, and how much at most. An escrow is one. */
export type Sender = Pick<Escrow, "client" | "payer" | "fees">;

interface Budget {
  readonly units: number;
  readonly price: bigint;
}

/** Version 1 limits what accounts a transaction loads; the program and the token programs take less than this. */
const loadedBytesMax = 8 << 20;
const simulatedLifetime: Lifetime = {
  blockhash: "11111111111111111111111111111111" as Blockhash,
  lastValidBlockHeight: 0n,
};

const budgetV1 = (computeUnits: number, price: bigint): MessageBudget => ({
  computeUnits,
  loadedBytes: loadedBytesMax,
  priorityFeeLamports: (price * BigInt(computeUnits) + 999_999n) / 1_000_000n,
});

function messageOf(escrow: Sender, plan: TransactionPlan, lifetime: Lifetime, { units, price }: Budget, nonce: number) {
  const { instructions, signers = [], version = 0 } = plan;
  if (version === 1) {
    const { computeUnits, loadedBytes, priorityFeeLamports } = budgetV1(units + nonce, price);
    const config = {
      computeUnitLimit: computeUnits,
      loadedAccountsDataSizeLimit: loadedBytes,
      priorityFeeLamports,
    };
    return pipe(
      createTransactionMessage({ version: 1 }),
      (m) => setTransactionMessageFeePayerSigner(escrow.payer, m),
      (m) => setTransactionMessageLifetimeUsingBlockhash(lifetime, m),
      (m) => setTransactionMessageConfig(config, m),
      (m) => appendTransactionMessageInstructions(instructions, m),
      (m) => addSignersToTransactionMessage([...signers], m),
    );
  }
  const budget = budgetInstructions({ computeUnits: units, unitPrice: price }, nonce);
  return pipe(
    createTransactionMessage({ version: 0 }),
    (m) => setTransactionMessageFeePayerSigner(escrow.payer, m),
    (m) => setTransactionMessageLifetimeUsingBlockhash(lifetime, m),
    (m) => appendTransactionMessageInstructions([...budget, ...instructions], m),
    (m) => addSignersToTransactionMessage([...signers], m),
  );
}

/**
 * What it takes, tried on the node's present state.
 *
 * @throws PROGRAM_REFUSED, LAMPORTS_INSUFFICIENT, TOKENS_INSUFFICIENT, TRANSACTION_FAILED where it would fail
 */
export async function simulatedUnits(escrow: Sender, plan: TransactionPlan): Promise<number> {
  const { client, fees, payer } = escrow;
  const message = messageOf(escrow, plan, simulatedLifetime, { units: fees.computeUnitsMax, price: 0n }, 0);
  const wire = getBase64EncodedWireTransaction(compileTransaction(message));
  const { value } = await client.call((rpc) =>
    rpc.simulateTransaction(wire, {
      encoding: "base64",
      commitment: "confirmed",
      sigVerify: false,
      replaceRecentBlockhash: true,
    }),
  );
  if (value.err !== null) {
    throw refusalOfJson(value.err, {
      payer: payer.address,
      signature: "that was tried",
      logs: value.logs ?? [],
    });
  }
  return unitLimit(value.unitsConsumed ?? BigInt(fees.computeUnitsMax), fees);
}

const moneyErrors = ["AccountNotFound", "InsufficientFundsForFee"];

/**
 * Which version a cluster takes, tried with a transaction that does nothing: version 1 pays four times as many at once.
 *
 * @throws CHAIN_UNAVAILABLE
 */
export async function newestVersion(sender: Sender): Promise<TransactionVersion> {
  const plan: TransactionPlan = { instructions: [], version: 1 };
  const message = messageOf(sender, plan, simulatedLifetime, { units: 1_000, price: 0n }, 0);
  const wire = getBase64EncodedWireTransaction(compileTransaction(message));
  try {
    const { value } = await sender.client.call((rpc) =>
      rpc.simulateTransaction(wire, { encoding: "base64", sigVerify: false, replaceRecentBlockhash: true }),
    );
    // Where only SOL was missing, the version was read.
    return value.err === null || moneyErrors.some((each) => each === value.err) ? 1 : 0;
  } catch (error) {
    if (isEarnestError(error)) throw error;
    return 0;
  }
}

/** Signed and never sent yet: to be stored first. Each is different from every other that this client signs. */
export async function signPlan(escrow: Sender, plan: TransactionPlan): Promise<SignedTransaction> {
  const units = plan.computeUnits ?? (await simulatedUnits(escrow, plan));
  const price = await unitPrice(escrow.client, escrow.fees, plan.instructions);
  // Last, so that it has all of the blockhash's life before it.
  const lifetime = await latestLifetime(escrow.client);
  return signWithin(escrow, plan, lifetime, { units, price });
}

/** Many at once, for one blockhash; each plan says its own compute units. */
export async function signPlans(
  escrow: Sender,
  plans: readonly (TransactionPlan & { readonly computeUnits: number })[],
): Promise<SignedTransaction[]> {
  if (plans.length === 0) return [];
  const all = plans.flatMap((plan) => plan.instructions);
  const price = await unitPrice(escrow.client, escrow.fees, all);
  const lifetime = await latestLifetime(escrow.client);
  return await Promise.all(
    plans.map((plan) => signWithin(escrow, plan, lifetime, { units: plan.computeUnits, price })),
  );
}

async function signWithin(
  escrow: Sender,
  plan: TransactionPlan,
  lifetime: Lifetime,
  budget: Budget,
): Promise<SignedTransaction> {
  const nonce = escrow.client.nonce();
  const alone = await signAlone(escrow.payer, plan, lifetime, budget, nonce);
  if (alone !== null) return alone;
  const message = messageOf(escrow, plan, lifetime, budget, nonce);
  const transaction = await signTransactionMessageWithSigners(message);
  return {
    signature: getSignatureFromTransaction(transaction),
    wire: new Uint8Array(getTransactionEncoder().encode(transaction)),
    lastValidBlockHeight: lifetime.lastValidBlockHeight,
  };
}

/** Quickly, where only the payer signs and its key is here; otherwise null. */
async function signAlone(
  payer: TransactionSigner,
  { instructions, signers = [], version = 0 }: TransactionPlan,
  { blockhash, lastValidBlockHeight }: Lifetime,
  { units, price }: Budget,
  nonce: number,
): Promise<SignedTransaction | null> {
  if (signers.length > 0 || !isKeyPairSigner(payer)) return null;
  const to = { payer: payer.address, blockhash };
  const message = compileMessage(
    version === 1
      ? { ...to, instructions, budget: budgetV1(units + nonce, price) }
      : {
          ...to,
          instructions: [...budgetInstructions({ computeUnits: units, unitPrice: price }, nonce), ...instructions],
          budget: null,
        },
  );
  if (signersOf(message) > 1) return null;
  const { privateKey } = payer.keyPair as webcrypto.CryptoKeyPair;
  const signature = await signBytes(privateKey, message);
  return { signature: toBase58(signature), wire: signedWire(message, [signature]), lastValidBlockHeight };
}
