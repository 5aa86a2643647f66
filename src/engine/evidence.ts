import type { Bytes32 } from "../core/bytes.ts";
import { earnestError } from "../core/errors.ts";
import { type MarketId, marketIdToBytes } from "../core/market-id.ts";
import { formatSlot, type Slot } from "../core/slot.ts";
import { readEntriesAt } from "../store/log/read-entries.ts";
import { readVerdict } from "../store/tasks/read-verdicts.ts";
import type { Sighting } from "../verification/primitives/evidence.ts";
import type { EngineContext } from "./context.ts";
import { firstLane, type Lanes } from "./lanes.ts";
import { exactOf, shownOf } from "./places/bodies.ts";
import { keptDays } from "./places/place-keys.ts";

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

/** So long after it was there a requester sees where exactly; within a day more the key of it is gone. */
const exactMs = keptDays * 86_400_000;

/** What came with submissions, for those who may see it. */
export function createEvidence(context: EngineContext, { lanes, markets }: Parts) {
  const { pool, clock } = context;
  const sequenceOf = async (market: MarketId, slot: Slot): Promise<number> => {
    const live = await lanes
      .get(market)
      .read((state) => state.tasks.get(slot.task)?.slots[slot.ordinal]?.sequence ?? 0);
    if (live > 0) return live;
    const stored = await readVerdict(pool, marketIdToBytes(market), firstLane, slot.task, slot.ordinal);
    if (stored === null) throw earnestError("SLOT_NOT_FOUND", { slot: formatSlot(slot) });
    return stored.submittedSequence;
  };

  const storedOf = async (market: MarketId, slot: Slot): Promise<Uint8Array | null> => {
    const sequence = await sequenceOf(market, slot);
    const [entry] = await readEntriesAt(pool, marketIdToBytes(market), firstLane, [sequence]);
    return entry?.attachment ?? null;
  };

  return {
    async cellOf(market: MarketId, slot: Slot): Promise<string | null> {
      return shownOf(await storedOf(market, slot)).cell;
    },

    async evidence(owner: Bytes32, market: MarketId, slot: Slot): Promise<EvidenceView> {
      await markets.owned(owner, market);
      const stored = await storedOf(market, slot);
      const { cell, pictures } = shownOf(stored);
      const last = await exactOf(context, market, stored);
      const expiresAtMs = last === null ? null : last.timeMs + exactMs;
      return {
        cell,
        exact: expiresAtMs === null || clock() >= expiresAtMs ? null : last,
        expiresAtMs,
        pictures: Object.fromEntries(
          Object.entries(pictures).map(([name, data]) => [name, { type: "image/jpeg", data } as const]),
        ),
      };
    },
  };
}
