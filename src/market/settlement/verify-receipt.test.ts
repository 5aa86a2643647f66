import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { attestorSet, verifyEd25519 } from "../../../test/support/attestors.ts";
import { specWith } from "../../../test/support/market.ts";
import { named, sha256 } from "../../../test/support/market-hash.ts";
import {
  commitReceipt,
  contributor,
  epochLeaves,
  headReceipt,
  judged,
  logWith,
  slot,
  taskHashes,
  trust,
} from "../../../test/support/settlement-receipt.ts";
import { marketIds, pinned, tokenAccountOf } from "../../../test/support/settlement-world.ts";
import { amount } from "../../core/amount.ts";
import { type Bytes32, toBase58, zero32 } from "../../core/bytes.ts";
import { commitDigest } from "../../core/commit/commit-message.ts";
import { payoutTree } from "../../core/commit/epoch-trees.ts";
import { isEarnestError } from "../../core/errors.ts";
import type { PoolNames, PoolTrust } from "../../core/pool-trust.ts";
import { newVerification } from "../composition.ts";
import { type Entry, encodeEntry } from "../entries.ts";
import { specText } from "../spec.ts";
import { trustOfChain } from "./chain-trust.ts";
import { decodeReceipt, encodeReceipt, type Receipt, type ReceiptCommit } from "./receipt.ts";
import {
  type ReceiptFacts,
  type ReceiptProblem,
  type ReceiptTrust,
  ReceiptVerifier,
  receiptReasons,
  verifyReceipt,
} from "./verify-receipt.ts";

const check = (receipt: Receipt, of = trust): ReceiptFacts | ReceiptProblem =>
  verifyReceipt(receipt, of, sha256, verifyEd25519);
const reasonOf = (receipt: Receipt, of = trust): string => {
  const found = check(receipt, of);
  return found.ok ? "ok" : found.reason;
};
const names: PoolNames = {
  cluster: toBase58(pinned.cluster),
  program: toBase58(pinned.program),
  network: toBase58(pinned.network),
  pool: toBase58(pinned.pool),
};
const onChain: PoolTrust = {
  slot: 9n,
  cluster: pinned.cluster,
  setVersion: 3,
  attestors: attestorSet(3),
  epoch: 0n,
  digest: zero32,
  payoutRoots: [zero32, zero32, zero32, zero32],
  deposited: 0n,
  refunded: 0n,
  claimed: 0n,
  vault: "",
};
const acceptedLog = logWith(judged("accepted", "CONTROL_MATCHED"));
const rejectedLog = logWith(judged("rejected", "CONTROL_MISSED"));
const settledLog = logWith({
  kind: "settled",
  task: slot.task,
  label: 0,
  confidencePpm: 900_000,
  decided: true,
  rulings: [{ ordinal: slot.ordinal, verdict: "accepted", reason: "AGREES" }],
});

