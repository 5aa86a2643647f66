import type { Address, TransactionSigner } from "@solana/kit";
import { earnestError } from "../../../core/errors.ts";
import type { SolanaClient } from "../client.ts";
import { programDataAddress, readProgramData, upgradeableLoader } from "../program/deployed-program.ts";
import { sha256Hex } from "../program/program-file.ts";
import { readAccounts } from "./accounts.ts";
import { defaultFees, type FeePolicy } from "./fees.ts";
import { newestVersion, type TransactionVersion } from "./transactions.ts";

/** The escrow program on one cluster, and who pays for what is sent to it. */
export interface Escrow {
  readonly client: SolanaClient;
  readonly program: Address;
  /** The genesis hash, in base58. */
  readonly cluster: string;
  readonly payer: TransactionSigner;
  readonly fees: FeePolicy;
  /** The newest version of transactions that the cluster takes; 0 where left out. */
  readonly version?: TransactionVersion;
}

export interface EscrowOptions {
  readonly client: SolanaClient;
  readonly program: Address;
  /** The cluster it must be; null takes the one that answers, which is good for localnet only. */
  readonly cluster: string | null;
  /** SHA-256 of the ELF file that must be deployed, in hexadecimal; null trusts whatever is there. */
  readonly sha256: string | null;
  readonly payer: TransactionSigner;
  readonly fees?: FeePolicy;
}

/**
 * Makes sure that this is the right cluster, with the right program.
 *
 * @throws CLUSTER_MISMATCH, PROGRAM_NOT_FOUND, PROGRAM_MISMATCH, CHAIN_UNAVAILABLE
 */
export async function openEscrow(options: EscrowOptions): Promise<Escrow> {
  const { client, program, payer, fees = defaultFees } = options;
  const cluster = await readCluster(client, options.cluster);
  await checkProgram(client, program, options.sha256);
  return { client, program, cluster, payer, fees, version: await newestVersion({ client, payer, fees }) };
}

/**
 * The genesis hash, in base58, of the chain that answers.
 *
 * @throws CLUSTER_MISMATCH where another one is expected, CHAIN_UNAVAILABLE
 */
export async function readCluster(client: SolanaClient, expected: string | null): Promise<string> {
  const found = await client.call((rpc) => rpc.getGenesisHash());
  if (expected === null || expected === found) return found;
  throw earnestError("CLUSTER_MISMATCH", { url: client.origin, found, expected });
}

/** @throws PROGRAM_NOT_FOUND, PROGRAM_MISMATCH */
export async function checkProgram(client: SolanaClient, program: Address, sha256: string | null): Promise<void> {
  const found = await readProgramHash(client, program);
  if (sha256 !== null && found !== sha256) throw earnestError("PROGRAM_MISMATCH", { program, found, expected: sha256 });
}

/**
 * SHA-256 of the ELF file that is deployed, in hexadecimal.
 *
 * @throws PROGRAM_NOT_FOUND
 */
export async function readProgramHash(client: SolanaClient, program: Address): Promise<string> {
  const { accounts } = await readAccounts(client, [program, programDataAddress(program)], "confirmed");
  const [account, code] = accounts;
  const deployed = code?.owner === upgradeableLoader ? readProgramData(code.data) : null;
  if (!account?.executable || account.owner !== upgradeableLoader || deployed === null) {
    throw earnestError("PROGRAM_NOT_FOUND", { program, url: client.origin });
  }
  return hashWithoutPadding(deployed.elf);
}

/**
 * Where room was left for a larger version, zeros stand behind the file. Files of ours end with an instruction: 8 bytes,
 * of which the first is not zero.
 */
export function hashWithoutPadding(elf: Uint8Array): string {
  let end = elf.length;
  while (end > 0 && elf[end - 1] === 0) end--;
  return sha256Hex(elf.subarray(0, Math.ceil(end / 8) * 8));
}
