import { type Bytes32, bytes32 } from "./bytes.ts";
import { earnestError } from "./errors.ts";
import type { Hash } from "./hash.ts";
import { type LogPath, logNode, logRoot, type PeakPlace, peakPlaces } from "./log-tree.ts";

/**
 * All nodes of a lane's log tree, for whoever proves many of its entries. A perfect tree of a log stays one while the log
 * grows, so that the nodes that are there prove an entry under the root of every size up to their own, and what was
 * appended since is all that has to be read for a larger one. Takes 64 bytes an entry, and up to as many in reserve.
 */
export class LogNodes {
  readonly #hash: Hash;
  /** Of each height its nodes, side by side. */
  readonly #levels: Uint8Array[] = [];
  #size = 0;
  #last: Peaks | null = null;

  constructor(hash: Hash) {
    this.#hash = hash;
  }

  get size(): number {
    return this.#size;
  }

  append(leaf: Bytes32): void {
    let node = leaf;
    let position = this.#size++;
    this.#put(0, position, node);
    for (let height = 0; position % 2 === 1; height++) {
      node = logNode(this.#hash, this.#node(height, position - 1), node);
      position = (position - 1) / 2;
      this.#put(height + 1, position, node);
    }
  }

  /** Of an entry, counted from 0, to the root that the log had at a size. */
  path(index: number, size = this.#size): LogPath {
    const isThere = Number.isSafeInteger(index) && index >= 0 && index < size && size <= this.#size;
    if (!isThere) throw earnestError("INVARIANT_MISMATCH", { what: `entry ${index} of ${size} is not in this log` });
    const { places, beside } = this.#peaks(size);
    const at = places.findLastIndex(({ start }) => start <= index);
    const { height } = places[at] as PeakPlace;
    const siblings: Bytes32[] = [];
    let position = index;
    for (let level = 0; level < height; level++) {
      siblings.push(this.#node(level, position % 2 === 1 ? position - 1 : position + 1));
      position = Math.floor(position / 2);
    }
    for (const sibling of beside[at] as readonly Bytes32[]) siblings.push(sibling);
    return { index, size, siblings };
  }

  #peaks(size: number): Peaks {
    if (this.#last?.size === size) return this.#last;
    const places = peakPlaces(size);
    const peaks = places.map(({ height, start }) => this.#node(height, start / 2 ** height));
    const beside = places.map((_, at) => [
      ...(at + 1 < peaks.length ? [logRoot(this.#hash, { size, peaks: peaks.slice(at + 1) })] : []),
      ...peaks.slice(0, at).reverse(),
    ]);
    this.#last = { size, places, beside };
    return this.#last;
  }

  /** A view: nodes are written once, and a level that grows leaves its old bytes as they are. */
  #node(height: number, position: number): Bytes32 {
    return bytes32((this.#levels[height] as Uint8Array).subarray(nodeBytes * position, nodeBytes * (position + 1)));
  }

  #put(height: number, position: number, node: Bytes32): void {
    const at = nodeBytes * position;
    let level = this.#levels[height] ?? new Uint8Array(0);
    if (at + nodeBytes > level.length) {
      const grown = new Uint8Array(Math.max(2 * level.length, nodeBytes));
      grown.set(level);
      this.#levels[height] = grown;
      level = grown;
    }
    level.set(node, at);
  }
}

const nodeBytes = 32;

/** What stands beside the peak of a leaf is the same for all its leaves: what follows it folded, then what precedes it. */
interface Peaks {
  readonly size: number;
  readonly places: readonly PeakPlace[];
  readonly beside: readonly (readonly Bytes32[])[];
}