describe("a receipt", () => {
  it("on a signed head proves a verdict at once", () => {
    expect(check(headReceipt(acceptedLog))).toMatchObject({
      ok: true,
      verdict: "accepted",
      reason: "CONTROL_MATCHED",
      isFinal: true,
      paid: 1_000n,
      bodyHash: named("body"),
      taskHash: taskHashes[2],
      contributor: { index: contributor, key: named("key 2") },
      submittedSequence: 7,
      decidedSequence: 8,
      committed: null,
    });
  });

  it("on a commit proves what the contributor is owed as well", () => {
    expect(check(commitReceipt(acceptedLog))).toMatchObject({
      ok: true,
      paid: 1_000n,
      committed: {
        epoch: 2n,
        asOf: 3_000n,
        destination: tokenAccountOf(named("key 2")),
        cumulative: 2_000n,
        held: 7n,
      },
    });
  });

  it("says of a rejected submission why, and pays nothing", () => {
    for (const receipt of [headReceipt(rejectedLog), commitReceipt(rejectedLog)]) {
      const expected = { ok: true, verdict: "rejected", reason: "CONTROL_MISSED", paid: 0n, isFinal: false };
      expect(check(receipt)).toMatchObject(expected);
    }
  });

  it("survives its encoding, in a few kilobytes", () => {
    for (const receipt of [
      headReceipt(acceptedLog),
      commitReceipt(rejectedLog),
      { ...headReceipt(acceptedLog), task: null },
    ]) {
      const bytes = encodeReceipt(receipt);
      expect(bytes.length).toBeLessThan(4_000);
      expect(decodeReceipt(bytes)).toEqual(receipt);
      for (const malformed of [bytes.slice(1), bytes.slice(0, -1), bytes.with(0, 2), new Uint8Array([...bytes, 0])]) {
        expect(() => decodeReceipt(malformed)).toThrow(/receipt/);
      }
    }
  });

  it("is verified by what the accounts on chain say", () => {
    const receipt = commitReceipt(acceptedLog);
    const { message } = receipt.commit as ReceiptCommit;
    const { epoch, payoutRoot } = message.body;
    const roots = (root: Bytes32): Bytes32[] =>
      Array.from({ length: 4 }, (_, i) => (BigInt(i) === epoch % 4n ? root : zero32));
    const now = (pool: Partial<PoolTrust> = {}): ReceiptTrust =>
      trustOfChain(null, names, { ...onChain, epoch, digest: commitDigest(sha256, message), ...pool }, null);
    const later = { epoch: epoch + 1n, digest: named("later"), payoutRoots: roots(payoutRoot) };
    const rotated = { setVersion: onChain.setVersion + 1 };
    for (const [pool, found] of [
      [{}, "commit"],
      // After a rotation: the program took it while its attestors were the set.
      [rotated, "commit"],
      [later, "payouts"],
      [{ ...later, epoch: epoch + 4n, payoutRoots: roots(zero32) }, "epoch"],
    ] as const) {
      const facts = check(receipt, now(pool));
      expect(facts.ok && facts.committed?.onChain).toBe(found);
    }
    // Whoever else signed is not known.
    expect(reasonOf(receipt, now({ ...later, ...rotated }))).toBe("SET_UNKNOWN");
    expect(
      reasonOf(
        receipt,
        trustOfChain(null, names, { ...onChain, ...later, ...rotated, attestors: attestorSet(5) }, attestorSet(3)),
      ),
    ).toBe("ok");
    // Signed by the attestors, and yet not what the chain took: another of this epoch, other payouts, or one that never
    // came there.
    for (const pool of [
      { digest: named("other") },
      { ...later, payoutRoots: roots(named("other")) },
      { epoch: epoch - 1n },
    ]) {
      expect(reasonOf(receipt, now(pool))).toBe("COMMIT_NOT_ON_CHAIN");
    }
  });
});

describe("the course of a verdict", () => {
  const { task, ordinal } = slot;
  const appealSettled = (won: boolean, votes: number): Entry => ({
    kind: "appealSettled",
    task,
    ordinal,
    label: 0,
    votes,
    won,
    rulings: [{ ordinal: 5, verdict: "accepted", reason: "AGREES" }],
  });
  const settled: Entry = {
    kind: "settled",
    task,
    label: 0,
    confidencePpm: 900_000,
    decided: true,
    rulings: [
      { ordinal: 0, verdict: "accepted", reason: "AGREES" },
      { ordinal, verdict: "rejected", reason: "DISAGREES" },
    ],
  };
  const released: Entry = { kind: "released", task, ordinal };
  const voided: Entry = { kind: "voided", task, ordinal, fault: "sandbox", evidence: named("evidence") };
  const reviewed = (accepted: boolean): Entry => ({ kind: "reviewed", task, ordinal, accepted, note: "" });
  const cases: readonly (readonly [string, readonly Entry[], string, bigint, boolean])[] = [
    ["settled", [settled], "rejected DISAGREES", 0n, false],
    ["released", [settled, released], "rejected DISAGREES", 0n, true],
    ["appeal won", [settled, appealSettled(true, 3)], "accepted APPEAL_WON", 1_000n, true],
    ["appeal lost", [settled, appealSettled(false, 3)], "rejected APPEAL_LOST", 0n, true],
    ["appeal unanswered", [settled, appealSettled(true, 0)], "accepted APPEAL_UNANSWERED", 1_000n, true],
    ["reviewed", [judged("review", "UNDECIDED"), reviewed(true)], "accepted REVIEW_ACCEPTED", 1_000n, true],
    ["refused by review", [judged("review", "UNDECIDED"), reviewed(false)], "rejected REVIEW_REJECTED", 0n, false],
    ["waiting for review", [judged("review", "UNDECIDED")], "review UNDECIDED", 0n, false],
    ["void", [voided], "void sandbox", 0n, true],
    ["control void", [settled, { kind: "controlVoided", task }], "accepted CONTROL_VOIDED", 1_000n, true],
    ["control void too late", [settled, released, { kind: "controlVoided", task }], "rejected DISAGREES", 0n, true],
    ["another's control void", [settled, { kind: "controlVoided", task: 4 }], "rejected DISAGREES", 0n, false],
  ];

  it.each(cases)("is told: %s", (_, decided, expected, paid, isFinal) => {
    const found = check(commitReceipt(logWith(...decided)));
    expect(found.ok && [`${found.verdict} ${found.reason}`, found.paid, found.isFinal]).toEqual([
      expected,
      paid,
      isFinal,
    ]);
  });

  it("needs an entry that decides this slot", () => {
    const others = [
      judged("accepted", "AGREES", { task, ordinal: 0 }),
      { ...settled, rulings: [] },
      { ...settled, task: 4 },
    ];
    for (const other of others) expect(reasonOf(headReceipt(logWith(other)))).toBe("NOT_DECIDED");
    expect(reasonOf(headReceipt(logWith()))).toBe("NOT_DECIDED");
  });
});

