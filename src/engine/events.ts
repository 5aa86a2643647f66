import type { MarketId } from "../core/market-id.ts";
import { marketIdToBytes } from "../core/market-id.ts";
import { decodeEntry, type Entry } from "../market/entries.ts";
import { readEntries, type StoredEntry } from "../store/log/read-entries.ts";
import type { EngineContext } from "./context.ts";
import { Gather } from "./gather.ts";
import { firstLane, type Lanes } from "./lanes.ts";
import { entryJson } from "./receipts.ts";
import type { EventView } from "./types.ts";

const portion = 500;
/** Commits wake a stream; this is for a wake-up that was lost. */
const waitMsMax = 60_000;

interface Wanted {
  readonly market: MarketId;
  readonly next: number;
}

/** The logs of markets as streams. However many follow one, what comes next is read and decoded once for all of them. */
export class Events {
  readonly #context: EngineContext;
  readonly #lanes: Lanes;
  readonly #reads = new Gather<Wanted, readonly EventView[]>((wanted) => this.#readAll(wanted));

  constructor(context: EngineContext, lanes: Lanes) {
    this.#context = context;
    this.#lanes = lanes;
  }

  /** What is stored after a sequence, then new entries as they are committed, until aborted. */
  async *follow(market: MarketId, after: number, signal: AbortSignal): AsyncGenerator<EventView> {
    const watch = this.#lanes.watch(market);
    try {
      for (let next = after + 1; !signal.aborted; ) {
        const events = await this.#reads.get({ market, next });
        for (const event of events) {
          if (signal.aborted) return;
          yield event;
          next = event.sequence + 1;
        }
        if (events.length < portion) await watch.wait(waitMsMax, signal);
      }
    } finally {
      this.#lanes.unwatch(market, watch);
    }
  }

  async #readAll(wanted: readonly Wanted[]): Promise<(readonly EventView[])[]> {
    const asked = new Map<string, Promise<readonly EventView[]>>();
    for (const { market, next } of wanted) {
      const place = `${market}/${next}`;
      if (!asked.has(place)) asked.set(place, this.#read(market, next));
    }
    return await Promise.all(wanted.map(async ({ market, next }) => (await asked.get(`${market}/${next}`)) ?? []));
  }

  async #read(market: MarketId, next: number): Promise<readonly EventView[]> {
    return (await readEntries(this.#context.pool, marketIdToBytes(market), firstLane, next, portion)).map(toEvent);
  }
}

/** An entry as the public may see it. */
export function toEvent({ sequence, encoded }: StoredEntry): EventView {
  const entry = decodeEntry(encoded);
  const { kind, ...data } = entryJson(entry);
  return { lane: firstLane, sequence, kind: kind as Entry["kind"], task: taskOf(entry), data };
}

const taskOf = (entry: Entry): number | null => ("task" in entry ? entry.task : null);
