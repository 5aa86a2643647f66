import { bytes32 } from "../../core/bytes.ts";
import type { StoredRecord } from "../../market/replay.ts";

/** Records of a lane one after another in one buffer, so that handing them to another thread costs nothing. */
export type Portion = Uint8Array<ArrayBuffer>;

const headBytes = 9;
const hashBytes = 32;

/**
 * Before each record stand the length of its entry, that of its attachment with 1 more, 0 where there is none, and whether
 * the hash of a submission's body is known: it stands behind the record.
 */
export function packPortion(records: readonly StoredRecord[]): Portion {
  let bytes = 0;
  for (const { encoded, attachment, bodyHash = null } of records)
    bytes += headBytes + encoded.length + (attachment?.length ?? 0) + (bodyHash === null ? 0 : hashBytes);
  const portion = new Uint8Array(bytes);
  const view = new DataView(portion.buffer);
  let at = 0;
  for (const { encoded, attachment, bodyHash = null } of records) {
    view.setUint32(at, encoded.length);
    view.setUint32(at + 4, attachment === null ? 0 : attachment.length + 1);
    view.setUint8(at + 8, bodyHash === null ? 0 : 1);
    at += headBytes;
    for (const part of [encoded, attachment, bodyHash]) {
      if (part === null) continue;
      portion.set(part, at);
      at += part.length;
    }
  }
  return portion;
}

/** The records are views of the portion. */
export function unpackPortion(portion: Portion): StoredRecord[] {
  const view = new DataView(portion.buffer, portion.byteOffset, portion.length);
  const records: StoredRecord[] = [];
  for (let at = 0; at < portion.length; ) {
    const attached = view.getUint32(at + 4);
    const isHashed = view.getUint8(at + 8) === 1;
    const end = at + headBytes + view.getUint32(at);
    const encoded = portion.subarray(at + headBytes, end);
    at = attached === 0 ? end : end + attached - 1;
    const attachment = attached === 0 ? null : portion.subarray(end, at);
    const bodyHash = isHashed ? bytes32(portion.subarray(at, at + hashBytes)) : null;
    if (isHashed) at += hashBytes;
    records.push({ encoded, attachment, bodyHash });
  }
  return records;
}
