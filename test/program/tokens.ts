import type { Address } from "@solana/kit";
import { concatBytes, fromBase58 } from "#src/core/bytes";
import { encode, u16, u32, u64 } from "#src/core/codec";
import type { Chain } from "./chain.ts";

export const classic = "TokenkegQfeZyiNwAJbNbGKPFXCWuBvf9Ss623VQ5DA" as Address;
export const token2022 = "TokenzQdBNbLqP5VEhdkAS6EPFLC1PHnBqCXEpPxuEb" as Address;

/** Mints and token accounts as the token programs keep them, written into the chain without their instructions. */
export interface Extension {
  readonly type: number;
  readonly value: Uint8Array;
}

const decimals = 6;
const none = new Uint8Array(36);
const amountCodec = u64<bigint>();

const some = (address: Address | undefined): Uint8Array =>
  address === undefined ? none : concatBytes(encode(u32, 1), fromBase58(address));

/** A Token-2022 account with extensions: padded to 165 bytes, the account's kind, then type, length and value of each. */
function extended(base: Uint8Array, kind: 1 | 2, extensions: readonly Extension[]): Uint8Array {
  if (extensions.length === 0) return base;
  const padding = new Uint8Array(165 - base.length);
  const parts = extensions.map(({ type, value }) => concatBytes(encode(u16, type), encode(u16, value.length), value));
  return concatBytes(base, padding, Uint8Array.of(kind), ...parts);
}

export interface MintOptions {
  readonly program?: Address;
  readonly supply?: bigint;
  readonly isInitialized?: boolean;
  readonly freezeAuthority?: Address;
  readonly extensions?: readonly Extension[];
}

export function mintBytes(options: MintOptions = {}): Uint8Array {
  const { supply = 1n << 62n, isInitialized = true, freezeAuthority, extensions = [] } = options;
  const base = concatBytes(
    none,
    encode(amountCodec, supply),
    Uint8Array.of(decimals, isInitialized ? 1 : 0),
    some(freezeAuthority),
  );
  return extended(base, 1, extensions);
}

export function putMint(chain: Chain, mint: Address, options: MintOptions = {}): void {
  chain.put(mint, options.program ?? classic, mintBytes(options));
}

export interface TokenOptions {
  readonly program?: Address;
  readonly amount?: bigint;
  /** 1 initialised, 2 frozen. */
  readonly state?: number;
  readonly delegate?: Address;
  readonly closeAuthority?: Address;
  readonly extensions?: readonly Extension[];
}

export function tokenBytes(mint: Address, owner: Address, options: TokenOptions = {}): Uint8Array {
  const { amount = 0n, state = 1, delegate, closeAuthority, extensions = [] } = options;
  const base = concatBytes(
    fromBase58(mint),
    fromBase58(owner),
    encode(amountCodec, amount),
    some(delegate),
    Uint8Array.of(state),
    new Uint8Array(12),
    new Uint8Array(8),
    some(closeAuthority),
  );
  return extended(base, 2, extensions);
}

export function putToken(chain: Chain, at: Address, mint: Address, owner: Address, options: TokenOptions = {}): void {
  chain.put(at, options.program ?? classic, tokenBytes(mint, owner, options));
}

/** 0 where there is no account. */
export function balance(chain: Chain, at: Address): bigint {
  const account = chain.get(at);
  if (account === undefined) return 0n;
  return new DataView(account.data.buffer, account.data.byteOffset).getBigUint64(64, true);
}
