import { amount } from "#src/core/amount";
import { toBase58 } from "#src/core/bytes";
import { isEarnestError } from "#src/core/errors";
import type { EngineContext, EngineSettings, Signer } from "#src/engine/context";
import { createEngine } from "#src/engine/create-engine";
import type { Engine } from "#src/engine/engine";
import { createIdempotency, type IdempotencyStore } from "#src/engine/idempotency";
import { placeKeysInMemory } from "#src/engine/places/place-keys";
import { fillFirst } from "#src/market/propose";
import { noFurtherTokens } from "#src/rails/desk-fixture";
import type { Pool } from "#src/store/pool";
import { Random } from "../../crash/random.ts";
import { SimulatedRail } from "../chain/rail.ts";
import { SimulatedPool } from "../database/pool.ts";
import { models } from "../model/index.ts";
import { noSandbox, randomBytesOf, sha256, verify } from "./crypto.ts";
import type { World } from "./parts.ts";
import { wireIn } from "./weather.ts";

/** What a fault of the simulator's puts in the place of a part that a process is given. */
export interface Planted {
  readonly rail?: (rail: SimulatedRail) => void;
  readonly verify?: EngineContext["verify"];
}

interface Running {
  readonly engine: Engine;
  readonly keys: IdempotencyStore;
}

/** Answered by nobody: lost, late, or never sent. What was asked may have been done. */
export class Unanswered extends Error {
  override readonly name = "Unanswered";
}

export const domain = "earnest.test";
const patienceMs = 8_000;

/** An API process: the engine as it is, on parts that are simulated. */
export class ApiNode {
  readonly name: string;
  readonly #world: World;
  readonly #signer: Signer;
  readonly #settings: EngineSettings;
  readonly #skewMs: number;
  readonly #planted: Planted;
  #pool: SimulatedPool | null = null;
  #running: Running | null = null;
  /** Counts the starts: what an earlier one began goes nowhere. */
  #start = 0;

  constructor(world: World, parts: { place: number; signer: Signer; operator: Uint8Array; planted: Planted }) {
    this.name = `api ${parts.place}`;
    this.#world = world;
    this.#signer = parts.signer;
    this.#planted = parts.planted;
    const { random } = world;
    this.#skewMs = random.between(-40, 40);
    this.#settings = {
      feeBasisPoints: 200,
      operator: toBase58(parts.operator),
      domain,
      sweepMs: random.pick([500, 1_000, 2_000]),
      epochMs: random.pick([3_000, 7_000, 15_000]),
      signaturesMs: random.pick([500, 5_000]),
      sponsor: { dueMin: amount(0n), perDayMax: 1_000_000, lamportsMax: 10n ** 15n },
      withdrawals: { amountMin: amount(0n), perDayMax: 0, accountsMax: 0, lamportsPerDayMax: 0n },
      commandsPerBatchMax: random.pick([1, 3, 512]),
      entriesPerCheckpoint: random.pick([10, 40, 1_000]),
      entriesPerCheckpointMember: 0,
      entriesPerLastCheckpoint: 20,
      lanesCachedMax: random.pick([1, 64]),
    };
  }

  get isUp(): boolean {
    return this.#running !== null;
  }

  start(): void {
    this.#run(++this.#start).catch((error: unknown) => {
      this.#world.trace.fail(this.name, `does not start: ${textOf(error)}`);
    });
  }

  async #run(start: number): Promise<void> {
    const { scheduler, trace } = this.#world;
    for (;;) {
      // There is one process of it at a time.
      this.#pool?.kill();
      try {
        const context = this.#context(start);
        const running = { engine: await createEngine(context), keys: createIdempotency(context) };
        if (start !== this.#start) return;
        this.#running = running;
        trace.say(this.name, "is up");
        return;
      } catch (error) {
        if (!isEarnestError(error, "DATABASE_UNAVAILABLE")) trace.fail(this.name, `does not start: ${String(error)}`);
        await scheduler.sleep(500);
        if (start !== this.#start) return;
      }
    }
  }

  #context(start: number): EngineContext {
    const { random, database, weather, scheduler, chain, trace } = this.#world;
    const own = new Random(random.between(0, 2 ** 31));
    const pool = new SimulatedPool({ database, wire: wireIn(weather, own), models });
    this.#pool = pool;
    const rail = new SimulatedRail(chain, {
      random: own,
      isAlive: () => start === this.#start,
      delayMs: () => weather.delayMs(),
      get lossShare() {
        return weather.chainLoss;
      },
    });
    this.#planted.rail?.(rail);
    return {
      pool: pool as unknown as Pool,
      rail,
      tokens: noFurtherTokens,
      rules: { hash: sha256, propose: fillFirst },
      clock: () => Math.floor(scheduler.nowMs) + this.#skewMs,
      random: (length) => randomBytesOf(own, length),
      signer: this.#signer,
      verify: this.#planted.verify ?? ((...asked) => Promise.resolve(verify(...asked))),
      sandbox: noSandbox,
      placeKeys: placeKeysInMemory((length) => randomBytesOf(own, length)),
      webhooks: { refusal: () => null, send: () => Promise.resolve({ status: null, problem: "" }) },
      notices: { publicKey: new Uint8Array(65).fill(4), send: () => Promise.resolve("failed") },
      log: (message, fields = {}) => {
        trace.say(this.name, `${message} ${JSON.stringify(fields, bigintText)}`);
        if (/MISMATCH|has no model of/.test(JSON.stringify(fields, bigintText))) {
          trace.fail(this.name, `${message} ${JSON.stringify(fields, bigintText)}`);
        }
      },
      settings: this.#settings,
    };
  }

  kill(): void {
    this.#start++;
    this.#running = null;
    this.#pool?.kill();
    this.#world.trace.say(this.name, "dies");
  }

  /**
   * Asks over a network that loses messages, either way, and delays them.
   *
   * @throws Unanswered; what the engine refuses it with
   */
  call<T>(who: string, what: string, ask: (running: Running) => Promise<T>): Promise<T> {
    const { scheduler, weather, random, trace } = this.#world;
    const [isLost, isAnswerLost] = [random.chance(weather.messageLoss), random.chance(weather.messageLoss)];
    const start = this.#start;
    return new Promise((resolve, reject) => {
      const giveUp = scheduler.after(patienceMs, () => reject(new Unanswered(what)));
      const answer = (text: string, settle: () => void): void => {
        trace.say(this.name, `${who} ${what}: ${text}`);
        if (isAnswerLost || start !== this.#start) return;
        scheduler.after(weather.delayMs(), () => {
          giveUp();
          settle();
        });
      };
      const refuse = (error: unknown): void => {
        if (isBroken(error)) trace.fail(this.name, `${who} ${what}: ${textOf(error)}`);
        answer(textOf(error), () => reject(error));
      };
      scheduler.after(weather.delayMs(), () => {
        if (isLost) return;
        const running = start === this.#start ? this.#running : null;
        if (running === null) return answer("is down", () => reject(new Unanswered(what)));
        ask(running).then((value) => answer("done", () => resolve(value)), refuse);
      });
    });
  }
}

/** What nobody may ever be told: a fault that is not of the way. */
const isBroken = (error: unknown): boolean =>
  !(error instanceof Error && error.name === "KeyClaimed") && (!isEarnestError(error) || error.kind === "internal");

export const textOf = (error: unknown): string =>
  isEarnestError(error)
    ? `${error.code} ${error.message}`
    : error instanceof Error
      ? `${error.name}: ${error.message}\n${error.stack}`
      : String(error);

export const bigintText = (_: string, value: unknown): unknown => (typeof value === "bigint" ? `${value}` : value);
