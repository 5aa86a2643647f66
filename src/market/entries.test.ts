import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { commands, openLane } from "../../test/support/market.ts";
import { named, sha256 } from "../../test/support/market-hash.ts";
import { amount } from "../core/amount.ts";
import { bytes32, concatBytes, fromHex, toHex, toUtf8, zero32 } from "../core/bytes.ts";
import { isEarnestError } from "../core/errors.ts";
import { logLeaf, logRoot, logTreeOf } from "../core/log-tree.ts";
import { marketId } from "../core/market-id.ts";
import { reasonCodes } from "../verification/algebra/reasons.ts";
import {
  attachmentOf,
  decodeEntry,
  decodeRecord,
  type Entry,
  type EntryKind,
  type EntryOf,
  encodeEntry,
  encodeRecord,
  isInput,
  type Reason,
  reasons,
} from "./entries.ts";
import { modelHash } from "./model.ts";
import { decodeState, encodeState, stateHash } from "./snapshot.ts";
import { parseSpecText } from "./spec.ts";
import { emptyLaneState } from "./state.ts";

const key = named("key");
const slot = { task: 70_000, ordinal: 3 };

/** One entry of each kind, and its bytes: whoever changes these changes every log there is. */
const golden: { readonly [Kind in EntryKind]: readonly [Omit<EntryOf<Kind>, "kind">, hex: string] } = {
  created: [
    { market: marketId("00112233445566778899aabbccddeeff"), lane: 2, requester: key, spec: "{}" },
    "0020303031313232333334343535363637373838393961616262636364646565666602002c70e12b7a0646f92279f427c7b38e7334d8e5389cff167a1dc30e73f826b683027b7d",
  ],
  timed: [{ timeMs: 1_700_000_000_123 }, "01fbd095ffbc31"],
  funded: [{ amount: amount(2n ** 40n), deposit: "5sig" }, "0200000000000100000435736967"],
  opened: [{}, "03"],
  paused: [{}, "04"],
  resumed: [{}, "05"],
  closing: [{}, "06"],
  batchAdded: [
    { first: 7, count: 300, root: key, terms: '{"reward":"5"}', controls: [{ task: 9, commitment: key }] },
    "07070000002c0100002c70e12b7a0646f92279f427c7b38e7334d8e5389cff167a1dc30e73f826b6830e7b22726577617264223a2235227d01090000002c70e12b7a0646f92279f427c7b38e7334d8e5389cff167a1dc30e73f826b683",
  ],
  joined: [
    { contributor: 5, key, owner: named("owner"), automated: true, facts: '{"country":"FR"}' },
    "08050000002c70e12b7a0646f92279f427c7b38e7334d8e5389cff167a1dc30e73f826b6834c1029697ee358715d3a14a2add817c4b01651440de808371f78165ac90dc58101107b22636f756e747279223a224652227d",
  ],
  blocked: [{ contributor: 5, isBlocked: true, note: "copies" }, "29050000000106636f70696573"],
  qualified: [
    { contributor: 5, name: "reader", value: 80, expiresAtMs: 9_000_000_000, by: "test" },
    "0905000000067265616465725000000080b4c4c32101",
  ],
  assigned: [{ ...slot, contributor: 5, expiresAtMs: 1_700_000_060_000 }, "0a70110100030005000000e0a499ffbc31"],
  signed: [
    { contributor: 5, session: key, timeMs: 1_700_000_000_000, count: 20, signature: new Uint8Array(64).fill(7) },
    "0b050000002c70e12b7a0646f92279f427c7b38e7334d8e5389cff167a1dc30e73f826b68380d095ffbc311407070707070707070707070707070707070707070707070707070707070707070707070707070707070707070707070707070707070707070707070707070707",
  ],
  submitted: [
    { ...slot, contributor: 5, body: key, next: { task: 70_001, ordinal: 0, expiresAtMs: 1_700_000_060_000 } },
    "0c701101000300050000002c70e12b7a0646f92279f427c7b38e7334d8e5389cff167a1dc30e73f826b68301711101000000e0a499ffbc31",
  ],
  voided: [
    { ...slot, fault: "storage", evidence: key },
    "0d701101000300012c70e12b7a0646f92279f427c7b38e7334d8e5389cff167a1dc30e73f826b683",
  ],
  reviewed: [{ ...slot, accepted: true, note: "fine" }, "0e701101000300010466696e65"],
  appealed: [{ ...slot, contributor: 5, cost: amount(300n) }, "0f701101000300050000002c01000000000000"],
  reserveSet: [{ contributor: 5, target: amount(1_000n) }, "1005000000e803000000000000"],
  bonusPaid: [{ contributor: 5, amount: amount(1_000n), note: "thanks" }, "1105000000e803000000000000067468616e6b73"],
  controlRetired: [
    { task: 9, answer: 1, salt: key },
    "120900000001312c70e12b7a0646f92279f427c7b38e7334d8e5389cff167a1dc30e73f826b683",
  ],
  sent: [{ toLane: 1, amount: amount(5n), number: 200 }, "1301000500000000000000c801"],
  received: [{ fromLane: 1, amount: amount(5n), number: 200 }, "1401000500000000000000c801"],
  cut: [{ epoch: 130 }, "158201"],
  testAdded: [
    { name: "reading", questions: key, count: 12, passPpm: 800_000, validMs: 86_400_000, answers: key },
    "160772656164696e672c70e12b7a0646f92279f427c7b38e7334d8e5389cff167a1dc30e73f826b6830c0000350c0080b899292c70e12b7a0646f92279f427c7b38e7334d8e5389cff167a1dc30e73f826b683",
  ],
  escrowed: [
    { account: key, openedAt: 1_700_000_000 },
    "172c70e12b7a0646f92279f427c7b38e7334d8e5389cff167a1dc30e73f826b68380e2cfaa06",
  ],
  payTo: [
    { contributor: 5, number: 200, wallet: key, signature: new Uint8Array(64).fill(7) },
    "1805000000c8012c70e12b7a0646f92279f427c7b38e7334d8e5389cff167a1dc30e73f826b68307070707070707070707070707070707070707070707070707070707070707070707070707070707070707070707070707070707070707070707070707070707",
  ],
  authorised: [
    { contributor: 5, text: "hello", signature: new Uint8Array(64).fill(7) },
    "19050000000568656c6c6f07070707070707070707070707070707070707070707070707070707070707070707070707070707070707070707070707070707070707070707070707070707",
  ],
  programAdded: [
    { hash: key, language: "webassembly", bytes: 300 },
    "1f2c70e12b7a0646f92279f427c7b38e7334d8e5389cff167a1dc30e73f826b683012c010000",
  ],
  committed: [
    { ...slot, contributor: 5, commitment: key },
    "20701101000300050000002c70e12b7a0646f92279f427c7b38e7334d8e5389cff167a1dc30e73f826b683",
  ],
  executed: [
    {
      ...slot,
      name: "proof",
      program: key,
      input: key,
      outcome: "trapped",
      fuel: 300,
      output: zero32,
      outputBytes: 0,
      crash: { type: "Uncaught Error", state: ["parse", "main"], signature: key },
    },
    "217011010003000570726f6f662c70e12b7a0646f92279f427c7b38e7334d8e5389cff167a1dc30e73f826b6832c70e12b7a0646f92279f427c7b38e7334d8e5389cff167a1dc30e73f826b68302ac02000000000000000000000000000000000000000000000000000000000000000000010e556e636175676874204572726f7202057061727365046d61696e2c70e12b7a0646f92279f427c7b38e7334d8e5389cff167a1dc30e73f826b683",
  ],
  drawn: [
    { chainSlot: 300, chainHash: key, upTo: 200 },
    "22ac022c70e12b7a0646f92279f427c7b38e7334d8e5389cff167a1dc30e73f826b683c801",
  ],
  carried: [
    { contributor: 5, session: key },
    "1a050000002c70e12b7a0646f92279f427c7b38e7334d8e5389cff167a1dc30e73f826b683",
  ],
  covered: [
    { contributor: 5, session: key, by: key, count: 300, running: key, signature: new Uint8Array(64).fill(7) },
    "1b050000002c70e12b7a0646f92279f427c7b38e7334d8e5389cff167a1dc30e73f826b6832c70e12b7a0646f92279f427c7b38e7334d8e5389cff167a1dc30e73f826b683ac022c70e12b7a0646f92279f427c7b38e7334d8e5389cff167a1dc30e73f826b68307070707070707070707070707070707070707070707070707070707070707070707070707070707070707070707070707070707070707070707070707070707",
  ],
  measured: [{ ...slot, facts: "{}" }, "1e701101000300027b7d"],
  returned: [{ ...slot, contributor: 5 }, "2870110100030005000000"],
  expired: [slot, "40701101000300"],
  judged: [{ ...slot, verdict: "rejected", reason: "CONTROL_MISSED" }, "417011010003000104"],
  settled: [
    {
      task: 70_000,
      label: 1,
      confidencePpm: 844_749,
      decided: true,
      rulings: [
        { ordinal: 0, verdict: "accepted", reason: "AGREES" },
        { ordinal: 1, verdict: "rejected", reason: "DISAGREES" },
      ],
    },
    "42701101000131cde30c0001020000000001000101",
  ],
  released: [slot, "43701101000300"],
  appealSettled: [
    { ...slot, label: 1, votes: 1, won: true, rulings: [{ ordinal: 4, verdict: "accepted", reason: "AGREES" }] },
    "4470110100030001310100010104000000",
  ],
  controlVoided: [{ task: 9 }, "4509000000"],
  modelAdopted: [
    { version: 3, cut: 100_000, hash: key },
    "4603a08d062c70e12b7a0646f92279f427c7b38e7334d8e5389cff167a1dc30e73f826b683",
  ],
  closed: [{ refund: amount(77n) }, "474d00000000000000"],
  verified: [
    {
      ...slot,
      verdict: "rejected",
      reason: "PLACE_FAR",
      units: 666_666,
      reserve: 300,
      findings: '[{"actual":200000,"code":"PLACE_FAR","limit":50000}]',
    },
    "48701101000300013eaad828ac02345b7b2261637475616c223a3230303030302c22636f6465223a22504c4143455f464152222c226c696d6974223a35303030307d5d",
  ],
  faulted: [{ ...slot, fault: "sandbox" }, "4970110100030000"],
  challenged: [{ task: 70_000, contributor: 5, stake: amount(400n) }, "2a70110100050000009001000000000000"],
  panelDrawn: [{ task: 70_000, contributors: [9, 70_000, 3] }, "4a7011010003090000007011010003000000"],
  challengeSettled: [
    {
      task: 70_000,
      outcome: "overturned",
      label: 1,
      confidencePpm: 666_666,
      votes: 3,
      rulings: [{ ordinal: 3, verdict: "accepted", reason: "AGREES" }],
    },
    "4b701101000101312a2c0a0003000103000000",
  ],
};

