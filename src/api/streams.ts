import { Readable } from "node:stream";
import type { FastifyReply, FastifyRequest } from "fastify";
import { eventMediaType } from "../contract/events.ts";
import { earnestError } from "../core/errors.ts";
import type { MarketId } from "../core/market-id.ts";
import { EventSocket, frameOf } from "./event-socket.ts";
import type { Feeds, Follower } from "./feeds.ts";
import type { Metrics } from "./metrics.ts";
import type { ApiLimits } from "./options.ts";

/** One server-sent event; the id is what a client sends back as Last-Event-ID. */
export interface SentEvent {
  readonly id?: number;
  readonly event: string;
  readonly data: unknown;
}

/** Where in the log a stream begins, and what of it it shows. */
export interface Following extends Pick<Follower, "wants"> {
  readonly feeds: Feeds;
  readonly market: MarketId;
  readonly after: number;
  /** How far the log goes. */
  readonly head: number;
}

const secondsToRetry = 5;
const unbuffered = { "cache-control": "no-store, no-transform", "x-accel-buffering": "no" };
const connected = ": connected\n\n";
const waiting = ": waiting\n\n";
const connectedFrame = frameOf(connected);
const waitingFrame = frameOf(waiting);

/** The open event streams of this process: counted, limited, and ended together when the server stops. */
export class Streams {
  readonly #limits: ApiLimits;
  readonly #metrics: Metrics;
  readonly #open = new Set<AbortController>();
  readonly #ofAddress = new Map<string, number>();
  readonly #followers = new Set<Follower>();
  #beat: NodeJS.Timeout | null = null;
  #ended = false;

  constructor(limits: ApiLimits, metrics: Metrics) {
    this.#limits = limits;
    this.#metrics = metrics;
  }

  get size(): number {
    return this.#open.size + this.#followers.size;
  }

