import { type Bytes32, bytes32, fromBase58 } from "./bytes.ts";
import { decode } from "./codec.ts";
import type { AttestorSet } from "./commit/attestors.ts";
import { earnestError } from "./errors.ts";
import { escrowCodecs } from "./escrow-accounts.ts";

/** A pool and its network, as somebody names them: addresses in base58. */
export interface PoolNames {
  /** Genesis hash. */
  readonly cluster: string;
  readonly program: string;
  readonly network: string;
  readonly pool: string;
}

/** An account as Solana's JSON-RPC gives it. */
export interface ChainAccount {
  readonly owner: string;
  readonly executable: boolean;
  readonly data: Uint8Array;
}

/** What is asked of a chain: finalized, and all accounts at one slot. */
export interface ChainReader {
  /** The node's place, without what may be secret in its address. */
  readonly origin: string;
  genesisHash(): Promise<string>;
  /** Null where there is no account, in the order of the addresses. */
  accounts(
    addresses: readonly string[],
  ): Promise<{ readonly slot: bigint; readonly accounts: readonly (ChainAccount | null)[] }>;
}

/** What the chain says of whom to trust with a pool's commits, and of the pool's money. */
export interface PoolTrust {
  /** At which all of it was read. */
  readonly slot: bigint;
  readonly cluster: Bytes32;
  readonly setVersion: number;
  readonly attestors: AttestorSet;
  /** Of the last commit; epoch 0 before the first. */
  readonly epoch: bigint;
  readonly digest: Bytes32;
  /** Of the last epochs: that of epoch e lies at e modulo their number. */
  readonly payoutRoots: readonly Bytes32[];
  /** Base units, since the pool was opened. */
  readonly deposited: bigint;
  readonly refunded: bigint;
  readonly claimed: bigint;
  /** Where the pool's tokens lie. */
  readonly vault: string;
}

/** How the upgradeable loader keeps programs. */
const loader = "BPFLoaderUpgradeab1e11111111111111111111111";
/** A token account begins with its mint and its owner; then comes the amount. */
const tokenAmountOffset = 64;

const codecs = escrowCodecs();
const bytesOf = (address: string): Bytes32 => bytes32(fromBase58(address));

/**
 * Reads who a network's attestors are, and what its pool last committed and holds. Needs no key.
 *
 * @throws CLUSTER_MISMATCH, PROGRAM_NOT_FOUND, ESCROW_ACCOUNT_NOT_FOUND, ESCROW_TERMS_MISMATCH, and as the reader does
 */
export async function readPoolTrust(chain: ChainReader, names: PoolNames): Promise<PoolTrust> {
  const cluster = await chain.genesisHash();
  if (cluster !== names.cluster) {
    throw earnestError("CLUSTER_MISMATCH", { url: chain.origin, found: cluster, expected: names.cluster });
  }
  const found = await chain.accounts([names.program, names.network, names.pool]);
  const [program = null, networkAccount = null, poolAccount = null] = found.accounts;
  if (program === null || !program.executable || program.owner !== loader) {
    throw earnestError("PROGRAM_NOT_FOUND", { program: names.program, url: chain.origin });
  }
  const network = decode(codecs.networkCodec, dataOf(networkAccount, "network", names), "a network account");
  const pool = decode(codecs.poolCodec, dataOf(poolAccount, "pool", names), "a pool account");
  if (pool.network !== names.network) {
    const terms = { kind: "pool", address: names.pool, field: "the network" };
    throw earnestError("ESCROW_TERMS_MISMATCH", { ...terms, found: pool.network, expected: names.network });
  }
  const { epoch, digest, payoutRoots, deposited, refunded, claimed, vault } = pool;
  return {
    slot: found.slot,
    cluster: bytesOf(cluster),
    setVersion: network.setVersion,
    attestors: { threshold: network.current.threshold, keys: network.current.keys.map(bytesOf) },
    epoch,
    digest,
    payoutRoots,
    deposited,
    refunded,
    claimed,
    vault,
  };
}

function dataOf(account: ChainAccount | null, kind: "network" | "pool", names: PoolNames): Uint8Array {
  if (account !== null && account.owner === names.program) return account.data;
  throw earnestError("ESCROW_ACCOUNT_NOT_FOUND", { kind, address: names[kind] });
}

/** What a vault holds: tokens reach it without the program too, so that it may be more than the pool's account says. */
export async function heldIn(chain: ChainReader, vault: string): Promise<bigint> {
  const { accounts } = await chain.accounts([vault]);
  const data = accounts[0]?.data ?? new Uint8Array();
  if (data.length < tokenAmountOffset + 8) return 0n;
  return new DataView(data.buffer, data.byteOffset).getBigUint64(tokenAmountOffset, true);
}
