import type { Json } from "../../core/json.ts";
import { attestationOf, executionOf, hashOf, placeOf, sightingOf } from "./testing.ts";

/** A case of version 1 as a file would hold it, with the verdict it has for ever: its words, and its canonical hash. */
export interface Golden {
  readonly name: string;
  readonly composition: object;
  readonly evidence: object;
  readonly context: object;
  /** Verdict, units and first reason. */
  readonly says: string;
  /** The first half of SHA-256 of the verdict's canonical JSON, in hexadecimal. */
  readonly hash: string;
}

export const caseOf = ({ composition, evidence, context }: Golden): Json =>
  JSON.parse(JSON.stringify({ spec: { version: 1, composition }, evidence, context })) as Json;

const attest = { attest: { isSignatureNeeded: true, isNonceNeeded: true, isOnePerOwner: true, acceptedMax: 100 } };
const attestation = attestationOf();

const labelling = {
  holdback: {
    sharePpm: 200_000,
    until: { type: "checked", checkedMin: 20 },
    of: {
      all: [
        attest,
        { match: { type: "shape", shape: { type: "choice", choices: ["cat", "dog"] } } },
        { match: { type: "control" } },
        { match: { type: "controlRate", answeredMin: 4, accuracyPpmMin: 700_000 } },
        {
          escalate: { to: "review", windowMs: 1_000, otherwise: "accepted", of: { agree: { type: "label" } } },
        },
        { audit: { type: "recheck", sharePpm: 0, faultsMax: 3 } },
      ],
    },
  },
};
const audit = {
  submissionHash: hashOf(1),
  submittedAtSlot: 5,
  slotHash: { slot: 6, hash: hashOf(2) },
  recheck: null,
  faults: 0,
};
const labelled = {
  nowMs: 2_000,
  attestation,
  record: { answered: 5, right: 4 },
  settled: { answer: "cat", isDecided: true },
  audit,
};
const answer = { answer: "cat", nonce: "code-1" };

const bandwidth = {
  all: [
    attest,
    { match: { type: "digest", name: "body" } },
    { audit: { type: "canary", name: "body" } },
    {
      scale: {
        of: {
          meter: {
            type: "lesser",
            name: "bytes",
            unit: "byte",
            quantityMin: 1,
            quantityMax: 1_000_000,
            tolerancePpm: 10_000,
          },
        },
        points: [
          { from: 0, to: 0 },
          { from: 100_000, to: 100_000 },
          { from: 1_000_000, to: 500_000 },
        ],
      },
    },
  ],
};
const fetched = { nonce: "code-1", digests: { body: hashOf(3) }, quantities: { bytes: 400_000 } };
const gateway = { nowMs: 2_000, attestation, digests: { body: hashOf(3) }, quantities: { bytes: 390_000 } };

const replayOf = (name: string, expect: string, runsMin: number) => ({
  replay: { name, expect, runsMin, fuelMax: 1_000, memoryBytesMax: 65_536, outputBytesMax: 100, faultsMax: 3 },
});
const compute = { all: [{ agree: { type: "quorum", name: "output", ownersMin: 2 } }, replayOf("chunk", "output", 1)] };
const computed = { digests: { output: hashOf(2) }, runs: { chunk: { inputHash: hashOf(1), outputHash: hashOf(2) } } };
const votes = (...of: [string, number][]) => ({
  output: { votes: of.map(([owner, hash]) => ({ owner, digest: hashOf(hash) })), isExhausted: false },
});

const bugs = { all: [replayOf("proof", "fires", 3), replayOf("control", "silent", 1)] };
const proof = {
  runs: {
    proof: { inputHash: hashOf(1), outputHash: null },
    control: { inputHash: hashOf(4), outputHash: null },
  },
};
const crash = executionOf({ outcome: "trapped", hasFired: true });
const calm = executionOf({ inputHash: hashOf(4), hasFired: false });

const energy = {
  holdback: {
    sharePpm: 500_000,
    until: { type: "events", eventsMin: 5 },
    of: {
      meter: {
        type: "saved",
        name: "load",
        unit: "mWh",
        quantityMin: 0,
        quantityMax: 10_000,
        baseline: "tenOfTen",
        errorPpmMax: 200_000,
        deadBandPpm: 100_000,
        quality: { intervalMs: 10, coveragePpmMin: 750_000, valueMin: 0, valueMax: 500, constantMsMax: 25 },
      },
    },
  },
};
const used = (...values: number[]) => ({ series: { load: { timesMs: values.map((_, i) => i * 10), values } } });
const event = {
  nowMs: 2_000,
  window: { startMs: 0, endMs: 40 },
  baselines: { tenOfTen: { quantities: [100, 100, 100, 100], errorPpm: 120_000 } },
};

