import { seededRandom } from "#src/cli/overlap/random";
import { amount } from "#src/core/amount";
import { bytes32 } from "#src/core/bytes";
import { payoutTree } from "#src/core/commit/epoch-trees";
import { readLeafFile, writeLeafFile } from "#src/core/commit/leaf-file";
import { type PayoutLeaf, payoutLeafHash } from "#src/core/merkle/leaves";
import { MerkleTree } from "#src/core/merkle/tree";
import { sha256 } from "#src/main/crypto";
import { defineBench, type Say } from "./options.ts";

interface Figures {
  readonly rootMs: number;
  readonly coldMs: number;
  readonly loadMs: number;
  readonly leaves: number;
  readonly changed: number;
  readonly rounds: number;
}

/**
 * The payout root of an epoch: a pool of a million contributors, of whom ten thousand at random places earned something
 * since the last one. Hashes the changed leaves and their paths. Cold: all leaves and nodes; load: those of a leaf file,
 * which is what is stored of a tree. Wall time in milliseconds, median of rounds, one core.
 */
export const benchRoot = defineBench({}, (_, say) => measureRoot(say));

export async function measureRoot(say: Say): Promise<Figures> {
  const tree = new MerkleTree(sha256);
  const coldMs = timed(() => {
    for (let index = 0; index < leaves; index++) earn(tree, index, 0);
    tree.root();
  });
  const file = [...writeLeafFile(pool, 1, { payouts: allLeaves(), markets: [], lanes: [] })];
  const loadMs = timed(() => payoutTree(sha256, pool, readLeafFile(file).leaves.payouts).root());
  const times: number[] = [];
  for (let round = 1; round <= warmUps + rounds; round++) {
    const indexes = someIndexes(round);
    const ms = timed(() => {
      for (const index of indexes) earn(tree, index, round);
      tree.root();
    });
    if (round > warmUps) times.push(ms);
  }
  const rootMs = medianOf(times);
  say(`cold ${coldMs.toFixed(0)} ms, load ${loadMs.toFixed(0)} ms, warm ${rootMs.toFixed(1)} ms`);
  return { rootMs, coldMs, loadMs, leaves, changed, rounds };
}

const leaves = 1_000_000;
const changed = 10_000;
const rounds = 9;
const warmUps = 2;
const pool = bytes32(new Uint8Array(32).fill(7));
const destination = bytes32(new Uint8Array(32).fill(9));

function earn(tree: MerkleTree, index: number, round: number): void {
  tree.update(index, payoutLeafHash(sha256, pool, leafOf(index, round)));
}

const leafOf = (index: number, round: number): PayoutLeaf => ({
  index,
  destination,
  cumulative: amount(BigInt(index) * 1_000n + BigInt(round)),
  held: amount(0n),
});
const allLeaves = (): PayoutLeaf[] => Array.from({ length: leaves }, (_, index) => leafOf(index, 0));

function someIndexes(round: number): Set<number> {
  const random = seededRandom(round);
  const indexes = new Set<number>();
  while (indexes.size < changed) indexes.add(Math.floor(random() * leaves));
  return indexes;
}

function timed(work: () => void): number {
  const start = performance.now();
  work();
  return performance.now() - start;
}

const medianOf = (times: readonly number[]): number =>
  times.toSorted((a, b) => a - b)[Math.floor(times.length / 2)] as number;
