import type { Field } from "../../core/field.ts";
import { methodNames } from "../baseline/methods.ts";
import { eventsMax } from "../baseline/season.ts";
import { resolutionMax } from "../places/cell.ts";
import type { AgreeParameters } from "../primitives/agree.ts";
import type { AttestParameters } from "../primitives/attest.ts";
import type { AuditParameters } from "../primitives/audit.ts";
import { millionPpm, quantityMaxMax } from "../primitives/finding.ts";
import type { MatchParameters, Tolerance } from "../primitives/match.ts";
import { type MeterParameters, meterUnits } from "../primitives/meter.ts";
import type { ReplayParameters } from "../primitives/replay.ts";
import type { Quality } from "../primitives/series.ts";
import type { Shape } from "../primitives/shape.ts";
import { sightingsMax, type WitnessParameters } from "../primitives/witness.ts";
import { cell, durationMsMax, name, number, oneOf, otherwise } from "./read-values.ts";

const countMax = 1_000_000;
const ppm = (field: Field): number => field.integer(0, millionPpm);
const count = (field: Field): number => field.integer(1, countMax);
/** Half of the Earth's circumference and a little. */
const distanceMm = (field: Field): number => field.integer(0, 20_100_000_000);

const speed = (field: Field): number => field.integer(0, 1_000_000);
const resolution = (field: Field): number => field.integer(0, resolutionMax);
/** The most areas that are denied. */
const areasMax = 300;

export function readAttest(field: Field): AttestParameters {
  const parameters = field.fields(
    "isSignatureNeeded",
    "isNonceNeeded",
    "isOnePerOwner",
    "acceptedMax",
    "clockSkewMsMax",
  );
  return {
    isSignatureNeeded: parameters.isSignatureNeeded.boolean(),
    isNonceNeeded: parameters.isNonceNeeded.boolean(),
    isOnePerOwner: parameters.isOnePerOwner.boolean(),
    acceptedMax: parameters.acceptedMax.orNull(count),
    clockSkewMsMax: parameters.clockSkewMsMax.orNull((each) => each.integer(0, durationMsMax)),
  };
}

export function readMatch(field: Field): MatchParameters {
  const type = field.get("type");
  switch (type.value) {
    case "shape":
      return { type: "shape", shape: readShape(field.fields("type", "shape").shape, 1) };
    case "control": {
      const control = field.fields("type", "tolerance", "tolerancePpm", "scorePpmMin");
      const { scorePpmMin } = control;
      // Left out where it is not given: a composition that was read before it was there is read to the same.
      const score = scorePpmMin.value === undefined ? {} : { scorePpmMin: ppm(scorePpmMin) };
      return { type: "control", ...readTolerance(control), ...score };
    }
    case "controlRate": {
      const { answeredMin, accuracyPpmMin } = field.fields("type", "answeredMin", "accuracyPpmMin");
      return { type: "controlRate", answeredMin: count(answeredMin), accuracyPpmMin: ppm(accuracyPpmMin) };
    }
    case "digest":
    case "crash":
      return { type: type.value, name: name(field.fields("type", "name").name) };
    case "value": {
      const value = field.fields("type", "name", "field", "tolerance", "tolerancePpm");
      return { type: "value", name: name(value.name), field: value.field.orNull(name), ...readTolerance(value) };
    }
    default:
      return type.fail("must be shape, control, controlRate, digest, crash or value");
  }
}

const readTolerance = (fields: { readonly tolerance: Field; readonly tolerancePpm: Field }): Tolerance => ({
  tolerance: otherwise(fields.tolerance, 0, (field) => number(field, 0, quantityMaxMax)),
  tolerancePpm: otherwise(fields.tolerancePpm, 0, ppm),
});

const shapeLimits = { depth: 6, fields: 100, choices: 10_000, characters: 1_000_000, items: 10_000 } as const;

