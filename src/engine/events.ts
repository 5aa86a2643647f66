import type { MarketId } from "../core/market-id.ts";
import { marketIdToBytes } from "../core/market-id.ts";
import { decodeEntry, type Entry } from "../market/entries.ts";
import { readEntries, type StoredEntry } from "../store/log/read-entries.ts";
import type { EngineContext } from "./context.ts";
import { firstLane, type Lanes } from "./lanes.ts";
import { entryJson } from "./receipts.ts";
import type { EventView } from "./types.ts";

/** How soon a stream sees what another process committed. */
const pollMs = 500;
const portion = 500;

/** Follows a lane's log: what is stored after a sequence, then new entries as they are committed, until aborted. */
export async function* followEvents(
  context: EngineContext,
  lanes: Lanes,
  market: MarketId,
  after: number,
  signal: AbortSignal,
): AsyncGenerator<EventView> {
  const watch = lanes.watch(market);
  try {
    for (let next = after + 1; !signal.aborted; ) {
      const entries = await readEntries(context.pool, marketIdToBytes(market), firstLane, next, portion);
      for (const entry of entries) {
        if (signal.aborted) return;
        yield toEvent(entry);
        next = entry.sequence + 1;
      }
      if (entries.length < portion) await watch.wait(pollMs, signal);
    }
  } finally {
    lanes.unwatch(market, watch);
  }
}

function toEvent({ sequence, encoded }: StoredEntry): EventView {
  const entry = decodeEntry(encoded);
  const { kind, ...data } = entryJson(entry);
  return { lane: firstLane, sequence, kind: kind as Entry["kind"], task: taskOf(entry), data };
}

const taskOf = (entry: Entry): number | null => ("task" in entry ? entry.task : null);
