import fc from "fast-check";
import type { Json } from "../../src/core/json.ts";
import type { Known } from "../../src/market/known.ts";
import type { MarketSpec } from "../../src/market/spec.ts";
import type { Composition } from "../../src/verification/algebra/composition.ts";
import { readComposition } from "../../src/verification/algebra/verify.ts";
import type { AnswerSchema } from "../../src/verification/answers/answer-schema.ts";
import { startMs } from "./market.ts";

/** Random compositions that a market can keep, and evidence that meets them or does not. */

export const somewhere = { latitudeE7: 480_000_000, longitudeE7: 160_000_000 };
const digest = "ab".repeat(32);

export const knownOfTasks: Known = {
  window: { startMs, endMs: startMs + 1_000_000_000 },
  place: somewhere,
  digests: { page: digest },
  values: {},
};

/** Evidence as bodies have it, good and bad. */
export const evidences: readonly Json[] = [
  {},
  { tracks: { walk: [{ ...somewhere, timeMs: startMs + 5, accuracyMm: 10 }] }, digests: { page: digest } },
  { tracks: { walk: [{ ...somewhere, timeMs: startMs + 5, accuracyMm: 10 }] }, digests: { page: digest } },
  { tracks: { walk: [{ ...somewhere, timeMs: startMs + 5, accuracyMm: 10 }] }, digests: { page: "cd".repeat(32) } },
  {
    tracks: { walk: [{ latitudeE7: 0, longitudeE7: 0, timeMs: startMs + 5, accuracyMm: 10 }] },
    digests: { page: digest },
  },
];

const isOneThing = ({ type }: AnswerSchema): boolean => ["choice", "pair", "scale", "number"].includes(type);

type Parts = Pick<MarketSpec, "terms" | "review">;

/** What looks at answers: of control tasks, of others, and how many were right. */
function judging({ terms, review }: Parts): fc.Arbitrary<Json> {
  const plain = isOneThing(terms.answer);
  const score = fc.constantFrom(0, 300_000, 600_000, 1_000_000);
  const control = plain
    ? fc.constant<Json>({ match: { type: "control" } })
    : score.map((scorePpmMin): Json => ({ match: { type: "control", scorePpmMin } }));
  const rate = fc
    .constantFrom(0, 500_000, 1_000_000)
    .map((accuracyPpmMin): Json => ({ match: { type: "controlRate", answeredMin: 2, accuracyPpmMin } }));
  if (terms.overlap.max < 2) return control;
  const type = plain ? fc.constantFrom("label", "score", "share") : fc.constantFrom("score", "share");
  const quorum: Json = { agree: { type: "quorum", name: "page", ownersMin: 2 } };
  const labelled = fc
    .tuple(type, score)
    .map(([each, scorePpmMin]): Json => ({ agree: each === "label" ? { type: each } : { type: each, scorePpmMin } }));
  const agree = fc.oneof({ arbitrary: labelled, weight: 4 }, { arbitrary: fc.constant(quorum), weight: 1 });
  const decided =
    review === null || review.windowMs === 0
      ? agree
      : fc
          .tuple(agree, fc.constantFrom("accepted", "rejected"))
          .map(([of, otherwise]): Json => ({ escalate: { to: "review", windowMs: review.windowMs, otherwise, of } }));
  return fc
    .tuple(control, rate, decided, fc.boolean())
    .map(([first, second, third, isRated]) => ({ all: isRated ? [first, second, third] : [first, third] }));
}

const attest = (acceptedMax: number | null): Json => ({
  attest: { isSignatureNeeded: true, isNonceNeeded: false, isOnePerOwner: true, acceptedMax },
});
const gates = fc.constantFrom<Json>(
  attest(null),
  attest(2),
  { match: { type: "digest", name: "page" } },
  {
    witness: {
      type: "track",
      name: "walk",
      sightingsMin: 1,
      distanceMmMax: 5_000,
      accuracyMmMax: 1_000,
      speedMmPerSecondMax: 1,
    },
  },
);

const wrapped = (of: Json): fc.Arbitrary<Json> =>
  fc.constantFrom<Json>(
    of,
    { scale: { of, sharePpm: 333_333 } },
    {
      scale: {
        of,
        points: [
          { from: 100_000, to: 0 },
          { from: 900_000, to: 1_000_000 },
        ],
      },
    },
    { holdback: { of, sharePpm: 250_000, until: { type: "checked", checkedMin: 2 } } },
    { holdback: { of, sharePpm: 1_000_000, until: { type: "delay", delayMs: 3_600_000 } } },
  );

export function compositionFor(parts: Parts): fc.Arbitrary<Composition> {
  const list = fc.tuple(
    fc.array(gates, { maxLength: 2 }),
    judging(parts),
    fc.constantFrom("all", "min", "any"),
    fc.boolean(),
  );
  return list
    .map(([checks, judged, combine, isFirst]): Json => {
      if (checks.length === 0) return judged;
      // Of alternatives each has to look at control tasks: a check alone would pay whatever is answered to one.
      if (combine === "any") return { any: [{ all: [...checks, judged] }, { all: [...checks] }] };
      return { [combine]: isFirst ? [judged, ...checks] : [...checks, judged] };
    })
    .chain(wrapped)
    .map((composition) => readComposition(composition, "composition"));
}

/** A market that goes by a composition. A review that none of it asks for is taken out. */
export const ruledByComposition = (spec: MarketSpec): fc.Arbitrary<MarketSpec> => {
  const review = spec.terms.overlap.max < 2 || spec.review?.windowMs === 0 ? null : spec.review;
  return compositionFor({ terms: spec.terms, review }).map((composition) => ({
    ...spec,
    review,
    terms: { ...spec.terms, known: knownOfTasks },
    verification: { version: 1, composition },
  }));
};