const entries = Object.entries(golden).map(([kind, [fields, hex]]) => ({
  kind,
  entry: { kind, ...fields } as unknown as Entry,
  hex,
}));

describe("an entry", () => {
  it.each(entries)("of kind $kind has its bytes for ever", ({ entry, hex }) => {
    expect(toHex(encodeEntry(entry))).toBe(hex);
    expect(decodeEntry(fromHex(hex))).toEqual(entry);
  });

  it("of the kinds that most are of is read as it was written, whatever it says", () => {
    const u32 = fc.nat({ max: 0xffff_ffff });
    const time = fc.maxSafeNat();
    const bytesOf = (length: number) => fc.uint8Array({ minLength: length, maxLength: length });
    const at = { task: u32, ordinal: fc.nat({ max: 0xffff }) };
    const key32 = bytesOf(32).map(bytes32);
    const busy: fc.Arbitrary<Entry> = fc.oneof(
      fc.record({ kind: fc.constant("timed" as const), timeMs: time }),
      fc.record({ kind: fc.constant("assigned" as const), ...at, contributor: u32, expiresAtMs: time }),
      fc.record({
        kind: fc.constant("signed" as const),
        contributor: u32,
        session: key32,
        timeMs: time,
        count: fc.nat({ max: 255 }),
        signature: bytesOf(64),
      }),
      fc.record({
        kind: fc.constant("submitted" as const),
        ...at,
        contributor: u32,
        body: key32,
        next: fc.option(fc.record({ ...at, expiresAtMs: time })),
      }),
    );
    fc.assert(
      fc.property(busy, fc.nat(), (entry, cut) => {
        const bytes = encodeEntry(entry);
        const read = decodeEntry(bytes);
        expect(read).toEqual(entry);
        expect(Object.keys(read)).toEqual(Object.keys(entry));
        expect(() => decodeEntry(bytes.subarray(0, cut % bytes.length))).toThrow(/a log entry/);
        expect(() => decodeEntry(concatBytes(bytes, Uint8Array.of(cut % 256)))).toThrow(/a log entry/);
      }),
      { numRuns: 400 },
    );
  });

  it("is an input below number 64, a consequence from there on", () => {
    for (const { entry } of entries) expect(isInput(entry)).toBe((encodeEntry(entry)[0] as number) < 64);
    expect(new Set(entries.map(({ entry }) => encodeEntry(entry)[0])).size).toBe(entries.length);
  });

  it("has one encoding: other bytes are refused or are another entry's", () => {
    const damaged = fc
      .tuple(fc.constantFrom(...entries), fc.nat(), fc.integer({ min: 1, max: 255 }), fc.integer({ min: -3, max: 3 }))
      .map(([{ entry }, at, flip, longer]) => {
        const bytes = [...encodeEntry(entry)];
        bytes[at % bytes.length] = (bytes[at % bytes.length] as number) ^ flip;
        const more = Array.from({ length: Math.max(longer, 0) }, () => flip);
        return new Uint8Array(longer < 0 ? bytes.slice(0, longer) : [...bytes, ...more]);
      });
    fc.assert(
      fc.property(fc.oneof(damaged, fc.uint8Array({ maxLength: 60 })), (bytes) => {
        let entry: Entry;
        try {
          entry = decodeEntry(bytes);
        } catch (error) {
          if (!isEarnestError(error, "MALFORMED_ENCODING")) throw error;
          return;
        }
        expect(toHex(encodeEntry(entry))).toBe(toHex(bytes));
      }),
      { numRuns: 5_000 },
    );
  });

  it("of a kind that is not known is refused", () => {
    for (const number of [25, 63, 73, 255]) expect(() => decodeEntry(new Uint8Array([number]))).toThrow(/a log entry/);
  });
});

