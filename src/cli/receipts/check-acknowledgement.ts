import type { Acknowledgement } from "../../contract/receipts.ts";
import { bytes32, fromBase64, fromHex } from "../../core/bytes.ts";
import { logLeaf, verifyPath } from "../../core/log-tree.ts";
import { marketId } from "../../core/market-id.ts";
import { headStatement } from "../../core/statements.ts";
import { decodeEntry, type Entry } from "../../market/entries.ts";
import { sha256 } from "../crypto.ts";
import { refuse } from "./refused.ts";

/** The entries of a receipt by sequence. */
export type ProvedEntries = ReadonlyMap<number, Entry>;

export type VerifySignature = (message: Uint8Array, signature: Uint8Array) => boolean;

/** Checks a receipt's head and the path of each of its entries, and reads the entries. @throws Refused */
export class AcknowledgementCheck {
  readonly #verify: VerifySignature;
  /** Rows of one export share their head: its signature is checked once. */
  #good: string | null = null;

  constructor(verify: VerifySignature) {
    this.#verify = verify;
  }

  check(receipt: Acknowledgement): ProvedEntries {
    this.#checkHead(receipt);
    const root = bytes32(fromHex(receipt.head.root));
    const entries = new Map<number, Entry>();
    for (const { sequence, encoded, path } of receipt.entries) {
      const bytes = fromBase64(encoded);
      const isPlaced = path.index === sequence - 1 && path.size === receipt.head.sequence;
      if (!isPlaced) refuse(`the path of entry ${sequence} is that of another entry or head`);
      const siblings = path.siblings.map((sibling) => bytes32(fromHex(sibling)));
      if (!verifyPath(sha256, logLeaf(sha256, bytes), { ...path, siblings }, root)) {
        refuse(`entry ${sequence} is not in the log that the head is of`);
      }
      entries.set(sequence, decode(sequence, bytes));
    }
    return entries;
  }

  #checkHead({ market, lane, head }: Acknowledgement): void {
    const key = JSON.stringify([market, lane, head.sequence, head.root, head.timeMs, head.signature]);
    if (key === this.#good) return;
    const statement = headStatement({
      market: marketId(market),
      lane,
      sequence: head.sequence,
      root: bytes32(fromHex(head.root)),
      timeMs: head.timeMs,
    });
    if (!this.#verify(statement, fromBase64(head.signature))) refuse("the head is not signed by the network's signer");
    this.#good = key;
  }
}

function decode(sequence: number, bytes: Uint8Array): Entry {
  try {
    return decodeEntry(bytes);
  } catch {
    return refuse(`entry ${sequence} cannot be decoded`);
  }
}
