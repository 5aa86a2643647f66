import type { Json } from "../../../../src/core/json.ts";
import { isFields } from "../../content/parts.ts";

/** Where a device was, as the verification algebra reads it. */
export interface Sighting {
  readonly latitudeE7: number;
  readonly longitudeE7: number;
  readonly timeMs: number;
  readonly accuracyMm: number;
}

/** What was written, and what goes with it. */
export interface ReportDraft {
  readonly text: string;
  /** A `data:` address. */
  readonly photo: string | null;
  /** SHA-256 of its bytes, in hexadecimal. */
  readonly digest: string | null;
  readonly takenAtMs: number | null;
  readonly track: readonly Sighting[];
}

/** A body has 64 KiB: beside a photo there is room for so many characters of any script. */
export const reportCharactersMax = 5_000;

type Fields = { readonly [name: string]: Json };

/** As many as say where somebody was; whoever needs a longer way uses a device that keeps one. */
export const sightingsMax = 20;

const isWhole = (value: Json | undefined): value is number => Number.isSafeInteger(value);

export const isSighting = (value: Json): boolean =>
  isFields(value) &&
  ["latitudeE7", "longitudeE7", "timeMs", "accuracyMm"].every((name) => isWhole(value[name])) &&
  Math.abs(value["latitudeE7"] as number) <= 900_000_000 &&
  Math.abs(value["longitudeE7"] as number) <= 1_800_000_000;

/** A draft, whatever a browser kept. */
export function reportOf(draft: Json | undefined): ReportDraft {
  const fields: Fields = isFields(draft) ? draft : {};
  const text = (name: string): string | null => {
    const value = fields[name];
    return typeof value === "string" ? value : null;
  };
  const { takenAtMs, track } = fields;
  return {
    text: text("text") ?? "",
    photo: text("photo"),
    digest: text("digest"),
    takenAtMs: isWhole(takenAtMs) ? takenAtMs : null,
    track: Array.isArray(track) ? track.filter(isSighting) : [],
  };
}

/** What a report asks for, from its template's parameters. */
export interface ReportNeeds {
  /** What the photo's hash is called in the evidence; null where none is asked for. */
  readonly photo: string | null;
  /** What the track is called in the evidence; null where nobody asks where it was. */
  readonly track: string | null;
  /** Which of the two have to be there. */
  readonly isPhotoNeeded: boolean;
  readonly isTrackNeeded: boolean;
}

export function needsOf({ photo, track, required }: Fields): ReportNeeds {
  const needed: readonly Json[] = Array.isArray(required) ? required : [];
  const nameOf = (value: Json | undefined, usual: string): string | null =>
    value === null || value === false ? null : typeof value === "string" ? value : usual;
  const [photoName, trackName] = [nameOf(photo, "photo"), nameOf(track, "place")];
  return {
    photo: photoName,
    track: trackName,
    isPhotoNeeded: photoName !== null && needed.includes("photo"),
    isTrackNeeded: trackName !== null && needed.includes("track"),
  };
}

/** The body of the submission: the text answers, the photo lies beside it, and the evidence names its hash. */
export function reportBody(draft: Json | undefined, parameters: Fields): { readonly [name: string]: Json } {
  const { text, photo, digest, takenAtMs, track } = reportOf(draft);
  const needs = needsOf(parameters);
  const hasPhoto = needs.photo !== null && photo !== null && digest !== null;
  const hasTrack = needs.track !== null && track.length > 0;
  const evidence: Fields = {
    ...(takenAtMs !== null && (hasPhoto || hasTrack) && { takenAtMs }),
    ...(hasPhoto && { digests: { [needs.photo]: digest } }),
    ...(hasTrack && { tracks: { [needs.track]: track as unknown as Json } }),
  };
  return { answer: text, ...(hasPhoto && { photo }), ...((hasPhoto || hasTrack) && { evidence }) };
}

/** Whether everything is there that has to be. */
export function isReportWhole(draft: Json | undefined, parameters: Fields): boolean {
  const { photo, track } = reportOf(draft);
  const { isPhotoNeeded, isTrackNeeded } = needsOf(parameters);
  return (!isPhotoNeeded || photo !== null) && (!isTrackNeeded || track.length > 0);
}
