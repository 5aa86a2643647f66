import { concatBytes, toBinary } from "../core/bytes.ts";
import type { VerifySignature } from "../core/commit/attestors.ts";
import type { Hash } from "../core/hash.ts";

const goodMax = 65_536;

/**
 * Verifies each signature once for all who ask in this process: key, signature and message decide alone whether it is
 * good. Attestors of one machine read the same logs, and most of their time is signatures; each still comes to all else
 * by itself, and attestors on machines of their own share nothing.
 */
export function verifyingOnce(verify: VerifySignature, hash: Hash, max = goodMax): VerifySignature {
  /** The oldest first. */
  const good = new Set<string>();
  return (key, message, signature) => {
    // Lengths are fixed where a signature can be good, so that no two triples are the same bytes.
    if (key.length !== 32 || signature.length !== 64) return verify(key, message, signature);
    const name = toBinary(hash(concatBytes(key, signature, message)));
    if (good.has(name)) return true;
    if (!verify(key, message, signature)) return false;
    if (good.size >= max) good.delete(good.values().next().value as string);
    good.add(name);
    return true;
  };
}
