import { isApiError } from "../client/errors.ts";
import type { Signer } from "../client/keys.ts";
import { pause } from "../client/pause.ts";
import type { Offer } from "../contract/work.ts";
import type { Json } from "../core/json.ts";
import type { Held, Outcome } from "./events.ts";
import { GatewayTalk, type Invitation } from "./gateway-talk.ts";
import { type Lender, readHeld } from "./lender.ts";
import { type Dial, type Fields, type GatewayPlace, numberIn, type Relay, type SessionWord, textIn } from "./relay.ts";

/** A slot in hand; kept, so that a session whose gateway or node died is submitted as it was. */
interface HeldSession extends Held {
  /** Bytes that were relayed for it before the connection broke. */
  readonly bytes?: number;
  /** What was submitted, or was about to be: the same again is the same submission. */
  readonly body?: Json;
}

export interface LineOptions {
  readonly gateway: GatewayPlace;
  readonly dial: Dial;
}

const againMsMin = 1_000;
const againMsMax = 60_000;
/** A gateway that has a reason not to let us in is asked no sooner than that. */
const refusedMs = 600_000;

/** Lends a line: connects to a gateway, works as long as it may, and comes back when something broke. */
export class LineLender {
  readonly #options: Lender & LineOptions & { readonly signer: Signer };
  #held: HeldSession | null = null;
  #againMs = againMsMin;
  /** Of what the tunnel relayed, so much stands in submissions; what it relayed to check others comes on top. */
  #counted = 0;

  constructor(options: Lender & LineOptions & { readonly signer: Signer }) {
    this.#options = options;
  }

  /** Until it is stopped. */
  async run(): Promise<void> {
    const { stopped, tally, folder } = this.#options;
    this.#held = await folder.read("held.json", (json) => readHeld<HeldSession>(json));
    while (!stopped.aborted) {
      try {
        await this.#connected();
      } catch (error) {
        if (stopped.aborted) break;
        const { message } = error as Error;
        const waitMs = /^[A-Z_]+(?:: [A-Z_]+)?$/.test(message) ? refusedMs : this.#againMs;
        tally.disconnected(message, waitMs);
        await pause(waitMs, stopped).catch(() => undefined);
        this.#againMs = Math.min(2 * this.#againMs, againMsMax);
      }
    }
    tally.disconnected(null);
  }

