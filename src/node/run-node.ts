import { Contributor } from "../client/contributor.ts";
import { isApiError } from "../client/errors.ts";
import type { Signer } from "../client/keys.ts";
import { pause } from "../client/pause.ts";
import type { Offer } from "../contract/work.ts";
import type { Json } from "../core/json.ts";
import { Allowance, type Caps, type Idle, type Usage } from "./caps.ts";
import type { NodeFolder } from "./node-folder.ts";
import { type Dial, type Fields, type GatewayPlace, Relay, textIn } from "./relay.ts";

export interface NodeOptions {
  readonly server: string;
  readonly signer: Signer;
  readonly gateway: GatewayPlace;
  readonly folder: NodeFolder;
  readonly caps: Caps;
  readonly dial: Dial;
  readonly clock: () => number;
  /** Of the day, by the machine's own time. */
  readonly minuteOf: (timeMs: number) => number;
  readonly onEvent: (event: NodeEvent) => void;
  readonly stopped: AbortSignal;
}

/** What a node tells its owner. */
export type NodeEvent =
  | { readonly kind: "connected"; readonly gateway: string }
  | { readonly kind: "disconnected"; readonly problem: string; readonly againMs: number }
  | { readonly kind: "idle"; readonly why: Idle | "no work" }
  | { readonly kind: "begun"; readonly market: string; readonly title: string; readonly slot: string }
  | {
      readonly kind: "paid" | "unpaid";
      readonly market: string;
      readonly title: string;
      readonly slot: string;
      readonly pages: number;
      readonly bytes: number;
      readonly state: string;
      readonly reason: string | null;
      readonly reward: string;
    }
  | { readonly kind: "refused"; readonly market: string; readonly slot: string; readonly code: string };

/** A line of the log, as the node itself writes it. */
export type SessionLine = Extract<NodeEvent, { readonly kind: "paid" | "unpaid" }> & { readonly timeMs: number };

/** What the status page shows. */
export interface NodeStatus {
  readonly address: string;
  readonly isConnected: boolean;
  readonly idle: string | null;
  readonly today: Usage;
  /** Since the start: connected, and in a session. */
  readonly connectedMs: number;
  readonly busyMs: number;
  readonly paid: number;
  readonly unpaid: number;
  readonly earned: string;
}

const againMsMin = 1_000;
const againMsMax = 60_000;
/** A gateway that has a reason not to let us in is asked no sooner than that. */
const refusedMs = 600_000;
/** While there is no work it is looked for ever more seldom: ten thousand nodes wait at one server. */
const lookAgainMs = { min: 5_000, max: 60_000 } as const;
const messageMsMax = 600_000;
const kind = "bandwidth";

async function endOf(relay: Relay): Promise<never> {
  await relay.ended;
  throw new Error("disconnected");
}

interface Held {
  readonly market: string;
  readonly title: string;
  readonly slot: string;
  readonly expiresAtMs: number;
}

/** A node that lends its line: connects, works as long as it may, and comes back when something broke. */
export class RunningNode {
  readonly #options: NodeOptions;
  readonly #contributor: Contributor;
  readonly #allowance: Allowance;
  readonly #startedMs: number;
  #relay: Relay | null = null;
  #held: Held | null;
  #hear: ((type: string, said: Fields) => void) | null = null;
  #idle: string | null = null;
  #againMs = againMsMin;
  /** Of what the tunnel relayed, so much stands in submissions; what it relayed to check others comes on top. */
  #counted = 0;
  #connectedMs = 0;
  #connectedAtMs: number | null = null;
  #busyMs = 0;
  #paid = 0;
  #unpaid = 0;
  #earnedMicros = 0;

  private constructor(options: NodeOptions, usage: Usage | null, held: Held | null) {
    const { server, signer, clock, caps } = options;
    this.#options = options;
    this.#contributor = new Contributor({ server, signer, automated: true });
    this.#allowance = new Allowance(caps, clock, usage);
    this.#held = held;
    this.#startedMs = clock();
  }

  static async open(options: NodeOptions): Promise<RunningNode> {
    const usage = await options.folder.read("usage.json", readUsage);
    return new RunningNode(options, usage, await options.folder.read("held.json", readHeld));
  }

