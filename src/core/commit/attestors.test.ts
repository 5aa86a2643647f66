import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { attestorSet, signedBy, verifyEd25519 } from "../../../test/support/attestors.ts";
import { named } from "../../../test/support/market-hash.ts";
import { zero32 } from "../bytes.ts";
import { isAttestorSet, signatureProblem, signaturesToSend } from "./attestors.ts";
import { signedBytes } from "./commit-message.ts";

const message = signedBytes("commit", named("digest"));
const signatures = signedBy(message, 0, 1, 2, 3, 4, 5);
const set = attestorSet(5);
const problem = (some: typeof signatures, of = message) => signatureProblem(set, of, some, verifyEd25519);

describe("a set of attestors", () => {
  it("has up to eight keys, each once, and a majority of up to five that sign", () => {
    const some = Array.from({ length: 9 }, (_, i) => named(`key ${i}`));
    for (let count = 0; count <= 9; count++) {
      for (let threshold = 0; threshold <= 9; threshold++) {
        const isGood = count <= 8 && threshold >= 1 && threshold <= 5 && threshold <= count && 2 * threshold > count;
        expect(isAttestorSet({ keys: some.slice(0, count), threshold })).toBe(isGood);
      }
    }
    expect(isAttestorSet({ keys: [named("a"), named("b"), named("a")], threshold: 2 })).toBe(false);
    expect(isAttestorSet({ keys: [named("a"), zero32], threshold: 2 })).toBe(false);
    expect(isAttestorSet({ keys: [named("a")], threshold: 0.5 })).toBe(false);
  });
});

describe("signatures", () => {
  it("count where enough attestors signed, in any order", () => {
    fc.assert(
      fc.property(fc.shuffledSubarray(signatures.slice(0, 5)), (some) => {
        const expected = some.length >= 3 ? null : { reason: "SIGNATURES_TOO_FEW", place: -1 };
        expect(problem(some)).toEqual(expected);
      }),
      { numRuns: 40 },
    );
  });

  it("count neither twice, nor of strangers, nor over another message", () => {
    const [first, second, third] = signatures as [never, never, (typeof signatures)[0]];
    expect(problem([first, second, first])).toEqual({ reason: "SIGNER_REPEATED", place: 2 });
    expect(problem([first, signatures[5] as never, second])).toEqual({ reason: "SIGNER_UNKNOWN", place: 1 });
    const altered = { ...third, signature: third.signature.with(3, (third.signature[3] as number) ^ 1) };
    expect(problem([first, second, altered])).toEqual({ reason: "SIGNATURE_WRONG", place: 2 });
    expect(problem([first, second, { ...third, signature: new Uint8Array(0) }])?.reason).toBe("SIGNATURE_WRONG");
    for (const other of [signedBytes("rotate", named("digest")), signedBytes("commit", named("other"))]) {
      expect(problem([first, second, third], other)).toEqual({ reason: "SIGNATURE_WRONG", place: 0 });
    }
  });

  it("are sent in the order of the set, as many as have to be", () => {
    fc.assert(
      fc.property(fc.shuffledSubarray([...signatures, ...signatures]), (some) => {
        const sent = signaturesToSend(set, some);
        const places = sent.map(({ key }) => set.keys.indexOf(key));
        expect(places).toEqual([...places].sort((a, b) => a - b));
        expect(new Set(places).size).toBe(places.length);
        const signed = new Set(some.map(({ key }) => set.keys.indexOf(key))).size;
        const strangers = some.some(({ key }) => !set.keys.includes(key)) ? 1 : 0;
        expect(sent).toHaveLength(Math.min(3, signed - strangers));
      }),
    );
  });
});
