import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { sha256 } from "../../test/support/market-hash.ts";
import { toUtf8 } from "../core/bytes.ts";
import { isEarnestError } from "../core/errors.ts";
import type { Json } from "../core/json.ts";
import { verifyCase } from "../verification/kinds/cases.ts";
import { composed } from "../verification/kinds/compose.ts";
import { mergePatch } from "../verification/kinds/merge-patch.ts";
import { readKind, readVectors } from "../verification/kinds/read-kind.ts";
import { bodyBytesMax, readBody } from "./body.ts";
import type { MarketSpec } from "./spec.ts";
import { evidenceBytesMax, readBodyEvidence, verifyingOf } from "./verifying.ts";

/**
 * Evidence with one fault, for every kind: a submission that is accepted, with nothing else changed. Each of the faults has
 * a row here, with the check that has to find it, in the kinds that it can happen in.
 */

type Fields = { readonly [name: string]: Json };
type Row = readonly [fault: string, evidence: Json, context: Json, expected: string];

const folder = join(import.meta.dirname, "../../kinds");
const jsonOf = (name: string): Json => JSON.parse(readFileSync(join(folder, name), "utf8")) as Json;
const names = readdirSync(folder).filter((name) => !name.endsWith(".vectors.json"));

const kinds = names.map((name) => {
  const kind = readKind(jsonOf(name));
  const vectors = readVectors(jsonOf(name.replace(".json", ".vectors.json")));
  const good = vectors.find(({ verdict }) => verdict === "accepted") as (typeof vectors)[number];
  return { kind, ...good, evidence: good.evidence as Fields, context: good.context as Fields };
});

const hourMs = 3_600_000;
const [monthMs, otherHash] = [720 * hourMs, "0".repeat(64)];
/** What an object's fields become. */
const each = (value: Json | undefined, change: (field: Fields) => Json): Fields =>
  Object.fromEntries(Object.entries((value ?? {}) as Fields).map(([name, field]) => [name, change(field as Fields)]));
const numbers = (value: Json | undefined, change: (number: number) => number): Json =>
  (value as readonly (number | null)[]).map((number) => (number === null ? null : change(number)));
const sightings = (track: Json, change: (sighting: Fields) => Fields): Json =>
  (track as unknown as readonly Fields[]).map((sighting) => ({ ...sighting, ...change(sighting) }));
const numberIn = (fields: Fields, name: string): number => fields[name] as number;

/** Of every kind: when it came, who signed it, what the lane does not know yet, and each part that has another shape or is missing. */
function common({ context, evidence }: (typeof kinds)[number]): Row[] {
  const { assignedAtMs, expiresAtMs, owner } = context["attestation"] as Fields;
  const parts = Object.keys(evidence).filter((name) => name !== "answer");
  const optional = new Set(["digests original"]);
  return [
    ["stale: after its lease", {}, { attestation: { receivedAtMs: (expiresAtMs as number) + 1 } }, "rejected TOO_LATE"],
    ["before its lease", {}, { attestation: { receivedAtMs: (assignedAtMs as number) - 1 } }, "rejected TOO_EARLY"],
    ["replayed: by the same owner", {}, { attestation: { taskOwners: [owner as string] } }, "rejected OWNER_TWICE"],
    ["of somebody else's key", {}, { attestation: { isSigned: false } }, "rejected SIGNATURE_INVALID"],
    ["of the requester's own", {}, { attestation: { requesterOwner: owner as string } }, "rejected OWNER_OF_MARKET"],
    ["ours: who sent it is not known yet", {}, { attestation: null }, "held WAITING"],
    ...parts.map((name): Row => [`malformed ${name}`, { [name]: 7.5 }, {}, `case.evidence.${name}`]),
    ...parts
      .filter((name) => !optional.has(`${name} ${Object.keys((evidence[name] ?? {}) as Fields).join(" ")}`))
      .map((name): Row => [`half-delivered: no ${name}`, { [name]: null }, {}, "rejected EVIDENCE_MISSING"]),
  ];
}

function ofTracks({ evidence }: (typeof kinds)[number]): Row[] {
  const tracks = evidence["tracks"];
  if (tracks === undefined) return [];
  const changed = (change: (sighting: Fields) => Fields): Json => ({
    tracks: each(tracks, (track) => sightings(track, change)),
  });
  const shifted = (ms: number): Json => changed((at) => ({ timeMs: numberIn(at, "timeMs") + ms }));
  const degrees = (at: Fields, round: (number: number) => number): Fields => ({
    latitudeE7: round(numberIn(at, "latitudeE7") / 1e7),
    longitudeE7: round(numberIn(at, "longitudeE7") / 1e7),
  });
  return [
    ["stale: a track of last month", shifted(-monthMs), {}, "rejected TOO_EARLY"],
    ["from the future: a track of next month", shifted(monthMs), {}, "rejected TOO_LATE"],
    ["in seconds", changed((at) => ({ timeMs: Math.floor(numberIn(at, "timeMs") / 1_000) })), {}, "rejected TOO_EARLY"],
    ["in degrees", changed((at) => degrees(at, (number) => number)), {}, "case.evidence.tracks."],
    ["in whole degrees", changed((at) => degrees(at, Math.floor)), {}, "rejected PLACE_FAR"],
    [
      "in micrometres",
      changed((at) => ({ accuracyMm: numberIn(at, "accuracyMm") * 1_000 })),
      {},
      "rejected PLACE_INACCURATE",
    ],
  ];
}

