import { type Reason, reason } from "../algebra/reasons.ts";
import { unlikeBits } from "../pictures/likeness.ts";
import { distanceMm, isPlace } from "../places/distance.ts";
import {
  type Context,
  type Evidence,
  own,
  type Picture,
  type Place,
  type Sighting,
  type TimeWindow,
} from "./evidence.ts";
import { type Finding, failedWith, passed, waitingFor } from "./finding.ts";

/** A picture taken here and now, and not sent before. */
export interface PictureParameters {
  readonly type: "picture";
  readonly name: string;
  /** The track that the picture was taken on; null where none comes with it. */
  readonly track: string | null;
  /** From the task's place, and from the track at the time of the picture; where the picture says its place. */
  readonly distanceMmMax: number;
  /** How far the camera's clock may be off. */
  readonly clockSkewMsMax: number;
  /** Up to so many bits apart, two pictures are the same. */
  readonly likenessBitsMax: number;
  /** Whether a picture must say when it was taken. */
  readonly isTimeNeeded: boolean;
}

/** The least width and height: smaller pictures look like each other. */
export const pictureSideMin = 128;

export function witnessPicture(parameters: PictureParameters, evidence: Evidence, context: Context): Finding {
  const picture = own(evidence.pictures, parameters.name);
  if (picture === undefined) {
    return failedWith(reason("EVIDENCE_MISSING", { expected: `the picture ${parameters.name}` }));
  }
  const { window, place } = context;
  if (window === null || place === null) return waitingFor("measurement");
  const refused =
    checkSize(picture) ??
    checkTimes(parameters, picture, untilNow(window, context)) ??
    checkPlaces(parameters, picture, place, evidence) ??
    checkNew(parameters, picture, context);
  return refused === null ? passed : failedWith(refused);
}

function checkSize({ width, height, likeness, digest }: Picture): Reason | null {
  const isWhole = /^[0-9a-f]{64}$/.test(likeness) && /^[0-9a-f]{64}$/.test(digest);
  if (isWhole && width >= pictureSideMin && height >= pictureSideMin) return null;
  return reason("PICTURE_MALFORMED", { actual: isWhole ? `${width} times ${height} pixels` : "no hashes" });
}

/** Nothing is taken after it came. */
const untilNow = ({ startMs, endMs }: TimeWindow, { attestation }: Context): TimeWindow =>
  attestation === null ? { startMs, endMs } : { startMs, endMs: Math.min(endMs, attestation.receivedAtMs + 1) };

const minuteMs = 60_000;
const quarterHourMs = 15 * minuteMs;
/** Clocks on Earth are between twelve hours behind UTC and fourteen ahead of it. */
const behindMsMax = 12 * 60 * minuteMs;
const aheadMsMax = 14 * 60 * minuteMs;

function checkTimes(parameters: PictureParameters, picture: Picture, window: TimeWindow): Reason | null {
  const { clockSkewMsMax, isTimeNeeded } = parameters;
  const { localMs, offsetMinutes, satelliteMs } = picture;
  if (localMs === null && satelliteMs === null)
    return isTimeNeeded ? reason("EVIDENCE_MISSING", { expected: "the time at which the picture was taken" }) : null;
  // Without its time zone a clock says no more than that.
  const [earliestMs, latestMs] =
    satelliteMs !== null
      ? [satelliteMs, satelliteMs]
      : offsetMinutes !== null
        ? [(localMs as number) - offsetMinutes * minuteMs, (localMs as number) - offsetMinutes * minuteMs]
        : [(localMs as number) - aheadMsMax, (localMs as number) + behindMsMax];
  const startMs = window.startMs - clockSkewMsMax;
  const endMs = window.endMs + clockSkewMsMax;
  if (!(latestMs >= startMs)) return reason("TOO_EARLY", { actual: latestMs, limit: startMs });
  if (!(earliestMs < endMs)) return reason("TOO_LATE", { actual: earliestMs, limit: endMs });
  return checkClocks(picture, clockSkewMsMax);
}

/** The camera's clock and the satellites' time agree, but for a time zone: those differ by quarters of an hour. */
function checkClocks({ localMs, offsetMinutes, satelliteMs }: Picture, limit: number): Reason | null {
  if (localMs === null || satelliteMs === null) return null;
  const apartMs = localMs - satelliteMs - (offsetMinutes ?? 0) * minuteMs;
  const rest = ((apartMs % quarterHourMs) + quarterHourMs) % quarterHourMs;
  const isZone = offsetMinutes === null && apartMs >= -behindMsMax - limit && apartMs <= aheadMsMax + limit;
  const actual = isZone ? Math.min(rest, quarterHourMs - rest) : Math.abs(apartMs);
  return actual <= limit ? null : reason("CLOCKS_DIFFER", { actual, limit });
}

function checkPlaces(
  { distanceMmMax, track }: PictureParameters,
  picture: Picture,
  place: Place,
  { tracks }: Evidence,
): Reason | null {
  if (picture.place === null) return null;
  if (!isPlace(picture.place)) return reason("PLACE_MALFORMED", { actual: "that of the picture" });
  const seen = track === null ? [] : (own(tracks, track) ?? []);
  const near = nearestInTime(seen, picture.satelliteMs);
  const actual = Math.max(
    distanceMm(picture.place, place),
    near === null ? 0 : distanceMm(picture.place, near) - near.accuracyMm,
  );
  return actual <= distanceMmMax ? null : reason("PLACE_FAR", { actual, limit: distanceMmMax });
}

function nearestInTime(track: readonly Sighting[], timeMs: number | null): Sighting | null {
  if (timeMs === null) return null;
  let nearest: Sighting | null = null;
  for (const sighting of track) {
    if (!isPlace(sighting)) continue;
    if (nearest === null || Math.abs(sighting.timeMs - timeMs) < Math.abs(nearest.timeMs - timeMs)) nearest = sighting;
  }
  return nearest;
}

/** The very bytes first: whoever sends them knows what was sent before. */
function checkNew(
  { likenessBitsMax }: PictureParameters,
  { digest, likeness }: Picture,
  { earlierPictures }: Context,
): Reason | null {
  const same = earlierPictures.find((each) => each.digest === digest);
  if (same !== undefined) return reason("PICTURE_DUPLICATE", { actual: same.slot });
  for (const earlier of earlierPictures) {
    const actual = unlikeBits(likeness, earlier.likeness);
    if (actual <= likenessBitsMax) {
      return reason("PICTURE_ALIKE", { actual, limit: likenessBitsMax, expected: earlier.slot });
    }
  }
  return null;
}