describe("a receipt of a market with a composition", () => {
  const spec = specText({ ...specWith(), verification: newVerification({ agree: { type: "score", scorePpmMin: 5 } }) });
  const log = (...decided: readonly Entry[]): Entry[] =>
    logWith(...decided).map((entry) => (entry.kind === "created" ? { ...entry, spec } : entry));
  const verified = (verdict: "accepted" | "rejected" | "review", units: number): Entry => ({
    kind: "verified",
    ...slot,
    verdict,
    reason: "SCORE_LOW",
    units,
    reserve: 0,
    findings: "[]",
  });
  const reviewed: Entry = { kind: "reviewed", ...slot, accepted: true, note: "" };
  const late: Entry = judged("accepted", "REVIEW_LATE");

  it.each<[string, readonly Entry[], string, bigint, boolean]>([
    ["a part", [verified("accepted", 333_333)], "accepted", 333n, true],
    ["nothing", [verified("accepted", 0)], "accepted", 0n, true],
    ["what a review gives", [verified("review", 500_000), reviewed], "accepted", 500n, true],
    ["what no review takes away", [verified("review", 500_000), late], "accepted", 500n, true],
    ["nothing while an appeal may come", [verified("rejected", 500_000)], "rejected", 0n, false],
    ["nothing, for good", [verified("rejected", 0)], "rejected", 0n, true],
    ["a panel's answer in full", [judged("accepted", "UNDECIDED")], "accepted", 1_000n, true],
  ])("shows that it paid %s", (_, decided, verdict, paid, isFinal) => {
    expect(check(headReceipt(log(...decided)))).toMatchObject({ ok: true, verdict, paid, isFinal });
  });

  it("needs the word of the composition, not only that of a review", () => {
    for (const alone of [reviewed, late]) {
      expect(check(headReceipt(log(alone)))).toEqual({ ok: false, reason: "ENTRY_MISSING", where: "verified" });
    }
  });
});