function ofTimeTaken({ evidence, context }: (typeof kinds)[number]): Row[] {
  if (evidence["takenAtMs"] === undefined) return [];
  const atMs = numberIn(context["attestation"] as Fields, "receivedAtMs");
  return [
    ["stale: taken last month", { takenAtMs: atMs - monthMs }, {}, "rejected TOO_EARLY"],
    ["from the future: taken tomorrow", { takenAtMs: atMs + 24 * hourMs }, {}, "rejected TOO_LATE"],
    ["taken in seconds", { takenAtMs: Math.floor(atMs / 1_000) }, {}, "rejected TOO_EARLY"],
  ];
}

const digest = (name: string): Json => ({ digests: { [name]: otherHash } });

/** Of one kind alone: its devices, its units, and what it says of having come before. */
function own(given: (typeof kinds)[number]): Row[] {
  const { evidence, context } = given;
  const atMs = numberIn(context["attestation"] as Fields, "receivedAtMs");
  switch (given.kind.kind) {
    case "bandwidth":
      return [
        ["another page", digest("content"), {}, "rejected DIGEST_DIFFERS"],
        // The lesser of two counts is paid, and who says more than was measured gets nothing.
        ["in kilobytes", { quantities: { bytes: 2_500 } }, {}, "accepted METERS_DIFFER"],
        ["in bits", { quantities: { bytes: 20_000_000 } }, {}, "rejected METERS_DIFFER"],
      ];
    case "bug":
      return [
        ["another crash", digest("signature"), {}, "rejected DIGEST_DIFFERS"],
        ["half-delivered: no proof", { runs: { proof: null } }, {}, "rejected EVIDENCE_MISSING"],
      ];
    case "fix":
      return [["half-delivered: no proof", { runs: { proof: null } }, {}, "rejected EVIDENCE_MISSING"]];
    case "claim":
      return [["another source", digest("source"), {}, "rejected DIGEST_DIFFERS"]];
    case "compute":
      return [["another result", digest("result"), {}, "rejected QUORUM_DIFFERS"]];
    case "coverage": {
      const heard = (fields: Fields): Json => ({ receptions: { heard: fields } });
      return [
        ["of somebody else's device", heard({ device: "mallory" }), {}, "rejected DEVICE_OTHER"],
        ["stale: heard last month", heard({ receivedAtMs: atMs - monthMs }), {}, "rejected TOO_EARLY"],
        ["from the future: heard in an hour", heard({ receivedAtMs: atMs + hourMs }), {}, "rejected TOO_LATE"],
        ["replayed: another beacon's payload", heard({ payload: "ff" }), {}, "rejected PAYLOAD_DIFFERS"],
        ["in kilohertz", heard({ frequencyHz: 867_900 }), {}, "rejected FREQUENCY_DIFFERS"],
        ["in dBm", heard({ signalDdbm: -108 }), {}, "rejected SIGNAL_STRONG"],
      ];
    }
    case "energy": {
      const meter = (evidence["loads"] as Fields)["meter"] as Fields;
      const load = (fields: Fields): Json => ({ loads: { meter: fields } });
      const { startMs, values } = meter as { readonly startMs: number; readonly values: readonly Json[] };
      return [
        ["of somebody else's meter", digest("meter"), {}, "rejected DIGEST_DIFFERS"],
        ["in watt-hours", load({ unit: "Wh" }), {}, "rejected UNIT_WRONG"],
        [
          "in kilowatt-hours that are called something else",
          load({ values: numbers(values, (n) => Math.round(n / 1e6)) }),
          {},
          "rejected QUANTITY_LOW",
        ],
        ["in microwatt-hours", load({ values: numbers(values, (n) => n * 1_000) }), {}, "rejected COVERAGE_LOW"],
        ["by another interval", load({ intervalMs: hourMs / 2 }), {}, "rejected COVERAGE_LOW"],
        ["stale: of last year", load({ startMs: startMs - 12 * monthMs }), {}, "rejected COVERAGE_LOW"],
        ["from the future", load({ startMs: startMs + 12 * monthMs }), {}, "rejected SERIES_OUTSIDE_WINDOW"],
        [
          "half-delivered: half of the readings",
          load({ values: values.slice(values.length / 2) }),
          {},
          "rejected COVERAGE_LOW",
        ],
      ];
    }
    case "mapping":
      return [
        [
          "half-delivered: one sighting",
          { tracks: each(evidence["tracks"], (track) => (track as unknown as Json[]).slice(0, 1)) },
          {},
          "rejected TRACK_SHORT",
        ],
      ];
    case "sensing": {
      const series = (change: (one: Fields) => Fields): Json => ({ series: each(evidence["series"], change) });
      const times = (change: (timeMs: number) => number): Json =>
        series((one) => ({ timesMs: numbers(one["timesMs"], change) }));
      return [
        ["stale: of last month", times((timeMs) => timeMs - monthMs), {}, "rejected SERIES_OUTSIDE_WINDOW"],
        ["from the future", times((timeMs) => timeMs + monthMs), {}, "rejected SERIES_OUTSIDE_WINDOW"],
        ["in seconds, the series", times((timeMs) => Math.floor(timeMs / 1_000)), {}, "rejected SERIES_OUTSIDE_WINDOW"],
        [
          "in another unit",
          series((one) => ({ values: numbers(one["values"], (n) => n * 10) })),
          {},
          "rejected COVERAGE_LOW",
        ],
        ["half-delivered: no humidity", { series: { humidity: null } }, {}, "rejected EVIDENCE_MISSING"],
        [
          "half-delivered: five readings",
          series(({ timesMs, values }) => ({
            timesMs: (timesMs as Json[]).slice(0, 5),
            values: (values as Json[]).slice(0, 5),
          })),
          {},
          "rejected COVERAGE_LOW",
        ],
      ];
    }
    case "visit": {
      const shot = (fields: Fields): Json => ({ pictures: { shot: fields } });
      const { digest: same, likeness } = (evidence["pictures"] as Fields)["shot"] as Fields;
      const earlier = (fields: Fields): Json => ({
        earlierPictures: [{ slot: "9.9", digest: otherHash, likeness: otherHash, ...fields }] as Json,
      });
      return [
        ["replayed: a code that was used", {}, { attestation: { isNonceUsed: true } }, "rejected NONCE_REPLAYED"],
        ["replayed: another assignment's code", { nonce: "AAAAAA" }, {}, "rejected NONCE_WRONG"],
        [
          "replayed: a picture that was sent before",
          {},
          earlier({ digest: same as string }),
          "rejected PICTURE_DUPLICATE",
        ],
        [
          "replayed: that picture, saved again",
          {},
          earlier({ likeness: likeness as string }),
          "rejected PICTURE_ALIKE",
        ],
        ["stale: a picture of last month", shot({ satelliteMs: atMs - monthMs }), {}, "rejected TOO_EARLY"],
        ["from the future: a picture of tomorrow", shot({ satelliteMs: atMs + 24 * hourMs }), {}, "rejected TOO_LATE"],
        ["half-delivered: a thumbnail", shot({ width: 10 }), {}, "rejected PICTURE_MALFORMED"],
      ];
    }
    default:
      return [];
  }
}

