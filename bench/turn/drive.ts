import { setTimeout as sleep } from "node:timers/promises";
import { toBase64 } from "#src/core/bytes";
import { type MarketId, marketId } from "#src/core/market-id";
import { formatSlot, parseSlot } from "#src/core/slot";
import { bodyHashOf, submissionsStatement } from "#src/core/statements";
import { sha256 } from "#src/main/crypto";
import { LoadConnection, type Reply } from "../load/connection.ts";
import { keyOf, type LoadKey } from "../load/keys.ts";
import { percentile } from "../load/median.ts";
import { Chain, type Hashed } from "./chain.ts";

/** A signature on each request; or the session's token, and a signature over the running hash now and then. */
export type Signing = "each" | "checkpoints";

/** What the load's process is told: who works where, how many answers a request brings, and how long. */
export interface DriveOrder {
  readonly url: string;
  readonly market: string;
  readonly contributors: readonly { readonly token: string; readonly seed: string }[];
  readonly perRequest: number;
  readonly signing: Signing;
  /** Requests that all of them send in a second together; absent where each sends as soon as it was answered. */
  readonly perSecond?: number;
  /** How long one waits that was turned away, where there is no pace; a second and more where it does as it was asked to. */
  readonly retryMs?: number;
  readonly warmMs: number;
  readonly measureMs: number;
}

export interface Driven {
  readonly fromMs: number;
  readonly toMs: number;
  readonly requests: number;
  /** Requests that a busy server did not take. */
  readonly turnedAway: number;
  /** Milliseconds from the start to the first stretch of a tenth of a second in which nothing was turned away. */
  readonly calmAfterMs: number;
  /** Submissions acknowledged since the start, and within the window. */
  readonly submissions: number;
  readonly submissionsMeasured: number;
  readonly p50Ms: number;
  readonly p99Ms: number;
  readonly processorSeconds: number;
}

interface Window {
  readonly begun: number;
  readonly warmUntil: number;
  readonly until: number;
  readonly latencies: number[];
  requests: number;
  submissions: number;
  measured: number;
  /** When those were sent that were not taken, in milliseconds from the start. */
  readonly turnedAwayAtMs: number[];
}

/** Of offers alone: what else is in an answer is a submission before them, or its proof behind them. */
const offeredSlot = /"slot":"([\d.]+)"/g;

const bodyOf = (answer: string) => ({ text: JSON.stringify({ answer }), hash: bodyHashOf(sha256, { answer }) });
const [right, wrong] = [bodyOf("yes"), bodyOf("no")];
/** What a server that has too much to do asks for. */
const askedMs = 1_000;
/** Nothing turned away for so long: the server is itself again. */
const calmMs = 100;
const takingAtATime = 8;
/** One answer in so many is wrong. */
const wrongEvery = 20;

interface Answered extends Hashed {
  readonly text: string;
}

/** One contributor on a connection of its own: answers what it holds, and takes as much again in the same request. */
class Hand {
  readonly #on: LoadConnection;
  readonly #order: DriveOrder;
  readonly #market: MarketId;
  readonly #token: string;
  readonly #key: LoadKey;
  readonly #place: number;
  /** Null where each request is signed. */
  readonly #chain: Chain | null;
  #slots: readonly string[] = [];
  /**
   * What was turned away comes again as it was. Signing it anew would take more from the server, which has the same
   * processors here, than turning it away does; clients have processors of their own.
   */
  #refused: { readonly given: readonly Answered[]; readonly body: string } | null = null;

  constructor(on: LoadConnection, order: DriveOrder, place: number) {
    const { token, seed } = order.contributors[place] as DriveOrder["contributors"][number];
    this.#on = on;
    this.#order = order;
    this.#market = marketId(order.market);
    this.#token = token;
    this.#key = keyOf(Buffer.from(seed, "hex"));
    this.#place = place;
    this.#chain = order.signing === "each" ? null : new Chain(on, this.#market, token, this.#key);
  }

  /** Takes its first slots, however busy the server is. */
  async take(): Promise<void> {
    const { perRequest, market } = this.#order;
    const path = `/v1/markets/${market}/assignments`;
    while (this.#slots.length === 0) {
      const reply = await this.#on.ask("POST", path, JSON.stringify({ count: perRequest }), this.#token);
      const taken = slotsOf(reply);
      if (taken?.length === 0) throw new Error("there are too few tasks");
      if (taken === null) await sleep(askedMs * (1 + Math.random()));
      else this.#slots = taken;
    }
  }