  /**
   * Answers with events until they end, the caller leaves or the server stops. A slow reader slows the source down:
   * nothing is buffered for it.
   *
   * @throws RATE_EXCEEDED where there are too many streams already.
   */
  send(
    request: FastifyRequest,
    reply: FastifyReply,
    operation: string,
    source: (signal: AbortSignal) => AsyncIterable<SentEvent>,
  ): FastifyReply {
    const { ip } = request;
    this.#requireRoom(ip);
    const controller = new AbortController();
    this.#open.add(controller);
    this.#count(ip, 1);
    this.#metrics.openStreams.inc({ operation });
    const release = (): void => {
      controller.abort();
      if (!this.#open.delete(controller)) return;
      this.#count(ip, -1);
      this.#metrics.openStreams.dec({ operation });
    };
    reply.raw.once("close", release);
    if (this.#ended) controller.abort();
    const texts = eventTexts(source(controller.signal), this.#limits.heartbeatSeconds * 1_000, controller.signal);
    const body = Readable.from(texts, { objectMode: false, highWaterMark: 16_384 });
    body.once("close", release);
    return reply.headers({ "content-type": `${eventMediaType}; charset=utf-8`, ...unbuffered }).send(body);
  }

  /**
   * Answers with what a market's feed brings from a sequence on. The answer leaves the framework here: one of many thousands
   * that are open must be no more than its connection.
   *
   * @throws RATE_EXCEEDED where there are too many streams already; MALFORMED_REQUEST behind others of its connection.
   */
  follow(
    request: FastifyRequest,
    reply: FastifyReply,
    operation: string,
    { feeds, market, ...given }: Following,
  ): void {
    const { ip } = request;
    this.#requireRoom(ip);
    const out = EventSocket.open(request, reply, {
      "content-type": `${eventMediaType}; charset=utf-8`,
      ...unbuffered,
    });
    const follower: Follower = { out, wants: given.wants, next: given.after + 1, atMs: Date.now() };
    this.#followers.add(follower);
    this.#count(ip, 1);
    this.#metrics.openStreams.inc({ operation });
    const left = (): void => {
      feeds.leave(market, follower);
      this.#followers.delete(follower);
      this.#count(ip, -1);
      this.#metrics.openStreams.dec({ operation });
      this.#rest();
    };
    if (out.isGone) {
      left();
      return;
    }
    out.socket.once("close", left);
    this.#beat ??= setInterval(() => this.#sayThatWeLive(), this.#limits.heartbeatSeconds * 500).unref();
    // Something comes at once: a client learns that it is connected.
    out.write(connectedFrame);
    if (this.#ended) out.end();
    else feeds.follow(market, follower, given.head);
  }

  /** A comment wherever nothing happened for a while, so that a dead line is noticed. */
  #sayThatWeLive(): void {
    const nowMs = Date.now();
    for (const follower of this.#followers) {
      const { out, atMs } = follower;
      if (nowMs - atMs < this.#limits.heartbeatSeconds * 1_000 || out.isFull) continue;
      follower.atMs = nowMs;
      out.write(waitingFrame);
    }
  }

  #rest(): void {
    if (this.#followers.size > 0 || this.#beat === null) return;
    clearInterval(this.#beat);
    this.#beat = null;
  }

  /** Ends all streams; their clients come back to another process with Last-Event-ID. */
  endAll(): void {
    this.#ended = true;
    for (const controller of this.#open) controller.abort();
    for (const { out } of this.#followers) out.end();
  }

  #requireRoom(address: string): void {
    const ofAddress = this.#ofAddress.get(address) ?? 0;
    if (this.size >= this.#limits.openStreamsMax || ofAddress >= this.#limits.openStreamsPerAddressMax) {
      throw earnestError("RATE_EXCEEDED", { retryAfterSeconds: secondsToRetry });
    }
  }

  #count(address: string, change: 1 | -1): void {
    const count = (this.#ofAddress.get(address) ?? 0) + change;
    if (count === 0) this.#ofAddress.delete(address);
    else this.#ofAddress.set(address, count);
  }
}

/** The text of each event, with a comment wherever nothing happened for a while, so that a dead line is noticed. */
async function* eventTexts(
  events: AsyncIterable<SentEvent>,
  heartbeatMs: number,
  signal: AbortSignal,
): AsyncGenerator<string> {
  const iterator = events[Symbol.asyncIterator]();
  try {
    // Headers go out with the first bytes: a client learns at once that it is connected.
    yield connected;
    let next = iterator.next();
    while (!signal.aborted) {
      next.catch(() => undefined);
      const first = await firstOf(next, heartbeatMs, signal);
      if (first === "aborted") return;
      if (first === "late") {
        yield waiting;
        continue;
      }
      if (first.done === true) return;
      yield eventText(first.value);
      next = iterator.next();
    }
  } finally {
    // A source that waits for something ends by its signal; we do not wait for it.
    iterator.return?.().catch(() => undefined);
  }
}

async function firstOf<T>(next: Promise<T>, waitMs: number, signal: AbortSignal): Promise<T | "late" | "aborted"> {
  let done: () => void = () => undefined;
  const pause = new Promise<"late" | "aborted">((resolve) => {
    const timer = setTimeout(() => resolve("late"), waitMs);
    const onAbort = (): void => resolve("aborted");
    signal.addEventListener("abort", onAbort, { once: true });
    done = () => {
      clearTimeout(timer);
      signal.removeEventListener("abort", onAbort);
    };
  });
  try {
    return await Promise.race([next, pause]);
  } finally {
    done();
  }
}

export const eventText = ({ id, event, data }: SentEvent): string =>
  `${id === undefined ? "" : `id: ${id}\n`}event: ${event}\ndata: ${JSON.stringify(data)}\n\n`;

/** Bounds how long something waits that no event ends. */
export function abortAfter(signal: AbortSignal, ms: number): AbortSignal {
  return AbortSignal.any([signal, AbortSignal.timeout(ms)]);
}
