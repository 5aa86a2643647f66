import { writeFileSync } from "node:fs";
import { signerFromSeed } from "../../src/main/crypto.ts";

/** Writes a wallet as solana-keygen does. @returns the path */
export function writeKeypair(path: string, seed: Uint8Array): string {
  writeFileSync(path, JSON.stringify([...seed, ...signerFromSeed(seed).publicKey]), { mode: 0o600 });
  return path;
}
