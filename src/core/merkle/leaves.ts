import type { Amount } from "../amount.ts";
import { type Bytes32, compareBytes } from "../bytes.ts";
import { type Codec, encode, fixed, struct, u16, u64 } from "../codec.ts";
import { type Hash, hashJoined } from "../hash.ts";
import { type MarketId, marketIdFromBytes, marketIdToBytes } from "../market-id.ts";
import { hashedKinds } from "./node.ts";

/** What a pool owes one contributor. The index is given once and never moves; index 0 is the operator's. */
export interface PayoutLeaf {
  readonly index: number;
  /** The token account that is paid. */
  readonly destination: Bytes32;
  /** All that was ever released: it never falls. */
  readonly cumulative: Amount;
  /** Earned and pledged: it may still fall, and is due once the pool is wound down. */
  readonly held: Amount;
}

/** What the work in a market has cost its requester so far, fees included. */
export interface MarketLeaf {
  /** The market's account on chain. */
  readonly account: Bytes32;
  /** When it was opened, seconds since 1970: an account that is opened again at its old address is another market. */
  readonly openedAt: number;
  readonly allocated: Amount;
}

/** How far a lane's log was counted: the root of its log tree at its cut. */
export interface LaneLeaf {
  readonly market: MarketId;
  readonly lane: number;
  readonly size: number;
  readonly root: Bytes32;
}

const payoutBytes = new Uint8Array(89);
const payoutView = new DataView(payoutBytes.buffer);

/** sha256(0x00, pool, index u64, destination, cumulative u64, held u64). */
export function payoutLeafHash(hash: Hash, pool: Bytes32, leaf: PayoutLeaf): Bytes32 {
  payoutBytes[0] = hashedKinds.payout;
  payoutBytes.set(pool, 1);
  payoutView.setUint32(33, leaf.index % 2 ** 32, true);
  payoutView.setUint32(37, Math.floor(leaf.index / 2 ** 32), true);
  payoutBytes.set(leaf.destination, 41);
  payoutView.setBigUint64(73, leaf.cumulative, true);
  payoutView.setBigUint64(81, leaf.held, true);
  return hash(payoutBytes);
}

const number64 = u64<Amount>();
const hash32 = fixed<Bytes32>(32);

/** A whole number of 64 bits as the program has it, which is a safe integer here. */
export const count64: Codec<number> = {
  write: (writer, value) => number64.write(writer, BigInt(value) as Amount),
  read: (reader) => {
    const value = Number(number64.read(reader));
    if (!Number.isSafeInteger(value)) throw reader.malformed();
    return value;
  },
};

/** The content of leaves, as they are hashed and as leaf files keep them. */
export const payoutCodec: Codec<PayoutLeaf> = {
  write: (writer, { index, destination, cumulative, held }) => {
    count64.write(writer, index);
    hash32.write(writer, destination);
    number64.write(writer, cumulative);
    number64.write(writer, held);
  },
  // Field by field: there are as many as contributors, and whoever has them all reads them at each epoch.
  read: (reader) => ({
    index: count64.read(reader),
    destination: hash32.read(reader),
    cumulative: number64.read(reader),
    held: number64.read(reader),
  }),
};

export const marketCodec: Codec<MarketLeaf> = struct({ account: hash32, openedAt: count64, allocated: number64 });

const marketIdCodec: Codec<MarketId> = {
  write: (writer, value) => writer.raw(marketIdToBytes(value)),
  read: (reader) => marketIdFromBytes(reader.raw(16)),
};

export const laneCodec: Codec<LaneLeaf> = struct({ market: marketIdCodec, lane: u16, size: count64, root: hash32 });

/** sha256(0x02, pool, market, opened_at i64, allocated u64). */
export const marketLeafHash = (hash: Hash, pool: Bytes32, leaf: MarketLeaf): Bytes32 =>
  hashJoined(hash, Uint8Array.of(hashedKinds.market), pool, encode(marketCodec, leaf));

/** sha256(0x03, pool, market id of 16 bytes, lane u16, size u64, root). The program never sees one. */
export const laneLeafHash = (hash: Hash, pool: Bytes32, leaf: LaneLeaf): Bytes32 =>
  hashJoined(hash, Uint8Array.of(hashedKinds.lane), pool, encode(laneCodec, leaf));

/** The order of market leaves: by address, and by time where an address was used again. */
export const compareMarkets = (a: MarketLeaf, b: MarketLeaf): number =>
  compareBytes(a.account, b.account) || a.openedAt - b.openedAt;

type LaneName = Pick<LaneLeaf, "market" | "lane">;

/** The order of lane leaves: by market, then by lane. */
export function compareLanes(a: LaneName, b: LaneName): number {
  if (a.market !== b.market) return a.market < b.market ? -1 : 1;
  return a.lane - b.lane;
}
