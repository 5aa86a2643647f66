import type { Socket } from "node:net";
import type { MarketId } from "../core/market-id.ts";
import type { EventView } from "../engine/types.ts";
import { type EventSocket, type Frame, frameOf } from "./event-socket.ts";
import { portionsOf } from "./portions.ts";

/** Whoever follows a market: a connection, and no more than this. */
export interface Follower {
  readonly out: EventSocket;
  /** Which events concern it; null where all do. */
  readonly wants: ((event: EventView) => boolean) | null;
  /** The sequence that it waits for. */
  next: number;
  /** When something was last written to it. */
  atMs: number;
}

type Source = (market: MarketId, after: number, signal: AbortSignal) => AsyncIterable<EventView>;

/** How a market's events are written: its amounts have decimals of their own. */
type TextsOf = (market: MarketId) => Promise<(event: EventView) => string>;

/** What all who have seen everything so far wait for together. */
interface Feed {
  readonly followers: Set<Follower>;
  readonly controller: AbortController;
  /** The newest sequence that it has given out. */
  position: number;
}

/**
 * The logs of markets for those who follow them: events are awaited once, and become one text for everybody in step.
 * Whoever is behind, at the beginning or because it reads slowly, reads by itself until it has caught up; nothing is
 * buffered for it.
 */
export class Feeds {
  readonly #source: Source;
  readonly #textsOf: TextsOf;
  readonly #feeds = new Map<MarketId, Feed>();
  readonly #alone = new Map<Follower, AbortController>();

  constructor(source: Source, textsOf: TextsOf) {
    this.#source = source;
    this.#textsOf = textsOf;
  }

  /** @param head how far the log goes, as far as anybody knows */
  follow(market: MarketId, follower: Follower, head: number): void {
    if (!this.#join(market, follower, head)) this.#catchUp(market, follower, head).catch(() => follower.out.break());
  }

  leave(market: MarketId, follower: Follower): void {
    this.#alone.get(follower)?.abort();
    const feed = this.#feeds.get(market);
    if (feed?.followers.delete(follower) === true && feed.followers.size === 0) this.#close(market, feed);
  }

  /** Whoever has seen all that the others have waits with them, and is the first where nobody waits. */
  #join(market: MarketId, follower: Follower, head: number): boolean {
    const feed = this.#feeds.get(market);
    if (follower.next <= (feed?.position ?? head)) return false;
    if (feed === undefined) this.#open(market, follower);
    else feed.followers.add(follower);
    return true;
  }

  #open(market: MarketId, follower: Follower): void {
    const feed = { followers: new Set([follower]), controller: new AbortController(), position: follower.next - 1 };
    this.#feeds.set(market, feed);
    this.#run(market, feed).then(
      () => this.#end(market, feed, (out) => out.end()),
      // A broken answer is never taken for a whole one; its client comes back.
      () => this.#end(market, feed, (out) => out.break()),
    );
  }

  #end(market: MarketId, feed: Feed, end: (out: EventSocket) => void): void {
    for (const { out } of feed.followers) end(out);
    this.#close(market, feed);
  }

  #close(market: MarketId, feed: Feed): void {
    if (this.#feeds.get(market) === feed) this.#feeds.delete(market);
    feed.controller.abort();
  }

  async #run(market: MarketId, feed: Feed): Promise<void> {
    const textOf = await this.#textsOf(market);
    for await (const events of portionsOf(this.#source(market, feed.position, feed.controller.signal))) {
      if (feed.controller.signal.aborted) return;
      const portion = new Portion(events, textOf);
      feed.position = portion.last;
      for (const follower of feed.followers) if (!give(follower, portion)) this.#slow(market, feed, follower);
    }
  }

  #slow(market: MarketId, feed: Feed, follower: Follower): void {
    feed.followers.delete(follower);
    follower.out.socket.once("drain", () => this.follow(market, follower, feed.position));
    if (feed.followers.size === 0) this.#close(market, feed);
  }

  async #catchUp(market: MarketId, follower: Follower, head: number): Promise<void> {
    const { out } = follower;
    const controller = new AbortController();
    this.#alone.set(follower, controller);
    try {
      const textOf = await this.#textsOf(market);
      for await (const events of portionsOf(this.#source(market, follower.next - 1, controller.signal))) {
        if (out.isGone) return;
        if (!give(follower, new Portion(events, textOf))) await drained(out.socket);
        if (!out.isGone && this.#join(market, follower, head)) return;
      }
      out.end();
    } finally {
      this.#alone.delete(follower);
      // It may wait for what comes next, which the others wait for now.
      controller.abort();
    }
  }
}

/** Events that came together, as they are written: at once, and made once for all who get all of them. */
class Portion {
  readonly events: readonly EventView[];
  readonly last: number;
  readonly #textOf: (event: EventView) => string;
  #whole: Frame | null = null;

  constructor(events: readonly EventView[], textOf: (event: EventView) => string) {
    this.events = events;
    this.last = (events.at(-1) as EventView).sequence;
    this.#textOf = textOf;
  }

  /** Null where none of it concerns this follower. */
  frameFor({ next, wants }: Follower): Frame | null {
    if (wants === null && (this.events[0] as EventView).sequence >= next) {
      this.#whole ??= this.#frameOf(this.events);
      return this.#whole;
    }
    const wanted = this.events.filter((event) => event.sequence >= next && (wants?.(event) ?? true));
    return wanted.length === 0 ? null : this.#frameOf(wanted);
  }

  #frameOf(events: readonly EventView[]): Frame {
    return frameOf(events.map(this.#textOf).join(""));
  }
}

/** False where no more should be written for now. */
function give(follower: Follower, portion: Portion): boolean {
  const frame = portion.frameFor(follower);
  follower.next = Math.max(follower.next, portion.last + 1);
  if (frame === null) return true;
  follower.atMs = Date.now();
  return follower.out.write(frame);
}

/** Returns when more may be written, or never will be. */
const drained = (out: Socket): Promise<void> =>
  new Promise((resolve) => {
    const done = (): void => {
      out.off("drain", done);
      out.off("close", done);
      resolve();
    };
    out.once("drain", done);
    out.once("close", done);
  });
