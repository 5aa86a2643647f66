import { setTimeout as sleep } from "node:timers/promises";
import { Contributor, type Work } from "#src/client/contributor";
import { isApiError } from "#src/client/errors";
import type { Signer } from "#src/client/keys";
import type { Offer, Turn } from "#src/contract/work";
import { toHex } from "#src/core/bytes";
import { parseSlot } from "#src/core/slot";
import { bodyHashOf } from "#src/core/statements";
import { sha256 } from "#src/main/crypto";
import { type Fleet, fleetUrl } from "./fleet.ts";
import type { Journal } from "./journal.ts";
import { insist } from "./patience.ts";
import type { Random } from "./random.ts";
import { choices } from "./requester.ts";

export interface CrowdOptions {
  readonly fleet: Fleet;
  readonly markets: readonly string[];
  readonly journal: Journal;
  readonly random: Random;
  /** Everything ends at once. */
  readonly signal: AbortSignal;
}

interface Answer {
  readonly slot: string;
  readonly body: { readonly answer: string };
}

/** Refusals to give work that pass: there is none now, or the session's own process was asked too early. */
const noWork = ["WORK_NOT_FOUND", "BUDGET_EXCEEDED", "ESCROW_INSUFFICIENT", "LIMIT_EXCEEDED", "MARKET_STATE"];

/** So often in a row there must be no work before a contributor goes home, and the pause between. */
const emptyHandedMax = 3;
const thinkMsMax = 60;

/** So many of the contributors work as agents do. */
const checkpointedShare = 0.4;

/** One contributor at work: takes slots, answers, sends until acknowledged, and writes down what was acknowledged. */
export class Worker {
  readonly contributor: Contributor;
  readonly #options: CrowdOptions;
  readonly #random: Random;
  /** The share of its answers that are right. */
  readonly #skill: number;
  readonly #wallet: Signer;
  /** Sends answers by its session's token, and signs for them later. */
  readonly #isCheckpointed: boolean;

  constructor(options: CrowdOptions, wallet: Signer) {
    this.#options = options;
    this.#random = options.random.fork();
    this.#skill = this.#random.chance(0.15) ? 0.5 : 0.9;
    this.#wallet = wallet;
    this.#isCheckpointed = this.#random.chance(checkpointedShare);
    this.contributor = this.#start();
  }

  #start(): Contributor {
    const connection = { server: fleetUrl, fetch: this.#options.fleet.fetch };
    const isCheckpointed = this.#isCheckpointed;
    return new Contributor({ ...connection, signer: this.#wallet, automated: false, retriesMax: 40, isCheckpointed });
  }

  /** For whatever came by its session's token alone: until then what it earned is held. */
  async signForAll(): Promise<void> {
    const { journal, signal, markets } = this.#options;
    for (const market of this.#isCheckpointed ? markets : []) {
      await insist(journal, signal, () => this.contributor.cover(market));
    }
  }

  /** Works until stopped; with `untilDone`, until there is nothing left to do. */
  async work(stopping: AbortSignal, untilDone: boolean): Promise<void> {
    let emptyHanded = 0;
    while (!stopping.aborted && !(untilDone && emptyHanded >= emptyHandedMax)) {
      const market = this.#random.pick(this.#options.markets);
      const offers = await this.#take(market);
      emptyHanded = offers.length === 0 ? emptyHanded + 1 : 0;
      if (offers.length === 0) await this.#pause(200);
      else await this.#answerAll(market, offers, stopping);
    }
  }

  /**
   * Sends again what was acknowledged before: a retry that comes late must get the same, also from a client that has
   * started anew and knows the wallet and the answers alone.
   */
  async resend(market: string, answers: readonly Answer[]): Promise<Turn> {
    const { journal, signal } = this.#options;
    const restarted = this.#start();
    return await insist(journal, signal, () => restarted.submit(market, answers));
  }

  async #take(market: string): Promise<readonly Offer[]> {
    const { journal, signal } = this.#options;
    const count = this.#random.chance(0.3) ? this.#random.between(2, 5) : 1;
    try {
      return await insist(journal, signal, () => this.contributor.assign(market, { count }));
    } catch (error) {
      if (!isApiError(error, ...noWork)) this.#refusal("assign", error);
      return [];
    }
  }

  async #answerAll(market: string, first: readonly Offer[], stopping: AbortSignal): Promise<void> {
    let offers = first;
    while (offers.length > 0) {
      await this.#pause(thinkMsMax);
      const answers = offers.map((offer) => ({ slot: offer.slot, body: { answer: this.#answerOf(offer) } }));
      const next = stopping.aborted || this.#random.chance(0.2) ? 0 : offers.length;
      const turn = await this.#send(market, answers, next);
      if (turn === null) return;
      await this.#maybeAppeal(market, turn);
      offers = turn.offers;
    }
  }

  #answerOf({ task }: Offer): string {
    const { truth } = task.content as { readonly truth: string };
    return this.#random.chance(this.#skill) ? truth : (choices.find((each) => each !== truth) as string);
  }

  async #send(market: string, answers: readonly Answer[], next: number): Promise<Turn | null> {
    const { journal, signal } = this.#options;
    try {
      const turn = await insist(journal, signal, () => this.contributor.turn(market, answers, next));
      await this.#writeDown(market, answers, turn);
      return turn;
    } catch (error) {
      if (!isApiError(error)) throw error;
      for (const answer of answers) {
        const { task } = parseSlot(answer.slot);
        const bodyHash = await this.#hashOf(market, answer);
        journal.refused.push({ market, contributor: this.contributor.address, task, bodyHash, code: error.code });
      }
      return null;
    }
  }

  async #writeDown(market: string, answers: readonly Answer[], { submissions, acknowledgement }: Turn): Promise<void> {
    const contributor = this.contributor.address;
    if (this.#isCheckpointed) this.#options.journal.checkpointed += submissions.length;
    for (const [i, submission] of submissions.entries()) {
      const { answer } = (answers[i] as Answer).body;
      const bodyHash = await this.#hashOf(market, { slot: submission.slot, body: { answer } });
      this.#options.journal.acknowledge({ ...submission, market, contributor, answer, bodyHash, acknowledgement });
    }
  }

  /** Of the body as it was sent: with the salt of its slot. */
  async #hashOf(market: string, answer: Answer): Promise<string> {
    const [sent] = await this.contributor.salted(market, [answer]);
    return toHex(bodyHashOf(sha256, (sent as Work).body));
  }

  /** Some take a rejection to a panel. */
  async #maybeAppeal(market: string, { submissions }: Turn): Promise<void> {
    const { journal, signal } = this.#options;
    for (const { slot, state } of submissions) {
      if (state !== "appealable" || !this.#random.chance(0.3)) continue;
      const idempotencyKey = crypto.randomUUID();
      try {
        await insist(journal, signal, () => this.contributor.appeal(market, slot, { idempotencyKey }));
        journal.appealed.add(`${market} ${slot}`);
      } catch (error) {
        this.#refusal("appeal", error);
      }
    }
  }

  /** Refusals by the rules are none of our business here; anything else ends the test. */
  #refusal(what: string, error: unknown): void {
    if (!isApiError(error)) throw error;
    if (error.status >= 500) this.#options.journal.fail(`${what}: ${error.code} ${error.message}`);
  }

  #pause(msMax: number): Promise<void> {
    return sleep(this.#random.between(0, msMax), undefined, { signal: this.#options.signal });
  }
}
