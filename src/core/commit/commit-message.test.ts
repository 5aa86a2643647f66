import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { named, sha256 } from "../../../test/support/market-hash.ts";
import { amount, amountMax } from "../amount.ts";
import { toHex } from "../bytes.ts";
import { isEarnestError } from "../errors.ts";
import {
  type CommitBody,
  type CommitContext,
  type CommitMessage,
  commitDigest,
  decodeCommit,
  encodeCommit,
  parseSignedBytes,
  signedBytes,
} from "./commit-message.ts";
import { rotationDigest } from "./rotation-message.ts";

const hashArbitrary = fc.nat().map((n) => named(`hash ${n}`));
const u64Arbitrary = fc.oneof(fc.constantFrom(0n, 1n, amountMax), fc.bigInt({ min: 0n, max: amountMax }));
const secondsArbitrary = fc.oneof(fc.constantFrom(0n, 2n ** 63n - 1n), fc.bigInt({ min: 0n, max: 2n ** 63n - 1n }));

const contextArbitrary: fc.Arbitrary<CommitContext> = fc.record({
  program: hashArbitrary,
  cluster: hashArbitrary,
  network: hashArbitrary,
  pool: hashArbitrary,
  setVersion: fc.integer({ min: 0, max: 2 ** 32 - 1 }),
  previousDigest: hashArbitrary,
});

const bodyArbitrary: fc.Arbitrary<CommitBody> = fc.record({
  epoch: u64Arbitrary,
  floor: u64Arbitrary,
  asOf: secondsArbitrary,
  validUntil: secondsArbitrary,
  allocated: u64Arbitrary.map(amount),
  leafCount: u64Arbitrary,
  payoutRoot: hashArbitrary,
  marketRoot: hashArbitrary,
  logRoot: hashArbitrary,
  leafFileHash: hashArbitrary,
});

const messageArbitrary: fc.Arbitrary<CommitMessage> = fc.record({ context: contextArbitrary, body: bodyArbitrary });

describe("a commit message", () => {
  it("survives its encoding of 340 bytes, to the edges of u64", () => {
    fc.assert(
      fc.property(messageArbitrary, (message) => {
        const bytes = encodeCommit(message);
        expect(bytes).toHaveLength(340);
        expect(decodeCommit(bytes)).toEqual(message);
      }),
    );
  });

  it("has another digest where any byte of it differs", () => {
    fc.assert(
      fc.property(messageArbitrary, fc.nat({ max: 339 }), fc.integer({ min: 1, max: 255 }), (message, at, flip) => {
        const bytes = encodeCommit(message);
        const altered = bytes.with(at, (bytes[at] as number) ^ flip);
        expect(toHex(sha256(altered))).not.toBe(toHex(commitDigest(sha256, message)));
      }),
    );
  });

  it("is not read from bytes too few, too many or beyond an i64", () => {
    const [message] = fc.sample(messageArbitrary, { numRuns: 1, seed: 1 }) as [CommitMessage];
    const bytes = encodeCommit(message);
    const malformed = [bytes.slice(1), new Uint8Array([...bytes, 0]), bytes.with(164 + 23, 0x80), new Uint8Array(0)];
    for (const each of malformed) {
      try {
        decodeCommit(each);
        expect.unreachable();
      } catch (error) {
        expect(isEarnestError(error, "MALFORMED_ENCODING")).toBe(true);
      }
    }
    for (const asOf of [-1n, 2n ** 63n]) {
      expect(() => encodeCommit({ ...message, body: { ...message.body, asOf } })).toThrow(/64 bits/);
    }
  });
});

describe("signed bytes", () => {
  it("say what they are of", () => {
    const digest = named("digest");
    for (const purpose of ["commit", "rotate", "cancel"] as const) {
      expect(signedBytes(purpose, digest)).toHaveLength(48);
      expect(parseSignedBytes(signedBytes(purpose, digest))).toEqual({ purpose, digest });
    }
    expect(parseSignedBytes(signedBytes("commit", digest).with(15, 0x32))).toBe(null);
    expect(parseSignedBytes(signedBytes("commit", digest).slice(1))).toBe(null);
    expect(parseSignedBytes(new Uint8Array(0))).toBe(null);
  });
});

describe("a rotation", () => {
  const context = {
    program: named("program"),
    cluster: named("cluster"),
    network: named("network"),
    setVersion: 1,
    proposals: 1,
  };
  const rotation = { validUntil: 10n, attestors: { threshold: 1, keys: [named("key")] } };

  it("has another digest for another place, set, proposal, time, key or threshold", () => {
    const digests = [
      [context, rotation],
      ...(["program", "cluster", "network"] as const).map((name) => [{ ...context, [name]: named("other") }, rotation]),
      [{ ...context, setVersion: 2 }, rotation],
      [{ ...context, proposals: 2 }, rotation],
      [context, { ...rotation, validUntil: 11n }],
      [context, { ...rotation, attestors: { threshold: 2, keys: [named("key")] } }],
      [context, { ...rotation, attestors: { threshold: 1, keys: [named("other")] } }],
      [context, { ...rotation, attestors: { threshold: 1, keys: [named("key"), named("other")] } }],
    ].map(([at, what]) => toHex(rotationDigest(sha256, at as typeof context, what as typeof rotation)));
    expect(new Set(digests).size).toBe(digests.length);
  });
});
