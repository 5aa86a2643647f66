import { reason } from "../algebra/reasons.ts";
import { distanceMm, isPlace } from "../places/distance.ts";
import { type Context, type Evidence, own, type Place, type Sighting, type TimeWindow } from "./evidence.ts";
import { type Finding, failedWith, passed, waitingFor } from "./finding.ts";
import { type AreaParameters, type DaytimeParameters, witnessArea, witnessDaytime } from "./guard.ts";
import { independentObservers } from "./independent.ts";
import { type PictureParameters, witnessPicture } from "./picture.ts";
import { type RadioParameters, witnessRadio } from "./radio.ts";

export type WitnessParameters =
  /** The submission's own track: near the task's place, inside its window, no faster than anybody moves. */
  | {
      readonly type: "track";
      readonly name: string;
      /** How many sightings have to be near; the track may lead there from further away. */
      readonly sightingsMin: number;
      readonly distanceMmMax: number;
      readonly accuracyMmMax: number;
      /** Also from where the owner was last seen, unless that has a limit of its own. */
      readonly speedMmPerSecondMax: number;
      /** From where the owner was last seen: between two tasks somebody may drive. */
      readonly travelMmPerSecondMax?: number;
      /** No sighting is dated later than that after it came; absent where only the window matters. */
      readonly aheadMsMax?: number;
    }
  /** Others who saw it from places of their own. */
  | {
      readonly type: "observers";
      readonly observersMin: number;
      readonly distanceMmMin: number;
      readonly distanceMmMax: number;
    }
  | PictureParameters
  | RadioParameters
  /** How much is paid from one cell of that resolution, and between one pair of devices: what a ring of them can get. */
  | {
      readonly type: "cap";
      readonly resolution: number;
      readonly cellAcceptedMax: number;
      readonly edgeAcceptedMax: number;
    }
  | DaytimeParameters
  | AreaParameters;

type TrackParameters = Extract<WitnessParameters, { readonly type: "track" }>;
type ObserverParameters = Extract<WitnessParameters, { readonly type: "observers" }>;
type CapParameters = Extract<WitnessParameters, { readonly type: "cap" }>;

/** The most sightings of a track, and the most observers. */
export const sightingsMax = 10_000;

/** Plausibility of place and time. What a device says of itself can only reject. */
export function witness(parameters: WitnessParameters, evidence: Evidence, context: Context): Finding {
  switch (parameters.type) {
    case "track":
      return witnessTrack(parameters, evidence, context);
    case "observers":
      return witnessByOthers(parameters, context);
    case "picture":
      return witnessPicture(parameters, evidence, context);
    case "radio":
      return witnessRadio(parameters, evidence, context);
    case "cap":
      return witnessCap(parameters, context);
    case "daytime":
      return witnessDaytime(parameters, evidence, context);
    case "area":
      return witnessArea(parameters, evidence, context);
  }
}

function witnessTrack(parameters: TrackParameters, evidence: Evidence, context: Context): Finding {
  const track = own(evidence.tracks, parameters.name);
  if (track === undefined) return failedWith(reason("EVIDENCE_MISSING", { expected: `the track ${parameters.name}` }));
  const { window, place, lastSighting } = context;
  if (window === null || place === null) return waitingFor("measurement");
  const { speedMmPerSecondMax, travelMmPerSecondMax = speedMmPerSecondMax } = parameters;
  const first = track.find(({ accuracyMm }) => accuracyMm <= parameters.accuracyMmMax);
  const arrival = lastSighting === null || first === undefined ? [] : [lastSighting, first];
  return (
    checkSightings(track, window) ??
    checkAhead(parameters, track, context) ??
    checkSpeed(parameters, arrival, travelMmPerSecondMax) ??
    checkSpeed(parameters, track, speedMmPerSecondMax) ??
    checkPlace(parameters, track, place) ??
    passed
  );
}

function checkSightings(track: readonly Sighting[], { startMs, endMs }: TimeWindow): Finding | null {
  if (track.length > sightingsMax)
    return failedWith(reason("PLACE_MALFORMED", { actual: `${track.length} sightings` }));
  for (const [i, sighting] of track.entries()) {
    const { timeMs, accuracyMm } = sighting;
    if (!isPlace(sighting) || !Number.isSafeInteger(timeMs) || !(Number.isSafeInteger(accuracyMm) && accuracyMm >= 0)) {
      return failedWith(reason("PLACE_MALFORMED", { actual: `sighting ${i}` }));
    }
    if (i > 0 && timeMs <= (track[i - 1] as Sighting).timeMs)
      return failedWith(reason("SERIES_UNORDERED", { actual: i }));
    if (timeMs < startMs) return failedWith(reason("TOO_EARLY", { actual: timeMs, limit: startMs }));
    if (timeMs >= endMs) return failedWith(reason("TOO_LATE", { actual: timeMs, limit: endMs }));
  }
  return null;
}