describe("an altered receipt", () => {
  const good = commitReceipt(acceptedLog);
  const commit = good.commit as ReceiptCommit;
  const withCommit = (parts: Partial<ReceiptCommit>): Receipt => ({ ...good, commit: { ...commit, ...parts } });
  const withBody = (parts: Partial<ReceiptCommit["message"]["body"]>): Receipt =>
    withCommit({ message: { ...commit.message, body: { ...commit.message.body, ...parts } } });
  const withContext = (parts: Partial<ReceiptCommit["message"]["context"]>): Receipt =>
    withCommit({ message: { ...commit.message, context: { ...commit.message.context, ...parts } } });
  const leaves = epochLeaves(acceptedLog);
  const another = {
    payout: leaves.payouts[4] as ReceiptCommit["payout"],
    payoutProof: payoutTree(sha256, pinned.pool, leaves.payouts).proof(4),
  };
  const head = headReceipt(acceptedLog);
  const without = (kind: Entry["kind"]): Receipt => headReceipt(acceptedLog, (entry) => entry.kind !== kind);

  const cases: readonly (readonly [string, Receipt])[] = [
    ["PAYOUT_NOT_COMMITTED", withCommit({ payout: { ...commit.payout, cumulative: amount(2_001n) } })],
    ["PAYOUT_NOT_COMMITTED", withCommit({ payout: { ...commit.payout, held: amount(8n) } })],
    ["PAYOUT_NOT_COMMITTED", withCommit({ payout: { ...commit.payout, destination: named("mine") } })],
    ["PAYOUT_NOT_COMMITTED", withCommit({ payoutProof: { ...commit.payoutProof, position: 3 } })],
    ["PAYOUT_OF_ANOTHER", withCommit(another)],
    ["LANE_NOT_COMMITTED", withCommit({ lane: { ...commit.lane, size: 4 } })],
    [
      "LANE_NOT_COMMITTED",
      withCommit({ lane: leaves.lanes[1] as ReceiptCommit["lane"], laneProof: { ...commit.laneProof, position: 1 } }),
    ],
    ["LANE_NOT_COMMITTED", { ...good, market: marketIds[1] }],
    ["LANE_NOT_COMMITTED", { ...good, lane: 1 }],
    ["SIGNATURE_WRONG", withBody({ payoutRoot: named("root") })],
    ["SIGNATURE_WRONG", withBody({ epoch: 3n })],
    ["SIGNATURE_WRONG", withContext({ previousDigest: named("other") })],
    ["COMMIT_ELSEWHERE", withContext({ cluster: named("other") })],
    ["COMMIT_ELSEWHERE", withContext({ program: named("other") })],
    ["COMMIT_ELSEWHERE", withContext({ network: named("other") })],
    ["COMMIT_ELSEWHERE", withContext({ pool: named("other") })],
    ["SET_UNKNOWN", withContext({ setVersion: 2 })],
    ["SIGNATURES_TOO_FEW", commitReceipt(acceptedLog, { signers: [1] })],
    ["SIGNER_UNKNOWN", commitReceipt(acceptedLog, { signers: [0, 1, 4] })],
    ["SIGNER_REPEATED", withCommit({ signatures: [...commit.signatures, ...commit.signatures] })],
    ["HEAD_SIGNATURE_WRONG", { ...head, head: { ...(head.head as never as Receipt["head"] & object), timeMs: 1 } }],
    ["HEAD_SIGNATURE_WRONG", { ...head, market: marketIds[1] }],
    ["NOTHING_TRUSTED", { ...good, commit: null }],
    ["ENTRY_MISSING", without("created")],
    ["ENTRY_MISSING", without("batchAdded")],
    ["ENTRY_MISSING", without("joined")],
    ["ENTRY_MISSING", without("submitted")],
    ["NOT_DECIDED", without("judged")],
    [
      "TASK_NOT_IN_BATCH",
      { ...good, task: { ...(good.task as never as object), hash: named("other task") } as Receipt["task"] },
    ],
    ["ENTRY_MISSING", { ...good, slot: { task: 3, ordinal: 2 } }],
  ];

  it.each(cases)("is refused with %s", (reason, receipt) => {
    expect(reasonOf(receipt)).toBe(reason);
  });

  it("is refused where an entry is another, or stands elsewhere", () => {
    const forged = encodeEntry(judged("accepted", "AGREES"));
    const last = good.entries.length - 1;
    const alter = (change: Partial<Receipt["entries"][0]>): Receipt => ({
      ...good,
      entries: good.entries.map((each, i) => (i === last ? { ...each, ...change } : each)),
    });
    expect(reasonOf(good)).toBe("ok");
    const place = good.entries[last]?.path as Receipt["entries"][0]["path"];
    expect(reasonOf(alter({ encoded: forged }))).toBe("ENTRY_NOT_IN_LOG");
    expect(reasonOf(alter({ sequence: 3 }))).toBe("ENTRY_NOT_IN_LOG");
    expect(reasonOf(alter({ path: { ...place, size: place.size + 1 } }))).toBe("ENTRY_NOT_IN_LOG");
    expect(reasonOf({ ...good, entries: good.entries.toReversed() })).toBe("ok");
  });

  it("never verifies to other facts, whichever byte of it is altered", () => {
    const bytes = encodeReceipt(good);
    const facts = check(good);
    fc.assert(
      fc.property(fc.nat({ max: bytes.length - 1 }), fc.integer({ min: 1, max: 255 }), (at, flip) => {
        let altered: Receipt;
        try {
          altered = decodeReceipt(bytes.with(at, (bytes[at] as number) ^ flip));
        } catch (error) {
          expect(isEarnestError(error)).toBe(true);
          return;
        }
        const found = check(altered);
        if (found.ok) expect(found).toEqual(facts);
      }),
      { numRuns: 400 },
    );
  });
});

