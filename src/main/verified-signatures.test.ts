import { describe, expect, it } from "vitest";
import { sha256, signerFromSeed, verifyEd25519 } from "./crypto.ts";
import { verifyingOnce } from "./verified-signatures.ts";

const signer = signerFromSeed(new Uint8Array(32).fill(7));
const messages = [1, 2, 3].map((byte) => new Uint8Array(100).fill(byte)) as [Uint8Array, Uint8Array, Uint8Array];

function counted(max?: number) {
  let calls = 0;
  const verify = verifyingOnce(
    (...parts) => {
      calls++;
      return verifyEd25519(...parts);
    },
    sha256,
    max,
  );
  return { verify, calls: () => calls };
}

describe("verifying once", () => {
  it("asks once for a good signature, however often it is asked", () => {
    const { verify, calls } = counted();
    for (let i = 0; i < 3; i++) {
      for (const message of messages) expect(verify(signer.publicKey, message, signer.sign(message))).toBe(true);
    }
    expect(calls()).toBe(3);
  });

  it("never takes a part of one signature for that of another", () => {
    const { verify } = counted();
    const [message, other] = messages;
    const signature = signer.sign(message);
    expect(verify(signer.publicKey, message, signature)).toBe(true);
    const stranger = signerFromSeed(new Uint8Array(32).fill(8)).publicKey;
    expect(verify(stranger, message, signature)).toBe(false);
    expect(verify(signer.publicKey, other, signature)).toBe(false);
    expect(verify(signer.publicKey, message, signature.with(0, (signature[0] as number) ^ 1))).toBe(false);
    // The same bytes, cut elsewhere.
    const joined = new Uint8Array([...signature, ...message]);
    expect(verify(signer.publicKey, joined.subarray(63), joined.subarray(0, 63))).toBe(false);
    expect(verify(signer.publicKey, joined.subarray(65), joined.subarray(0, 65))).toBe(false);
  });

  it("asks again for what was bad, and for what it has forgotten", () => {
    const { verify, calls } = counted(2);
    const bad = new Uint8Array(64);
    expect([verify(signer.publicKey, messages[0], bad), verify(signer.publicKey, messages[0], bad)]).toEqual([
      false,
      false,
    ]);
    expect(calls()).toBe(2);
    for (const message of messages) expect(verify(signer.publicKey, message, signer.sign(message))).toBe(true);
    expect(verify(signer.publicKey, messages[2], signer.sign(messages[2]))).toBe(true);
    expect(calls()).toBe(5);
    expect(verify(signer.publicKey, messages[0], signer.sign(messages[0]))).toBe(true);
    expect(calls()).toBe(6);
  });
});