function readShape(field: Field, depth: number): Shape {
  if (depth > shapeLimits.depth) field.fail(`must be nested at most ${shapeLimits.depth} deep`);
  const type = field.get("type");
  switch (type.value) {
    case "boolean":
      field.only(["type"]);
      return { type: "boolean" };
    case "choice":
      return { type: "choice", choices: field.fields("type", "choices").choices.texts(2, shapeLimits.choices) };
    case "number": {
      const { min, max, isInteger } = field.fields("type", "min", "max", "isInteger");
      const least = number(min);
      return { type: "number", min: least, max: number(max, least), isInteger: isInteger.boolean() };
    }
    case "text": {
      const { charactersMin, charactersMax } = field.fields("type", "charactersMin", "charactersMax");
      const least = charactersMin.integer(0, shapeLimits.characters);
      return {
        type: "text",
        charactersMin: least,
        charactersMax: charactersMax.integer(least, shapeLimits.characters),
      };
    }
    case "list": {
      const { of, itemsMin, itemsMax } = field.fields("type", "of", "itemsMin", "itemsMax");
      const least = itemsMin.integer(0, shapeLimits.items);
      return {
        type: "list",
        of: readShape(of, depth + 1),
        itemsMin: least,
        itemsMax: itemsMax.integer(least, shapeLimits.items),
      };
    }
    case "object":
      return { type: "object", fields: readShapes(field.fields("type", "fields").fields, depth) };
    default:
      return type.fail("must be boolean, choice, number, text, list or object");
  }
}

function readShapes(field: Field, depth: number): { readonly [name: string]: Shape } {
  const names = Object.keys(field.object());
  if (names.length > shapeLimits.fields) field.fail(`must have at most ${shapeLimits.fields} fields`);
  return Object.fromEntries(names.map((each) => [each, readShape(field.get(each), depth + 1)]));
}

export function readAgree(field: Field): AgreeParameters {
  const type = field.get("type");
  switch (type.value) {
    case "label":
      return { type: "label", ...readTolerance(field.fields("type", "tolerance", "tolerancePpm")) };
    case "score":
    case "share":
      return { type: type.value, scorePpmMin: ppm(field.fields("type", "scorePpmMin").scorePpmMin) };
    case "quorum": {
      const quorum = field.fields("type", "name", "ownersMin");
      return { type: "quorum", name: name(quorum.name), ownersMin: quorum.ownersMin.integer(1, 99) };
    }
    case "groups": {
      const groups = field.fields("type", "groupsMin", "groupRatingsMin", "agreementPpmMin");
      return {
        type: "groups",
        groupsMin: groups.groupsMin.integer(1, 1_000),
        groupRatingsMin: count(groups.groupRatingsMin),
        agreementPpmMin: ppm(groups.agreementPpmMin),
      };
    }
    case "bridge": {
      const bridge = field.fields("type", "ratingsMin", "interceptPpmMin", "factorPpmBelow");
      return {
        type: "bridge",
        ratingsMin: count(bridge.ratingsMin),
        interceptPpmMin: bridge.interceptPpmMin.integer(-10 * millionPpm, 10 * millionPpm),
        factorPpmBelow: bridge.factorPpmBelow.integer(1, 10 * millionPpm),
      };
    }
    case "unchallenged":
      return { type: "unchallenged", windowMs: field.fields("type", "windowMs").windowMs.integer(1, durationMsMax) };
    case "panel": {
      const panel = field.fields("type", "seats", "acceptedMin");
      const seats = panel.seats.integer(1, 99);
      return { type: "panel", seats, acceptedMin: panel.acceptedMin.integer(1, seats) };
    }
    default:
      return type.fail("must be label, score, share, quorum, groups, bridge, unchallenged or panel");
  }
}

export function readReplay(field: Field): ReplayParameters {
  const parameters = field.fields(
    "name",
    "expect",
    "runsMin",
    "fuelMax",
    "memoryBytesMax",
    "outputBytesMax",
    "faultsMax",
  );
  return {
    name: name(parameters.name),
    expect: oneOf(parameters.expect, ["output", "fires", "silent"]),
    runsMin: parameters.runsMin.integer(1, 99),
    fuelMax: parameters.fuelMax.integer(1, quantityMaxMax),
    memoryBytesMax: parameters.memoryBytesMax.integer(1, 2 ** 32),
    outputBytesMax: parameters.outputBytesMax.integer(0, 2 ** 32),
    faultsMax: parameters.faultsMax.integer(1, 99),
  };
}

const meteredFields = ["type", "name", "unit", "quantityMin", "quantityMax"] as const;

