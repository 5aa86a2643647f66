import { type Bytes32, bytes32 } from "../../core/bytes.ts";
import { bodyBytesHash } from "../../core/statements.ts";
import { kindNumberOf } from "../../market/entries.ts";
import type { StoredRecord } from "../../market/replay.ts";
import { sha256 } from "../crypto.ts";

/** Records of a lane one after another in one buffer, so that handing them to another thread costs nothing. */
export type Portion = Uint8Array<ArrayBuffer>;

const lengthsBytes = 8;
const hashBytes = 32;
const submittedKind = kindNumberOf("submitted");

/** Bodies are hashed by whoever packs them: reading takes less time than the rules, for which the other thread waits. */
const hasBody = (encoded: Uint8Array, attachment: Uint8Array | null): attachment is Uint8Array =>
  attachment !== null && encoded[0] === submittedKind;

/**
 * Two lengths before each record: of the entry, and of the attachment with 1 more, 0 where there is none. Behind the body
 * of a submission stands its hash.
 */
export function packPortion(records: readonly StoredRecord[]): Portion {
  let bytes = 0;
  for (const { encoded, attachment } of records) {
    bytes += lengthsBytes + encoded.length + (attachment?.length ?? 0);
    if (hasBody(encoded, attachment)) bytes += hashBytes;
  }
  const portion = new Uint8Array(bytes);
  const view = new DataView(portion.buffer);
  let at = 0;
  for (const { encoded, attachment } of records) {
    view.setUint32(at, encoded.length);
    view.setUint32(at + 4, attachment === null ? 0 : attachment.length + 1);
    portion.set(encoded, at + lengthsBytes);
    at += lengthsBytes + encoded.length;
    if (attachment === null) continue;
    portion.set(attachment, at);
    at += attachment.length;
    if (!hasBody(encoded, attachment)) continue;
    portion.set(bodyBytesHash(sha256, attachment), at);
    at += hashBytes;
  }
  return portion;
}

/** The records are views of the portion. */
export function unpackPortion(portion: Portion): StoredRecord[] {
  const view = new DataView(portion.buffer, portion.byteOffset, portion.length);
  const records: StoredRecord[] = [];
  for (let at = 0; at < portion.length; ) {
    const end = at + lengthsBytes + view.getUint32(at);
    const attached = view.getUint32(at + 4);
    const encoded = portion.subarray(at + lengthsBytes, end);
    at = attached === 0 ? end : end + attached - 1;
    const attachment = attached === 0 ? null : portion.subarray(end, at);
    let bodyHash: Bytes32 | null = null;
    if (hasBody(encoded, attachment)) {
      bodyHash = bytes32(portion.subarray(at, at + hashBytes));
      at += hashBytes;
    }
    records.push({ encoded, attachment, bodyHash });
  }
  return records;
}
