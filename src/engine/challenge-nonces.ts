import { type Bytes32, concatBytes, equalBytes, fromBase58, toBase58, toUtf8 } from "../core/bytes.ts";
import { type Hash, taggedBytes, taggedHash, tags } from "../core/hash.ts";
import type { Signer } from "./context.ts";

/** How long a challenge can be used. */
export const challengeMs = 10 * 60_000;

/** Of 2^64, no two that are good at a time are the same. */
const randomBytes = 8;
const timeBytes = 6;
const statedBytes = randomBytes + timeBytes;
/** Of the hash: 80 bits, which nobody guesses in ten minutes of requests. */
const proofBytes = 10;

/**
 * Nonces of sign-ins that say themselves until when they are good, and that this network made them: whoever only asks for
 * one leaves nothing behind. That each is used once, the database sees to.
 */
export class ChallengeNonces {
  readonly #hash: Hash;
  /** The same in all processes of the network, and nowhere else: only who has the network's key can sign this. */
  readonly #secret: Bytes32;

  constructor(hash: Hash, signer: Signer) {
    this.#hash = hash;
    this.#secret = hash(signer.sign(taggedBytes(tags.challenge, toUtf8("secret"))));
  }

  make(random: Uint8Array, expiresAtMs: number): string {
    const stated = new Uint8Array(statedBytes);
    stated.set(random.subarray(0, randomBytes));
    const view = new DataView(stated.buffer);
    view.setUint16(randomBytes, Math.floor(expiresAtMs / 2 ** 32));
    view.setUint32(randomBytes + 2, expiresAtMs % 2 ** 32);
    return toBase58(concatBytes(stated, this.#proof(stated)));
  }

  /** Null where it is none of ours. */
  expiryOf(nonce: string): number | null {
    const bytes = bytesOf(nonce);
    if (bytes?.length !== statedBytes + proofBytes) return null;
    const stated = bytes.subarray(0, statedBytes);
    if (!equalBytes(this.#proof(stated), bytes.subarray(statedBytes))) return null;
    const view = new DataView(stated.buffer, stated.byteOffset);
    return view.getUint16(randomBytes) * 2 ** 32 + view.getUint32(randomBytes + 2);
  }

  #proof(stated: Uint8Array): Uint8Array {
    return taggedHash(this.#hash, tags.challenge, concatBytes(this.#secret, stated)).subarray(0, proofBytes);
  }
}

/** A long text would take long to read. */
const nonceCharactersMax = 64;

function bytesOf(nonce: string): Uint8Array | null {
  if (nonce.length > nonceCharactersMax) return null;
  try {
    return fromBase58(nonce);
  } catch {
    return null;
  }
}
