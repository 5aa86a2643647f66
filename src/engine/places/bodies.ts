import { decodeBase64 } from "../../core/base64.ts";
import { toBase64, toUtf8 } from "../../core/bytes.ts";
import { canonicalJson, type Json } from "../../core/json.ts";
import { type MarketId, marketIdFromBytes } from "../../core/market-id.ts";
import { parseJson } from "../../market/body.ts";
import { kindNumberOf } from "../../market/entries.ts";
import type { LaneState } from "../../market/state.ts";
import { tellsPlaces } from "../../market/witnessed.ts";
import type { EntryRow } from "../../store/lanes/write-batch.ts";
import type { StoredEntry } from "../../store/log/read-entries.ts";
import { withoutAside } from "../../verification/pictures/read-picture.ts";
import { cellAt } from "../../verification/places/cell.ts";
import { isPlace } from "../../verification/places/distance.ts";
import type { Sighting } from "../../verification/primitives/evidence.ts";
import type { EngineContext } from "../context.ts";
import { isSealed, open, remainsOf, seal } from "./sealed.ts";

/** A cell of a tenth of a square kilometre. */
const publicResolution = 9;
const submittedKind = kindNumberOf("submitted");

type Fields = { readonly [name: string]: Json };

const bodyOf = ({ encoded, attachment }: EntryRow): Uint8Array | null =>
  encoded[0] === submittedKind ? attachment : null;

/** Entries as they are stored: in a market that looks at places every body lies under the key of its day. */
export async function sealBodies(
  context: EngineContext,
  { market, spec }: Pick<LaneState, "market" | "spec">,
  entries: readonly EntryRow[],
): Promise<readonly EntryRow[]> {
  if (spec === null || !tellsPlaces(spec)) return entries;
  return await Promise.all(
    entries.map(async (entry) => {
      const body = bodyOf(entry);
      return body === null ? entry : { ...entry, attachment: await seal(context, market, body, remainingOf(body)) };
    }),
  );
}

/** Entries as they were written; a body whose key is gone is none. */
export async function openBodies(
  context: EngineContext,
  key: Uint8Array,
  stored: readonly StoredEntry[],
): Promise<readonly StoredEntry[]> {
  const isSealedBody = (entry: StoredEntry): boolean => isSealed(bodyOf(entry) ?? new Uint8Array());
  if (!stored.some(isSealedBody)) return stored;
  const market = marketIdFromBytes(key);
  return await Promise.all(
    stored.map(async (entry) =>
      isSealedBody(entry) ? { ...entry, attachment: await open(context, market, bodyOf(entry) as Uint8Array) } : entry,
    ),
  );
}

/** What stays of a body: its answer, its pictures without what the camera wrote, and a cell. Its salt, which hides the rest, goes. */
function remainingOf(body: Uint8Array): Uint8Array {
  const { answer = null, evidence } = objectOf(parseJson(body));
  const fields = objectOf(evidence);
  const last = lastSighting(fields);
  const cell = last === null ? null : cellAt(last, publicResolution);
  return toUtf8(canonicalJson({ answer, cell, evidence: { pictures: strippedOf(fields) } }));
}

/** What everybody may know of where it was, and what its requester is shown of pictures, for as long as there is a log. */
export function shownOf(stored: Uint8Array | null): {
  readonly cell: string | null;
  readonly pictures: { readonly [name: string]: string };
} {
  if (stored === null) return { cell: null, pictures: {} };
  const { cell, evidence } = objectOf(parseJson(isSealed(stored) ? remainsOf(stored) : remainingOf(stored)));
  const pictures = Object.entries(objectOf(objectOf(evidence)["pictures"]));
  return {
    cell: typeof cell === "string" ? cell : null,
    pictures: Object.fromEntries(pictures.map(([name, picture]) => [name, objectOf(picture)["data"] as string])),
  };
}

/** Where exactly it was; null where it says no place, and once that is forgotten. */
export async function exactOf(
  context: EngineContext,
  market: MarketId,
  stored: Uint8Array | null,
): Promise<Sighting | null> {
  const body = stored === null ? null : await open(context, market, stored);
  return body === null ? null : lastSighting(objectOf(objectOf(parseJson(body))["evidence"]));
}

const objectOf = (value: Json | undefined): Fields =>
  value !== null && typeof value === "object" && !Array.isArray(value) ? (value as Fields) : {};

/** Bodies were read when they were admitted: what is in them has its shape. */
function lastSighting({ tracks }: Fields): Sighting | null {
  const all = Object.values(objectOf(tracks)).flat() as unknown as readonly Sighting[];
  const last = all.reduce<Sighting | null>(
    (best, each) => (best === null || each.timeMs > best.timeMs ? each : best),
    null,
  );
  return last !== null && isPlace(last) ? last : null;
}

function strippedOf({ pictures }: Fields): { readonly [name: string]: Json } {
  return Object.fromEntries(
    Object.entries(objectOf(pictures)).flatMap(([name, picture]) => {
      const { data } = objectOf(picture);
      const bytes = typeof data === "string" ? decodeBase64(data) : null;
      const stripped = bytes === null ? null : withoutAside(bytes);
      return stripped === null ? [] : [[name, { data: toBase64(stripped) }]];
    }),
  );
}