  /** The work on one connection is over before the next one is opened. */
  async #connected(): Promise<void> {
    const { gateway, signer, dial, stopped, tally, folder, allowance } = this.#options;
    const talk = new GatewayTalk({
      gateway,
      signer,
      dial,
      onOpen: () => undefined,
      onBytes: (bytes) => allowance.pass(bytes),
    });
    const { relay } = talk;
    const stop = (): void => relay.close();
    stopped.addEventListener("abort", stop, { once: true });
    try {
      const check = await relay.joined;
      this.#againMs = againMsMin;
      this.#counted = 0;
      tally.connected(`${gateway.host}:${gateway.port}`);
      tally.standsBehind(check);
      await this.#workOn(talk);
    } finally {
      stopped.removeEventListener("abort", stop);
      relay.close();
      await this.#keepBytes(relay);
      await folder.write("usage.json", allowance.usage);
    }
  }

  async #keepBytes(relay: Relay): Promise<void> {
    const bytes = relay.relayed - this.#counted;
    if (this.#held !== null && bytes > 0) await this.#hold({ ...this.#held, bytes });
  }

  /** @throws when the connection ends */
  async #workOn(talk: GatewayTalk): Promise<never> {
    const { tally, allowance, looks, facts } = this.#options;
    let lookMs = looks.minMs;
    for (;;) {
      const idle = (await this.#options.idle()) ?? (allowance.isUsedUp ? "enough for today" : null);
      const held = idle === null ? await this.#inHand() : null;
      if (held !== null) {
        lookMs = looks.minMs;
        await this.#session(talk, held);
        continue;
      }
      tally.idle(idle ?? "no work");
      if (idle === null) talk.say("ready", { country: facts?.country ?? null, place: facts?.place ?? null });
      const invited = await talk.invitation(lookMs);
      lookMs = Math.min(2 * lookMs, looks.maxMs);
      if (invited === null) continue;
      lookMs = looks.minMs;
      const code = (await this.#options.idle()) === null ? await this.#take(invited) : "AWAY";
      if (code === null) continue;
      talk.say("declined", { market: invited.market, code });
      // Whoever asks us again and again for nothing is heard once a second.
      await pause(againMsMin, talk.over);
    }
  }

  /** The slot that was in hand when a connection broke, as long as it is ours. */
  async #inHand(): Promise<HeldSession | null> {
    const held = this.#held;
    if (held === null || held.expiresAtMs > this.#options.clock()) return held;
    await this.#hold(null);
    return null;
  }

  /** Takes a slot of the market to which we are invited; otherwise says why not. */
  async #take({ market, title }: Invitation): Promise<"NO_WORK" | "NOT_ELIGIBLE" | null> {
    let offers: readonly Offer[];
    try {
      offers = await this.#options.contributor.assign(market);
    } catch (error) {
      if (!isApiError(error)) throw error;
      return error.code === "WORK_NOT_FOUND" ? "NO_WORK" : "NOT_ELIGIBLE";
    }
    const [offer] = offers;
    if (offer === undefined) return "NO_WORK";
    await this.#hold({ market, title, slot: offer.slot, expiresAtMs: offer.expiresAtMs });
    return null;
  }

  async #hold(held: HeldSession | null): Promise<void> {
    if (this.#held === held) return;
    this.#held = held;
    await this.#options.folder.write("held.json", held);
  }

  async #session(talk: GatewayTalk, held: HeldSession): Promise<void> {
    const { clock, tally, allowance, folder } = this.#options;
    const { market, slot } = held;
    const startedMs = clock();
    tally.begun(held);
    const ended = await this.#ask(talk, "take", held, "ended");
    if (ended === null) return await this.#hold(null);
    const { relayed } = talk.relay;
    // A session that was over before the connection broke is told of again, and nothing is relayed for it any more.
    const own = Math.max(relayed - this.#counted, held.bytes ?? 0);
    // What was under way when a page was cut off is in our count alone: more than the gateway took is not said.
    const bytes = Math.min(own, numberIn(ended, "bytes") ?? own);
    const pages = numberIn(ended, "pages") ?? 0;
    const body = held.body ?? this.#bodyOf(bytes, ended["heard"] as Fields);
    await this.#hold({ ...held, bytes, body });
    this.#counted = Math.max(0, relayed - (numberIn(ended, "since") ?? 0));
    await this.#options.contributor.submit(market, { slot, body }, { signal: talk.over });
    const verdict = await this.#ask(talk, "submitted", held, "verdict");
    tally.busy(clock() - startedMs);
    allowance.ended(pages);
    await folder.write("usage.json", allowance.usage);
    if (verdict !== null) {
      await tally.ended(held, { pages, bytes }, outcomeOf(verdict));
      tally.standsBehind(textIn(verdict, "check") || null);
    }
    await this.#hold(null);
  }

  #bodyOf(bytes: number, heard: Fields): Json {
    const digests = {
      content: heard["content"],
      ...(typeof heard["canary"] === "string" && { canary: heard["canary"] }),
    };
    const evidence = { takenAtMs: Math.round(this.#options.clock()), digests, quantities: { bytes } } as Json;
    return { answer: bytes > 0 ? "relayed" : "unreachable", evidence };
  }

  /** Null where the gateway refuses. */
  async #ask(
    talk: GatewayTalk,
    type: "take" | "submitted",
    { market, slot }: HeldSession,
    next: SessionWord,
  ): Promise<Fields | null> {
    const { word, said } = await talk.ask(type, { market, slot }, next);
    if (word !== "refused") return said;
    const code = textIn(said, "code");
    this.#options.tally.refused(market, slot, code);
    // Somebody else may be invited to it. One that cannot be done stays with us: nobody else is to try it at once.
    if (code === "NOT_INVITED") await this.#options.contributor.giveBack(market, slot).catch(unlessRefused);
    return null;
  }
}

function unlessRefused(error: unknown): void {
  if (!isApiError(error)) throw error;
}

function outcomeOf(verdict: Fields): Outcome {
  const reason = typeof verdict["reason"] === "string" ? verdict["reason"] : null;
  return { state: textIn(verdict, "state"), reason, reward: textIn(verdict, "reward") || "0" };
}