describe.each(kinds)("$kind.kind", (given) => {
  const { kind, parameters, evidence, context } = given;
  const rows = [...common(given), ...ofTracks(given), ...ofTimeTaken(given), ...own(given)];

  it("is accepted without any fault", () => {
    expect(verifyCase(kind, { spec: { parameters }, evidence, context }).verdict).toBe("accepted");
  });

  it.each(rows)("%s", (_, evidencePatch, contextPatch, expected) => {
    const changed = { evidence: mergePatch(evidence, evidencePatch), context: mergePatch(context, contextPatch) };
    try {
      const { verdict, reasons } = verifyCase(kind, { spec: { parameters }, ...changed });
      expect(`${verdict} ${reasons[0]?.code}`).toBe(expected);
    } catch (error) {
      if (!isEarnestError(error, "MALFORMED_CASE")) throw error;
      expect(error.context.path).toContain(expected);
    }
  });

  it("oversized: as a whole, or its evidence", () => {
    const schema = { type: "text", maxLength: 10, isMultiline: false } as never;
    const body = toUtf8(JSON.stringify({ answer: "a", filler: "x".repeat(bodyBytesMax) }));
    expect(() => readBody(schema, body)).toThrow(`${bodyBytesMax}`);
    const verifying = verifyingOf({ verification: composed(kind, parameters) } as MarketSpec);
    const sighting = { latitudeE7: 480_000_000, longitudeE7: 160_000_000, accuracyMm: 8_000 };
    const long = Array.from({ length: 600 }, (_, i) => ({ ...sighting, timeMs: 1_700_000_000_000 + i }));
    const large = toUtf8(JSON.stringify({ answer: "a", evidence: { tracks: { walk: long } } }));
    if (verifying === null) throw new Error("it has a composition");
    if (verifying.needsEvidence)
      expect(() => readBodyEvidence(verifying, large, sha256)).toThrow(`${evidenceBytesMax}`);
    else expect(Object.values(readBodyEvidence(verifying, large, sha256).tracks)).toEqual([]);
  });
});
