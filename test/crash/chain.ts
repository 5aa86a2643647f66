import type { Address, TransactionSigner } from "@solana/kit";
import type { Network } from "#src/contract/network";
import { createSolanaClient, type SolanaClient } from "#src/rails/solana/client";
import { readPool } from "#src/rails/solana/escrow/accounts";
import { type Escrow, openEscrow } from "#src/rails/solana/escrow/escrow";
import { type PoolAddresses, poolAddresses } from "#src/rails/solana/program/instructions";

/** The network's pool on the local chain, as anybody finds it. */
export interface Chain {
  readonly client: SolanaClient;
  readonly escrow: Escrow;
  readonly at: PoolAddresses;
}

export async function openChain(rpcUrl: string, network: Network, payer: TransactionSigner): Promise<Chain> {
  const client = createSolanaClient({ rpcUrl });
  const { cluster } = network;
  const escrow = await openEscrow({ client, program: network.program as Address, cluster, sha256: null, payer });
  const { mint, number, tokenProgram } = await readPool(escrow, network.pool as Address, "confirmed");
  const place = { program: escrow.program, network: network.network as Address, mint, number, tokenProgram };
  return { client, escrow, at: poolAddresses(place) };
}
