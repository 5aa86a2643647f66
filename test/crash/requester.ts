import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { PendingDeposits, payInOnce } from "#src/cli/chain/pending-deposits";
import { Earnest } from "#src/client/earnest";
import { isApiError } from "#src/client/errors";
import { generateSigner, type Signer, signerFromSeed } from "#src/client/keys";
import { signIn } from "#src/client/session";
import { Transport } from "#src/client/transport";
import type { NewMarket } from "#src/contract/markets";
import type { Network } from "#src/contract/network";
import { type Amount, amount } from "#src/core/amount";
import { type Bytes32, bytes32, fromHex } from "#src/core/bytes";
import { isEarnestError } from "#src/core/errors";
import { marketId } from "#src/core/market-id";
import { keptSeed, openDataFolder } from "#src/main/folder";
import { ensureMarket } from "#src/rails/solana/escrow/markets";
import { ensureSol, mintTo, signerFromSecret } from "#src/rails/solana/tokens";
import { type Chain, openChain } from "./chain.ts";
import { type Fleet, fleetUrl } from "./fleet.ts";
import type { Journal } from "./journal.ts";
import { insist } from "./patience.ts";
import type { Random } from "./random.ts";

export const choices = ["a", "b"] as const;
export const leaseSeconds = 6;

const description: NewMarket = {
  title: "Crash test",
  answer: { choices: [...choices] },
  reward: "0.02",
  overlap: { min: 3, max: 5, target: 0.9 },
  leaseSeconds,
  appeal: { windowSeconds: 3, panel: 3, budget: "20" },
};

const depositTokens = 5_000n * 1_000_000n;
const topUpTokens = 3n * 1_000_000n;
const walletLamports = 1_000_000_000n;
/** Tasks that nobody has begun yet, about. */
const supply = 150;
const tasksAtOnce = 40;
const controlEvery = 10;

type KeyPair = Awaited<ReturnType<typeof signerFromSecret>>;

export interface RequesterOptions {
  readonly dataFolder: string;
  readonly fleet: Fleet;
  readonly journal: Journal;
  readonly random: Random;
  readonly signal: AbortSignal;
}

/** Whoever pays: opens markets with money in them, and keeps them in tasks while everything around it is killed. */
export class Requester {
  readonly client: Earnest;
  readonly markets: string[] = [];
  readonly network: Network;
  readonly wallet: KeyPair;
  readonly #options: RequesterOptions;
  #numbers = 0;

  private constructor(options: RequesterOptions, client: Earnest, network: Network, wallet: KeyPair) {
    this.#options = options;
    this.client = client;
    this.network = network;
    this.wallet = wallet;
  }

  static async create(options: RequesterOptions): Promise<Requester> {
    const seed = crypto.getRandomValues(new Uint8Array(32));
    const connection = { server: fleetUrl, fetch: options.fleet.fetch };
    const wallet: Signer = await signerFromSeed(seed);
    const { token } = await signIn(new Transport(connection), wallet);
    const client = new Earnest({ ...connection, apiKey: token, retriesMax: 40 });
    return new Requester(options, client, await client.network(), await signerFromSecret(seed));
  }

  async openMarket(): Promise<void> {
    const { journal } = this.#options;
    const { id } = await this.client.markets.create(description);
    journal.tasks.set(id, new Set());
    await this.#fund(id, amount(depositTokens));
    await this.client.markets.open(id);
    this.markets.push(id);
    await this.#addTasks(id);
  }

