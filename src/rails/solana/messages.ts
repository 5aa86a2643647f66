import type { Address, Blockhash, Instruction } from "@solana/kit";
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

export interface Budget {
  readonly computeUnits: number;
  /** Micro-lamports a unit, on top of the base fee. */
  readonly unitPrice: bigint;
}

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
