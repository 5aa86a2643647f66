import type { MarketId } from "#src/core/market-id";
import type { Slot } from "#src/core/slot";
import type { Acknowledgement, SubmissionView } from "#src/engine/types";

export interface Acknowledged {
  readonly who: string;
  readonly market: MarketId;
  readonly slot: Slot;
  readonly body: Uint8Array;
  readonly view: SubmissionView;
  readonly proof: Acknowledgement;
}

/** What people were told, which has to be so for ever. */
export class Journal {
  readonly submissions: Acknowledged[] = [];
  /** Bonuses by their notes: asked for once each, and whether it was confirmed. */
  readonly bonuses = new Map<string, "asked" | "confirmed">();
  readonly markets: MarketId[] = [];
  /** Deposits by market that were confirmed. */
  readonly funded = new Map<MarketId, bigint>();
}