describe("reasons", () => {
  it("keep the numbers that logs hold, and are all that a composition can cite", () => {
    const numberOf = (code: Reason): number => reasons.indexOf(code);
    expect(
      ["AGREES", "COPIED", "EVIDENCE_MISSING", "PLACE_FAR", "CHECKS_PASSED"].map((code) => numberOf(code as Reason)),
    ).toEqual([0, 17, 18, 62, 72]);
    expect(new Set(reasons)).toEqual(new Set<string>(reasonCodes));
    expect(new Set(reasons).size).toBe(reasons.length);
  });
});

describe("a record", () => {
  it("keeps the attachment beside the entry, outside its hash", () => {
    const entry: Entry = { kind: "cut", epoch: 5 };
    for (const attachment of [null, new Uint8Array(0), toUtf8("body")]) {
      expect(decodeRecord(encodeRecord({ entry, attachment }))).toEqual({ entry, attachment });
    }
    expect(toHex(encodeRecord({ entry, attachment: null }))).toBe("02150500");
    expect(toHex(encodeRecord({ entry, attachment: new Uint8Array([9]) }))).toBe("021505010109");
  });

  it("whose attachment is withheld cannot be replayed", () => {
    const entry = { kind: "submitted", ...slot, contributor: 5, body: key, next: null } as const;
    expect(() => attachmentOf({ entry, attachment: null })).toThrow(/the attachment of a submitted entry is missing/);
  });
});

