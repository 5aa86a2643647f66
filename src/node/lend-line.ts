import { isApiError } from "../client/errors.ts";
import type { Signer } from "../client/keys.ts";
import { pause } from "../client/pause.ts";
import type { Offer } from "../contract/work.ts";
import type { Json } from "../core/json.ts";
import type { Held, Outcome } from "./events.ts";
import { type Lender, readHeld } from "./lender.ts";
import { type Dial, type Fields, type GatewayPlace, Relay, type SessionWord, textIn } from "./relay.ts";

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

/** A gateway asks for a slot of this market to be taken. */
interface Invitation {
  readonly market: string;
  readonly title: string;
}

const againMsMin = 1_000;
const againMsMax = 60_000;
/** A gateway that has a reason not to let us in is asked no sooner than that. */
const refusedMs = 600_000;
const messageMsMax = 600_000;

async function endOf(relay: Relay): Promise<never> {
  await relay.ended;
  throw new Error("disconnected");
}

/** Lends a line: connects to a gateway, works as long as it may, and comes back when something broke. */
export class LineLender {
  readonly #options: Lender & LineOptions & { readonly signer: Signer };
  #relay: Relay | null = null;
  #held: HeldSession | null = null;
  #hear: ((type: string, said: Fields) => void) | null = null;
  /** Ends what waits for a word of the gateway. */
  #abandon: (() => void) | null = null;
  #hearInvitation: ((invitation: Invitation | null) => void) | null = null;
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
        const waitMs = /^[A-Z_]+$/.test(message) ? refusedMs : this.#againMs;
        tally.disconnected(message, waitMs);
        await pause(waitMs, stopped).catch(() => undefined);
        this.#againMs = Math.min(2 * this.#againMs, againMsMax);
      }
    }
    tally.disconnected(null);
  }

  async #connected(): Promise<void> {
    const { gateway, signer, dial, stopped, tally, folder, allowance } = this.#options;
    const relay = new Relay({
      gateway,
      signer,
      dial,
      onMessage: (type, said) => this.#heard(relay, type, said),
      onOpen: () => undefined,
      onBytes: (bytes) => allowance.pass(bytes),
    });
    const stop = (): void => relay.close();
    stopped.addEventListener("abort", stop, { once: true });
    try {
      await relay.joined;
      this.#againMs = againMsMin;
      this.#relay = relay;
      this.#counted = 0;
      tally.connected(`${gateway.host}:${gateway.port}`);
      await Promise.race([this.#workOn(relay), endOf(relay)]);
    } finally {
      this.#relay = null;
      this.#hear = null;
      this.#hearInvitation?.(null);
      // Its timer would keep a program alive that is to end.
      this.#abandon?.();
      await this.#keepBytes(relay);
      stopped.removeEventListener("abort", stop);
      relay.close();
      await folder.write("usage.json", allowance.usage);
    }
  }

  #heard(relay: Relay, type: SessionWord, said: Fields): void {
    if (type !== "invited") this.#hear?.(type, said);
    else if (this.#hearInvitation === null) relay.say("declined", { market: textIn(said, "market"), code: "AWAY" });
    else this.#hearInvitation({ market: textIn(said, "market"), title: textIn(said, "title") });
  }

  async #keepBytes(relay: Relay): Promise<void> {
    const bytes = relay.relayed - this.#counted;
    if (this.#held !== null && bytes > 0) await this.#hold({ ...this.#held, bytes });
  }

  async #workOn(relay: Relay): Promise<void> {
    const { stopped, tally, allowance, looks, facts } = this.#options;
    let lookMs = looks.minMs;
    while (!stopped.aborted && this.#relay === relay) {
      const idle = (await this.#options.idle()) ?? (allowance.isUsedUp ? "enough for today" : null);
      const held = idle === null ? await this.#inHand() : null;
      if (held !== null) {
        lookMs = looks.minMs;
        await this.#session(relay, held);
        continue;
      }
      tally.idle(idle ?? "no work");
      if (idle === null) relay.say("ready", { country: facts?.country ?? null, place: facts?.place ?? null });
      const invited = await this.#invitation(lookMs);
      lookMs = Math.min(2 * lookMs, looks.maxMs);
      if (invited === null) continue;
      lookMs = looks.minMs;
      const code = (await this.#options.idle()) === null ? await this.#take(invited) : "AWAY";
      if (code === null) continue;
      relay.say("declined", { market: invited.market, code });
      // Whoever asks us again and again for nothing is heard once a second.
      await pause(againMsMin, stopped);
    }
  }

  /** The next one; null where none comes for so long, or the connection ends. */
  #invitation(waitMs: number): Promise<Invitation | null> {
    return new Promise((resolve) => {
      const over = (invitation: Invitation | null): void => {
        clearTimeout(timer);
        this.#hearInvitation = null;
        resolve(invitation);
      };
      const timer = setTimeout(() => over(null), waitMs);
      this.#hearInvitation = over;
    });
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

  async #session(relay: Relay, held: HeldSession): Promise<void> {
    const { clock, tally, allowance, folder } = this.#options;
    const { market, slot } = held;
    const startedMs = clock();
    tally.begun(held);
    const ended = await this.#ask(relay, "take", { market, slot }, "ended");
    if (ended === null) return await this.#hold(null);
    // A session that was over before the connection broke is told of again, and nothing is relayed for it any more.
    const bytes = Math.max(relay.relayed - this.#counted, held.bytes ?? 0);
    const pages = typeof ended["pages"] === "number" ? ended["pages"] : 0;
    const body = held.body ?? this.#bodyOf(bytes, ended["heard"] as Fields);
    await this.#hold({ ...held, bytes, body });
    this.#counted = relay.relayed;
    await this.#options.contributor.submit(market, { slot, body });
    const verdict = await this.#ask(relay, "submitted", { market, slot }, "verdict");
    tally.busy(clock() - startedMs);
    allowance.ended(pages);
    await folder.write("usage.json", allowance.usage);
    if (verdict !== null) await tally.ended(held, { pages, bytes }, outcomeOf(verdict));
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
      this.#abandon = () => reject(new Error("disconnected"));
      this.#hear = (kindOf, fields) => {
        if (fields["market"] !== said.market || fields["slot"] !== said.slot) return;
        if (kindOf === next) resolve(fields);
        if (kindOf !== "refused") return;
        this.#options.tally.refused(said.market, said.slot, textIn(fields, "code"));
        resolve(null);
      };
    });
    relay.say(type, said);
    try {
      return await heard;
    } finally {
      clearTimeout(timer);
      this.#hear = null;
      this.#abandon = null;
    }
  }
}

function outcomeOf(verdict: Fields): Outcome {
  const reason = typeof verdict["reason"] === "string" ? verdict["reason"] : null;
  return { state: textIn(verdict, "state"), reason, reward: textIn(verdict, "reward") || "0" };
}