  get status(): NodeStatus {
    const now = this.#options.clock();
    const since = this.#connectedAtMs === null ? 0 : now - this.#connectedAtMs;
    return {
      address: this.#contributor.address,
      isConnected: this.#relay !== null,
      idle: this.#idle,
      today: this.#allowance.usage,
      connectedMs: this.#connectedMs + since,
      busyMs: this.#busyMs,
      paid: this.#paid,
      unpaid: this.#unpaid,
      earned: (this.#earnedMicros / 1_000_000).toString(),
    };
  }

  get startedMs(): number {
    return this.#startedMs;
  }

  /** Until it is stopped. */
  async run(): Promise<void> {
    const { stopped, onEvent } = this.#options;
    while (!stopped.aborted) {
      try {
        await this.#connected();
      } catch (error) {
        if (stopped.aborted) break;
        const { message } = error as Error;
        const waitMs = /^[A-Z_]+$/.test(message) ? refusedMs : this.#againMs;
        onEvent({ kind: "disconnected", problem: message, againMs: waitMs });
        await pause(waitMs, stopped).catch(() => undefined);
        this.#againMs = Math.min(2 * this.#againMs, againMsMax);
      }
    }
    await this.#contributor.signOut().catch(() => undefined);
  }

  async #connected(): Promise<void> {
    const { gateway, signer, dial, stopped, onEvent, folder, clock } = this.#options;
    const relay = new Relay({
      gateway,
      signer,
      dial,
      onMessage: (type, said) => this.#hear?.(type, said),
      onOpen: () => undefined,
      onBytes: (bytes) => this.#allowance.pass(bytes),
    });
    const stop = (): void => relay.close();
    stopped.addEventListener("abort", stop, { once: true });
    try {
      await relay.joined;
      this.#againMs = againMsMin;
      this.#relay = relay;
      this.#counted = 0;
      this.#connectedAtMs = clock();
      onEvent({ kind: "connected", gateway: `${gateway.host}:${gateway.port}` });
      await Promise.race([this.#workOn(relay), endOf(relay)]);
    } finally {
      this.#relay = null;
      this.#hear = null;
      if (this.#connectedAtMs !== null) this.#connectedMs += clock() - this.#connectedAtMs;
      this.#connectedAtMs = null;
      stopped.removeEventListener("abort", stop);
      relay.close();
      await folder.write("usage.json", this.#allowance.usage);
    }
  }

  async #workOn(relay: Relay): Promise<void> {
    const { stopped, folder, clock, minuteOf } = this.#options;
    let lookMs: number = lookAgainMs.min;
    while (!stopped.aborted && this.#relay === relay) {
      const idle = this.#allowance.idle(minuteOf(clock()), folder.isPaused);
      const held = idle === null ? await this.#next() : null;
      this.#setIdle(idle ?? (held === null ? "no work" : null));
      if (held === null) {
        await pause(lookMs, stopped);
        // A node that is paused or outside of its hours asks nobody.
        lookMs = idle === null ? Math.min(2 * lookMs, lookAgainMs.max) : lookAgainMs.min;
        continue;
      }
      lookMs = lookAgainMs.min;
      await this.#session(relay, held);
    }
  }

  #setIdle(why: Idle | "no work" | null): void {
    if (why !== null && why !== this.#idle) this.#options.onEvent({ kind: "idle", why });
    this.#idle = why;
  }

  /** The slot in hand, or a new one of the best paid market that wants bandwidth. */
  async #next(): Promise<Held | null> {
    const held = this.#held;
    if (held !== null && held.expiresAtMs > this.#options.clock()) return held;
    await this.#hold(null);
    for await (const { market, title, kind: each, qualifies } of this.#contributor.work()) {
      if (each !== kind || qualifies === false) continue;
      const offers = await this.#contributor.assign(market).catch((error: unknown) => {
        if (isApiError(error, "WORK_NOT_FOUND", "NOT_ELIGIBLE")) return [];
        throw error;
      });
      if (offers[0] !== undefined) return await this.#take(market, title, offers[0]);
    }
    return null;
  }

  async #take(market: string, title: string, { slot, expiresAtMs }: Offer): Promise<Held> {
    const held = { market, title, slot, expiresAtMs };
    await this.#hold(held);
    return held;
  }

