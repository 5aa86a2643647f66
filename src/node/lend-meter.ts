import { isApiError } from "../client/errors.ts";
import type { Offer } from "../contract/work.ts";
import { toUtf8 } from "../core/bytes.ts";
import type { Json } from "../core/json.ts";
import { endOf, type Load } from "../verification/baseline/load.ts";
import type { Idle } from "./caps.ts";
import type { Held, NothingToDo } from "./events.ts";
import { Awaiting, type Lender, offersOf, readHeld, untilStopped } from "./lender.ts";

/** A meter whose readings stand in files here. */
export interface MeterSource {
  /** The hash that tasks know it by, in hexadecimal; a task for it has that as its id. */
  readonly digest: string;
  /** Whether it is all of a connection's meter, or of a part of it. */
  readonly covers: "whole" | "part";
  /** As they are now. */
  readonly read: () => Promise<Load>;
}

/** A slot in hand, and the end of the last event that its readings have to reach. */
interface HeldMeter extends Held {
  readonly endMs: number;
}

/** Files of a meter are looked at so often: they grow by a reading in some minutes. */
const readAgainMs = 300_000;
const dayMs = 86_400_000;
/** Of evidence as the network takes it, with room for what stands around the readings. */
const loadBytesMax = 48_000;

/** Lends a meter's readings: takes the task that is about this meter, and submits once its last event is over. */
export class MeterLender {
  readonly #lender: Lender;
  readonly #meter: MeterSource;
  readonly #awaiting: Awaiting;
  #held: HeldMeter | null = null;

  constructor(lender: Lender, meter: MeterSource) {
    this.#lender = lender;
    this.#meter = meter;
    this.#awaiting = new Awaiting(lender);
  }

  async run(): Promise<void> {
    this.#held = await this.#lender.folder.read("meter.json", (json) => readHeld<HeldMeter>(json, "endMs"));
    await untilStopped(this.#lender, () => this.#step());
  }

  async #step(): Promise<number> {
    const { tally, folder, clock } = this.#lender;
    await this.#awaiting.look();
    const idle = await this.#lender.idle();
    if (idle !== null) return this.#rest(idle, this.#lender.looks.maxMs);
    if (this.#held !== null && this.#held.expiresAtMs <= clock()) await this.#hold(null);
    if (this.#held === null) await this.#hold(await this.#next());
    const held = this.#held;
    if (held === null) return this.#rest("no work", this.#lender.looks.maxMs);
    const load = held.endMs <= clock() ? untilEnd(await this.#meter.read(), held.endMs) : null;
    if (load === null) return this.#rest("waiting for readings", readAgainMs);
    tally.begun(held);
    await this.#submit(held, load);
    await this.#hold(null);
    await folder.write("usage.json", this.#lender.allowance.usage);
    return 0;
  }

  #rest(why: Idle | NothingToDo, waitMs: number): number {
    this.#lender.tally.idle(why);
    return waitMs;
  }

  async #hold(held: HeldMeter | null): Promise<void> {
    if (this.#held === held) return;
    this.#held = held;
    await this.#lender.folder.write("meter.json", held);
  }

  /** The task of this meter, wherever a market has one. */
  async #next(): Promise<HeldMeter | null> {
    const { contributor } = this.#lender;
    const { digest } = this.#meter;
    for await (const { market, title, kind, qualifies } of contributor.work()) {
      if (kind !== "energy" || qualifies === false) continue;
      const [offer] = await this.#offers(market, digest);
      if (offer === undefined) continue;
      const endMs = lastEventOf(offer);
      // What is not about this meter after all is nothing that we can do.
      if (endMs !== null && offer.task.terms.known?.digests?.["meter"] === digest)
        return { market, title, slot: offer.slot, expiresAtMs: offer.expiresAtMs, endMs };
      await contributor.giveBack(market, offer.slot);
    }
    return null;
  }

  async #offers(market: string, taskId: string): Promise<readonly Offer[]> {
    try {
      return await offersOf(this.#lender.contributor, market, { taskId });
    } catch (error) {
      if (isApiError(error, "TASK_NOT_FOUND")) return [];
      throw error;
    }
  }

  async #submit(held: HeldMeter, load: Load): Promise<void> {
    const { contributor, tally } = this.#lender;
    const { digest, covers } = this.#meter;
    const { market, slot } = held;
    const evidence = { digests: { meter: digest }, loads: { meter: load } };
    const body = { answer: covers, evidence } as unknown as Json;
    const { submissions } = await contributor.submit(market, { slot, body });
    const done = { readings: load.values.filter((value) => value !== null).length };
    for (const submission of submissions) {
      await tally.ended(held, done, submission);
      if (submission.state === "held") this.#awaiting.add(held, done);
    }
  }
}

function lastEventOf({ task }: Offer): number | null {
  const ends = task.terms.known?.season?.events.map(({ endMs }) => endMs) ?? [];
  return ends.length === 0 ? null : Math.max(...ends);
}

/** Up to the last event's end, and as many days before as evidence takes; null where the readings do not reach it. */
export function untilEnd(load: Load, endMs: number): Load | null {
  if (endOf(load) < endMs) return null;
  const { intervalMs } = load;
  const count = Math.ceil((endMs - load.startMs) / intervalMs);
  const perDay = Math.round(dayMs / intervalMs);
  const without = (days: number): Load => ({
    ...load,
    startMs: load.startMs + days * perDay * intervalMs,
    values: load.values.slice(days * perDay, count),
  });
  let days = 0;
  while (toUtf8(JSON.stringify(without(days))).length > loadBytesMax) days++;
  return without(days);
}
