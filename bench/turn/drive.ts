import { toBase64 } from "#src/core/bytes";
import { type MarketId, marketId } from "#src/core/market-id";
import { formatSlot, parseSlot } from "#src/core/slot";
import { bodyHashOf, submissionsStatement } from "#src/core/statements";
import { sha256 } from "#src/main/crypto";
import { LoadConnection } from "../load/connection.ts";
import { keyOf, type LoadKey } from "../load/keys.ts";
import { percentile } from "../load/median.ts";

/** What the load's process is told: who works where, how many answers a request brings, and how long. */
export interface DriveOrder {
  readonly url: string;
  readonly market: string;
  readonly contributors: readonly { readonly token: string; readonly seed: string }[];
  readonly perRequest: number;
  readonly warmMs: number;
  readonly measureMs: number;
}

export interface Driven {
  readonly fromMs: number;
  readonly toMs: number;
  readonly requests: number;
  /** Submissions acknowledged since the start, and within the window. */
  readonly submissions: number;
  readonly submissionsMeasured: number;
  readonly p50Ms: number;
  readonly p99Ms: number;
  readonly processorSeconds: number;
}

interface Window {
  readonly warmUntil: number;
  readonly until: number;
  readonly latencies: number[];
  requests: number;
  submissions: number;
  measured: number;
}

interface Turn {
  readonly offers: readonly { readonly slot: string }[];
}

const bodyOf = (answer: string) => ({ text: JSON.stringify({ answer }), hash: bodyHashOf(sha256, { answer }) });
const [right, wrong] = [bodyOf("yes"), bodyOf("no")];
/** One answer in so many is wrong. */
const wrongEvery = 20;

/** One contributor on a connection of its own: answers what it holds, and takes as much again in the same request. */
class Hand {
  readonly #on: LoadConnection;
  readonly #order: DriveOrder;
  readonly #market: MarketId;
  readonly #token: string;
  readonly #key: LoadKey;
  readonly #place: number;

  constructor(on: LoadConnection, order: DriveOrder, place: number) {
    const { token, seed } = order.contributors[place] as DriveOrder["contributors"][number];
    this.#on = on;
    this.#order = order;
    this.#market = marketId(order.market);
    this.#token = token;
    this.#key = keyOf(Buffer.from(seed, "hex"));
    this.#place = place;
  }

  async work(window: Window): Promise<void> {
    const { perRequest, market } = this.#order;
    let slots: readonly string[] = [];
    while (performance.now() < window.until) {
      if (slots.length === 0) {
        const path = `/v1/markets/${market}/assignments`;
        slots = slotsOf(await this.#on.json<Turn>("POST", path, { count: perRequest }, this.#token));
        if (slots.length === 0) throw new Error("there are too few tasks");
        continue;
      }
      const begun = performance.now();
      const answered = slots.length;
      slots = await this.#turn(slots);
      const ended = performance.now();
      window.submissions += answered;
      if (begun < window.warmUntil || ended > window.until) continue;
      window.requests++;
      window.measured += answered;
      window.latencies.push(ended - begun);
    }
  }

  async #turn(slots: readonly string[]): Promise<readonly string[]> {
    const timeMs = Date.now();
    const parsed = slots.map(parseSlot);
    const given = parsed.map((slot) => ({ slot, body: (slot.task + this.#place) % wrongEvery === 0 ? wrong : right }));
    const hashed = given.map(({ slot, body }) => ({ ...slot, body: body.hash }));
    const signature = toBase64(this.#key.sign(submissionsStatement(this.#market, timeMs, hashed)));
    const submissions = given.map(({ slot, body }) => `{"slot":"${formatSlot(slot)}","body":${body.text}}`);
    const body = `{"timeMs":${timeMs},"signature":"${signature}","submissions":[${submissions.join(",")}],"next":${slots.length}}`;
    const path = `/v1/markets/${this.#order.market}/submissions`;
    const reply = await this.#on.ask("POST", path, body, this.#token);
    if (reply.status !== 200 && reply.status !== 201) throw new Error(`${reply.status} ${reply.body}`);
    return slotsOf(JSON.parse(reply.body) as Turn);
  }
}

const slotsOf = ({ offers }: Turn): readonly string[] => offers.map(({ slot }) => slot);

async function drive(order: DriveOrder): Promise<Driven> {
  const { warmMs, measureMs } = order;
  const connections = await Promise.all(order.contributors.map(() => LoadConnection.open(order.url)));
  const cpu = process.cpuUsage();
  const begun = performance.now();
  const fromMs = Date.now() + warmMs;
  const window: Window = {
    warmUntil: begun + warmMs,
    until: begun + warmMs + measureMs,
    latencies: [],
    requests: 0,
    submissions: 0,
    measured: 0,
  };
  await Promise.all(connections.map((on, place) => new Hand(on, order, place).work(window)));
  for (const on of connections) on.close();
  const { user, system } = process.cpuUsage(cpu);
  const latencies = Float64Array.from(window.latencies).sort();
  return {
    fromMs,
    toMs: fromMs + measureMs,
    requests: window.requests,
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
