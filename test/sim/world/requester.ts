import { amount } from "#src/core/amount";
import { type Bytes32, bytes32, toBase58 } from "#src/core/bytes";
import { isEarnestError } from "#src/core/errors";
import { jsonHash, tags } from "#src/core/hash";
import { type MarketId, marketId } from "#src/core/market-id";
import { type MarketSpec, specToJson } from "#src/market/spec";
import { randomBytesOf, sha256 } from "./crypto.ts";
import { insist, insistOnce, mayBeAskedAgain } from "./insist.ts";
import type { Journal } from "./journal.ts";
import { choices, specBy } from "./market-spec.ts";
import type { ApiNode } from "./node.ts";
import type { World } from "./parts.ts";

export interface OpenMarket {
  readonly market: MarketId;
  readonly spec: MarketSpec;
  /** What is right, by task. */
  readonly truth: (task: number) => string;
}

/** Opens markets, pays for them, watches over them, and ends them. */
export class Requester {
  readonly name: string;
  readonly owner: Bytes32;
  readonly #world: World;
  readonly #nodes: readonly ApiNode[];
  readonly #journal: Journal;
  readonly open: OpenMarket[] = [];
  #keys = 0;

  constructor(world: World, nodes: readonly ApiNode[], journal: Journal, place: number) {
    this.name = `requester ${place}`;
    this.owner = bytes32(randomBytesOf(world.random, 32));
    this.#world = world;
    this.#nodes = nodes;
    this.#journal = journal;
  }

  #key(what: string): string {
    return `${this.name} ${what} ${this.#keys++}`;
  }

  async launch(place: number): Promise<void> {
    const { random, chain } = this.#world;
    const spec = specBy(random, place);
    const refundTo = toBase58(this.owner);
    const market = await insistOnce(this.#world, this.#nodes, {
      who: this.name,
      what: "opens a market",
      key: this.#key("market"),
      work: async (engine, once) =>
        (await engine.createMarket(this.owner, { spec, refundTo, standing: false }, once)).market,
      again: (_, note) => marketId(note),
    });
    this.#journal.markets.push(market);
    const tasks = random.between(4, 30);
    const price = (spec.terms.reward * 102n) / 100n + 2n;
    const needed = price * BigInt(tasks * (spec.terms.overlap.max + 1));
    const deposit = needed + spec.appeal.budget + (spec.newcomer?.budget ?? 0n) + BigInt(random.between(0, 100_000));
    const specHash = jsonHash(sha256, tags.spec, specToJson(spec));
    await this.fund(market, chain.fund({ market, requester: refundTo, specHash }, amount(deposit)), deposit);
    await this.#change(market, "open");
    const salt = random.between(0, 1_000);
    const truth = (task: number): string => choices[(task * 7 + salt) % choices.length] as string;
    await this.#addTasks(market, tasks, truth);
    this.open.push({ market, spec, truth });
  }

  async fund(market: MarketId, signature: string, value: bigint): Promise<void> {
    // The deposit itself is what happens once: a repetition is refused.
    try {
      await insist(this.#world, this.#nodes, (node) =>
        node.call(this.name, "funds", async ({ engine }) => {
          await engine.fundMarket(this.owner, market, signature);
        }),
      );
    } catch (error) {
      if (!isEarnestError(error, "DEPOSIT_STATE")) throw error;
    }
    this.#journal.funded.set(market, (this.#journal.funded.get(market) ?? 0n) + value);
  }

  async #change(market: MarketId, action: "open" | "close"): Promise<void> {
    await insistOnce(this.#world, this.#nodes, {
      who: this.name,
      what: action,
      key: this.#key(action),
      work: async (engine, once) => void (await engine.changeStatus(this.owner, market, action, once)),
      again: () => undefined,
    });
  }

  async #addTasks(market: MarketId, count: number, truth: (task: number) => string): Promise<void> {
    const { random } = this.#world;
    for (let first = 0; first < count; ) {
      const size = Math.min(random.between(1, count), count - first);
      const tasks = Array.from({ length: size }, (_, i) => ({
        externalId: `task ${first + i}`,
        content: { question: `${first + i}?` },
        terms: null,
        control: random.chance(0.15) ? truth(first + i) : null,
      }));
      await insistOnce(this.#world, this.#nodes, {
        who: this.name,
        what: "adds tasks",
        key: this.#key("tasks"),
        work: async (engine, once) => void (await engine.addTasks(this.owner, market, tasks, once)),
        again: () => undefined,
      });
      first += size;
    }
  }

  /** Reviews, and a bonus now and then, until the end. */
  async watch(contributors: readonly { readonly key: Bytes32 | null }[]): Promise<void> {
    const { random, scheduler } = this.#world;
    while (!this.#world.isEnding) {
      await scheduler.sleep(random.between(500, 4_000));
      const open = random.pick(this.open);
      if (open === undefined) continue;
      try {
        if (random.chance(0.6)) await this.#review(open);
        else await this.#thank(open.market, contributors);
      } catch (error) {
        if (!isEarnestError(error) && !mayBeAskedAgain(error)) throw error;
      }
    }
  }

  async #review({ market, truth }: OpenMarket): Promise<void> {
    const node = this.#world.random.pick(this.#nodes);
    const waiting = await node.call(this.name, "reads reviews", ({ engine }) => engine.reviews(this.owner, market));
    for (const { slot, answer } of waiting.slice(0, 3)) {
      const isRight = answer === truth(slot.task);
      await node.call(this.name, "reviews", ({ engine }) => engine.review(this.owner, market, slot, isRight, "seen"));
    }
  }

  /** Two at once, without a key: nobody may do them twice, and nobody knows of those that were not answered. */
  async #thank(market: MarketId, contributors: readonly { readonly key: Bytes32 | null }[]): Promise<void> {
    const node = this.#world.random.pick(this.#nodes);
    const notes = [0, 1].map(() => this.#key("bonus"));
    await Promise.allSettled(
      notes.map(async (note) => {
        const { key } = this.#world.random.pick(contributors);
        if (key === null) return;
        this.#journal.bonuses.set(note, "asked");
        await node.call(this.name, "thanks", ({ engine }) =>
          engine.payBonus(this.owner, market, key, amount(3n), note),
        );
        this.#journal.bonuses.set(note, "confirmed");
      }),
    );
  }

  /** Ends its markets, here and on chain, where the refund comes from. */
  async end(): Promise<void> {
    const { chain } = this.#world;
    for (const { market } of this.open) {
      await this.#change(market, "close");
      chain.program.requestClose(chain.now, chain.accountOf({ market, requester: toBase58(this.owner) }));
    }
  }
}
