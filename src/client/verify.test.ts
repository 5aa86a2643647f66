import fc from "fast-check";
import { describe, expect, it } from "vitest";
import type { Acknowledgement } from "../contract/receipts.ts";
import { type Bytes32, toBase58, toBase64, toHex } from "../core/bytes.ts";
import { appendedPaths, emptyLogTree, logLeaf, logRoot, logTreeOf } from "../core/log-tree.ts";
import { marketId } from "../core/market-id.ts";
import { headStatement } from "../core/statements.ts";
import { sha256 as nodeSha256, signerFromSeed } from "../main/crypto.ts";
import { sha256 } from "./sha256.ts";
import { verifyAcknowledgement } from "./verify.ts";

const signer = signerFromSeed(new Uint8Array(32).fill(3));
const publicKey = toBase58(signer.publicKey);
const market = marketId("cd".repeat(16));

/** A log of that many entries under a signed head, with proof of the chosen ones. */
function acknowledgementOf(size: number, chosen: readonly number[]): Acknowledgement {
  const entries = Array.from({ length: size }, (_, i) => new Uint8Array([i, i >> 8, 7]));
  const leaves = entries.map((entry) => logLeaf(sha256, entry));
  const root = logRoot(sha256, logTreeOf(sha256, leaves));
  const paths = appendedPaths(sha256, emptyLogTree, leaves);
  const head = { sequence: size, root, timeMs: 1_700_000_000_000 };
  const signature = signer.sign(headStatement({ market, lane: 2, ...head }));
  return {
    market,
    lane: 2,
    head: { ...head, root: toHex(root), signature: toBase64(signature) },
    entries: chosen.map((index) => ({
      sequence: index + 1,
      encoded: toBase64(entries[index] as Uint8Array),
      path: { index, size, siblings: paths[index]?.siblings.map((each: Bytes32) => toHex(each)) ?? [] },
    })),
  };
}

const one = (size = 5, index = 3) => acknowledgementOf(size, [index]);
const [entry] = one().entries as [Acknowledgement["entries"][number]];

describe("an acknowledgement", () => {
  it("holds for every entry of every log", async () => {
    await fc.assert(
      fc.asyncProperty(fc.integer({ min: 1, max: 40 }), fc.nat(), async (size, place) => {
        const acknowledgement = acknowledgementOf(size, [place % size, 0, size - 1]);
        expect(await verifyAcknowledgement(acknowledgement, publicKey)).toBeNull();
      }),
      { numRuns: 50 },
    );
  });

  const flawed: Record<string, [acknowledgement: Acknowledgement, flaw: string]> = {
    "signed by another": [{ ...one(), head: { ...one().head, signature: `${"A".repeat(86)}==` } }, "signature"],
    "of another market": [{ ...one(), market: "0".repeat(32) }, "signature"],
    "of another lane": [{ ...one(), lane: 0 }, "signature"],
    "of another time": [{ ...one(), head: { ...one().head, timeMs: 1 } }, "signature"],
    "of another root": [{ ...one(), head: { ...one().head, root: "0".repeat(64) } }, "signature"],
    "of another entry": [{ ...one(), entries: [{ ...entry, encoded: "AQID" }] }, "path"],
    "at another place": [{ ...one(), entries: [{ ...entry, sequence: 3 }] }, "path"],
    "with a path of another length": [
      { ...one(), entries: [{ ...entry, path: { ...entry.path, siblings: entry.path.siblings.slice(1) } }] },
      "path",
    ],
    "with a path into a smaller log": [{ ...one(), entries: one(4, 3).entries }, "path"],
    "without a market": [{ ...one(), market: "x" }, "malformed"],
    "with no base64": [{ ...one(), entries: [{ ...entry, encoded: "?" }] }, "malformed"],
    "with no root": [{ ...one(), head: { ...one().head, root: "" } }, "malformed"],
  };
  for (const [name, [acknowledgement, flaw]] of Object.entries(flawed)) {
    it(`${name} does not`, async () => {
      expect(await verifyAcknowledgement(acknowledgement, publicKey)).toBe(flaw);
    });
  }

  it("does not hold for another signer", async () => {
    const stranger = signerFromSeed(new Uint8Array(32).fill(4));
    expect(await verifyAcknowledgement(one(), toBase58(stranger.publicKey))).toBe("signature");
    expect(await verifyAcknowledgement(one(), "nonsense")).not.toBeNull();
  });
});

describe("the portable hash", () => {
  it("is that of the server", () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 300 }), (bytes) => {
        expect(sha256(bytes)).toEqual(nodeSha256(bytes));
      }),
    );
  });
});
