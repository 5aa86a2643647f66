import { sha256 as nobleSha256 } from "@noble/hashes/sha2.js";
import { bytes32 } from "../core/bytes.ts";
import type { Hash } from "../core/hash.ts";

/** SHA-256 that answers at once, in browsers too, where WebCrypto only has a promise. */
export const sha256: Hash = (bytes) => bytes32(nobleSha256(bytes));