  async work(window: Window): Promise<void> {
    await this.#chain?.goOn();
    for (let sent = 0; performance.now() < window.until; sent++) {
      await this.#due(window, sent);
      // What is due later is nobody's load any more, and comes together with what ends the round.
      if (performance.now() >= window.until) break;
      await this.take();
      const begun = performance.now();
      const answered = this.#slots.length;
      const given = this.#refused?.given ?? this.#answers(this.#slots);
      const body = this.#refused?.body ?? this.#bodyOf(given);
      const next = slotsOf(await this.#send(body));
      const ended = performance.now();
      this.#refused = next === null ? { given, body } : null;
      if (next === null) {
        window.turnedAwayAtMs.push(begun - window.begun);
        await this.#wait();
        continue;
      }
      this.#slots = next;
      window.submissions += answered;
      await this.#chain?.took(given);
      if (begun < window.warmUntil || ended > window.until) continue;
      window.requests++;
      window.measured += answered;
      window.latencies.push(ended - begun);
    }
    await this.#end(window);
    await this.#chain?.cover();
  }

  /** Nothing stays in its hands: the next round's would be too many. */
  async #end(window: Window): Promise<void> {
    if (this.#slots.length === 0) return;
    const given = this.#answers(this.#slots);
    while (slotsOf(await this.#send(this.#bodyOf(given, 0))) === null) await sleep(askedMs * (1 + Math.random()));
    window.submissions += given.length;
    await this.#chain?.took(given);
  }

  /** Until this request is due, where there is a pace. */
  async #due({ begun }: Window, sent: number): Promise<void> {
    const { perSecond, contributors } = this.#order;
    if (perSecond === undefined) return;
    const betweenMs = (contributors.length * 1_000) / perSecond;
    const waitMs = begun + (sent + this.#place / contributors.length) * betweenMs - performance.now();
    if (waitMs > 0) await sleep(waitMs);
  }

  /** After it was turned away. */
  async #wait(): Promise<void> {
    const { perSecond, retryMs = askedMs } = this.#order;
    if (perSecond === undefined) await sleep(retryMs * (1 + Math.random()));
  }

  #answers(slots: readonly string[]): readonly Answered[] {
    return slots.map(parseSlot).map((slot) => {
      const { text, hash } = (slot.task + this.#place) % wrongEvery === 0 ? wrong : right;
      return { ...slot, text, body: hash };
    });
  }

  #bodyOf(given: readonly Answered[], wanted = given.length): string {
    const submissions = given.map((each) => `{"slot":"${formatSlot(each)}","body":${each.text}}`);
    return `{${this.#signed(given)}"submissions":[${submissions.join(",")}],"next":${wanted}}`;
  }

  #send(body: string): Promise<Reply> {
    return this.#on.ask("POST", `/v1/markets/${this.#order.market}/submissions`, body, this.#token);
  }

  #signed(given: readonly Answered[]): string {
    if (this.#chain !== null) return "";
    const timeMs = Date.now();
    const signature = toBase64(this.#key.sign(submissionsStatement(this.#market, timeMs, given)));
    return `"timeMs":${timeMs},"signature":"${signature}",`;
  }
}

/**
 * The slots that an answer brings; null where the server had too much to do. By a search: whoever parses all of an answer
 * takes from the server, which runs on the same processors, what is none of its cost.
 */
function slotsOf({ status, body }: Reply): readonly string[] | null {
  if (status === 429) return null;
  const from = body.indexOf('"offers":');
  if ((status !== 200 && status !== 201) || from < 0) throw new Error(`${status} ${body}`);
  const to = body.indexOf('"acknowledgement":', from);
  const offers = body.slice(from, to < 0 ? undefined : to);
  return Array.from(offers.matchAll(offeredSlot), ([, slot]) => slot as string);
}

function calmAfter(turnedAwayAtMs: readonly number[]): number {
  let calmSinceMs = 0;
  for (const atMs of turnedAwayAtMs.toSorted((a, b) => a - b)) {
    if (atMs - calmSinceMs >= calmMs) break;
    calmSinceMs = atMs;
  }
  return calmSinceMs;
}

/** Before the clock starts, where there is a pace: else the first requests of so many would be another load. */
async function takeAll(hands: readonly Hand[]): Promise<void> {
  for (let i = 0; i < hands.length; i += takingAtATime) {
    await Promise.all(hands.slice(i, i + takingAtATime).map((hand) => hand.take()));
  }
}

async function drive(order: DriveOrder): Promise<Driven> {
  const { warmMs, measureMs } = order;
  const connections = await Promise.all(order.contributors.map(() => LoadConnection.open(order.url)));
  const hands = connections.map((on, place) => new Hand(on, order, place));
  if (order.perSecond !== undefined) await takeAll(hands);
  const cpu = process.cpuUsage();
  const begun = performance.now();
  const fromMs = Date.now() + warmMs;
  const window: Window = {
    begun,
    warmUntil: begun + warmMs,
    until: begun + warmMs + measureMs,
    latencies: [],
    requests: 0,
    submissions: 0,
    measured: 0,
    turnedAwayAtMs: [],
  };
  await Promise.all(hands.map((hand) => hand.work(window)));
  for (const on of connections) on.close();
  const { user, system } = process.cpuUsage(cpu);
  const latencies = Float64Array.from(window.latencies).sort();
  return {
    fromMs,
    toMs: fromMs + measureMs,
    requests: window.requests,
    turnedAway: window.turnedAwayAtMs.length,
    calmAfterMs: calmAfter(window.turnedAwayAtMs),
    submissions: window.submissions,
    submissionsMeasured: window.measured,
    p50Ms: percentile(latencies, 50),
    p99Ms: percentile(latencies, 99),
    processorSeconds: (user + system) / 1e6,
  };
}

process.on("message", (order: DriveOrder) => {
  drive(order)
    .then((driven) => process.send?.(driven))
    .catch((error: unknown) => {
      console.error(error);
      process.exit(1);
    });
});
