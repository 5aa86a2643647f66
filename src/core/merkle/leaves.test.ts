import { createHash } from "node:crypto";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { named, sha256 } from "../../../test/support/market-hash.ts";
import { type Amount, amount, amountMax } from "../amount.ts";
import { toHex } from "../bytes.ts";
import { decode, encode } from "../codec.ts";
import { marketId } from "../market-id.ts";
import {
  compareLanes,
  compareMarkets,
  laneCodec,
  laneLeafHash,
  marketCodec,
  marketLeafHash,
  payoutCodec,
  payoutLeafHash,
} from "./leaves.ts";
import { nodeOf } from "./node.ts";

const pool = named("pool");

/** The bytes as the protocol's table has them, written by another library. */
function slowHash(kind: number, ...fields: readonly (Uint8Array | bigint)[]): string {
  const hash = createHash("sha256").update(Uint8Array.of(kind)).update(pool);
  for (const field of fields) {
    if (field instanceof Uint8Array) hash.update(field);
    else {
      const bytes = Buffer.alloc(8);
      bytes.writeBigUInt64LE(field);
      hash.update(bytes);
    }
  }
  return hash.digest("hex");
}

const u64Arbitrary: fc.Arbitrary<Amount> = fc
  .oneof(fc.constantFrom(0n, 1n, 2n ** 32n, 2n ** 63n, amountMax), fc.bigInt({ min: 0n, max: amountMax }))
  .map(amount);
const countArbitrary = fc.oneof(
  fc.constantFrom(0, 255, 256, 2 ** 31, 2 ** 32 - 1),
  fc.integer({ min: 0, max: 2 ** 32 - 1 }),
);

describe("a payout leaf", () => {
  const leafArbitrary = fc.record({
    index: countArbitrary,
    destination: fc.string().map(named),
    cumulative: u64Arbitrary,
    held: u64Arbitrary,
  });

  it("is hashed as the protocol says, to the edges of u64", () => {
    fc.assert(
      fc.property(leafArbitrary, (leaf) => {
        const expected = slowHash(0, BigInt(leaf.index), leaf.destination, leaf.cumulative, leaf.held);
        expect(toHex(payoutLeafHash(sha256, pool, leaf))).toBe(expected);
        expect(decode(payoutCodec, encode(payoutCodec, leaf), "a leaf")).toEqual(leaf);
      }),
    );
  });

  it("differs with every field and with the pool", () => {
    const leaf = { index: 5, destination: named("wallet"), cumulative: amount(7n), held: amount(3n) };
    const hashes = [
      leaf,
      { ...leaf, index: 6 },
      { ...leaf, destination: named("other") },
      { ...leaf, cumulative: amount(8n) },
      { ...leaf, held: amount(4n) },
      { ...leaf, cumulative: amount(3n), held: amount(7n) },
    ].map((each) => toHex(payoutLeafHash(sha256, pool, each)));
    hashes.push(toHex(payoutLeafHash(sha256, named("other pool"), leaf)));
    expect(new Set(hashes).size).toBe(hashes.length);
  });
});

describe("a market leaf", () => {
  it("is hashed as the protocol says", () => {
    fc.assert(
      fc.property(fc.string().map(named), countArbitrary, u64Arbitrary, (account, openedAt, allocated) => {
        const leaf = { account, openedAt, allocated };
        expect(toHex(marketLeafHash(sha256, pool, leaf))).toBe(slowHash(2, account, BigInt(openedAt), allocated));
        expect(decode(marketCodec, encode(marketCodec, leaf), "a leaf")).toEqual(leaf);
      }),
    );
  });

  it("sorts by address, then by the time it was opened", () => {
    const [low, high] = [named("a"), named("b")].sort((a, b) => (toHex(a) < toHex(b) ? -1 : 1)) as [never, never];
    const leaves = [
      { account: high, openedAt: 1, allocated: amount(0n) },
      { account: low, openedAt: 9, allocated: amount(0n) },
      { account: low, openedAt: 2, allocated: amount(0n) },
    ];
    expect(leaves.toSorted(compareMarkets)).toEqual([leaves[2], leaves[1], leaves[0]]);
  });
});

describe("a lane leaf", () => {
  const market = marketId("00112233445566778899aabbccddeeff");
  const lane = { market, lane: 258, size: 5_000_000_000, root: named("root") };

  it("is hashed over its id, number, size and root", () => {
    const laneBytes = Uint8Array.of(2, 1);
    const expected = slowHash(3, Buffer.from(market, "hex"), laneBytes, BigInt(lane.size), lane.root);
    expect(toHex(laneLeafHash(sha256, pool, lane))).toBe(expected);
    expect(decode(laneCodec, encode(laneCodec, lane), "a leaf")).toEqual(lane);
  });

  it("sorts by market, then by number", () => {
    const other = { ...lane, market: marketId("10112233445566778899aabbccddeeff"), lane: 0 };
    const before = { ...lane, lane: 3 };
    expect([other, lane, before].toSorted(compareLanes)).toEqual([before, lane, other]);
  });
});

describe("hashes of different kinds", () => {
  it("never coincide, even where the bytes behind the kind do", () => {
    const account = named("account");
    const asMarket = marketLeafHash(sha256, pool, { account, openedAt: 4, allocated: amount(5n) });
    const fields = [account, 4n, 5n] as const;
    expect(toHex(asMarket)).toBe(slowHash(2, ...fields));
    for (const kind of [0, 1, 3]) expect(toHex(asMarket)).not.toBe(slowHash(kind, ...fields));
    // A node over the pool's address and another hash has the length of no leaf, and another first byte.
    expect(toHex(nodeOf(sha256, pool, account))).toBe(slowHash(1, account));
  });
});
