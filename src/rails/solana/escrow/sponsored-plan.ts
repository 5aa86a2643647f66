import type { Instruction } from "@solana/kit";
import { compileMessage } from "../compiled-message.ts";
import { budgetInstructions, latestLifetime } from "../messages.ts";
import type { Escrow } from "./escrow.ts";
import { unitPrice } from "./fees.ts";
import { simulatedUnits } from "./transactions.ts";
import { signatureLamports } from "./transfers.ts";

/** A transaction of a requester's wallet that the payer of the escrow pays for. */
export interface SponsoredPlan {
  /** What the payer and the wallet sign. */
  readonly message: Uint8Array;
  readonly lastValidBlockHeight: bigint;
  /** What the payer pays at most. The rent of a market's account comes back to it with the refund. */
  readonly feeLamports: bigint;
  readonly rentLamports: bigint;
}

/**
 * Tried on the node's present state, so what would fail is refused here.
 *
 * @throws LAMPORTS_INSUFFICIENT, PROGRAM_REFUSED, TRANSACTION_FAILED, CHAIN_UNAVAILABLE
 */
export async function planSponsored(
  escrow: Escrow,
  instructions: readonly Instruction[],
  rentLamports: bigint,
): Promise<SponsoredPlan> {
  const { client, payer, fees } = escrow;
  const computeUnits = (await simulatedUnits(escrow, { instructions })) + client.nonce();
  const price = await unitPrice(client, fees, instructions);
  const { blockhash, lastValidBlockHeight } = await latestLifetime(client);
  const budget = budgetInstructions({ computeUnits, unitPrice: price }, 0);
  return {
    message: compileMessage({
      payer: payer.address,
      blockhash,
      instructions: [...budget, ...instructions],
      budget: null,
    }),
    lastValidBlockHeight,
    feeLamports: 2n * signatureLamports + (price * BigInt(computeUnits) + 999_999n) / 1_000_000n,
    rentLamports,
  };
}
