import type { Acknowledgement } from "../../../src/contract/receipts.ts";
import { fromBase64, toBase64 } from "../../../src/core/bytes.ts";
import { decodeReceipt, encodeReceipt } from "../../../src/market/settlement/receipt.ts";

/** A proof of entries with one bit of its last entry turned over, as somebody would who wants it to say something else. */
export function tamperedEntries(given: Acknowledgement): Acknowledgement {
  const entries = withLast(given.entries, (last) => ({ ...last, encoded: toBase64(turned(fromBase64(last.encoded))) }));
  return { ...given, entries };
}

/** A slot's receipt with one bit of its last entry, the one that decided, turned over. */
export function tamperedReceipt(encoded: Uint8Array): Uint8Array {
  const receipt = decodeReceipt(encoded);
  const entries = withLast(receipt.entries, (last) => ({ ...last, encoded: turned(last.encoded) }));
  return encodeReceipt({ ...receipt, entries });
}

function withLast<Item>(items: readonly Item[], change: (last: Item) => Item): Item[] {
  const last = items.at(-1);
  return last === undefined ? [] : [...items.slice(0, -1), change(last)];
}

function turned(bytes: Uint8Array): Uint8Array {
  const copy = bytes.slice();
  const at = copy.length - 1;
  copy[at] = (copy[at] as number) ^ 1;
  return copy;
}
