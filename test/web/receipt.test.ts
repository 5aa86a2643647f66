import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { verifySignature } from "../../src/client/keys.ts";
import { encodeReceipt, type Receipt } from "../../src/market/settlement/receipt.ts";
import { type Proof, proofOfSlot } from "../../web/source/receipts/proof.ts";
import { receiptPath } from "../../web/source/receipts/receipt-path.ts";
import { tamperedReceipt } from "../../web/source/receipts/tamper.ts";
import { commitReceipt, headReceipt, judged, logWith, network } from "../support/settlement-receipt.ts";

const accepted = logWith(judged("accepted", "AGREES"));
const rejected = logWith(judged("rejected", "DISAGREES"));

const checked = (receipt: Receipt): Promise<Proof> => proofOfSlot(encodeReceipt(receipt), network, verifySignature);

describe("a slot's receipt in the page", () => {
  it("stands on the network's signer first, and says what was decided and paid", async () => {
    const proof = await checked(headReceipt(accepted));
    expect(proof).toMatchObject({
      holds: true,
      problem: null,
      anchor: { by: "signer", isSigned: true },
      facts: { verdict: "accepted", paid: 1_000n, committed: null },
    });
    expect(proof.entries.map(({ sequence, stands }) => [sequence, stands])).toEqual(
      [1, 3, 5, 7, 8].map((sequence) => [sequence, true]),
    );
  });

  it("stands on the attestors of a commit when that is there, a rejection as well", async () => {
    expect(await checked(commitReceipt(rejected))).toMatchObject({
      holds: true,
      anchor: { by: "attestors", epoch: "2", signatures: 2, attestors: 3, isSigned: true },
      facts: { verdict: "rejected", reason: "DISAGREES", paid: 0n, committed: { cumulative: 2_000n } },
    });
  });

  it("shows the one entry that was altered, and the root that its path leads to now", async () => {
    for (const receipt of [headReceipt(rejected), commitReceipt(rejected)]) {
      const encoded = tamperedReceipt(encodeReceipt(receipt));
      const proof = await proofOfSlot(encoded, network, verifySignature);
      expect(proof).toMatchObject({ holds: false, facts: null, problem: { code: "ENTRY_NOT_IN_LOG" } });
      // The signatures are good: it is the entry that is not what they were given for.
      expect(proof.anchor.isSigned).toBe(true);
      expect(proof.entries.map(({ stands }) => stands)).toEqual([true, true, true, true, false]);
      expect(proof.entries.at(-1)?.reached).not.toBe(proof.root);
    }
  });

  it("says that attestors did not sign it where too few did", async () => {
    expect(await checked(commitReceipt(accepted, { signers: [1] }))).toMatchObject({
      holds: false,
      anchor: { by: "attestors", isSigned: false },
      problem: { code: "SIGNATURES_TOO_FEW" },
    });
  });

  it("never holds with another bit anywhere, or is no receipt at all", async () => {
    const whole = encodeReceipt(commitReceipt(accepted));
    const genuine = await checked(commitReceipt(accepted));
    await fc.assert(
      fc.asyncProperty(fc.nat(whole.length - 1), fc.nat(7), async (at, bit) => {
        const bytes = whole.slice();
        bytes[at] = (bytes[at] as number) ^ (1 << bit);
        const proof = await proofOfSlot(bytes, network, verifySignature).catch(() => null);
        // A signature that is there beyond the threshold, or a hash that nothing needs, may be another; facts may not.
        if (proof?.holds === true) expect(proof.facts).toEqual(genuine.facts);
      }),
      { numRuns: 150 },
    );
  });
});

describe("the address of a receipt", () => {
  it("is the slot's once there is a verdict, and that of the entry before", () => {
    const submission = { slot: "3.1", sequence: 12 };
    expect(receiptPath({ market: "m", submission: { ...submission, state: "accepted" } })).toBe("/receipts/m/3.1");
    expect(receiptPath({ market: "m", submission: { ...submission, state: "held" } })).toBe("/receipts/m/0/12");
  });
});
