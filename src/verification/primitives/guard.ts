import { type Reason, reason } from "../algebra/reasons.ts";
import { cellAt, parentOf, resolutionOf } from "../places/cell.ts";
import { isPlace } from "../places/distance.ts";
import type { Context, Evidence, Place } from "./evidence.ts";
import { type Finding, failedWith, passed, waitingFor } from "./finding.ts";

/** Work that is done by day only, by the sun's mean time at the task's place: minutes since its midnight. */
export interface DaytimeParameters {
  readonly type: "daytime";
  readonly fromMinute: number;
  readonly toMinute: number;
}

/** Areas that nobody is to go to for a task: H3 cells of any size. */
export interface AreaParameters {
  readonly type: "area";
  readonly denied: readonly string[];
}

const dayMs = 86_400_000;
const minuteMs = 60_000;
const turnE7 = 3_600_000_000;

/** Null where it is day there. */
export function outOfHours(parameters: DaytimeParameters, { longitudeE7 }: Place, timeMs: number): Reason | null {
  const ahead = Math.floor((longitudeE7 * (dayMs / minuteMs)) / turnE7);
  const minute = (((Math.floor(timeMs / minuteMs) + ahead) % 1_440) + 1_440) % 1_440;
  if (minute >= parameters.fromMinute && minute < parameters.toMinute) return null;
  const expected = `from ${clock(parameters.fromMinute)} to ${clock(parameters.toMinute)}`;
  return reason("OUT_OF_HOURS", { actual: clock(minute), expected });
}

const clock = (minute: number): string =>
  `${String(Math.floor(minute / 60)).padStart(2, "0")}:${String(minute % 60).padStart(2, "0")}`;

/** By every time that the device gives, and by that at which the submission came. */
export function witnessDaytime(parameters: DaytimeParameters, { tracks }: Evidence, context: Context): Finding {
  const { place, attestation } = context;
  if (place === null || attestation === null) return waitingFor("measurement");
  const times = Object.values(tracks).flatMap((track) => track.map(({ timeMs }) => timeMs));
  for (const timeMs of times.length === 0 ? [attestation.receivedAtMs] : times) {
    if (!Number.isSafeInteger(timeMs)) return failedWith(reason("PLACE_MALFORMED", { actual: "a time that is none" }));
    const refused = outOfHours(parameters, place, timeMs);
    if (refused !== null) return failedWith(refused);
  }
  return passed;
}

/** The area in which a place lies, of those that are denied; null where it lies in none. */
export function deniedAt({ denied }: AreaParameters, place: Place): Reason | null {
  if (denied.length === 0) return null;
  const finest = cellAt(place, Math.max(...denied.map(resolutionOf)));
  const found = denied.find((cell) => parentOf(finest, resolutionOf(cell)) === cell);
  return found === undefined ? null : reason("AREA_DENIED", { actual: found });
}

export function witnessArea(parameters: AreaParameters, { tracks, pictures }: Evidence, { place }: Context): Finding {
  const places = [
    ...Object.values(tracks).flat(),
    ...Object.values(pictures).flatMap((picture) => (picture.place === null ? [] : [picture.place])),
    ...(place === null ? [] : [place]),
  ];
  for (const each of places) {
    const refused = isPlace(each) ? deniedAt(parameters, each) : reason("PLACE_MALFORMED", { actual: "of a track" });
    if (refused !== null) return failedWith(refused);
  }
  return passed;
}
