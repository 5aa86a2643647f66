import type { Bytes32 } from "../../core/bytes.ts";
import { toHex } from "../../core/bytes.ts";
import type { VerifySignature } from "../../core/commit/attestors.ts";
import { commitDigest, signedBytes } from "../../core/commit/commit-message.ts";
import type { Hash } from "../../core/hash.ts";
import { headStatement } from "../../core/statements.ts";
import type { Receipt } from "./receipt.ts";
import type { ReceiptTrust } from "./verify-receipt.ts";

export interface Signed {
  readonly key: Bytes32;
  readonly message: Uint8Array;
  readonly signature: Uint8Array;
}

/** Every signature that a verifier with this trust will ask for, on behalf of a receipt. */
export function signedIn(
  { market, lane, head, commit }: Receipt,
  { signer, commits }: ReceiptTrust,
  hash: Hash,
): Signed[] {
  if (commit !== null && commits !== null) {
    const message = signedBytes("commit", commitDigest(hash, commit.message));
    return commit.signatures.map(({ key, signature }) => ({ key, message, signature }));
  }
  if (head === null || signer === null) return [];
  return [{ key: signer, message: headStatement({ market, lane, ...head }), signature: head.signature }];
}

/**
 * Signatures that were verified ahead. A browser's own functions promise an answer, and a verifier of receipts asks for
 * one at once: look at the receipts first, then give it `verify`. Many receipts share few signatures.
 */
export class CheckedSignatures {
  readonly #later: (signed: Signed) => Promise<boolean>;
  readonly #good = new Map<string, Promise<boolean>>();
  readonly #known = new Set<string>();

  constructor(later: (signed: Signed) => Promise<boolean>) {
    this.#later = later;
  }

  async check(receipt: Receipt, trust: ReceiptTrust, hash: Hash): Promise<void> {
    for (const signed of signedIn(receipt, trust, hash)) {
      const name = nameOf(signed);
      const asked = this.#good.get(name) ?? this.#later(signed);
      this.#good.set(name, asked);
      if (await asked) this.#known.add(name);
    }
  }

  /** False for a signature that was not looked at. */
  readonly verify: VerifySignature = (key, message, signature) => this.#known.has(nameOf({ key, message, signature }));
}

const nameOf = ({ key, message, signature }: Signed): string => [key, message, signature].map(toHex).join(" ");