const field = {
  min: [
    {
      witness: {
        type: "track",
        name: "walk",
        sightingsMin: 1,
        distanceMmMax: 50_000,
        accuracyMmMax: 10_000,
        speedMmPerSecondMax: 40_000,
      },
    },
    { agree: { type: "panel", seats: 3, acceptedMin: 2 } },
  ],
};
const walked = (longitude: number) => ({ tracks: { walk: [sightingOf(0, longitude, 10)] } });
const atDateLine = { nowMs: 2_000, window: { startMs: 0, endMs: 100 }, place: placeOf(0, 180) };

const claims = {
  any: [{ agree: { type: "unchallenged", windowMs: 1_000 } }, { agree: { type: "panel", seats: 3, acceptedMin: 2 } }],
};
const challenged = { openedAtMs: 1_000, challengedAtMs: 1_999 };

const coverage = {
  scale: {
    sharePpm: 333_333,
    of: { witness: { type: "observers", observersMin: 2, distanceMmMin: 300_000, distanceMmMax: 20_000_000 } },
  },
};
const seen = (...of: [string, string][]) => ({
  nowMs: 2_000,
  attestation,
  window: { startMs: 0, endMs: 100 },
  place: placeOf(90, 0),
  observers: of.map(([owner, cell]) => ({ owner, cell, ...placeOf(89.95, 137), timeMs: 50 })),
});

const reviewing = { agree: { type: "groups", groupsMin: 2, groupRatingsMin: 5, agreementPpmMin: 600_000 } };
const rated = (agreeing: number) => ({
  nowMs: 2_000,
  bridged: {
    groups: [
      { group: "left", ratings: 50, agreeing: 49 },
      { group: "right", ratings: 7, agreeing },
    ],
    fit: null,
    isExhausted: false,
  },
});