export function readMeter(field: Field): MeterParameters {
  const type = field.get("type");
  switch (type.value) {
    case "lesser": {
      const { tolerancePpm, timesMax } = field.fields(...meteredFields, "tolerancePpm", "timesMax");
      return {
        type: "lesser",
        ...readMetered(field),
        tolerancePpm: ppm(tolerancePpm),
        ...(timesMax.value !== undefined && { timesMax: timesMax.integer(1, 1_000) }),
      };
    }
    case "sum":
    case "covered": {
      const { quality } = field.fields(...meteredFields, "quality");
      return { type: type.value, ...readMetered(field), quality: readQuality(quality, type.value === "covered") };
    }
    case "saved": {
      const saved = field.fields(...meteredFields, "quality", "baseline", "errorPpmMax", "deadBandPpm");
      return {
        type: "saved",
        ...readMetered(field),
        quality: readQuality(saved.quality, false),
        baseline: name(saved.baseline),
        errorPpmMax: ppm(saved.errorPpmMax),
        deadBandPpm: ppm(saved.deadBandPpm),
      };
    }
    case "reduced":
      return readReduced(field);
    case "fresh": {
      const fresh = field.fields(...meteredFields, "resolution", "accuracyMmMax", "againMs", "longMs", "longCells");
      const againMs = fresh.againMs.integer(1, durationMsMax);
      return {
        type: "fresh",
        ...readMetered(field),
        resolution: resolution(fresh.resolution),
        accuracyMmMax: distanceMm(fresh.accuracyMmMax),
        againMs,
        longMs: fresh.longMs.integer(againMs, durationMsMax),
        longCells: fresh.longCells.integer(1, 1_000),
      };
    }
    default:
      return type.fail("must be lesser, sum, covered, saved, reduced or fresh");
  }
}

const reducedFields = [
  "method",
  "intervalMsMax",
  "coveragePpmMin",
  "adjustmentPpmMax",
  "errorPpmMax",
  "biasPpmMax",
  "placeboDaysMin",
  "deadBandPpm",
  "eventsMin",
  "ratedMilliwatts",
] as const;

function readReduced(field: Field): MeterParameters {
  const reduced = field.fields(...meteredFields, ...reducedFields);
  const metered = readMetered(field);
  if (metered.unit !== "mWh") reduced.unit.fail("must be mWh");
  return {
    type: "reduced",
    ...metered,
    method: oneOf(reduced.method, methodNames),
    intervalMsMax: reduced.intervalMsMax.integer(1, 3_600_000),
    coveragePpmMin: reduced.coveragePpmMin.integer(1, millionPpm),
    adjustmentPpmMax: ppm(reduced.adjustmentPpmMax),
    errorPpmMax: ppm(reduced.errorPpmMax),
    biasPpmMax: ppm(reduced.biasPpmMax),
    placeboDaysMin: reduced.placeboDaysMin.integer(1, 366),
    deadBandPpm: ppm(reduced.deadBandPpm),
    eventsMin: reduced.eventsMin.integer(1, eventsMax),
    ratedMilliwatts: reduced.ratedMilliwatts.integer(1, 1_000_000_000_000),
  };
}

function readMetered(field: Field) {
  const quantityMin = field.get("quantityMin").integer(0, quantityMaxMax);
  return {
    name: name(field.get("name")),
    unit: oneOf(field.get("unit"), meterUnits),
    quantityMin,
    quantityMax: field.get("quantityMax").integer(quantityMin, quantityMaxMax),
  };
}

/** What is summed cannot be negative: a negative reading would pay for another one. */
function readQuality(field: Field, isNegativeAllowed: boolean): Quality {
  const quality = field.fields(
    "intervalMs",
    "coveragePpmMin",
    "valueMin",
    "valueMax",
    "jumpMax",
    "constantMsMax",
    "periods",
    "aheadMsMax",
  );
  const { periods, aheadMsMax } = quality;
  const valueMin = quality.valueMin.integer(isNegativeAllowed ? -quantityMaxMax : 0, quantityMaxMax);
  return {
    intervalMs: quality.intervalMs.integer(1, durationMsMax),
    coveragePpmMin: quality.coveragePpmMin.integer(0, millionPpm),
    valueMin,
    valueMax: quality.valueMax.integer(valueMin, quantityMaxMax),
    jumpMax: quality.jumpMax.orNull((each) => each.integer(0, 2 * quantityMaxMax)),
    constantMsMax: quality.constantMsMax.orNull((each) => each.integer(0, durationMsMax)),
    ...(periods.value === undefined ? {} : { periods: readPeriods(periods) }),
    ...(aheadMsMax.value === undefined ? {} : { aheadMsMax: aheadMsMax.integer(0, durationMsMax) }),
  };
}

function readPeriods(field: Field): NonNullable<Quality["periods"]> {
  const { periodMs, coveragePpmMin } = field.fields("periodMs", "coveragePpmMin");
  return { periodMs: periodMs.integer(1, durationMsMax), coveragePpmMin: ppm(coveragePpmMin) };
}

