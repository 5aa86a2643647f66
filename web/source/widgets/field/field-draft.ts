import type { Json } from "../../../../src/core/json.ts";
import { isFields } from "../../content/parts.ts";
import type { Draft } from "../draft.ts";
import { jpegPrefix } from "../report/photo-address.ts";
import { reportOf } from "../report/report-draft.ts";
import type { Way } from "../way.ts";
import type { FieldNeeds } from "./needs.ts";

/** What the page keeps of a way: a body has 64 KiB, and a sighting takes some ninety bytes of it. */
export const waySightingsMax = 400;

/** As many sightings as a track has to have; two at least for a way. */
export const sightingsWanted = ({ track, isWay }: FieldNeeds): number =>
  track === null ? 0 : Math.max(track.sightingsMin ?? 1, isWay ? 2 : 1);

/** Whether everything is there that has to be: the verdict looks at what it says. */
export function isFieldWhole(needs: FieldNeeds, draft: Draft): boolean {
  const { track, photo } = reportOf(draft);
  if (needs.isForDevices || track.length < sightingsWanted(needs)) return false;
  return needs.picture === null || photo !== null;
}

/** Whether anything is asked for beside the answer. */
export const isAsked = ({ track, picture, isForDevices }: FieldNeeds, code: string | null): boolean =>
  isForDevices || track !== null || picture !== null || code !== null;

/** A report asks where somebody is by itself. */
export const askedBeside = (way: Way, needs: FieldNeeds): FieldNeeds =>
  way === "report" ? { ...needs, track: null, isWay: false } : needs;

type Fields = { readonly [name: string]: Json };

/** Of a draft and its assignment, what goes along with the answer; empty where nothing is asked for. */
export function fieldEvidence(needs: FieldNeeds, draft: Draft, code: string | null, nowMs: number): Fields {
  const { track, photo, digest, takenAtMs } = reportOf(draft);
  const hasPhoto = needs.picture !== null && photo !== null;
  const { hasTime } = needs;
  return {
    ...(hasTime && { takenAtMs: takenAtMs ?? nowMs }),
    ...(code !== null && { nonce: code }),
    ...(needs.track !== null && { tracks: { [needs.track.name]: track as unknown as Json } }),
    ...(hasPhoto && { pictures: { [needs.picture.name]: { data: photo.slice(jpegPrefix.length) } } }),
    ...(hasPhoto && digest !== null && { digests: { original: digest } }),
  };
}

/** A body with what goes along: a way to answer may bring some by itself. */
export function withEvidence(body: Fields, evidence: Fields): Fields {
  if (Object.keys(evidence).length === 0) return body;
  const own = body["evidence"];
  return { ...body, evidence: { ...evidence, ...(isFields(own) ? own : {}) } };
}