  async #hold(held: Held | null): Promise<void> {
    if (this.#held === held) return;
    this.#held = held;
    await this.#options.folder.write("held.json", held);
  }

  async #session(relay: Relay, held: Held): Promise<void> {
    const { clock, onEvent, folder } = this.#options;
    const { market, title, slot } = held;
    const startedMs = clock();
    onEvent({ kind: "begun", market, title, slot });
    const ended = await this.#ask(relay, "take", { market, slot }, "ended");
    if (ended === null) return await this.#hold(null);
    const bytes = relay.relayed - this.#counted;
    this.#counted = relay.relayed;
    const pages = typeof ended["pages"] === "number" ? ended["pages"] : 0;
    const offers = await this.#submit(market, slot, bytes, ended["heard"] as Fields);
    const verdict = await this.#ask(relay, "submitted", { market, slot }, "verdict");
    this.#busyMs += clock() - startedMs;
    this.#allowance.ended(pages);
    await folder.write("usage.json", this.#allowance.usage);
    if (verdict !== null) await this.#tell(held, pages, bytes, verdict);
    if (offers[0] === undefined) await this.#hold(null);
    else await this.#take(market, title, offers[0]);
  }

  async #submit(market: string, slot: string, bytes: number, heard: Fields): Promise<readonly Offer[]> {
    const digests = {
      content: heard["content"],
      ...(typeof heard["canary"] === "string" && { canary: heard["canary"] }),
    };
    const evidence = { takenAtMs: Math.round(this.#options.clock()), digests, quantities: { bytes } } as Json;
    const body = { answer: bytes > 0 ? "relayed" : "unreachable", evidence };
    const { offers } = await this.#contributor.turn(market, { slot, body }, 1);
    return offers;
  }

  async #tell({ market, title, slot }: Held, pages: number, bytes: number, verdict: Fields): Promise<void> {
    const { onEvent, folder, clock } = this.#options;
    const state = textIn(verdict, "state");
    const reward = textIn(verdict, "reward") || "0";
    const reason = typeof verdict["reason"] === "string" ? verdict["reason"] : null;
    const isPaid = state === "accepted";
    if (isPaid) this.#paid++;
    else this.#unpaid++;
    this.#earnedMicros += Math.round(Number(reward) * 1_000_000);
    const event = {
      kind: isPaid ? "paid" : "unpaid",
      market,
      title,
      slot,
      pages,
      bytes,
      state,
      reason,
      reward,
    } as const;
    onEvent(event);
    await folder.log({ timeMs: clock(), ...event } satisfies SessionLine);
  }

  /** Says something of a session, and waits for the word that follows; null where the gateway refuses. */
  async #ask(
    relay: Relay,
    type: "take" | "submitted",
    said: { market: string; slot: string },
    next: string,
  ): Promise<Fields | null> {
    let timer: NodeJS.Timeout | undefined;
    const heard = new Promise<Fields | null>((resolve, reject) => {
      timer = setTimeout(() => reject(new Error("the gateway is silent")), messageMsMax);
      this.#hear = (kindOf, fields) => {
        if (fields["market"] !== said.market || fields["slot"] !== said.slot) return;
        if (kindOf === next) resolve(fields);
        if (kindOf !== "refused") return;
        this.#options.onEvent({ kind: "refused", ...said, code: textIn(fields, "code") });
        resolve(null);
      };
    });
    relay.say(type, said);
    try {
      return await heard;
    } finally {
      clearTimeout(timer);
      this.#hear = null;
    }
  }
}

function readUsage(json: Json): Usage | null {
  const { day, bytes, sessions, pages } = json as Fields;
  const numbers = [day, bytes, sessions, pages];
  return numbers.every((each) => typeof each === "number" && each >= 0) ? (json as unknown as Usage) : null;
}

function readHeld(json: Json): Held | null {
  if (json === null) return null;
  const { market, title, slot, expiresAtMs } = json as Fields;
  const isWhole = [market, title, slot].every((each) => typeof each === "string") && typeof expiresAtMs === "number";
  return isWhole ? (json as unknown as Held) : null;
}
