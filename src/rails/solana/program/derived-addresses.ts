import { hash } from "node:crypto";
import type { Address } from "@solana/kit";
import { ASSOCIATED_TOKEN_PROGRAM_ADDRESS } from "@solana-program/token";
import { concatBytes, fromBase58, toBase58, toUtf8 } from "../../../core/bytes.ts";
import { encode, u32, u64 } from "../../../core/codec.ts";
import { isOnCurve } from "../curve.ts";

const marker = toUtf8("ProgramDerivedAddress");

/** As kit derives it, but at once: kit's way is asynchronous and takes half a millisecond, and claims need thousands. */
export function derivedAddress(program: Address, seeds: readonly Uint8Array[]): Address {
  const hashed = concatBytes(...seeds, Uint8Array.of(0), fromBase58(program), marker);
  const bumpAt = seeds.reduce((length, seed) => length + seed.length, 0);
  for (let bump = 255; bump >= 0; bump--) {
    hashed[bumpAt] = bump;
    const candidate = hash("sha256", hashed, "buffer");
    if (!isOnCurve(candidate)) return toBase58(candidate) as Address;
  }
  throw new RangeError("no bump gives an address off the curve");
}

const number64 = u64<bigint>();

export const networkAddress = (program: Address, creator: Address, id: bigint): Address =>
  derivedAddress(program, [toUtf8("network"), fromBase58(creator), encode(number64, id)]);

export const poolAddress = (program: Address, network: Address, mint: Address, number: number): Address =>
  derivedAddress(program, [toUtf8("pool"), fromBase58(network), fromBase58(mint), encode(u32, number)]);

export const marketAddress = (program: Address, pool: Address, requester: Address, id: Uint8Array): Address =>
  derivedAddress(program, [toUtf8("market"), fromBase58(pool), fromBase58(requester), id]);

export const pageAddress = (program: Address, pool: Address, number: bigint): Address =>
  remembered(`page ${program} ${pool} ${number}`, () =>
    derivedAddress(program, [toUtf8("page"), fromBase58(pool), encode(number64, number)]),
  );

/** A wallet's token account of either token program; the vault is the pool's. */
export const tokenAddress = (owner: Address, mint: Address, tokenProgram: Address): Address =>
  remembered(`${owner} ${mint} ${tokenProgram}`, () =>
    derivedAddress(ASSOCIATED_TOKEN_PROGRAM_ADDRESS, [fromBase58(owner), fromBase58(tokenProgram), fromBase58(mint)]),
  );

const known = new Map<string, Address>();
const knownMax = 200_000;

/** Deriving takes tens of microseconds, and what is paid again and again asks for the same addresses. */
function remembered(what: string, derive: () => Address): Address {
  const before = known.get(what);
  if (before !== undefined) return before;
  const derived = derive();
  if (known.size >= knownMax) known.clear();
  known.set(what, derived);
  return derived;
}
