import { createHash, createPrivateKey, createPublicKey, type KeyObject, sign } from "node:crypto";
import type { Address } from "@solana/kit";
import { type Bytes32, bytes32, toBase58 } from "#src/core/bytes";
import type { AttestorSignature } from "#src/rails/solana/program/signatures-instruction";

/** 32 bytes that depend on the name alone. */
export const testHash = (name: string): Bytes32 => bytes32(Uint8Array.from(createHash("sha256").update(name).digest()));

export const testAddress = (name: string): Address => toBase58(testHash(`address ${name}`)) as Address;

export interface AttestorKey {
  readonly address: Address;
  sign(message: Uint8Array): AttestorSignature;
}

/** RFC 8410: what stands before the 32 bytes of a private key. */
const privateKeyHeader = Buffer.from("302e020100300506032b657004220420", "hex");

export function attestorKey(name: string): AttestorKey {
  const der = Buffer.concat([privateKeyHeader, testHash(`key ${name}`)]);
  const key: KeyObject = createPrivateKey({ key: der, format: "der", type: "pkcs8" });
  const raw = createPublicKey(key).export({ format: "der", type: "spki" }).subarray(-32);
  const address = toBase58(raw) as Address;
  return { address, sign: (message) => ({ key: address, signature: sign(null, message, key) }) };
}
