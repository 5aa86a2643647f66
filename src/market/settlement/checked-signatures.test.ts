import { describe, expect, it } from "vitest";
import { verifyEd25519 } from "../../../test/support/attestors.ts";
import { named, sha256 } from "../../../test/support/market-hash.ts";
import { commitReceipt, headReceipt, judged, logWith, trust } from "../../../test/support/settlement-receipt.ts";
import { CheckedSignatures, signedIn } from "./checked-signatures.ts";
import type { Receipt, ReceiptCommit } from "./receipt.ts";
import { ReceiptVerifier } from "./verify-receipt.ts";

const acceptedLog = logWith(judged("accepted", "AGREES"));
const receipts = [headReceipt(acceptedLog), commitReceipt(acceptedLog), commitReceipt(acceptedLog)];

/** What a browser has: an answer that comes later. */
const later = async ({ key, message, signature }: ReturnType<typeof signedIn>[number]): Promise<boolean> =>
  await Promise.resolve(verifyEd25519(key, message, signature));

const withSignature = (signature: Uint8Array): Receipt => {
  const commit = receipts[1]?.commit as ReceiptCommit;
  return {
    ...(receipts[1] as Receipt),
    commit: { ...commit, signatures: commit.signatures.map((each) => ({ ...each, signature })) },
  };
};

describe("signatures checked ahead", () => {
  it("let a verifier answer at once, and are asked for once each", async () => {
    let asked = 0;
    const checked = new CheckedSignatures(async (signed) => {
      asked++;
      return await later(signed);
    });
    for (const receipt of receipts) await checked.check(receipt, trust, sha256);
    expect(asked).toBe(3);
    const verifier = new ReceiptVerifier(trust, sha256, checked.verify);
    for (const receipt of receipts) expect(verifier.verify(receipt).ok).toBe(true);
  });

  it("are those that the verifier asks for, and no others", async () => {
    for (const receipt of receipts) {
      const asked: string[] = [];
      const name = (...parts: readonly Uint8Array[]): string => parts.map((part) => part.join()).join(" ");
      const verifier = new ReceiptVerifier(trust, sha256, (...parts) => asked.push(name(...parts)) > 0);
      expect(verifier.verify(receipt).ok).toBe(true);
      const listed = signedIn(receipt, trust, sha256).map(({ key, message, signature }) =>
        name(key, message, signature),
      );
      expect(asked).toEqual(listed);
    }
    expect(signedIn(receipts[0] as Receipt, { signer: null, commits: null }, sha256)).toEqual([]);
  });

  it("refuse what is wrong, and what was never looked at", async () => {
    const checked = new CheckedSignatures(later);
    const wrong = withSignature(new Uint8Array(64));
    await checked.check(wrong, trust, sha256);
    const verifier = new ReceiptVerifier(trust, sha256, checked.verify);
    expect(verifier.verify(wrong)).toMatchObject({ ok: false, reason: "SIGNATURE_WRONG" });
    for (const receipt of receipts) expect(verifier.verify(receipt).ok).toBe(false);
    const stranger = { ...trust, signer: named("stranger") };
    await checked.check(receipts[0] as Receipt, stranger, sha256);
    expect(new ReceiptVerifier(stranger, sha256, checked.verify).verify(receipts[0] as Receipt).ok).toBe(false);
  });
});