export function readWitness(field: Field): WitnessParameters {
  const type = field.get("type");
  switch (type.value) {
    case "track": {
      const track = field.fields(
        "type",
        "name",
        "sightingsMin",
        "distanceMmMax",
        "accuracyMmMax",
        "speedMmPerSecondMax",
        "travelMmPerSecondMax",
        "aheadMsMax",
      );
      const { travelMmPerSecondMax, aheadMsMax } = track;
      return {
        type: "track",
        name: name(track.name),
        sightingsMin: track.sightingsMin.integer(1, sightingsMax),
        distanceMmMax: distanceMm(track.distanceMmMax),
        accuracyMmMax: distanceMm(track.accuracyMmMax),
        speedMmPerSecondMax: speed(track.speedMmPerSecondMax),
        ...(travelMmPerSecondMax.value === undefined ? {} : { travelMmPerSecondMax: speed(travelMmPerSecondMax) }),
        ...(aheadMsMax.value === undefined ? {} : { aheadMsMax: aheadMsMax.integer(0, durationMsMax) }),
      };
    }
    case "observers": {
      const observers = field.fields("type", "observersMin", "distanceMmMin", "distanceMmMax");
      const least = distanceMm(observers.distanceMmMin);
      return {
        type: "observers",
        observersMin: observers.observersMin.integer(1, 99),
        distanceMmMin: least,
        distanceMmMax: observers.distanceMmMax.integer(least, 20_100_000_000),
      };
    }
    case "picture": {
      const picture = field.fields(
        "type",
        "name",
        "track",
        "distanceMmMax",
        "clockSkewMsMax",
        "likenessBitsMax",
        "isTimeNeeded",
      );
      return {
        type: "picture",
        name: name(picture.name),
        track: picture.track.orNull(name),
        distanceMmMax: distanceMm(picture.distanceMmMax),
        clockSkewMsMax: picture.clockSkewMsMax.integer(0, durationMsMax),
        likenessBitsMax: picture.likenessBitsMax.integer(0, 256),
        isTimeNeeded: picture.isTimeNeeded.boolean(),
      };
    }
    case "radio": {
      const radio = field.fields(
        "type",
        "name",
        "intervalMsMin",
        "beaconLagMsMax",
        "receptionLagMsMax",
        "frequencyHzMax",
        "cellsMin",
        "resolution",
        "distanceKmMax",
      );
      return {
        type: "radio",
        name: name(radio.name),
        intervalMsMin: radio.intervalMsMin.integer(0, durationMsMax),
        beaconLagMsMax: radio.beaconLagMsMax.integer(0, durationMsMax),
        receptionLagMsMax: radio.receptionLagMsMax.integer(0, durationMsMax),
        frequencyHzMax: radio.frequencyHzMax.integer(0, countMax),
        cellsMin: radio.cellsMin.integer(0, countMax),
        resolution: resolution(radio.resolution),
        distanceKmMax: radio.distanceKmMax.integer(1, 20_100),
      };
    }
    case "cap": {
      const cap = field.fields("type", "resolution", "cellAcceptedMax", "edgeAcceptedMax");
      return {
        type: "cap",
        resolution: resolution(cap.resolution),
        cellAcceptedMax: count(cap.cellAcceptedMax),
        edgeAcceptedMax: count(cap.edgeAcceptedMax),
      };
    }
    case "daytime": {
      const { fromMinute, toMinute } = field.fields("type", "fromMinute", "toMinute");
      const from = fromMinute.integer(0, 1_439);
      return { type: "daytime", fromMinute: from, toMinute: toMinute.integer(from + 1, 1_440) };
    }
    case "area":
      return { type: "area", denied: field.fields("type", "denied").denied.items(areasMax).map(cell) };
    default:
      return type.fail("must be track, observers, picture, radio, cap, daytime or area");
  }
}

export function readAudit(field: Field): AuditParameters {
  const type = field.get("type");
  switch (type.value) {
    case "recheck": {
      const { sharePpm, faultsMax } = field.fields("type", "sharePpm", "faultsMax");
      return { type: "recheck", sharePpm: ppm(sharePpm), faultsMax: faultsMax.integer(1, 99) };
    }
    case "canary":
      return { type: "canary", name: name(field.fields("type", "name").name) };
    default:
      return type.fail("must be recheck or canary");
  }
}
