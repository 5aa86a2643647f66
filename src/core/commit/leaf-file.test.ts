import { createHash } from "node:crypto";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { named, sha256 } from "../../../test/support/market-hash.ts";
import { amount, amountMax } from "../amount.ts";
import { bytes32, concatBytes, toHex } from "../bytes.ts";
import { isEarnestError } from "../errors.ts";
import { marketIdFromBytes } from "../market-id.ts";
import { compareLanes, compareMarkets } from "../merkle/leaves.ts";
import { type EpochLeaves, LeafFileReader, leafFileHash, readLeafFile, writeLeafFile } from "./leaf-file.ts";

const pool = named("pool");
const amountArbitrary = fc.bigInt({ min: 0n, max: amountMax }).map(amount);
const hashArbitrary = fc.nat({ max: 40 }).map((n) => named(`hash ${n}`));

const leavesArbitrary: fc.Arbitrary<EpochLeaves> = fc.record({
  payouts: fc
    .uniqueArray(
      fc.record({
        index: fc.nat({ max: 2 ** 32 - 1 }),
        destination: hashArbitrary,
        cumulative: amountArbitrary,
        held: amountArbitrary,
      }),
      { selector: ({ index }) => index, maxLength: 30 },
    )
    .map((some) => some.sort((a, b) => a.index - b.index)),
  markets: fc
    .uniqueArray(fc.record({ account: hashArbitrary, openedAt: fc.nat({ max: 3 }), allocated: amountArbitrary }), {
      selector: ({ account, openedAt }) => `${toHex(account)} ${openedAt}`,
      maxLength: 20,
    })
    .map((some) => some.sort(compareMarkets)),
  lanes: fc
    .uniqueArray(
      fc.record({
        market: hashArbitrary.map((hash) => marketIdFromBytes(hash.slice(0, 16))),
        lane: fc.nat({ max: 3 }),
        size: fc.nat(),
        root: hashArbitrary,
      }),
      { selector: ({ market, lane }) => `${market} ${lane}`, maxLength: 20 },
    )
    .map((some) => some.sort(compareLanes)),
});

const fileOf = (leaves: EpochLeaves, epoch = 12): Uint8Array => concatBytes(...writeLeafFile(pool, epoch, leaves));

function pieces(bytes: Uint8Array, sizes: readonly number[]): Uint8Array[] {
  const some: Uint8Array[] = [];
  for (let at = 0, i = 0; at < bytes.length; i++) {
    const size = sizes[i % sizes.length] as number;
    some.push(bytes.slice(at, at + size));
    at += size;
  }
  return some;
}

const isMalformed = (file: Uint8Array): boolean => {
  try {
    readLeafFile([file]);
    return false;
  } catch (error) {
    return isEarnestError(error, "MALFORMED_ENCODING");
  }
};

describe("a leaf file", () => {
  it("gives back what was written, in pieces of any size", () => {
    fc.assert(
      fc.property(leavesArbitrary, fc.array(fc.integer({ min: 1, max: 200 }), { minLength: 1 }), (leaves, sizes) => {
        const { header, leaves: read } = readLeafFile(pieces(fileOf(leaves), sizes));
        expect(read).toEqual(leaves);
        const { payouts, markets, lanes } = leaves;
        const counts = { payouts: payouts.length, markets: markets.length, lanes: lanes.length };
        expect(header).toEqual({ pool, epoch: 12, ...counts });
      }),
      { numRuns: 80 },
    );
  });

  it("is refused where it ends early, goes on, or is no leaf file", () => {
    fc.assert(
      fc.property(leavesArbitrary, fc.nat(), (leaves, at) => {
        const file = fileOf(leaves);
        expect(isMalformed(file.slice(0, at % file.length))).toBe(true);
        expect(isMalformed(concatBytes(file, Uint8Array.of(0)))).toBe(true);
        expect(isMalformed(file.with(at % 24, (file[at % 24] as number) ^ 1))).toBe(true);
      }),
      { numRuns: 60 },
    );
    expect(isMalformed(new Uint8Array(0))).toBe(true);
  });

  it("has its records in order, each once", () => {
    const leaf = (index: number) => ({
      index,
      destination: named("wallet"),
      cumulative: amount(1n),
      held: amount(0n),
    });
    const good = fileOf({ payouts: [leaf(1), leaf(2)], markets: [], lanes: [] });
    for (const payouts of [
      [leaf(2), leaf(1)],
      [leaf(1), leaf(1)],
    ]) {
      expect(() => fileOf({ payouts, markets: [], lanes: [] })).toThrow(/out of order/);
    }
    const first = good.length - 2 * 56;
    expect(isMalformed(good.with(first, 2))).toBe(true);
    expect(isMalformed(good.with(first, 3))).toBe(true);
    expect(isMalformed(good)).toBe(false);
  });

  it("is read record by record, and kept no longer than a piece", () => {
    const payouts = Array.from({ length: 3_000 }, (_, index) => ({
      index,
      destination: named("wallet"),
      cumulative: amount(BigInt(index)),
      held: amount(0n),
    }));
    const written = [...writeLeafFile(pool, 1, { payouts, markets: [], lanes: [] })];
    expect(written.length).toBeGreaterThan(2);
    expect(Math.max(...written.map(({ length }) => length))).toBeLessThan(70_000);
    const reader = new LeafFileReader();
    let count = 0;
    for (const piece of written) for (const record of reader.feed(piece)) if (record.type === "payout") count++;
    expect(reader.end().payouts).toBe(count);
  });

  it("has the hash of all its bytes", () => {
    const leaves = fc.sample(leavesArbitrary, { numRuns: 1, seed: 5 })[0] as EpochLeaves;
    const stream = createHash("sha256");
    const hash = leafFileHash(
      { update: (bytes) => void stream.update(bytes), digest: () => bytes32(new Uint8Array(stream.digest())) },
      writeLeafFile(pool, 12, leaves),
    );
    expect(hash).toEqual(sha256(fileOf(leaves)));
    expect(hash).not.toEqual(sha256(fileOf(leaves, 13)));
  });
});
