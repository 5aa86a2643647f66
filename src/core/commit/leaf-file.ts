import { type Bytes32, concatBytes, equalBytes, toUtf8 } from "../bytes.ts";
import { type Codec, decode, encode, fixed, struct } from "../codec.ts";
import { type EarnestError, earnestError } from "../errors.ts";
import {
  compareLanes,
  compareMarkets,
  count64,
  type LaneLeaf,
  laneCodec,
  type MarketLeaf,
  marketCodec,
  type PayoutLeaf,
  payoutCodec,
} from "../merkle/leaves.ts";

/**
 * All leaves of an epoch, as attestors keep them: whoever has the file can prove every payout, allocation and lane under
 * the roots that were signed, and nobody else has to be asked. The commit signs the sha256 of the whole file.
 *
 * A header, then records of fixed size, little-endian, each sort in its order without repeats: payouts (56 bytes) by
 * index, markets (48) by address and time, lanes (58) by market and number. Nothing follows.
 */
export interface LeafFileHeader {
  readonly pool: Bytes32;
  readonly epoch: number;
  readonly payouts: number;
  readonly markets: number;
  readonly lanes: number;
}

export type LeafFileRecord =
  | { readonly type: "payout"; readonly leaf: PayoutLeaf }
  | { readonly type: "market"; readonly leaf: MarketLeaf }
  | { readonly type: "lane"; readonly leaf: LaneLeaf };

/** The leaves of an epoch, each sort in its order. */
export interface EpochLeaves {
  readonly payouts: readonly PayoutLeaf[];
  readonly markets: readonly MarketLeaf[];
  readonly lanes: readonly LaneLeaf[];
}

const magic = concatBytes(toUtf8("earnest/leaves/1"), new Uint8Array(8));

const headerCodec: Codec<LeafFileHeader & { readonly magic: Uint8Array }> = struct({
  magic: fixed(magic.length),
  pool: fixed<Bytes32>(32),
  epoch: count64,
  payouts: count64,
  markets: count64,
  lanes: count64,
});
const headerBytes = magic.length + 32 + 4 * 8;

interface Section<Leaf> {
  readonly type: LeafFileRecord["type"];
  readonly count: "payouts" | "markets" | "lanes";
  readonly bytes: number;
  readonly codec: Codec<Leaf>;
  compare(a: Leaf, b: Leaf): number;
}

const sections = [
  { type: "payout", count: "payouts", bytes: 56, codec: payoutCodec, compare: (a, b) => a.index - b.index },
  { type: "market", count: "markets", bytes: 48, codec: marketCodec, compare: compareMarkets },
  { type: "lane", count: "lanes", bytes: 58, codec: laneCodec, compare: compareLanes },
] as const satisfies readonly [Section<PayoutLeaf>, Section<MarketLeaf>, Section<LaneLeaf>];

/** Bytes of a piece that is written at once. */
const pieceBytes = 1 << 16;

/**
 * The file in pieces of some 64 KiB. Equal leaves make equal bytes.
 *
 * @throws INVARIANT_MISMATCH where leaves are out of order
 */
export function* writeLeafFile(pool: Bytes32, epoch: number, leaves: EpochLeaves): Generator<Uint8Array> {
  const { payouts, markets, lanes } = leaves;
  const header = { magic, pool, epoch, payouts: payouts.length, markets: markets.length, lanes: lanes.length };
  yield encode(headerCodec, header);
  for (const section of sections as readonly Section<unknown>[]) {
    let piece: Uint8Array[] = [];
    let last: unknown;
    for (const leaf of leaves[section.count]) {
      if (last !== undefined && section.compare(last, leaf) >= 0) {
        throw earnestError("INVARIANT_MISMATCH", { what: `the ${section.count} of a leaf file are out of order` });
      }
      last = leaf;
      piece.push(encode(section.codec, leaf));
      if (piece.length * section.bytes < pieceBytes) continue;
      yield concatBytes(...piece);
      piece = [];
    }
    if (piece.length > 0) yield concatBytes(...piece);
  }
}

/** Reads a leaf file from pieces of any size, as they come. */
export class LeafFileReader {
  header: LeafFileHeader | null = null;
  #rest = new Uint8Array(0);
  #offset = 0;
  /** The section that is read, and how many records of it came. */
  #section = 0;
  #count = 0;
  #last: unknown;

  /** @throws MALFORMED_ENCODING where the file is not one, or its records are out of order. */
  *feed(piece: Uint8Array): Generator<LeafFileRecord> {
    const bytes = this.#rest.length === 0 ? piece : concatBytes(this.#rest, piece);
    let at = 0;
    for (;;) {
      const size = this.#nextBytes();
      if (size > bytes.length - at) break;
      if (size === 0) {
        if (at < bytes.length) throw this.#malformed();
        break;
      }
      const record = this.#read(bytes.subarray(at, at + size));
      at += size;
      this.#offset += size;
      if (record !== null) yield record;
    }
    this.#rest = bytes.slice(at);
  }

  /** @throws MALFORMED_ENCODING where something is missing. */
  end(): LeafFileHeader {
    if (this.header === null || this.#nextBytes() !== 0) throw this.#malformed();
    return this.header;
  }

  #malformed(): EarnestError {
    return earnestError("MALFORMED_ENCODING", { what: "a leaf file", offset: this.#offset });
  }

  /** What comes next has this many bytes: 0 at the end. */
  #nextBytes(): number {
    if (this.header === null) return headerBytes;
    for (; this.#section < sections.length; this.#section++) {
      const section = sections[this.#section] as Section<unknown>;
      if (this.#count < this.header[section.count]) return section.bytes;
      this.#count = 0;
      this.#last = undefined;
    }
    return 0;
  }

  #read(bytes: Uint8Array): LeafFileRecord | null {
    if (this.header === null) {
      const { magic: found, ...header } = decode(headerCodec, bytes, "a leaf file");
      if (!equalBytes(found, magic)) throw this.#malformed();
      this.header = header;
      return null;
    }
    const section = sections[this.#section] as Section<unknown>;
    const leaf = decode(section.codec, bytes, "a leaf file");
    if (this.#last !== undefined && section.compare(this.#last, leaf) >= 0) throw this.#malformed();
    this.#last = leaf;
    this.#count++;
    return { type: section.type, leaf } as LeafFileRecord;
  }
}

export interface LeafFile {
  readonly header: LeafFileHeader;
  readonly leaves: EpochLeaves;
}

/** A whole file at once, for those small enough. */
export function readLeafFile(pieces: Iterable<Uint8Array>): LeafFile {
  const reader = new LeafFileReader();
  const leaves = { payouts: [] as PayoutLeaf[], markets: [] as MarketLeaf[], lanes: [] as LaneLeaf[] };
  for (const piece of pieces) {
    for (const { type, leaf } of reader.feed(piece)) {
      if (type === "payout") leaves.payouts.push(leaf);
      else if (type === "market") leaves.markets.push(leaf);
      else leaves.lanes.push(leaf);
    }
  }
  return { header: reader.end(), leaves };
}

/** sha256 over pieces that come one after another; given by whoever calls, like `Hash`. */
export interface HashStream {
  update(bytes: Uint8Array): void;
  digest(): Bytes32;
}

export function leafFileHash(stream: HashStream, pieces: Iterable<Uint8Array>): Bytes32 {
  for (const piece of pieces) stream.update(piece);
  return stream.digest();
}
