import { createHash } from "node:crypto";
import { base58 } from "@scure/base";
import { type Address, generateKeyPairSigner, isOffCurveAddress } from "@solana/kit";
import { describe, expect, it } from "vitest";
import { isOnCurve } from "./curve.ts";

const digest = (n: number): Uint8Array => createHash("sha256").update(`${n}`).digest();

describe("isOnCurve", () => {
  it("agrees with kit on two thousand hashes", () => {
    for (let n = 0; n < 2_000; n++) {
      expect(isOnCurve(digest(n)), `${n}`).toBe(!isOffCurveAddress(base58.encode(digest(n)) as Address));
    }
  });

  it("agrees with kit at the edges of the field", () => {
    const p = 2n ** 255n - 19n;
    for (const y of [0n, 1n, 2n, p - 1n, p, p + 1n, 2n ** 255n - 1n]) {
      const bytes = Uint8Array.from({ length: 32 }, (_, i) => Number((y >> BigInt(8 * i)) & 255n));
      expect(isOnCurve(bytes), `${y}`).toBe(!isOffCurveAddress(base58.encode(bytes) as Address));
    }
  });

  it("holds for public keys", async () => {
    const { address } = await generateKeyPairSigner();
    expect(isOnCurve(base58.decode(address))).toBe(true);
  });
});
