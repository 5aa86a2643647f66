import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { fromBase58, toBase58 } from "../core/bytes.ts";
import { randomFill, sha256, signerFromSeed } from "../main/crypto.ts";
import { ChallengeNonces } from "./challenge-nonces.ts";

const noncesOf = (seed: number) => new ChallengeNonces(sha256, signerFromSeed(new Uint8Array(32).fill(seed)));
const expiryMs = fc.integer({ min: 0, max: 2 ** 48 - 1 });
const random = fc.uint8Array({ minLength: 8, maxLength: 8 });

describe("challenge nonces", () => {
  it("say until when they are good, to every process with the network's key and to no other network", () => {
    fc.assert(
      fc.property(random, expiryMs, (bytes, expiresAtMs) => {
        const nonce = noncesOf(1).make(bytes, expiresAtMs);
        expect(nonce).toMatch(/^[1-9A-HJ-NP-Za-km-z]{8,40}$/);
        expect(noncesOf(1).expiryOf(nonce)).toBe(expiresAtMs);
        expect(noncesOf(2).expiryOf(nonce)).toBeNull();
      }),
    );
  });

  it("are none where a bit of them is another", () => {
    fc.assert(
      fc.property(random, expiryMs, fc.nat(24 * 8 - 1), (bytes, expiresAtMs, bit) => {
        const altered = fromBase58(noncesOf(1).make(bytes, expiresAtMs)).slice();
        altered[bit >> 3] = (altered[bit >> 3] as number) ^ (1 << (bit & 7));
        expect(noncesOf(1).expiryOf(toBase58(altered))).toBeNull();
      }),
    );
  });

  it("differ by what is random", () => {
    const made = Array.from({ length: 100 }, () => noncesOf(1).make(randomFill(8), 1));
    expect(new Set(made).size).toBe(100);
  });

  it.each(["", "1", "0OIl", "n".repeat(10_000), "1111111111111111", "\u0000", toBase58(randomFill(24))])(
    "are not what somebody else made up: %#",
    (nonce) => {
      expect(noncesOf(1).expiryOf(nonce)).toBeNull();
    },
  );
});