  /** Until stopped: tasks where they run out, now and then a bonus, and more money. */
  async keepGoing(stopping: AbortSignal): Promise<void> {
    const { random } = this.#options;
    const rounds = async (work: () => Promise<void>, pauseMs: number): Promise<void> => {
      while (!stopping.aborted) {
        await work();
        await sleep(pauseMs);
      }
    };
    await Promise.all([
      ...this.markets.map((market) => rounds(() => this.#supply(market), 100)),
      // Many, since only those count that are on their way when something is killed.
      rounds(() => this.#payBonus(random.pick(this.markets)), 20),
      rounds(() => this.#topUp(random.pick(this.markets)), 1_500),
    ]);
  }

  async #supply(market: string): Promise<void> {
    const { journal, signal } = this.#options;
    const { taskCount, answers } = await insist(journal, signal, () => this.client.markets.get(market));
    if (taskCount - answers / 3 < supply) await this.#addTasks(market);
  }

  async #addTasks(market: string): Promise<void> {
    const { journal, random, signal } = this.#options;
    const tasks = Array.from({ length: tasksAtOnce }, (_, i) => {
      const truth = random.pick(choices);
      const id = `task-${++this.#numbers}`;
      return { id, content: { truth }, ...(i % controlEvery === 3 && { control: truth }) };
    });
    const idempotencyKey = crypto.randomUUID();
    const made = await this.#expected("addTasks", () =>
      insist(journal, signal, () => this.client.markets.addTasks(market, tasks, { idempotencyKey })),
    );
    if (made) for (const { id } of tasks) journal.tasks.get(market)?.add(id);
  }

  /** To somebody who worked in the market: a lane knows nobody else. */
  async #payBonus(market: string): Promise<void> {
    const { journal, random, signal } = this.#options;
    const known = [...journal.acknowledged.values()].filter((each) => each.market === market).slice(-100);
    if (known.length === 0) return;
    const { contributor } = random.pick(known);
    const bonus = { contributor, amount: "0.001", note: `bonus-${++this.#numbers}` };
    const idempotencyKey = crypto.randomUUID();
    const paid = await this.#expected("payBonus", () =>
      insist(journal, signal, () => this.client.markets.payBonus(market, bonus, { idempotencyKey })),
    );
    if (paid) journal.bonuses.push({ market, ...bonus });
  }

  async #topUp(market: string): Promise<void> {
    await this.#fund(market, amount(topUpTokens));
  }

  /** Buys test tokens from the operator, pays them into the market's account, and has them credited. */
  async #fund(market: string, value: Amount): Promise<void> {
    const { journal, signal } = this.#options;
    const { specHash } = await insist(journal, signal, () => this.client.markets.get(market));
    const signature = await this.#untilChain(() => this.#deposit(market, bytes32(fromHex(specHash)), value));
    const idempotencyKey = crypto.randomUUID();
    const credited = await this.#expected("fundMarket", () =>
      insist(journal, signal, () => this.client.markets.fund(market, signature, { idempotencyKey })),
    );
    if (credited) journal.deposited.set(market, (journal.deposited.get(market) ?? 0n) + value);
  }

  /** Goes on where an earlier try stopped: what was signed is on the disk before it is sent. */
  async #deposit(market: string, specHash: Bytes32, value: Amount): Promise<string> {
    const { dataFolder } = this.#options;
    const { wallet, network } = this;
    const chain = await this.openChain();
    const { client, escrow, at } = chain;
    const operator = await signerFromSecret(await keptSeed(await openDataFolder(dataFolder), "operator"));
    await ensureSol(client, wallet.address, walletLamports);
    const { mint: address, decimals } = network;
    await mintTo(client, operator, { address, decimals }, wallet.address, value);
    const account = await ensureMarket(escrow, at, { requester: wallet, id: marketId(market), specHash });
    const place = { cluster: network.cluster, account };
    const pending = await PendingDeposits.open(join(dataFolder, "requester"), place);
    try {
      const signature = await payInOnce(escrow, at, { market: account, owner: wallet, amount: value }, pending);
      await pending.remove(value);
      return signature;
    } finally {
      pending.close();
    }
  }

  openChain(): Promise<Chain> {
    return openChain(this.#options.fleet.rpcUrl ?? "http://127.0.0.1:1", this.network, this.wallet);
  }

  /** The local chain belongs to a process that is killed now and then. */
  async #untilChain<T>(work: () => Promise<T>): Promise<T> {
    const { journal, signal } = this.#options;
    for (;;) {
      signal.throwIfAborted();
      try {
        return await work();
      } catch (error) {
        if (!isEarnestError(error, "CHAIN_UNAVAILABLE")) throw error;
        journal.retries++;
        await sleep(50, undefined, { signal });
      }
    }
  }

  /** A refusal of what must succeed is a failure: a retry of something that was done, for instance. */
  async #expected(what: string, work: () => Promise<unknown>): Promise<boolean> {
    try {
      await work();
      return true;
    } catch (error) {
      if (!isApiError(error)) throw error;
      this.#options.journal.fail(`${what} was refused: ${error.code} ${error.message}`);
      return false;
    }
  }
}

/** Contributors' keys, made anew for each run. */
export const newWallets = (count: number): Promise<Signer[]> =>
  Promise.all(Array.from({ length: count }, () => generateSigner()));
