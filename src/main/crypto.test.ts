import { createHash } from "node:crypto";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { fromHex, toHex, toUtf8 } from "../core/bytes.ts";
import { randomFill, sha256, signerFromSeed, verifyEd25519, verifyEd25519Aside } from "./crypto.ts";

describe("sha256", () => {
  it("is that of a hash object, for bytes of any length and any part of a buffer", () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 300 }), fc.nat({ max: 300 }), (bytes, from) => {
        const part = bytes.subarray(from);
        expect(toHex(sha256(part))).toBe(createHash("sha256").update(part).digest("hex"));
      }),
    );
  });
});

describe("ed25519", () => {
  // RFC 8032, section 7.1, test 2.
  const seed = fromHex("4ccd089b28ff96da9db6c346ec114e0f5b8a319f35aba624da8cf6ed4fb8a6fb");
  const publicKey = "3d4017c3e843895a92b70aa74d1b7ebc9c982ccf2ec4968cc0cd55f12af4660c";
  const signature =
    "92a009a9f0d4cab8720e820b5f642540a2b27b5416503f8fb3762223ebdb69da085ac1e43e15996e458f3613d0f11d8c387b2eaeb4302aeeb00d291612bb0c00";
  const message = fromHex("72");

  it("signs and verifies the RFC's vector", async () => {
    const signer = signerFromSeed(seed);
    expect(toHex(signer.publicKey)).toBe(publicKey);
    expect(toHex(signer.sign(message))).toBe(signature);
    expect(verifyEd25519(fromHex(publicKey), message, fromHex(signature))).toBe(true);
    expect(await verifyEd25519Aside(fromHex(publicKey), message, fromHex(signature))).toBe(true);
  });

  it.each([
    ["another message", publicKey, fromHex("73"), signature],
    ["another key", toHex(sha256(message)), message, signature],
    ["a key that is no point", "ff".repeat(32), message, signature],
    ["a short key", "3d", message, signature],
    ["a short signature", publicKey, message, "92"],
  ])("refuses %s", async (_, key, bytes, given) => {
    expect(verifyEd25519(fromHex(key), bytes, fromHex(given))).toBe(false);
    expect(await verifyEd25519Aside(fromHex(key), bytes, fromHex(given))).toBe(false);
  });

  it("tells many keys apart, those it knows and those it forgot", async () => {
    const signers = Array.from({ length: 40 }, () => signerFromSeed(randomFill(32)));
    for (let round = 0; round < 2; round++) {
      const found = await Promise.all(
        signers.flatMap((by, i) =>
          signers
            .slice(i, i + 3)
            .map(async ({ publicKey: key }) => [
              await verifyEd25519Aside(key, message, by.sign(message)),
              key === by.publicKey,
            ]),
        ),
      );
      for (const [isValid, isOwn] of found) expect(isValid).toBe(isOwn);
    }
  });
});

describe("sha256 and randomness", () => {
  it("hashes FIPS 180-4's abc", () => {
    expect(toHex(sha256(toUtf8("abc")))).toBe("ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
  });

  it("gives as many bytes as asked for, never the same", () => {
    expect(randomFill(16)).toHaveLength(16);
    expect(toHex(randomFill(16))).not.toBe(toHex(randomFill(16)));
  });
});
