import { createHash } from "node:crypto";
import type { Address } from "@solana/kit";
import { type Bytes32, bytes32, fromBase58, toBase58 } from "../../../core/bytes.ts";
import type { Hash } from "../../../core/hash.ts";

/** SHA-256, as the program computes it. */
export const sha256: Hash = (bytes) => bytes32(new Uint8Array(createHash("sha256").update(bytes).digest()));

/** The bytes of an address: messages and trees name accounts and attestors by them. */
export const keyOf = (address: Address): Bytes32 => bytes32(fromBase58(address));

export const addressOf = (key: Bytes32): Address => toBase58(key) as Address;
