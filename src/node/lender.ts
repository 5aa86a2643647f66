import type { Contributor, Wish } from "../client/contributor.ts";
import { isApiError } from "../client/errors.ts";
import { pause } from "../client/pause.ts";
import type { FactsInput } from "../contract/sessions.ts";
import type { Offer } from "../contract/work.ts";
import type { Json } from "../core/json.ts";
import type { Allowance, Idle } from "./caps.ts";
import type { Done, Held } from "./events.ts";
import type { NodeFolder } from "./node-folder.ts";
import { isOpen, type Tally } from "./tally.ts";

/** What every kind of lending works with. */
export interface Lender {
  readonly server: string;
  readonly contributor: Contributor;
  /** What its owner says of where it is. */
  readonly facts?: FactsInput;
  readonly folder: NodeFolder;
  readonly allowance: Allowance;
  readonly tally: Tally;
  readonly clock: () => number;
  readonly looks: { readonly minMs: number; readonly maxMs: number };
  /** Null where there is nothing against more work. */
  readonly idle: () => Promise<Idle | null>;
  readonly stopped: AbortSignal;
}

/** While there is no work it is looked for ever more seldom: ten thousand nodes wait at one server. */
export const usualLooks = { minMs: 5_000, maxMs: 60_000 } as const;
const againMs = { min: 1_000, max: 60_000 } as const;

/** Does one step after the other, each of which says for how long to wait; a server that is away is asked ever more seldom. */
export async function untilStopped({ tally, stopped, server }: Lender, step: () => Promise<number>): Promise<void> {
  let nextMs: number = againMs.min;
  while (!stopped.aborted) {
    let waitMs: number;
    try {
      waitMs = await step();
      tally.connected(server);
      nextMs = againMs.min;
    } catch (error) {
      if (stopped.aborted) break;
      waitMs = nextMs;
      tally.disconnected((error as Error).message, waitMs);
      nextMs = Math.min(2 * nextMs, againMs.max);
    }
    await pause(waitMs, stopped).catch(() => undefined);
  }
  tally.disconnected(null);
}

/** A slot of the best paid market of that kind that has work for us. */
export async function nextOffer(
  contributor: Contributor,
  kind: string,
  isLeft: (market: string) => boolean = () => false,
): Promise<{ readonly market: string; readonly title: string; readonly offer: Offer } | null> {
  for await (const { market, title, kind: each, qualifies } of contributor.work()) {
    if (each !== kind || qualifies === false || isLeft(market)) continue;
    const [offer] = await offersOf(contributor, market);
    if (offer !== undefined) return { market, title, offer };
  }
  return null;
}

export async function offersOf(contributor: Contributor, market: string, wish: Wish = {}): Promise<readonly Offer[]> {
  try {
    return await contributor.assign(market, wish);
  } catch (error) {
    if (isApiError(error, "WORK_NOT_FOUND", "NOT_ELIGIBLE")) return [];
    throw error;
  }
}

/** A slot in hand as it was kept, with the numbers that its kind needs beside; null where something is missing. */
export function readHeld<T extends Held>(
  json: Json,
  ...numbers: readonly Exclude<keyof T & string, keyof Held>[]
): T | null {
  if (json === null) return null;
  const fields = json as { readonly [key: string]: Json };
  const isWhole =
    ["market", "title", "slot"].every((name) => typeof fields[name] === "string") &&
    ["expiresAtMs", ...numbers].every((name) => typeof fields[name] === "number");
  return isWhole ? (json as unknown as T) : null;
}

interface Awaited {
  readonly held: Held;
  readonly done: Done;
}

const awaitedMax = 1_000;
const verdictsPerLook = 100;

/** Submissions whose verdict others have a part in: looked for from time to time. */
export class Awaiting {
  readonly #lender: Lender;
  readonly #awaited = new Map<string, Awaited>();

  constructor(lender: Lender) {
    this.#lender = lender;
  }

  add(held: Held, done: Done): void {
    if (this.#awaited.size >= awaitedMax) this.#awaited.delete(this.#awaited.keys().next().value as string);
    this.#awaited.set(`${held.market} ${held.slot}`, { held, done });
  }

  async look(): Promise<void> {
    if (this.#awaited.size === 0) return;
    const { contributor, tally } = this.#lender;
    const { items } = await contributor.verdicts({ limit: verdictsPerLook }).page();
    for (const { market, slot, state, reason, reward } of items) {
      const found = this.#awaited.get(`${market} ${slot}`);
      if (found === undefined || isOpen(state)) continue;
      this.#awaited.delete(`${market} ${slot}`);
      await tally.ended(found.held, found.done, { state, reason, reward });
    }
  }
}
