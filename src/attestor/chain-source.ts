import { type Bytes32, bytes32, fromBase58, toBase58, toHex } from "../core/bytes.ts";
import type { AttestorSignature } from "../core/commit/attestors.ts";
import type { CommitBody } from "../core/commit/commit-message.ts";
import type { MarketId } from "../core/market-id.ts";
import type { ChainView } from "../market/settlement/chain-view.ts";
import { blockHash } from "../rails/solana/blocks.ts";
import { readPool, readPoolNow } from "../rails/solana/escrow/accounts.ts";
import { sendCommit } from "../rails/solana/escrow/commits.ts";
import type { Escrow } from "../rails/solana/escrow/escrow.ts";
import { readPoolView } from "../rails/solana/escrow/pool-view.ts";
import { tokenAddress } from "../rails/solana/program/derived-addresses.ts";
import { type PoolAddresses, poolAddresses } from "../rails/solana/program/instructions.ts";

/** What an attestor sees of the chain at one finalized slot, through its own node. */
export interface ChainSight {
  readonly view: ChainView;
  /** The market that an account was opened for, by the account's hexadecimal. */
  readonly marketOf: ReadonlyMap<string, MarketId>;
}

/** The pool and its clock alone: what it takes to see whether anything is to be done. */
export interface PoolSight {
  readonly clock: bigint;
  readonly epoch: bigint;
  readonly digest: Bytes32;
  readonly attestors: ChainView["network"]["attestors"];
}

export interface SignedMessageToSend {
  readonly body: CommitBody;
  readonly digest: Bytes32;
  readonly signatures: readonly AttestorSignature[];
}

export interface ChainSource {
  /** @throws CHAIN_UNAVAILABLE */
  view(): Promise<ChainSight>;
  /** @throws CHAIN_UNAVAILABLE */
  poolNow(): Promise<PoolSight>;
  /**
   * The hash of a slot's block; null where the slot has none.
   *
   * @throws CHAIN_UNAVAILABLE
   */
  blockHash(slot: number): Promise<Bytes32 | null>;
  /** The associated token account of a wallet, for the pool's mint. */
  readonly tokenAccountOf: (wallet: Bytes32) => Bytes32;
  /** Brings a message that enough attestors signed onto the chain; null where nobody here can pay for it. */
  readonly send: ((message: SignedMessageToSend) => Promise<"committed" | "passed">) | null;
}

/** The addresses of a pool that is there. @throws ESCROW_ACCOUNT_NOT_FOUND */
export async function addressesOfPool(escrow: Escrow, pool: string): Promise<PoolAddresses> {
  const address = pool as PoolAddresses["pool"];
  const { network, mint, number, tokenProgram } = await readPool(escrow, address, "finalized");
  return poolAddresses({ program: escrow.program, network, mint, number, tokenProgram });
}

export interface SolanaChainOptions {
  readonly escrow: Escrow;
  readonly at: PoolAddresses;
  /** Whether the escrow's payer may pay for commits. */
  readonly sends: boolean;
}

export function solanaChain({ escrow, at, sends }: SolanaChainOptions): ChainSource {
  return {
    async view() {
      const view = await readPoolView(escrow, at);
      return { view, marketOf: new Map(view.markets.map(({ account, market }) => [toHex(account), market])) };
    },
    async poolNow() {
      const { network, pool, now } = await readPoolNow(escrow, at, "finalized");
      const { keys, threshold } = network.current;
      return { clock: now, epoch: pool.epoch, digest: pool.digest, attestors: { keys: keys.map(key), threshold } };
    },
    blockHash: (slot) => blockHash(escrow.client, slot),
    tokenAccountOf: (wallet) => key(tokenAddress(toBase58(wallet) as PoolAddresses["pool"], at.mint, at.tokenProgram)),
    send: sends ? (message) => sendCommit(escrow, at, message) : null,
  };
}

const key = (address: string): Bytes32 => bytes32(fromBase58(address));
