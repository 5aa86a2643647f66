import type { StoredRecord } from "../../market/replay.ts";

/** Records of a lane one after another in one buffer, so that handing them to another thread costs nothing. */
export type Portion = Uint8Array<ArrayBuffer>;

const lengthsBytes = 8;

/** Two lengths before each record: of the entry, and of the attachment with 1 more, 0 where there is none. */
export function packPortion(records: readonly StoredRecord[]): Portion {
  let bytes = 0;
  for (const { encoded, attachment } of records) bytes += lengthsBytes + encoded.length + (attachment?.length ?? 0);
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
    records.push({ encoded, attachment: attached === 0 ? null : portion.subarray(end, at) });
  }
  return records;
}
