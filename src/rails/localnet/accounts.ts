import { equalBytes } from "../../core/bytes.ts";
import { addressText } from "./address-text.ts";

export interface StoredAccount {
  readonly lamports: bigint;
  readonly owner: string;
  readonly executable: boolean;
  readonly data: Uint8Array;
}

export const systemProgram = "11111111111111111111111111111111";
export const tokenProgram = "TokenkegQfeZyiNwAJbNbGKPFXCWuBvf9Ss623VQ5DA";
export const token2022Program = "TokenzQdBNbLqP5VEhdkAS6EPFLC1PHnBqCXEpPxuEb";
export const associatedTokenProgram = "ATokenGPvbdGVxr1b2hvZbsiqW5xWH25efTNsLJA8knL";
export const memoProgram = "MemoSq4gqABAXKb96qnH8TysNcWxMyWCqXgDLGmfcHr";
export const nativeMint = "So11111111111111111111111111111111111111112";

export const lookupTableProgram = "AddressLookupTab1e1111111111111111111111111";
/** Bytes before the addresses of a lookup table. */
export const lookupTableHeader = 56;

export const tokenAccountSize = 165;
export const mintSize = 82;
const accountTypeOffset = 165;

export interface TokenAccountView {
  readonly mint: string;
  readonly owner: string;
  readonly amount: bigint;
}

export const isTokenProgram = (owner: string): boolean => owner === tokenProgram || owner === token2022Program;

/** Token-2022 marks accounts longer than the classic layout with a type byte: 1 mint, 2 account. */
export function isTokenAccount(account: StoredAccount): boolean {
  if (!isTokenProgram(account.owner)) return false;
  const initialized = account.data[108] !== 0;
  if (account.data.length === tokenAccountSize) return initialized;
  return account.data.length > tokenAccountSize && account.data[accountTypeOffset] === 2 && initialized;
}

export function isMint(account: StoredAccount): boolean {
  if (!isTokenProgram(account.owner)) return false;
  const initialized = account.data[45] === 1;
  if (account.data.length === mintSize) return initialized;
  return account.data.length > tokenAccountSize && account.data[accountTypeOffset] === 1 && initialized;
}

export function tokenAccountView(account: StoredAccount): TokenAccountView {
  return {
    mint: addressText(account.data.subarray(0, 32)),
    owner: addressText(account.data.subarray(32, 64)),
    amount: readU64(account.data, 64),
  };
}

/** Who may spend of it besides its owner; null for nobody. */
export const tokenDelegate = ({ data }: StoredAccount): string | null =>
  data[72] === 0 ? null : addressText(data.subarray(76, 108));

export const readU64 = (data: Uint8Array, offset: number): bigint =>
  new DataView(data.buffer, data.byteOffset).getBigUint64(offset, true);

export const mintDecimals = (mint: StoredAccount): number => mint.data[44] ?? 0;

const hasSameOwner = (a: StoredAccount, b: StoredAccount): boolean =>
  isTokenAccount(a)
    ? isTokenAccount(b) && equalBytes(a.data.subarray(32, 64), b.data.subarray(32, 64))
    : !isTokenAccount(b);

/**
 * Every account a transaction has written since genesis, as the runtime holds it. Reads are served from here: crossing
 * into the runtime costs a copy each, and it has no index of token accounts by wallet.
 */
export class Accounts {
  readonly #accounts = new Map<string, StoredAccount>();
  readonly #tokenAccountsOf = new Map<string, Set<string>>();

  get size(): number {
    return this.#accounts.size;
  }

  get(address: string): StoredAccount | undefined {
    return this.#accounts.get(address);
  }

  entries(): IterableIterator<[string, StoredAccount]> {
    return this.#accounts.entries();
  }

  /** The addresses of token accounts of a wallet. */
  tokenAccountsOf(wallet: string): Iterable<string> {
    return this.#tokenAccountsOf.get(wallet) ?? [];
  }

  set(address: string, account: StoredAccount | null): void {
    const before = this.#accounts.get(address);
    if (account === null) {
      if (before !== undefined) this.#unindex(address, before);
      this.#accounts.delete(address);
      return;
    }
    this.#accounts.set(address, account);
    // Most often a balance changes, and not whose it is.
    if (before !== undefined && hasSameOwner(before, account)) return;
    if (before !== undefined) this.#unindex(address, before);
    if (!isTokenAccount(account)) return;
    const { owner } = tokenAccountView(account);
    const owned = this.#tokenAccountsOf.get(owner);
    if (owned === undefined) this.#tokenAccountsOf.set(owner, new Set([address]));
    else owned.add(address);
  }

  #unindex(address: string, before: StoredAccount): void {
    if (!isTokenAccount(before)) return;
    const { owner } = tokenAccountView(before);
    const owned = this.#tokenAccountsOf.get(owner);
    owned?.delete(address);
    if (owned?.size === 0) this.#tokenAccountsOf.delete(owner);
  }
}
