import type { MarketId } from "../../core/market-id.ts";
import type { EngineContext } from "../context.ts";
import type { Lanes } from "../lanes.ts";
import { writeCheckpoint } from "./checkpoint.ts";
import { copyDays, dayOf, keptDays } from "./place-keys.ts";

/**
 * Lets go of exact places, once a day: a key goes when its day is more than 30 days ago, and with it what came on that
 * day, out of the log, out of checkpoints and out of every copy of the database. What the market goes on with is stored
 * before, under a key of today: of a log whose bodies are gone nobody can begin at the first entry.
 */
export class PlaceForgetter {
  readonly #context: EngineContext;
  readonly #lanes: Lanes;
  #doneDay = -1;

  constructor(context: EngineContext, lanes: Lanes) {
    this.#context = context;
    this.#lanes = lanes;
  }

  async once(): Promise<void> {
    const { placeKeys, clock, log } = this.#context;
    const today = dayOf(clock());
    if (today === this.#doneDay) return;
    const daysOf = new Map<MarketId, number[]>();
    for (const { market, day } of await placeKeys.all()) daysOf.set(market, [...(daysOf.get(market) ?? []), day]);
    for (const [market, days] of daysOf) {
      if (days.every((day) => today - day < keptDays - copyDays - 1)) continue;
      try {
        await this.#lanes.get(market).read((state) => writeCheckpoint(this.#context, state));
        for (const day of days) if (today - day > keptDays) await placeKeys.forget({ market, day });
      } catch (error) {
        log("exact places were not forgotten", { market, error: String(error) });
        return;
      }
    }
    this.#doneDay = today;
  }
}
