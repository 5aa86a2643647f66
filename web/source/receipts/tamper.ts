import type { Acknowledgement } from "../../../src/contract/receipts.ts";
import { fromBase64, toBase64 } from "../../../src/core/bytes.ts";

/** The receipt with one bit of its last entry turned over, as somebody would who wants it to say something else. */
export function tampered(given: Acknowledgement): Acknowledgement {
  const last = given.entries.at(-1);
  if (last === undefined) return given;
  const bytes = fromBase64(last.encoded).slice();
  const at = bytes.length - 1;
  bytes[at] = (bytes[at] as number) ^ 1;
  return { ...given, entries: [...given.entries.slice(0, -1), { ...last, encoded: toBase64(bytes) }] };
}
