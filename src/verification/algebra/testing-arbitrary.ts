import fc from "fast-check";
import { type Context, consensusCodes, type Evidence } from "../primitives/evidence.ts";
import type { Composition } from "./composition.ts";
import { attestationOf, contextOf, evidenceOf, executionOf, hashOf, placeOf, sightingOf } from "./testing.ts";

/** Compositions, evidence and context from a few values that meet each other, so that every outcome occurs. */

const ppm = fc.constantFrom(0, 1, 250_000, 500_000, 999_999, 1_000_000);
const exact = { tolerance: 0, tolerancePpm: 0 };
const quality = { intervalMs: 10, coveragePpmMin: 300_000, valueMin: 0, valueMax: 50, jumpMax: 40, constantMsMax: 20 };
const metered = { name: "node", unit: "byte", quantityMin: 0 } as const;
const quantityMax = fc.constantFrom(0, 60, 1_000_000);

const unmetered: fc.Arbitrary<Composition> = fc.constantFrom<Composition>(
  {
    attest: { isSignatureNeeded: true, isNonceNeeded: true, isOnePerOwner: true, acceptedMax: 5, clockSkewMsMax: null },
  },
  { match: { type: "shape", shape: { type: "choice", choices: ["cat", "dog"] } } },
  { match: { type: "control", ...exact } },
  { match: { type: "controlRate", answeredMin: 2, accuracyPpmMin: 600_000 } },
  { match: { type: "digest", name: "body" } },
  { match: { type: "crash", name: "proof" } },
  { agree: { type: "label", ...exact } },
  { agree: { type: "share", scorePpmMin: 300_000 } },
  { match: { type: "control", ...exact, scorePpmMin: 500_000 } },
  { agree: { type: "quorum", name: "body", ownersMin: 2 } },
  { agree: { type: "unchallenged", windowMs: 500 } },
  { agree: { type: "panel", seats: 3, acceptedMin: 2 } },
  {
    replay: {
      name: "proof",
      expect: "output",
      runsMin: 2,
      fuelMax: 1_000,
      memoryBytesMax: 65_536,
      outputBytesMax: 100,
      faultsMax: 2,
    },
  },
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
  { audit: { type: "recheck", sharePpm: 500_000, faultsMax: 2 } },
  { audit: { type: "canary", name: "body" } },
);

const meter: fc.Arbitrary<Composition> = fc.oneof(
  quantityMax.map((most) => ({ meter: { type: "lesser", ...metered, quantityMax: most, tolerancePpm: 0 } }) as const),
  fc
    .tuple(fc.constantFrom("sum", "covered"), quantityMax)
    .map(([type, most]) => ({ meter: { type, ...metered, quantityMax: most, quality } }) as const),
);

const combined = (of: fc.Arbitrary<Composition>): fc.Arbitrary<Composition> => {
  const list = fc.array(of, { minLength: 1, maxLength: 3 });
  return fc.oneof(
    list.map((all) => ({ all })),
    list.map((any) => ({ any })),
    list.map((min) => ({ min })),
    fc.record({ of, sharePpm: ppm }).map((scale) => ({ scale })),
    fc.tuple(of, ppm, ppm).map(([part, low, high]) => ({
      scale: {
        of: part,
        points: [
          { from: 10, to: low },
          { from: 500_000, to: high },
        ],
      },
    })),
    of.map((part) => ({
      holdback: { of: part, sharePpm: 200_000, until: { type: "checked", checkedMin: 3 } } as const,
    })),
    fc.tuple(of, fc.constantFrom("answers", "review", "panel")).map(([part, to]) => {
      const isPanel = to === "panel";
      const panel = { seats: isPanel ? 3 : 0, acceptedMin: isPanel ? 2 : 0 };
      return { escalate: { of: part, to, windowMs: 1_000_000, otherwise: "accepted", ...panel } as const };
    }),
  );
};

const nested = (of: fc.Arbitrary<Composition>): fc.Arbitrary<Composition> =>
  fc.oneof(of, combined(of), combined(combined(of)));

/** Metered ones and such that pay a share of the reward: the branches of `any` are never mixed. */
export const anyComposition: fc.Arbitrary<Composition> = fc.oneof(
  nested(unmetered),
  nested(meter),
  fc.tuple(nested(unmetered), nested(meter)).map(([gate, of]) => ({ all: [gate, of] })),
);

const choice = fc.constantFrom("cat", "dog", "bird");
const hash = fc.constantFrom(hashOf(1), hashOf(2));
const reading = fc.integer({ min: 0, max: 60 });

export const anyEvidence: fc.Arbitrary<Evidence> = fc
  .record({
    answer: choice,
    nonce: fc.constantFrom("code-1", "code-2", null),
    digests: fc.constantFrom({}, { body: hashOf(1) }, { body: hashOf(2) }),
    quantities: fc.constantFrom({}, { node: 40 }, { node: 90 }),
    runs: fc.constantFrom({}, { proof: { inputHash: hashOf(1), outputHash: hashOf(2) } }),
    series: fc
      .array(reading, { maxLength: 12 })
      .map((values) => ({ node: { timesMs: values.map((_, i) => i * 10), values } })),
    tracks: fc.constantFrom({}, { walk: [sightingOf(0, 0, 50)] }, { walk: [sightingOf(1, 0, 50)] }),
  })
  .map(evidenceOf);

