import { createHash } from "node:crypto";
import { type Bytes32, bytes32, toUtf8 } from "../../src/core/bytes.ts";
import type { Hash } from "../../src/core/hash.ts";

export const sha256: Hash = (bytes) => bytes32(new Uint8Array(createHash("sha256").update(bytes).digest()));

/** Any 32 bytes that a name stands for: keys, owners, salts, evidence. */
export const named = (name: string): Bytes32 => sha256(toUtf8(name));
