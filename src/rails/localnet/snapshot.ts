import { createHash } from "node:crypto";
import { existsSync, readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { setImmediate } from "node:timers/promises";
import { type Decoded, decode, encode, fixed, list, struct, varint } from "../../core/codec.ts";
import { earnestError } from "../../core/errors.ts";
import type { StoredAccount } from "./accounts.ts";
import { plain, writeFileDurably } from "./files.ts";
import { changeCodec } from "./record.ts";

/** Signatures whose blockhash may still be good: what duplicates are refused by. */
const recentCodec = list(struct({ signature: fixed(64), slot: varint }));

const headCodec = struct({
  /** The first segment whose records are not in the snapshot. */
  segment: varint,
  sequence: varint,
  slot: varint,
  slotStartMs: varint,
  recent: recentCodec,
});

export type SnapshotHead = Decoded<typeof headCodec>;

const magic = Buffer.from("ELNS0001", "latin1");
const chunkAccounts = 500;
const chunkCodec = list(changeCodec);

export const snapshotPath = (folder: string, segment: number): string =>
  join(folder, `snapshot-${String(segment).padStart(8, "0")}.bin`);

export const listSnapshots = (folder: string): number[] =>
  readdirSync(folder)
    .map((name) => /^snapshot-(\d{8,})\.bin$/.exec(name)?.[1])
    .filter((digits) => digits !== undefined)
    .map(Number)
    .sort((a, b) => a - b);

/**
 * Written in pieces while transactions go on: an account that changes meanwhile is in the journal after the snapshot's
 * segment, and replaying that puts it right, because records hold whole accounts. `beforePublishing` must make those
 * records durable.
 */
export async function writeSnapshot(
  folder: string,
  head: SnapshotHead,
  accounts: Iterable<[string, StoredAccount]>,
  beforePublishing: () => Promise<void>,
): Promise<void> {
  const path = snapshotPath(folder, head.segment);
  const hash = createHash("sha256");
  async function* content(): AsyncGenerator<Uint8Array> {
    for (const chunk of pieces(head, accounts)) {
      hash.update(chunk);
      yield chunk;
      await setImmediate();
    }
    await beforePublishing();
    yield hash.digest();
  }
  await writeFileDurably(path, content());
}

function* pieces(head: SnapshotHead, accounts: Iterable<[string, StoredAccount]>): Generator<Uint8Array> {
  yield magic;
  yield framed(encode(headCodec, head));
  let chunk: { address: string; account: StoredAccount }[] = [];
  for (const [address, account] of accounts) {
    chunk.push({ address, account });
    if (chunk.length < chunkAccounts) continue;
    yield framed(encode(chunkCodec, chunk));
    chunk = [];
  }
  yield framed(encode(chunkCodec, chunk));
}

function framed(bytes: Uint8Array): Uint8Array {
  const frame = Buffer.alloc(4 + bytes.length);
  frame.writeUInt32LE(bytes.length);
  frame.set(bytes, 4);
  return frame;
}

/** @throws DATA_FOLDER_UNAVAILABLE where its checksum is wrong */
export function readSnapshot(
  folder: string,
  segment: number,
  visit: (address: string, account: StoredAccount) => void,
): SnapshotHead | null {
  const path = snapshotPath(folder, segment);
  if (!existsSync(path)) return null;
  const file = readFileSync(path);
  const body = file.subarray(0, -32);
  const digest = createHash("sha256").update(body).digest();
  if (file.length < 40 || !digest.equals(file.subarray(-32)) || !body.subarray(0, 8).equals(magic)) {
    throw earnestError("DATA_FOLDER_UNAVAILABLE", {
      path,
      problem: "the snapshot is damaged; delete it to use the journal",
    });
  }
  let offset = magic.length;
  const next = (): Uint8Array => {
    const start = offset + 4;
    offset = start + body.readUInt32LE(offset);
    return plain(body.subarray(start, offset));
  };
  const head = decode(headCodec, next(), "a snapshot");
  while (offset < body.length) {
    for (const { address, account } of decode(chunkCodec, next(), "a snapshot")) {
      if (account !== null) visit(address, account);
    }
  }
  return head;
}
