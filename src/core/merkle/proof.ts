import { type Bytes32, equalBytes } from "../bytes.ts";
import type { Hash } from "../hash.ts";
import { depthMax, missing, nodeOf } from "./node.ts";

/**
 * Siblings from a node upward; `position` is the node's place among those of its height, so that its bits say on which
 * side each sibling stands. For a leaf it is the leaf's index.
 */
export interface MerkleProof {
  readonly position: number;
  readonly siblings: readonly Bytes32[];
}

/** The root a proof leads to, or null where it is deeper than the program takes or the place cannot be in it. */
export function rootOfProof(hash: Hash, node: Bytes32, { position, siblings }: MerkleProof): Bytes32 | null {
  const depth = siblings.length;
  if (depth > depthMax || !Number.isSafeInteger(position)) return null;
  // A place beyond the depth would be another leaf's alias.
  if (position < 0 || position >= 2 ** depth) return null;
  let reached = node;
  let place = position;
  for (const sibling of siblings) {
    reached = place % 2 === 1 ? nodeOf(hash, sibling, reached) : nodeOf(hash, reached, sibling);
    place = Math.floor(place / 2);
  }
  return reached;
}

/** Whether the node stands at its place under the root. Nothing proves what is missing. */
export function verifyProof(hash: Hash, node: Bytes32, proof: MerkleProof, root: Bytes32): boolean {
  if (equalBytes(node, missing)) return false;
  const reached = rootOfProof(hash, node, proof);
  return reached !== null && equalBytes(reached, root);
}

/**
 * The node `height` levels above leaves that stand side by side from the beginning of an aligned subtree, as
 * `claim_many` computes it; null where they do not fit under it.
 */
export function subtreeNode(hash: Hash, leaves: readonly Bytes32[], height: number): Bytes32 | null {
  if (height < 0 || height > depthMax || leaves.length > 2 ** height) return null;
  let row = leaves;
  for (let level = 0; level < height; level++) {
    const below = row;
    row = Array.from({ length: Math.ceil(below.length / 2) }, (_, i) =>
      nodeOf(hash, below[2 * i] as Bytes32, below[2 * i + 1] ?? missing),
    );
  }
  return row[0] ?? missing;
}
