import { type Address, createNoopSigner } from "@solana/kit";
import { type Bytes32, bytes32, fromBase58 } from "../../../core/bytes.ts";
import type { AttestorSet } from "../../../core/commit/attestors.ts";
import { earnestError } from "../../../core/errors.ts";
import { createSolanaClient } from "../client.ts";
import { readPoolNow } from "./accounts.ts";
import { checkProgram, type Escrow } from "./escrow.ts";
import { defaultFees } from "./fees.ts";

/** A pool and its network, as somebody names them: addresses in base58. */
export interface PoolNames {
  /** Genesis hash. */
  readonly cluster: string;
  readonly program: string;
  readonly network: string;
  readonly pool: string;
}

/** What the chain says of whom to trust with a pool's commits. */
export interface PoolTrust {
  readonly cluster: Bytes32;
  readonly setVersion: number;
  readonly attestors: AttestorSet;
  /** Of the last commit; epoch 0 before the first. */
  readonly epoch: bigint;
  readonly digest: Bytes32;
}

const bytesOf = (address: string): Bytes32 => bytes32(fromBase58(address));

/**
 * Reads, finalized, who a network's attestors are and what its pool last committed. Needs no key.
 *
 * @throws CLUSTER_MISMATCH, PROGRAM_NOT_FOUND, ESCROW_ACCOUNT_NOT_FOUND, ESCROW_TERMS_MISMATCH, CHAIN_UNAVAILABLE
 */
export async function readPoolTrust(rpcUrl: string, names: PoolNames): Promise<PoolTrust> {
  const client = createSolanaClient({ rpcUrl });
  const [program, network, pool] = [names.program as Address, names.network as Address, names.pool as Address];
  const cluster = await client.call((rpc) => rpc.getGenesisHash());
  if (cluster !== names.cluster) {
    throw earnestError("CLUSTER_MISMATCH", { url: client.origin, found: cluster, expected: names.cluster });
  }
  await checkProgram(client, program, null);
  // Nothing is sent, so that nobody has to pay.
  const escrow: Escrow = { client, program, cluster, payer: createNoopSigner(program), fees: defaultFees };
  const found = await readPoolNow(escrow, { network, pool }, "finalized");
  if (found.pool.network !== network) {
    const terms = { kind: "pool", address: pool, field: "the network", found: found.pool.network, expected: network };
    throw earnestError("ESCROW_TERMS_MISMATCH", terms);
  }
  const { setVersion, current } = found.network;
  const attestors = { threshold: current.threshold, keys: current.keys.map(bytesOf) };
  return { cluster: bytesOf(cluster), setVersion, attestors, epoch: found.pool.epoch, digest: found.pool.digest };
}
