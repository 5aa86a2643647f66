import type { Address, KeyPairSigner } from "@solana/kit";
import { bytes32, fromBase58 } from "../core/bytes.ts";
import type { SolanaClient } from "../rails/solana/client.ts";
import { type Escrow, openEscrow } from "../rails/solana/escrow/escrow.ts";
import { ensureNetwork, type OpenNetwork } from "../rails/solana/escrow/networks.ts";
import { ensurePool, type OpenPool } from "../rails/solana/escrow/pools.ts";
import { localnetProgram, readProgramFile } from "../rails/solana/program/program-file.ts";
import { type Mint, signerFromSecret } from "../rails/solana/tokens.ts";
import { type DataFolder, keptSeed } from "./folder.ts";

/** The escrow program on the local chain, with this deployment's network and pool. */
export interface Settlement {
  readonly escrow: Escrow;
  readonly network: OpenNetwork;
  readonly pool: OpenPool;
}

/** The keys of the local network's attestors, in the data folder. */
export const localAttestors = ["attestor-1", "attestor-2", "attestor-3"] as const;
/** Of them, how many sign a commit. */
export const threshold = 2;

const day = 86_400;
/**
 * Terms of a network on one machine. The refund delay has to cover the longest lease, review and appeal of any market;
 * whoever wants to see a wind-down has to be patient.
 */
const terms = {
  id: 1n,
  refundDelaySeconds: 30 * day,
  deadAfterSeconds: 60 * day,
  rotationDelaySeconds: day,
  maxValiditySeconds: 600,
};

/** Opens the network and the pool of the local chain, or finds them there. */
export async function openSettlement(options: {
  readonly folder: DataFolder;
  readonly client: SolanaClient;
  readonly operator: KeyPairSigner;
  readonly mint: Mint;
}): Promise<Settlement> {
  const { folder, client, operator, mint } = options;
  const { sha256 } = readProgramFile();
  const escrow = await openEscrow({ client, program: localnetProgram, cluster: null, sha256, payer: operator });
  const keys: Address[] = [];
  for (const name of localAttestors) keys.push((await signerFromSecret(await keptSeed(folder, name))).address);
  const cluster = bytes32(fromBase58(escrow.cluster));
  const network = await ensureNetwork(escrow, operator, {
    ...terms,
    operator: operator.address,
    cluster,
    attestors: { threshold, keys },
  });
  const pool = await ensurePool(escrow, { network: network.address, mint: mint.address as Address, number: 0 });
  return { escrow, network, pool };
}
