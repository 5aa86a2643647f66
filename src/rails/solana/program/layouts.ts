import type { Address } from "@solana/kit";
import type { Bytes32 } from "../../../core/bytes.ts";
import { type Codec, fixed, u64 } from "../../../core/codec.ts";
import * as core from "../../../core/escrow-accounts.ts";

/** The accounts of the escrow program with kit's addresses, and the limits of its longer instruction data. */
export { pageSlots } from "../../../core/escrow-accounts.ts";
export const proofMax = 32;
export const batchMax = 32;

export const address: Codec<Address> = core.addressCodec<Address>();
export const hash: Codec<Bytes32> = fixed<Bytes32>(32);
export const amount = u64<bigint>();

export const { networkCodec, poolCodec, marketCodec, pageCodec } = core.escrowCodecs<Address>();
export type AttestorSet = core.OnChainAttestors<Address>;
export type NetworkAccount = core.NetworkAccount<Address>;
export type PoolAccount = core.PoolAccount<Address>;
export type MarketAccount = core.MarketAccount<Address>;
export type PageAccount = core.PageAccount<Address>;
