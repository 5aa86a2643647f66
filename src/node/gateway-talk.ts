import type { Json } from "../core/json.ts";
import type { FrameType } from "../core/tunnel.ts";
import { type Fields, Relay, type RelayOptions, type SessionWord, textIn } from "./relay.ts";

/** A gateway asks for a slot of this market to be taken. */
export interface Invitation {
  readonly market: string;
  readonly title: string;
}

interface Waiting {
  /** @returns whether this was what it waits for */
  readonly hear: (word: SessionWord, said: Fields) => boolean;
  readonly fail: (error: Error) => void;
}

const silenceMsMax = 600_000;

/** What is said over one connection. It ends with the connection: what waits then fails, and so does what would begin to. */
export class GatewayTalk {
  readonly relay: Relay;
  readonly #over = new AbortController();
  #waiting: Waiting | null = null;

  constructor(options: Omit<RelayOptions, "onMessage">) {
    this.relay = new Relay({ ...options, onMessage: (word, said) => this.#heard(word, said) });
    const end = (): void => this.#end();
    this.relay.ended.then(end, end);
  }

  /** Aborted when the connection ends. */
  get over(): AbortSignal {
    return this.#over.signal;
  }

  say(type: FrameType, said: Json): void {
    this.#over.signal.throwIfAborted();
    this.relay.say(type, said);
  }

  /** Says something of a session, and waits for the word that follows, or that the gateway refuses. */
  async ask(
    type: "take" | "submitted",
    { market, slot }: { readonly market: string; readonly slot: string },
    next: SessionWord,
  ): Promise<{ readonly word: SessionWord; readonly said: Fields }> {
    this.say(type, { market, slot });
    const answer = await this.#next(silenceMsMax, (word, said) =>
      (word === next || word === "refused") && said["market"] === market && said["slot"] === slot
        ? { word, said }
        : null,
    );
    if (answer === null) throw new Error("the gateway is silent");
    return answer;
  }

  /** The next one; null where none comes for so long. */
  async invitation(waitMs: number): Promise<Invitation | null> {
    return await this.#next(waitMs, (word, said) =>
      word === "invited" ? { market: textIn(said, "market"), title: textIn(said, "title") } : null,
    );
  }

  /** The first word of which `pick` makes something; null where none comes in time. */
  #next<T>(msMax: number, pick: (word: SessionWord, said: Fields) => T | null): Promise<T | null> {
    return new Promise((resolve, reject) => {
      this.#over.signal.throwIfAborted();
      const over = (): void => {
        clearTimeout(timer);
        this.#waiting = null;
      };
      const timer = setTimeout(() => {
        over();
        resolve(null);
      }, msMax);
      this.#waiting = {
        hear: (word, said) => {
          const picked = pick(word, said);
          if (picked === null) return false;
          over();
          resolve(picked);
          return true;
        },
        fail: (error) => {
          over();
          reject(error);
        },
      };
    });
  }

  #heard(word: SessionWord, said: Fields): void {
    const isAwaited = this.#waiting?.hear(word, said) === true;
    if (!isAwaited && word === "invited") this.relay.say("declined", { market: textIn(said, "market"), code: "AWAY" });
  }

  #end(): void {
    const error = new Error("disconnected");
    this.#over.abort(error);
    this.#waiting?.fail(error);
  }
}
