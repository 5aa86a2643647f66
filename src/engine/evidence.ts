import { decodeBase64 } from "../core/base64.ts";
import { type Bytes32, toBase64 } from "../core/bytes.ts";
import { earnestError } from "../core/errors.ts";
import type { Json } from "../core/json.ts";
import { type MarketId, marketIdToBytes } from "../core/market-id.ts";
import { formatSlot, type Slot } from "../core/slot.ts";
import { parseJson } from "../market/body.ts";
import { readEntriesAt } from "../store/log/read-entries.ts";
import { readVerdict } from "../store/tasks/read-verdicts.ts";
import { withoutAside } from "../verification/pictures/read-picture.ts";
import { cellAt } from "../verification/places/cell.ts";
import { isPlace } from "../verification/places/distance.ts";
import type { Sighting } from "../verification/primitives/evidence.ts";
import type { EngineContext } from "./context.ts";
import { firstLane, type Lanes } from "./lanes.ts";

interface Parts {
  readonly lanes: Lanes;
  readonly markets: { owned(owner: Bytes32, market: MarketId): Promise<unknown> };
}

/** What a requester is shown of a submission beside its answer. */
export interface EvidenceView {
  /** Where it was, as everybody may know it; null where it says no place. */
  readonly cell: string | null;
  /** Where exactly; null once that has expired. */
  readonly exact: Sighting | null;
  readonly expiresAtMs: number | null;
  /** By name, without anything that the camera wrote into them. */
  readonly pictures: { readonly [name: string]: { readonly type: "image/jpeg"; readonly data: string } };
}

/** A cell of a tenth of a square kilometre. */
const publicResolution = 9;
/** So long after it was there a requester sees where exactly. */
const exactMs = 30 * 86_400_000;

/** What came with submissions, for those who may see it. */
export function createEvidence({ pool, clock }: EngineContext, { lanes, markets }: Parts) {
  const sequenceOf = async (market: MarketId, slot: Slot): Promise<number> => {
    const live = await lanes
      .get(market)
      .read((state) => state.tasks.get(slot.task)?.slots[slot.ordinal]?.sequence ?? 0);
    if (live > 0) return live;
    const stored = await readVerdict(pool, marketIdToBytes(market), firstLane, slot.task, slot.ordinal);
    if (stored === null) throw earnestError("SLOT_NOT_FOUND", { slot: formatSlot(slot) });
    return stored.submittedSequence;
  };

  const evidenceOf = async (market: MarketId, slot: Slot): Promise<{ readonly [name: string]: Json }> => {
    const sequence = await sequenceOf(market, slot);
    const [entry] = await readEntriesAt(pool, marketIdToBytes(market), firstLane, [sequence]);
    const body = entry === undefined || entry.attachment === null ? null : parseJson(entry.attachment);
    return objectOf(objectOf(body)["evidence"]);
  };

  return {
    async cellOf(market: MarketId, slot: Slot): Promise<string | null> {
      const last = lastSighting(await evidenceOf(market, slot));
      return last === null ? null : cellAt(last, publicResolution);
    },

    async evidence(owner: Bytes32, market: MarketId, slot: Slot): Promise<EvidenceView> {
      await markets.owned(owner, market);
      const evidence = await evidenceOf(market, slot);
      const last = lastSighting(evidence);
      const expiresAtMs = last === null ? null : last.timeMs + exactMs;
      return {
        cell: last === null ? null : cellAt(last, publicResolution),
        exact: expiresAtMs === null || clock() >= expiresAtMs ? null : last,
        expiresAtMs,
        pictures: picturesOf(evidence),
      };
    },
  };
}

const objectOf = (value: Json | undefined): { readonly [name: string]: Json } =>
  value !== null && typeof value === "object" && !Array.isArray(value)
    ? (value as { readonly [name: string]: Json })
    : {};

/** Bodies were read when they were admitted: what is in them has its shape. */
function lastSighting({ tracks }: { readonly [name: string]: Json }): Sighting | null {
  const all = Object.values(objectOf(tracks)).flat() as unknown as readonly Sighting[];
  const last = all.reduce<Sighting | null>(
    (best, each) => (best === null || each.timeMs > best.timeMs ? each : best),
    null,
  );
  return last !== null && isPlace(last) ? last : null;
}

function picturesOf({ pictures }: { readonly [name: string]: Json }): EvidenceView["pictures"] {
  return Object.fromEntries(
    Object.entries(objectOf(pictures)).flatMap(([name, picture]) => {
      const { data } = objectOf(picture);
      const bytes = typeof data === "string" ? decodeBase64(data) : null;
      const stripped = bytes === null ? null : withoutAside(bytes);
      return stripped === null ? [] : [[name, { type: "image/jpeg", data: toBase64(stripped) } as const]];
    }),
  );
}