export const goldens: readonly Golden[] = [
  {
    name: "a label that disagrees",
    composition: labelling,
    evidence: { ...answer, answer: "dog" },
    context: labelled,
    says: "rejected 0 DISAGREES",
    hash: "26da334208cfb88fa54881b00da9b597",
  },
  {
    name: "a beacon that others saw",
    composition: coverage,
    evidence: {},
    context: seen(["bob", "a"], ["carol", "b"], ["alice", "c"]),
    says: "accepted 333333 ",
    hash: "881041f72e222ea089ed1d667ee2d1a3",
  },
  {
    name: "a beacon that one owner saw from everywhere",
    composition: coverage,
    evidence: {},
    context: seen(["bob", "a"], ["bob", "b"], ["alice", "c"]),
    says: "rejected 0 OBSERVERS_FEW",
    hash: "1ff2c082c6136516aaa3699bfec1b4ce",
  },
  {
    name: "a note that one side likes",
    composition: reviewing,
    evidence: {},
    context: rated(4),
    says: "rejected 0 GROUP_DISAGREES",
    hash: "4c4af0988bece4b29fbdf04c6451fbe8",
  },
  {
    name: "a note that both like",
    composition: reviewing,
    evidence: {},
    context: rated(5),
    says: "accepted 1000000 AGREES",
    hash: "2cc55cda3d783aae5031e45da589ab0a",
  },
  {
    name: "a label that agrees",
    composition: labelling,
    evidence: answer,
    context: labelled,
    says: "accepted 1000000 AGREES",
    hash: "67151b2b5c1f622888d6947ffad99391",
  },
  {
    name: "a label before its task settled",
    composition: labelling,
    evidence: answer,
    context: { ...labelled, settled: null },
    says: "held 0 WAITING",
    hash: "170ab4082554925afcdb5acddd2383ac",
  },
  {
    name: "a label on a task that split",
    composition: labelling,
    evidence: answer,
    context: { ...labelled, settled: { answer: "dog", isDecided: false }, undecidedAtMs: 1_900 },
    says: "held 0 ESCALATED",
    hash: "490a722285474274e45c7d1efcd028d8",
  },
  {
    name: "a label that nobody reviewed",
    composition: labelling,
    evidence: answer,
    context: { ...labelled, settled: { answer: "dog", isDecided: false }, undecidedAtMs: 1_000 },
    says: "accepted 1000000 UNDECIDED",
    hash: "048e3393496f8dbbfc7f789cfb45a76f",
  },
  {
    name: "a label from the owner of another answer",
    composition: labelling,
    evidence: answer,
    context: { ...labelled, attestation: attestationOf({ taskOwners: ["alice"] }) },
    says: "rejected 0 OWNER_TWICE",
    hash: "766e42422fc75b32e73f4f787aadc4e5",
  },
  {
    name: "a label with a used code",
    composition: labelling,
    evidence: answer,
    context: { ...labelled, attestation: attestationOf({ isNonceUsed: true }) },
    says: "rejected 0 NONCE_REPLAYED",
    hash: "d56ce7af474bed3b6c046c761bcc7de9",
  },
  {
    name: "a control that was missed",
    composition: labelling,
    evidence: answer,
    context: { ...labelled, control: { answer: "dog", commitment: hashOf(9), isVoid: false } },
    says: "rejected 0 CONTROL_MISSED",
    hash: "e3dd4599b0d9b492c30082812711db76",
  },
  {
    name: "bytes of both sides",
    composition: bandwidth,
    evidence: fetched,
    context: gateway,
    says: "accepted 228888 METERS_DIFFER",
    hash: "c0e83fd2c0d13060664b188aba440402",
  },
  {
    name: "bytes that missed a canary",
    composition: bandwidth,
    evidence: fetched,
    context: { ...gateway, canaries: { body: hashOf(4) } },
    says: "rejected 0 CANARY_MISSED",
    hash: "96b25652105b0538f5b253f22f1fab79",
  },
  {
    name: "an output that others found too",
    composition: compute,
    evidence: computed,
    context: { nowMs: 2_000, quorums: votes(["alice", 2], ["bob", 2]), executions: { chunk: [executionOf()] } },
    says: "accepted 1000000 AGREES",
    hash: "2cc55cda3d783aae5031e45da589ab0a",
  },
  {
    name: "an output that one owner found twice",
    composition: compute,
    evidence: computed,
    context: { nowMs: 2_000, quorums: votes(["alice", 2], ["alice", 2]), executions: { chunk: [executionOf()] } },
    says: "held 0 WAITING",
    hash: "170ab4082554925afcdb5acddd2383ac",
  },
  {
    name: "an output that we failed to check",
    composition: compute,
    evidence: computed,
    context: {
      nowMs: 2_000,
      quorums: votes(["alice", 2], ["bob", 2]),
      executions: { chunk: [1, 2, 3].map(() => executionOf({ outcome: "fault" })) },
    },
    says: "void 0 FAULT",
    hash: "55b98ce7e1126592ab2332e7221483e1",
  },
  {
    name: "a crash that is one",
    composition: bugs,
    evidence: proof,
    context: { nowMs: 2_000, executions: { proof: [crash, crash, crash], control: [calm] } },
    says: "accepted 1000000 ",
    hash: "43f278c14c32c9a77f3f4155bdd4f532",
  },
  {
    name: "a crash that used up its fuel",
    composition: bugs,
    evidence: proof,
    context: {
      nowMs: 2_000,
      executions: { proof: [executionOf({ outcome: "fuelUsedUp", fuel: 1_000, hasFired: false })] },
    },
    says: "rejected 0 FUEL_USED_UP",
    hash: "bee018fb16c85d4745c5f0b670f97794",
  },
  {
    name: "energy that was saved",
    composition: energy,
    evidence: used(50, 60, 50, 60),
    context: event,
    says: "accepted 180 ",
    hash: "647ec6be5a97e14ace47b797882ffa1d",
  },
  {
    name: "energy with a stuck meter",
    composition: energy,
    evidence: used(50, 50, 50, 50),
    context: event,
    says: "rejected 0 COVERAGE_LOW",
    hash: "6fcee6252096cc739a39988854cefc78",
  },
  {
    name: "a photo across the antimeridian",
    composition: field,
    evidence: walked(-179.9999),
    context: { ...atDateLine, panel: { accepted: 2, rejected: 0 } },
    says: "accepted 1000000 PANEL_ACCEPTED",
    hash: "4763f4ea8891ef15197994a222827fc6",
  },
  {
    name: "a photo from the other side of the Earth",
    composition: field,
    evidence: walked(0),
    context: atDateLine,
    says: "rejected 0 PLACE_FAR",
    hash: "f255851e6b2af1dd5a8340e265b07877",
  },
  {
    name: "a claim that a panel upheld",
    composition: claims,
    evidence: {},
    context: { nowMs: 2_500, challenge: challenged, panel: { accepted: 2, rejected: 1 } },
    says: "accepted 1000000 PANEL_ACCEPTED",
    hash: "4763f4ea8891ef15197994a222827fc6",
  },
];