const execution = fc
  .record({ outcome: fc.constantFrom("finished", "fault", "trapped"), outputHash: hash })
  .map((parts) => executionOf(parts as Parameters<typeof executionOf>[0]));

/** What can be unknown; the rest of a context is always there. */
export const unknowable = [
  "attestation",
  "settled",
  "scorePpm",
  "quorums",
  "challenge",
  "panel",
  "digests",
  "quantities",
  "executions",
  "crashes",
  "window",
  "place",
  "audit",
  "review",
] as const satisfies readonly (keyof Context)[];

export const anyContext: fc.Arbitrary<Context> = fc
  .record({
    nowMs: fc.constantFrom(1_400, 1_500, 2_000),
    attestation: fc
      .record({
        isSigned: fc.boolean(),
        receivedAtMs: fc.constantFrom(2_000, 3_001),
        owner: fc.constantFrom("alice", "bob"),
        taskOwners: fc.constantFrom([], ["bob"]),
      })
      .map(attestationOf),
    control: fc.option(fc.record({ answer: choice, commitment: hash, isVoid: fc.boolean() })),
    record: fc.constantFrom({ answered: 0, right: 0 }, { answered: 3, right: 3 }, { answered: 3, right: 1 }),
    settled: fc.record({ answer: choice, isDecided: fc.boolean() }),
    scorePpm: ppm,
    consensus: fc.option(
      fc.record({
        verdict: fc.constantFrom("accepted" as const, "rejected" as const),
        code: fc.constantFrom(...consensusCodes),
      }),
      { freq: 3 },
    ),
    quorums: fc.record({
      body: fc.record({
        votes: fc.array(fc.record({ owner: fc.constantFrom("alice", "bob", "carol"), digest: hash }), { maxLength: 4 }),
        isExhausted: fc.boolean(),
      }),
    }),
    challenge: fc.record({ openedAtMs: fc.constant(1_000), challengedAtMs: fc.constantFrom(null, 1_100) }),
    panel: fc.record({ accepted: fc.integer({ min: 0, max: 3 }), rejected: fc.integer({ min: 0, max: 3 }) }),
    digests: fc.record({ body: hash }),
    canaries: fc.constantFrom({}, { body: hashOf(1) }),
    quantities: fc.constantFrom({ node: 40 }, { node: 70 }),
    executions: fc.record({ proof: fc.array(execution, { maxLength: 4 }) }),
    crashes: fc.record({
      proof: fc.option(
        fc.record({
          type: fc.constantFrom("Stack-overflow", "Uncaught TypeError"),
          state: fc.constantFrom(["take", "parse"], ["take", "main"], ["NULL"]),
          earlier: fc.array(
            fc.record({
              commitment: hash,
              type: fc.constant("Uncaught TypeError"),
              state: fc.constantFrom(["take", "parse"], ["NULL"]),
            }),
            { maxLength: 2 },
          ),
        }),
      ),
    }),
    window: fc.constant({ startMs: 0, endMs: 120 }),
    place: fc.constant(placeOf(0, 0)),
    audit: fc.record({
      submissionHash: hash,
      submittedAtSlot: fc.constant(5),
      slotHash: fc.option(fc.record({ slot: fc.constantFrom(5, 6), hash })),
      recheck: fc.constantFrom(null, "agrees" as const, "differs" as const),
      faults: fc.integer({ min: 0, max: 3 }),
    }),
    undecidedAtMs: fc.constant(1_200),
    review: fc.record({ isAccepted: fc.boolean(), atMs: fc.constant(1_300) }),
    standing: fc.constantFrom(
      { acceptedAtMs: null, checked: 0, events: 0 },
      { acceptedAtMs: 5, checked: 3, events: 1 },
    ),
  })
  .map(contextOf);

const number = fc.oneof(
  fc.double(),
  fc.constantFrom(Number.NaN, Number.POSITIVE_INFINITY, -1, -0, 0.5, 2 ** 53, 1e308, 50, 1_500),
);
const text = fc.oneof(
  fc.constantFrom("__proto__", "constructor", "\ud800", "x".repeat(10_000), "", hashOf(1), "code-1"),
  fc.string(),
);
const names = fc.constantFrom("body", "node", "proof", "walk", "__proto__", "toString");
/** Under any name, as JSON gives it: `__proto__` is a field of its own. */
const under = <T>(value: fc.Arbitrary<T>): fc.Arbitrary<{ readonly [name: string]: T }> =>
  fc.array(fc.tuple(names, value), { maxLength: 3 }).map((entries) => Object.fromEntries(entries));

/** Evidence of the right type and nothing more. */
export const hostileEvidence: fc.Arbitrary<Evidence> = fc
  .record({
    answer: fc.oneof(fc.jsonValue({ maxDepth: 6 }), text, number) as fc.Arbitrary<Evidence["answer"]>,
    nonce: fc.option(text),
    takenAtMs: fc.option(number),
    digests: under(text),
    quantities: under(number),
    runs: under(fc.record({ inputHash: text, outputHash: fc.option(text) })),
    series: under(fc.record({ timesMs: fc.array(number), values: fc.array(number) })),
    tracks: under(
      fc.array(fc.record({ latitudeE7: number, longitudeE7: number, timeMs: number, accuracyMm: number }), {
        maxLength: 4,
      }),
    ),
  })
  .map(evidenceOf);
