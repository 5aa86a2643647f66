import type { Bytes32 } from "../../core/bytes.ts";
import {
  bytes,
  type Codec,
  decode,
  encode,
  fixed,
  list,
  optional,
  struct,
  text,
  u8,
  u16,
  u32,
  varint,
} from "../../core/codec.ts";
import type { AttestorSignature } from "../../core/commit/attestors.ts";
import { type CommitMessage, commitBodyCodec, commitContextCodec } from "../../core/commit/commit-message.ts";
import type { LogPath } from "../../core/log-tree.ts";
import type { MarketId } from "../../core/market-id.ts";
import { type LaneLeaf, laneCodec, type PayoutLeaf, payoutCodec } from "../../core/merkle/leaves.ts";
import type { MerkleProof } from "../../core/merkle/proof.ts";
import type { Slot } from "../../core/slot.ts";

/**
 * Proof of what became of one submission, for whoever trusts a network's signer or its attestors. Given with the verdict
 * it stands on a signed head; completed, on a commit that the attestors signed. Then the head is left out, and all paths
 * lead to the lane's root at the commit's cut.
 */
export interface Receipt {
  readonly market: MarketId;
  readonly lane: number;
  readonly slot: Slot;
  readonly head: ReceiptHead | null;
  readonly commit: ReceiptCommit | null;
  /**
   * Of the slot's market: its creation, the batch with the task, the contributor's joining, the submission, and whatever
   * decided it. Ascending.
   */
  readonly entries: readonly ReceiptEntry[];
  /** The hash of the task's content and its path in the batch; null where it is not told. */
  readonly task: { readonly hash: Bytes32; readonly path: LogPath } | null;
}

export interface ReceiptHead {
  readonly sequence: number;
  readonly root: Bytes32;
  readonly timeMs: number;
  /** The network's signer's over `headStatement`. */
  readonly signature: Uint8Array;
}

export interface ReceiptEntry {
  readonly sequence: number;
  readonly encoded: Uint8Array;
  readonly path: LogPath;
}

export interface ReceiptCommit {
  readonly message: CommitMessage;
  readonly signatures: readonly AttestorSignature[];
  readonly lane: LaneLeaf;
  readonly laneProof: MerkleProof;
  /** The contributor's: what it is owed in all, of which this submission's pay is a part. */
  readonly payout: PayoutLeaf;
  readonly payoutProof: MerkleProof;
}

const hash32 = fixed<Bytes32>(32);
const signature64 = fixed(64);

const pathCodec: Codec<LogPath> = struct({ index: varint, size: varint, siblings: list(hash32) });
const proofCodec: Codec<MerkleProof> = struct({ position: varint, siblings: list(hash32) });

/** What all receipts of a lane have in common that stand on one commit. */
const sharedFields = {
  message: struct({ context: commitContextCodec, body: commitBodyCodec }),
  signatures: list(struct({ key: hash32, signature: signature64 })),
  lane: laneCodec,
  laneProof: proofCodec,
};
export type SharedCommit = Omit<ReceiptCommit, "payout" | "payoutProof">;
const sharedCodec: Codec<SharedCommit> = struct(sharedFields);
const commitCodec: Codec<ReceiptCommit> = struct({ ...sharedFields, payout: payoutCodec, payoutProof: proofCodec });

/** Two of them are the same where these bytes are. */
export const encodeShared = (commit: SharedCommit): Uint8Array => encode(sharedCodec, commit);

const receiptVersion = 1;

const versionCodec: Codec<number> = {
  write: (writer, version) => u8.write(writer, version),
  read: (reader) => {
    if (u8.read(reader) !== receiptVersion) throw reader.malformed();
    return receiptVersion;
  },
};

const receiptCodec = struct({
  version: versionCodec,
  market: text<MarketId>(),
  lane: u16,
  slot: struct({ task: u32, ordinal: u16 }),
  head: optional(struct({ sequence: varint, root: hash32, timeMs: varint, signature: signature64 })),
  commit: optional(commitCodec),
  entries: list(struct({ sequence: varint, encoded: bytes, path: pathCodec })),
  task: optional(struct({ hash: hash32, path: pathCodec })),
}) as Codec<Receipt & { readonly version: number }>;

/** One receipt in canonical bytes. */
export const encodeReceipt = (receipt: Receipt): Uint8Array =>
  encode(receiptCodec, { ...receipt, version: receiptVersion });

/** @throws MALFORMED_ENCODING where the bytes are not those of a receipt. */
export function decodeReceipt(encoded: Uint8Array): Receipt {
  const { version: _, ...receipt } = decode(receiptCodec, encoded, "a receipt");
  return receipt;
}
