import { type Address, getBase64Encoder } from "@solana/kit";
import { type Codec, decode } from "../../../core/codec.ts";
import { earnestError } from "../../../core/errors.ts";
import { isTagged } from "../../../core/escrow-accounts.ts";
import type { SolanaClient } from "../client.ts";
import { chunksOf, inParallel } from "../parallel.ts";
import {
  type MarketAccount,
  marketCodec,
  type NetworkAccount,
  networkCodec,
  type PageAccount,
  type PoolAccount,
  pageCodec,
  poolCodec,
} from "../program/layouts.ts";
import type { Escrow } from "./escrow.ts";

/** `confirmed` may still be undone by a fork; money is counted on `finalized` only. */
export type Commitment = "confirmed" | "finalized";

export interface RawAccount {
  readonly owner: string;
  readonly executable: boolean;
  /** All of it, or its first bytes where that many were asked for. */
  readonly data: Uint8Array;
  /** How many bytes it has. */
  readonly space: number;
}

/** The most getMultipleAccounts takes. */
const perCall = 100;
const callsAtOnce = 4;

/** Null where there is no account, in the order of the addresses; `slot` is the oldest that an answer came from. */
export async function readAccounts(
  client: SolanaClient,
  addresses: readonly Address[],
  commitment: Commitment,
  firstBytes?: number,
): Promise<{ readonly slot: bigint; readonly accounts: (RawAccount | null)[] }> {
  const slice = firstBytes === undefined ? {} : { dataSlice: { offset: 0, length: firstBytes } };
  const answers = await inParallel(chunksOf(addresses, perCall), callsAtOnce, (chunk) =>
    client.call((rpc) => rpc.getMultipleAccounts(chunk, { commitment, encoding: "base64", ...slice })),
  );
  const slots = answers.map(({ context }) => context.slot);
  return {
    slot: slots.reduce((oldest, slot) => (slot < oldest ? slot : oldest), slots[0] ?? 0n),
    accounts: answers.flatMap(({ value }) => value.map(rawAccount)),
  };
}

type AccountJson = Pick<RawAccount, "owner" | "executable"> & {
  readonly data: readonly [string, string];
  readonly space: bigint;
};

const rawAccount = (account: AccountJson | null): RawAccount | null =>
  account === null
    ? null
    : {
        owner: account.owner,
        executable: account.executable,
        data: bytesOf(account.data[0]),
        space: Number(account.space),
      };

const bytesOf = (text: string): Uint8Array => new Uint8Array(getBase64Encoder().encode(text));

type Kind = "network" | "pool" | "market" | "page";

/**
 * Null where there is none of this kind.
 *
 * @throws MALFORMED_ENCODING where it is of another version
 */
function decoded<T>(escrow: Escrow, codec: Codec<T>, kind: Kind, account: RawAccount | null | undefined): T | null {
  if (account === null || account === undefined || account.owner !== escrow.program) return null;
  if (!isTagged(kind, account.data)) return null;
  return decode(codec, account.data, `a ${kind} account`);
}

async function read<T>(
  escrow: Escrow,
  codec: Codec<T>,
  kind: Kind,
  addresses: readonly Address[],
  commitment: Commitment,
): Promise<(T | null)[]> {
  const { accounts } = await readAccounts(escrow.client, addresses, commitment);
  return accounts.map((account) => decoded(escrow, codec, kind, account));
}

const there = <T>(account: T | null | undefined, kind: Kind, address: Address): T => {
  if (account === null || account === undefined) throw earnestError("ESCROW_ACCOUNT_NOT_FOUND", { kind, address });
  return account;
};

/** Null where there is none. */
export const findNetwork = async (
  escrow: Escrow,
  at: Address,
  commitment: Commitment,
): Promise<NetworkAccount | null> => (await read(escrow, networkCodec, "network", [at], commitment))[0] ?? null;

/** Null where there is none. */
export const findPool = async (escrow: Escrow, at: Address, commitment: Commitment): Promise<PoolAccount | null> =>
  (await read(escrow, poolCodec, "pool", [at], commitment))[0] ?? null;

/** @throws ESCROW_ACCOUNT_NOT_FOUND */
export const readNetwork = async (escrow: Escrow, at: Address, commitment: Commitment): Promise<NetworkAccount> =>
  there(await findNetwork(escrow, at, commitment), "network", at);

/** @throws ESCROW_ACCOUNT_NOT_FOUND */
export const readPool = async (escrow: Escrow, at: Address, commitment: Commitment): Promise<PoolAccount> =>
  there(await findPool(escrow, at, commitment), "pool", at);

/** In the order of the addresses; null where a market was refunded, or never opened. */
export const readMarkets = (
  escrow: Escrow,
  addresses: readonly Address[],
  commitment: Commitment,
): Promise<(MarketAccount | null)[]> => read(escrow, marketCodec, "market", addresses, commitment);

/** @throws ESCROW_ACCOUNT_NOT_FOUND */
export const readMarket = async (escrow: Escrow, at: Address, commitment: Commitment): Promise<MarketAccount> =>
  there((await readMarkets(escrow, [at], commitment))[0], "market", at);

/** In the order of the addresses; null where nobody opened the page. */
export const readPages = (
  escrow: Escrow,
  addresses: readonly Address[],
  commitment: Commitment,
): Promise<(PageAccount | null)[]> => read(escrow, pageCodec, "page", addresses, commitment);

const clockSysvar = "SysvarC1ock11111111111111111111111111111111" as Address;

export interface PoolNow {
  readonly network: NetworkAccount;
  readonly pool: PoolAccount;
  /** The cluster's clock, seconds since 1970. */
  readonly now: bigint;
  readonly slot: bigint;
}

/**
 * Network, pool and the cluster's clock, all at one slot: what a message is made on, and what an attestor checks it by.
 *
 * @throws ESCROW_ACCOUNT_NOT_FOUND
 */
export async function readPoolNow(
  escrow: Escrow,
  at: { readonly network: Address; readonly pool: Address },
  commitment: Commitment,
): Promise<PoolNow> {
  const { slot, accounts } = await readAccounts(escrow.client, [at.network, at.pool, clockSysvar], commitment);
  const [network, pool, clock] = accounts;
  const now = clock?.data ?? new Uint8Array(40);
  return {
    network: there(decoded(escrow, networkCodec, "network", network), "network", at.network),
    pool: there(decoded(escrow, poolCodec, "pool", pool), "pool", at.pool),
    now: new DataView(now.buffer, now.byteOffset).getBigInt64(32, true),
    slot,
  };
}

const poolOffset = 16n;
export const marketBytes = 248n;

/**
 * All markets of a pool that were not refunded: what attestors compare the leaves with. Reads every account of the
 * program on the node, which public RPCs may refuse.
 */
export async function listMarkets(
  escrow: Escrow,
  pool: Address,
  commitment: Commitment,
): Promise<Map<Address, MarketAccount>> {
  const found = await escrow.client.call((rpc) =>
    rpc.getProgramAccounts(escrow.program, {
      commitment,
      encoding: "base64",
      filters: [{ dataSize: marketBytes }, { memcmp: { offset: poolOffset, bytes: pool, encoding: "base58" } }],
    }),
  );
  return new Map(
    found.map(({ pubkey, account }) => [pubkey, decode(marketCodec, bytesOf(account.data[0]), "a market account")]),
  );
}
