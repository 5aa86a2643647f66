import { type Bytes32, bytes32, concatBytes } from "../../core/bytes.ts";
import { type CommitMessage, commitDigest, decodeCommit } from "../../core/commit/commit-message.ts";
import { laneTree } from "../../core/commit/epoch-trees.ts";
import { readLeafFile, writeLeafFile } from "../../core/commit/leaf-file.ts";
import type { MarketId } from "../../core/market-id.ts";
import type { StoredRecord } from "../../market/replay.ts";
import { rootOfRecords } from "../../market/settlement/tampering.ts";
import { sha256 } from "../crypto.ts";

/** A commit that an operator could make of a log that it altered. */
export interface Forged {
  readonly message: CommitMessage;
  readonly digest: Bytes32;
  readonly leafFile: Uint8Array;
}

/**
 * The message over another log of a lane: everything that the lane's root is part of is made anew, so that nothing but a
 * replay shows it. Who is owed what stays as it was.
 */
export function forgeCommit(
  encoded: Uint8Array,
  leafFile: Uint8Array,
  altered: { readonly market: MarketId; readonly records: readonly StoredRecord[] },
): Forged {
  const { context, body } = decodeCommit(encoded);
  const { header, leaves } = readLeafFile([leafFile]);
  const { market, records } = altered;
  const lanes = leaves.lanes.map((leaf) =>
    leaf.market === market ? { ...leaf, size: records.length, root: rootOfRecords(sha256, records) } : leaf,
  );
  const file = concatBytes(...writeLeafFile(header.pool, header.epoch, { ...leaves, lanes }));
  const logRoot = laneTree(sha256, bytes32(context.pool), lanes).root();
  const message = { context, body: { ...body, logRoot, leafFileHash: sha256(file) } };
  return { message, digest: commitDigest(sha256, message), leafFile: file };
}
