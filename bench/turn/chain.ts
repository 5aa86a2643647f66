import { setTimeout as sleep } from "node:timers/promises";
import type { Coverage } from "#src/contract/coverage";
import { type Bytes32, bytes32, fromHex, toBase58, toBase64, toHex, zero32 } from "#src/core/bytes";
import type { MarketId } from "#src/core/market-id";
import type { Slot } from "#src/core/slot";
import { coverageStatement, runningHash } from "#src/core/statements";
import { sha256 } from "#src/main/crypto";
import type { LoadConnection } from "../load/connection.ts";
import type { LoadKey } from "../load/keys.ts";

/** A checkpoint comes with at least so many submissions; a hundred may wait for one. */
const checkpointAt = 60;
const retryMs = 200;

export type Hashed = Slot & { readonly body: Bytes32 };

/** What a session brings by its token, in the order of the log: it has one request on its way at a time. */
export class Chain {
  readonly #on: LoadConnection;
  readonly #market: MarketId;
  readonly #token: string;
  readonly #key: LoadKey;
  #count = 0;
  #running = zero32;
  #uncovered: Hashed[] = [];

  constructor(on: LoadConnection, market: MarketId, token: string, key: LoadKey) {
    this.#on = on;
    this.#market = market;
    this.#token = token;
    this.#key = key;
  }

  /** From where an earlier round ended. */
  async goOn(): Promise<void> {
    const reply = await this.#asked("GET");
    const { sessions } = JSON.parse(reply) as Coverage;
    const own = sessions.find(({ session }) => session === toBase58(this.#key.publicKey));
    if (own === undefined) return;
    this.#count = own.count;
    this.#running = bytes32(fromHex(own.running));
  }

  async took(submissions: readonly Hashed[]): Promise<void> {
    this.#uncovered.push(...submissions);
    if (this.#uncovered.length >= checkpointAt) await this.cover();
  }

  async cover(): Promise<void> {
    if (this.#uncovered.length === 0) return;
    const session = this.#key.publicKey;
    const count = this.#count + this.#uncovered.length;
    const running = runningHash(sha256, this.#running, this.#uncovered);
    const signature = this.#key.sign(coverageStatement({ market: this.#market, lane: 0, session, count, running }));
    const shown = { session: toBase58(session), count, running: toHex(running), signature: toBase64(signature) };
    await this.#asked("POST", JSON.stringify(shown));
    this.#count = count;
    this.#running = running;
    this.#uncovered = [];
  }

  /** However busy the server is. */
  async #asked(method: "GET" | "POST", body = ""): Promise<string> {
    for (;;) {
      const reply = await this.#on.ask(method, `/v1/markets/${this.#market}/coverage`, body, this.#token);
      if (reply.status === 200 || reply.status === 204) return reply.body;
      if (reply.status !== 429) throw new Error(`${reply.status} ${reply.body}`);
      await sleep(retryMs);
    }
  }
}