function checkAhead({ aheadMsMax }: TrackParameters, track: readonly Sighting[], context: Context): Finding | null {
  const last = track.at(-1);
  if (aheadMsMax === undefined || last === undefined) return null;
  if (context.attestation === null) return waitingFor("attestation");
  const limit = context.attestation.receivedAtMs + aheadMsMax;
  return last.timeMs > limit ? failedWith(reason("TOO_LATE", { actual: last.timeMs, limit })) : null;
}

/**
 * Places count as apart by what their accuracies leave over. A vague sighting is passed over: it must not hide a leap
 * between two exact ones. Times may run backwards where two tasks overlap.
 */
function checkSpeed({ accuracyMmMax }: TrackParameters, track: readonly Sighting[], speedMax: number): Finding | null {
  const sightings = track.filter(({ accuracyMm }) => accuracyMm <= accuracyMmMax);
  for (let i = 1; i < sightings.length; i++) {
    const from = sightings[i - 1] as Sighting;
    const to = sightings[i] as Sighting;
    const apartMm = distanceMm(from, to) - from.accuracyMm - to.accuracyMm;
    const elapsedMs = Math.abs(to.timeMs - from.timeMs);
    if (apartMm <= 0 || apartMm * 1_000 <= speedMax * elapsedMs) continue;
    const actual = Math.ceil((apartMm * 1_000) / Math.max(elapsedMs, 1));
    return failedWith(reason("SPEED_IMPLAUSIBLE", { actual, limit: speedMax }));
  }
  return null;
}

function checkPlace(parameters: TrackParameters, track: readonly Sighting[], place: Place): Finding | null {
  const { sightingsMin, accuracyMmMax, distanceMmMax } = parameters;
  if (track.length < sightingsMin)
    return failedWith(reason("TRACK_SHORT", { actual: track.length, limit: sightingsMin }));
  const accurate = track.filter(({ accuracyMm }) => accuracyMm <= accuracyMmMax);
  if (accurate.length < sightingsMin) {
    const actual = track.map(({ accuracyMm }) => accuracyMm).sort((a, b) => a - b)[sightingsMin - 1] as number;
    return failedWith(reason("PLACE_INACCURATE", { actual, limit: accuracyMmMax }));
  }
  const distances = accurate.map((sighting) => distanceMm(sighting, place)).sort((a, b) => a - b);
  const actual = distances[sightingsMin - 1] as number;
  return actual <= distanceMmMax ? null : failedWith(reason("PLACE_FAR", { actual, limit: distanceMmMax }));
}

/** Others can still come until the window ends; whoever is the contributor's own, too near or too far is none. */
function witnessByOthers(parameters: ObserverParameters, context: Context): Finding {
  const { window, place, attestation, observers, areObserversAll, nowMs } = context;
  if (window === null || place === null || attestation === null) return waitingFor("witness");
  const others = observers.filter((observer) => {
    if (observer.owner === attestation.owner || !isPlace(observer)) return false;
    if (!(observer.timeMs >= window.startMs && observer.timeMs < window.endMs)) return false;
    const apartMm = distanceMm(observer, place);
    return apartMm >= parameters.distanceMmMin && apartMm <= parameters.distanceMmMax;
  });
  const actual = independentObservers(others);
  if (actual >= parameters.observersMin) return passed;
  if (nowMs < window.endMs && !areObserversAll) return waitingFor("witness", window.endMs);
  return failedWith(reason("OBSERVERS_FEW", { actual, limit: parameters.observersMin }));
}

function witnessCap({ cellAcceptedMax, edgeAcceptedMax }: CapParameters, { acceptedNearby }: Context): Finding {
  if (acceptedNearby === null) return waitingFor("measurement");
  const { ofCell, ofEdge } = acceptedNearby;
  if (ofCell >= cellAcceptedMax) return failedWith(reason("AREA_CAPPED", { actual: ofCell, limit: cellAcceptedMax }));
  if (ofEdge >= edgeAcceptedMax) return failedWith(reason("EDGE_CAPPED", { actual: ofEdge, limit: edgeAcceptedMax }));
  return passed;
}