describe("hashes of known states", () => {
  it("of a log are pinned", () => {
    const leaves = entries.map(({ entry }) => logLeaf(sha256, encodeEntry(entry)));
    expect(toHex(logRoot(sha256, logTreeOf(sha256, leaves)))).toBe(
      "a79def450797db5aa37f9f2b70b2f5e10753b4f87300ad1c3b9532a8bc4e3e16",
    );
  });

  it("of a model are pinned", () => {
    expect(
      toHex(
        modelHash(
          sha256,
          [
            [1, { right: 0, checked: 0 }],
            [2, { right: 0, checked: 16 }],
            [70_000, { right: 300, checked: 301 }],
          ],
          null,
        ),
      ),
    ).toBe("56447e1e5fa25792232725a8e0a414144e6ddd061d9bf21a5035ef7ee9e22e6a");
    expect(toHex(modelHash(sha256, [], null))).toBe("113a97a5b344b56d05a9c152457e2691447bdbb6af66ad702b6face278aaff49");
  });

  it("of a state are pinned", () => {
    expect(toHex(stateHash(sha256, emptyLaneState()))).toBe(
      "afcaecf4aeaf7a7634b626a8c4f10050eb91bc3afb4598318d4026a56d7ecd0d",
    );
    const lane = openLane();
    lane.answer(1, 0, "yes");
    lane.answer(2, 0, "yes");
    lane.answer(3, 0, "no");
    lane.take(4, 1);
    lane.do(commands.input("qualified", { contributor: 1, name: "reader", value: 5, expiresAtMs: 0, by: "requester" }));
    expect(toHex(stateHash(sha256, lane.state))).toBe(
      "c7916cb9fd239c3db1a8ac2658f78f8f0205cb27faed38cbd919b23d11a0ba26",
    );
    expect(toHex(logRoot(sha256, lane.state.tree))).toBe(
      "01da10615dbf830426d66d2699e74e6a9bd0fcdfe7bb2bc1b1b7d5e8ca44fa0f",
    );
  });

  it("of a state do not depend on the order in which qualifications came", () => {
    const grants = ["b", "a", "c"].map((name) =>
      commands.input("qualified", { contributor: 1, name, value: 5, expiresAtMs: 0, by: "requester" }),
    );
    const [first, second] = [grants, grants.toReversed()].map((order) => {
      const lane = openLane();
      for (const grant of order) lane.do(grant);
      lane.state.tree = emptyLaneState().tree;
      return toHex(encodeState(lane.state));
    });
    expect(first).toBe(second);
  });

  it("a checkpoint that is damaged is refused", () => {
    const bytes = encodeState(openLane().state);
    for (const damaged of [bytes.slice(0, -1), new Uint8Array([...bytes, 0]), new Uint8Array(0)]) {
      expect(() => decodeState(damaged)).toThrow(/a checkpoint/);
    }
    expect(() => parseSpecText("{")).toThrow(/is not JSON/);
  });
});
