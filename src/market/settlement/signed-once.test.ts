import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { named } from "../../../test/support/market-hash.ts";
import { decodeSigned, encodeSigned, type SignedMessage, signedAnother, withSigned } from "./signed-once.ts";

const messageArbitrary: fc.Arbitrary<SignedMessage> = fc.record({
  pool: fc.nat({ max: 1 }).map((n) => named(`pool ${n}`)),
  epoch: fc.bigInt({ min: 1n, max: 3n }),
  digest: fc.nat({ max: 3 }).map((n) => named(`digest ${n}`)),
  validUntil: fc.bigInt({ min: 0n, max: 40n }),
});
const message: SignedMessage = { pool: named("pool"), epoch: 4n, digest: named("digest"), validUntil: 100n };

describe("the record of signatures", () => {
  it("never lets two messages for a pool and epoch be signed that could both still land", () => {
    fc.assert(
      fc.property(fc.array(fc.tuple(messageArbitrary, fc.nat({ max: 3 })), { maxLength: 40 }), (asked) => {
        let signed: readonly SignedMessage[] = [];
        let clock = 0n;
        const given: { message: SignedMessage; at: bigint }[] = [];
        for (const [wanted, wait] of asked) {
          clock += BigInt(wait);
          if (signedAnother(signed, wanted, clock) !== null) continue;
          // Durable before it is signed, as an attestor does it.
          signed = decodeSigned(encodeSigned(withSigned(signed, wanted, clock)));
          for (const before of given) {
            const isSameEpoch =
              before.message.epoch === wanted.epoch && before.message.pool.every((byte, i) => byte === wanted.pool[i]);
            const isOther = before.message.digest.some((byte, i) => byte !== wanted.digest[i]);
            if (isSameEpoch && isOther) expect(before.message.validUntil).toBeLessThan(clock);
          }
          given.push({ message: wanted, at: clock });
        }
      }),
      { numRuns: 300 },
    );
  });

  it("lets the same message be signed again, and another one once it expired", () => {
    const signed = withSigned([], message, 50n);
    expect(signed).toEqual([message]);
    expect(withSigned(signed, message, 60n)).toEqual([message]);
    expect(signedAnother(signed, message, 60n)).toBe(null);
    const other = { ...message, digest: named("other"), validUntil: 200n };
    expect(signedAnother(signed, other, 100n)).toEqual(message);
    expect(signedAnother(signed, other, 101n)).toBe(null);
    expect(withSigned(signed, other, 101n)).toEqual([other]);
  });

  it("is not read where it is damaged: who has no record must not sign", () => {
    const bytes = encodeSigned([message]);
    expect(decodeSigned(bytes)).toEqual([message]);
    expect(() => decodeSigned(bytes.slice(1))).toThrow(/record of signatures/);
    expect(() => decodeSigned(new Uint8Array(0))).toThrow(/record of signatures/);
  });
});