describe("a verifier that saw a good receipt", () => {
  const made: readonly (readonly [string, () => Receipt])[] = [
    ["completed one", () => commitReceipt(settledLog)],
    ["first one", () => headReceipt(settledLog)],
  ];

  const flip = (bytes: Uint8Array): void => bytes.set([(bytes[0] as number) ^ 1]);

  it.each(made)("refuses a %s that differs in any byte", (_, make) => {
    const bytes = encodeReceipt(make());
    const verifier = new ReceiptVerifier(trust, sha256, verifyEd25519);
    const facts = verifier.verify(decodeReceipt(bytes));
    expect(facts.ok).toBe(true);
    const passed: number[] = [];
    for (let at = 0; at < bytes.length; at++) {
      let altered: Receipt;
      try {
        altered = decodeReceipt(bytes.with(at, (bytes[at] as number) ^ (1 << (at % 8))));
      } catch {
        continue;
      }
      if (verifier.verify(altered).ok) passed.push(at);
    }
    expect(passed).toEqual([]);
    expect(verifier.verify(decodeReceipt(bytes))).toEqual(facts);
  });

  it.each(made)("refuses a %s whose own bytes changed since", (_, make) => {
    const receipt = make();
    const verifier = new ReceiptVerifier(trust, sha256, verifyEd25519);
    expect(verifier.verify(receipt).ok).toBe(true);
    const { head, commit, entries } = receipt;
    const ofCommit = commit === null ? [] : [commit.message.body.payoutRoot, commit.lane.root];
    const ofHead = head === null ? [] : [head.root];
    for (const changed of [...ofCommit, ...ofHead, ...entries.map(({ encoded }) => encoded)]) {
      flip(changed);
      expect(verifier.verify(receipt).ok).toBe(false);
      flip(changed);
      expect(verifier.verify(receipt).ok).toBe(true);
    }
  });

  it("takes the next commit, the next log and another market for themselves", () => {
    const verifier = new ReceiptVerifier(trust, sha256, verifyEd25519);
    for (const log of [settledLog, acceptedLog, settledLog, rejectedLog]) {
      for (const receipt of [commitReceipt(log), headReceipt(log)]) {
        expect(verifier.verify(receipt)).toEqual(check(receipt));
        expect(verifier.verify({ ...receipt, market: marketIds[1] }).ok).toBe(false);
        expect(verifier.verify({ ...receipt, lane: 1 }).ok).toBe(false);
      }
    }
  });

  it("hashes what they share once", () => {
    let hashed = 0;
    const counting = (bytes: Uint8Array): Bytes32 => {
      hashed++;
      return sha256(bytes);
    };
    const verifier = new ReceiptVerifier(trust, counting, verifyEd25519);
    verifier.verify(commitReceipt(settledLog));
    hashed = 0;
    expect(verifier.verify(commitReceipt(settledLog)).ok).toBe(true);
    // What is its own: a payout, that somebody joined, an answer, and the task's path.
    expect(hashed).toBe(3 + (commitReceipt(settledLog).task?.path.siblings.length ?? 0));
  });
});

describe("trust", () => {
  it("is needed for what a receipt stands on", () => {
    const none = { signer: null, commits: null };
    expect(reasonOf(headReceipt(acceptedLog), none)).toBe("NOTHING_TRUSTED");
    expect(reasonOf(commitReceipt(acceptedLog), none)).toBe("NOTHING_TRUSTED");
    expect(reasonOf(headReceipt(acceptedLog), { ...trust, commits: null })).toBe("ok");
    expect(reasonOf(commitReceipt(acceptedLog), { ...trust, commits: null })).toBe("NOTHING_TRUSTED");
    const stranger = { ...trust, signer: named("stranger") };
    expect(reasonOf(headReceipt(acceptedLog), stranger)).toBe("HEAD_SIGNATURE_WRONG");
    const commits = { ...pinned, sets: new Map([[3, { keys: attestorSet(6).keys.slice(3), threshold: 2 }]]) };
    expect(reasonOf(commitReceipt(acceptedLog), { signer: null, commits })).toBe("SIGNER_UNKNOWN");
  });

  it("is asked once for what many receipts share, and again for another", () => {
    let verified = 0;
    const counting = (key: Bytes32, message: Uint8Array, signature: Uint8Array): boolean => {
      verified++;
      return verifyEd25519(key, message, signature);
    };
    const verifier = new ReceiptVerifier(trust, sha256, counting);
    for (let i = 0; i < 5; i++) expect(verifier.verify(commitReceipt(acceptedLog)).ok).toBe(true);
    expect(verified).toBe(2);
    expect(verifier.verify(commitReceipt(rejectedLog)).ok).toBe(true);
    expect(verified).toBe(4);
    const forged = commitReceipt(acceptedLog);
    const wrong = (forged.commit as ReceiptCommit).signatures.map((each) => ({
      ...each,
      signature: new Uint8Array(64),
    }));
    const bad = { ...forged, commit: { ...(forged.commit as ReceiptCommit), signatures: wrong } };
    for (let i = 0; i < 2; i++) expect(verifier.verify(bad)).toMatchObject({ reason: "SIGNATURE_WRONG" });
  });
});

describe("reasons", () => {
  it("have a sentence each", () => {
    for (const sentence of Object.values(receiptReasons)) expect(sentence).toMatch(/^[a-z].*[^.]$/);
  });
});
