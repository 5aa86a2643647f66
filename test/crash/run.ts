import { setMaxListeners } from "node:events";
import { chmod, mkdtemp, readFile, realpath, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { formatAmount } from "#src/core/amount";
import { keptSeed, openDataFolder } from "#src/main/folder";
import { signerFromSecret } from "#src/rails/solana/tokens";
import { startEmbedded } from "#src/store/embedded";
import { createPool, type Pool } from "#src/store/pool";
import { ApiProcess } from "./api-process.ts";
import { type ChainTotals, checkChain, untilSettled } from "./check-chain.ts";
import { checkAcknowledged, checkBonuses, checkConverged, decimals, type Kept } from "./check-clients.ts";
import { checkBalances, checkBooks, checkTasks, paidTwiceByTask, verdictsOf } from "./check-database.ts";
import { replayMarket } from "./check-log.ts";
import { Worker } from "./crowd.ts";
import { Fleet } from "./fleet.ts";
import { Journal } from "./journal.ts";
import { type KillKind, killAll } from "./kills.ts";
import type { CrashOptions } from "./options.ts";
import { freePorts } from "./ports.ts";
import { killPostgres, postgresLeft } from "./postgres.ts";
import { Progress } from "./progress.ts";
import { Random } from "./random.ts";
import { newWallets, Requester } from "./requester.ts";

export interface CrashReport {
  readonly ok: boolean;
  readonly kills: number;
  readonly acknowledged: number;
  /** Acknowledgements of answers that came by their session's token, to be signed for later. */
  readonly checkpointed: number;
  /** Null where the test did not come so far: `failures` says why. */
  readonly lost: number | null;
  readonly paidTwice: number | null;
  readonly seed: number;
  readonly processes: number;
  readonly seconds: number;
  readonly kinds: Readonly<Record<KillKind, number>>;
  readonly retries: number;
  readonly replayedEntries: number;
  readonly chainTotal: string;
  readonly ledgerTotal: string;
  /** That landed on chain. */
  readonly commits: number;
  readonly failures: readonly string[];
}

const people = 24;
const marketsOpened = 2;
const startMsMax = 120_000;
/** The longest part of it on a slow machine is what ends the load. */
const silentMsMax = 240_000;
const portsPerProcess = 20;
/** Late retries made of each contributor at the end. */
const resentPerMarket = 40;

const program = join(import.meta.dirname, "..", "..", "main", "earnest.js");

/** One run: everything it starts and makes is gone afterwards, whatever happened. */
export async function runCrashTest(options: CrashOptions, interrupted: AbortSignal): Promise<CrashReport> {
  const startedMs = performance.now();
  const folder = await realpath(await mkdtemp(join(tmpdir(), "earnest crash ")));
  // PostgreSQL may run as another account, which must be able to pass through.
  await chmod(folder, 0o755);
  const test = new CrashTest(options, folder, interrupted);
  try {
    const figures = await test.run().catch(async (error: unknown) => {
      if (interrupted.aborted) throw error;
      test.journal.fail(error instanceof Error ? (error.stack ?? error.message) : String(error));
      await test.checkLogs();
      const { acknowledged, checkpointed, retries } = test.journal;
      return { ...nothingKnown, acknowledged: acknowledged.size, checkpointed, retries };
    });
    const { failures } = test.journal;
    const seconds = Math.round((performance.now() - startedMs) / 100) / 10;
    const ok = figures.lost === 0 && figures.paidTwice === 0 && failures.length === 0;
    const { kills, seed, processes } = options;
    return { ok, kills, ...figures, seed, processes, seconds, failures };
  } finally {
    await test.clean();
    if (options.keep) process.stderr.write(`kept: ${folder}\n`);
    else await rm(folder, { recursive: true, force: true, maxRetries: 5 });
  }
}

type Figures = Omit<CrashReport, "ok" | "kills" | "seed" | "processes" | "seconds" | "failures">;

const nothingKnown = {
  lost: null,
  paidTwice: null,
  kinds: { api: 0, postgres: 0 },
  replayedEntries: 0,
  chainTotal: "0",
  ledgerTotal: "0",
  commits: 0,
};

class CrashTest {
  readonly journal = new Journal();
  readonly #options: CrashOptions;
  readonly #folder: string;
  readonly #dataFolder: string;
  readonly #random: Random;
  readonly #progress: Progress;
  readonly #signal: AbortSignal;
  /** Begins anew whenever something went on. */
  readonly #awake: NodeJS.Timeout;
  /** Ends what still works in the background when the test has failed. */
  readonly #over = new AbortController();
  #processes: ApiProcess[] = [];

  constructor(options: CrashOptions, folder: string, interrupted: AbortSignal) {
    this.#options = options;
    this.#folder = folder;
    this.#dataFolder = join(folder, "data");
    this.#random = new Random(options.seed);
    this.#progress = new Progress(options.kills);
    // Whatever waits for something that never comes is a failure that says so. A busy machine only takes longer.
    const late = new AbortController();
    const hangs = new Error(`nothing went on for ${silentMsMax / 1000} s: something hangs`);
    this.#awake = setTimeout(() => late.abort(hangs), silentMsMax).unref();
    this.#signal = AbortSignal.any([interrupted, late.signal, this.#over.signal]);
    // Every request in flight listens to it.
    setMaxListeners(0, this.#signal);
  }

  async run(): Promise<Figures> {
    const { kills, seed, processes } = this.#options;
    this.#progress.say(`crash test: ${kills} kills, ${processes} API process(es), seed ${seed}`);
    const fleet = await this.#startFleet();
    const { journal } = this;
    const common = { fleet, journal, signal: this.#signal };
    const requester = await Requester.create({ ...common, dataFolder: this.#dataFolder, random: this.#random.fork() });
    for (let i = 0; i < marketsOpened; i++) await requester.openMarket();
    const { signer } = await requester.client.network();
    const wallets = await newWallets(people);
    const { markets } = requester;
    const workers = wallets.map((wallet) => new Worker({ ...common, markets, random: this.#random.fork() }, wallet));
    await Promise.all(workers.map((worker) => worker.contributor.signIn()));
    const kinds = await this.#killUnderLoad(fleet, requester, workers);
    const chain = await this.#afterwards(requester, workers);
    const checked = await this.#checkKept(requester, signer, chain.ledgerTotal);
    return {
      acknowledged: journal.acknowledged.size,
      checkpointed: journal.checkpointed,
      retries: journal.retries,
      kinds,
      ...checked,
      ...totals(chain, checked),
    };
  }

  async #startFleet(): Promise<Fleet> {
    const port = await freePorts(this.#options.processes * portsPerProcess);
    this.#processes = Array.from(
      { length: this.#options.processes },
      (_, i) =>
        new ApiProcess({
          program,
          dataFolder: this.#dataFolder,
          port: port + i * portsPerProcess,
          logPath: join(this.#folder, `api-${i + 1}.log`),
        }),
    );
    for (const each of this.#processes) {
      each.start();
      await this.#bounded(each.ready(startMsMax));
    }
    return new Fleet(this.#processes, this.#random.fork());
  }

  async #killUnderLoad(fleet: Fleet, requester: Requester, workers: readonly Worker[]) {
    const { journal } = this;
    const stopping = new AbortController();
    const load = Promise.all([
      requester.keepGoing(stopping.signal),
      ...workers.map((worker) => worker.work(stopping.signal, false)),
    ]);
    const kills = killAll({
      kills: this.#options.kills,
      dataFolder: this.#dataFolder,
      fleet,
      journal,
      random: this.#random.fork(),
      signal: this.#signal,
      onKill: (done) => {
        this.#awake.refresh();
        this.#progress.kills(done, journal.acknowledged.size, journal.retries);
      },
    });
    // The load ends only when it fails, or is told to.
    const kinds = await this.#bounded(Promise.race([kills, load.then(() => kills)]));
    this.#progress.say("finishing what is in flight");
    stopping.abort();
    await this.#bounded(load);
    await this.#bounded(Promise.all(workers.map((worker) => worker.work(new AbortController().signal, true))));
    await this.#bounded(Promise.all(workers.map((worker) => worker.signForAll())));
    return kinds;
  }

  /** A clean end, a clean start, late retries, settlement, a clean end. */
  async #afterwards(requester: Requester, workers: readonly Worker[]): Promise<ChainTotals> {
    await this.#stopCleanly();
    for (const each of this.#processes) {
      each.start();
      await this.#bounded(each.ready(startMsMax));
    }
    await this.#bounded(this.#retryLate(workers));
    this.#progress.say("settling");
    const chain = await this.#withDatabase(async (pool) => {
      await untilSettled(pool, this.#signal);
      const folder = await openDataFolder(this.#dataFolder);
      const { address: operator } = await signerFromSecret(await keptSeed(folder, "operator"));
      const { journal } = this;
      const opened = await requester.openChain();
      return await checkChain(pool, { ...opened, operator, requester: requester.wallet.address, journal });
    });
    await this.#stopCleanly();
    for (const { surprises } of this.#processes) for (const surprise of surprises) this.journal.fail(surprise);
    await this.checkLogs();
    return chain;
  }

  /** The last answers of everybody once more: the same verdicts must come back. */
  async #retryLate(workers: readonly Worker[]): Promise<void> {
    const { journal } = this;
    for (const { contributor, ...worker } of workers.map((each) => ({
      contributor: each.contributor,
      resend: each.resend.bind(each),
    }))) {
      const own = [...journal.acknowledged.values()].filter((each) => each.contributor === contributor.address);
      for (const market of new Set(own.map((each) => each.market))) {
        const last = own.filter((each) => each.market === market).slice(-resentPerMarket);
        const answers = last.map(({ slot, answer }) => ({ slot, body: { answer } }));
        try {
          const { submissions, acknowledgement } = await worker.resend(market, answers);
          for (const [i, submission] of submissions.entries()) {
            const before = last[i] as (typeof last)[number];
            if (submission.slot !== before.slot)
              journal.fail(`a late retry of ${before.slot} came to ${submission.slot}`);
            journal.acknowledge({ ...before, ...submission, acknowledgement });
          }
        } catch (error) {
          this.#signal.throwIfAborted();
          journal.fail(`a late retry of ${last.length} answers was refused: ${String(error)}`);
        }
      }
    }
  }

  async #stopCleanly(): Promise<void> {
    for (const each of this.#processes) {
      const { code, signal } = await each.stop();
      if (code !== 0) this.journal.fail(`a clean stop ended with ${code ?? signal}\n${each.lastLines()}`);
    }
    const left = await postgresLeft(this.#dataFolder, 1_000);
    if (left.length > 0) this.journal.fail(`PostgreSQL goes on after a clean stop: ${left.join(", ")}`);
  }

  async #checkKept(requester: Requester, signer: string, ledgerTotal: bigint) {
    this.#progress.say("replaying the logs");
    const { journal } = this;
    const fail = (what: string): void => journal.fail(what);
    return await this.#withDatabase(async (pool) => {
      const kept = new Map<string, Kept>();
      for (const market of requester.markets) {
        const lane = await replayMarket(pool, market, this.#headsOf(market), fail);
        const verdicts = await verdictsOf(pool, lane);
        await checkBalances(pool, lane, verdicts, fail);
        await checkBooks(pool, lane, fail);
        await checkTasks(pool, lane, journal.tasks.get(market) ?? new Set(), fail);
        kept.set(market, { lane, verdicts });
      }
      const lost = await checkAcknowledged(journal, kept, signer);
      checkConverged(journal, kept);
      const paidTwice = (await paidTwiceByTask(pool)) + checkBonuses(journal, kept);
      const replayedEntries = [...kept.values()].reduce((sum, { lane }) => sum + lane.entries, 0);
      const replayed = [...kept.values()].reduce((sum, { lane }) => sum + earnedOf(lane.state.books), 0n);
      if (replayed !== ledgerTotal) fail(`${replayed} earned by replay, ${ledgerTotal} by the ledger`);
      return { lost, paidTwice, replayedEntries };
    });
  }

  #headsOf(market: string): ReadonlySet<number> {
    const all = [...this.journal.acknowledged.values(), ...this.journal.repeated];
    return new Set(
      all.filter((each) => each.market === market).map(({ acknowledgement }) => acknowledgement.head.sequence),
    );
  }

  async #withDatabase<T>(work: (pool: Pool) => Promise<T>): Promise<T> {
    const embedded = await startEmbedded({ folder: join(this.#dataFolder, "postgres"), log: () => undefined });
    const pool = createPool({ url: embedded.url, log: () => undefined, connectionsMax: 2 });
    try {
      return await work(pool);
    } finally {
      await pool.end();
      await embedded.stop();
    }
  }

  /** Whatever a server logs as an error is one that nobody foresaw. */
  async checkLogs(): Promise<void> {
    for (const [i] of this.#processes.entries()) {
      const text = await readFile(join(this.#folder, `api-${i + 1}.log`), "utf8");
      const errors = text.split("\n").filter((line) => line.startsWith('{"level":50'));
      for (const line of errors.slice(0, 3))
        this.journal.fail(`the API process ${i + 1} logged: ${line.slice(0, 600)}`);
    }
  }

  /** Ends the wait when the test is interrupted or takes too long. */
  async #bounded<T>(work: Promise<T>): Promise<T> {
    const signal = this.#signal;
    signal.throwIfAborted();
    this.#awake.refresh();
    const { promise, reject } = withReject<never>();
    const onAbort = (): void => reject(signal.reason);
    signal.addEventListener("abort", onAbort, { once: true });
    work.catch(() => undefined);
    try {
      return await Promise.race([work, promise]);
    } finally {
      signal.removeEventListener("abort", onAbort);
    }
  }

  /** Nothing of it stays behind. */
  async clean(): Promise<void> {
    this.#over.abort(new Error("the test is over"));
    await sleep(100);
    await Promise.all(this.#processes.map((each) => each.kill().catch(() => undefined)));
    for (let tries = 0; tries < 50 && killPostgres(this.#dataFolder) > 0; tries++) await sleep(20);
  }
}

function withReject<T>(): { promise: Promise<T>; reject: (reason: unknown) => void } {
  let reject: (reason: unknown) => void = () => undefined;
  const promise = new Promise<T>((_, no) => {
    reject = no;
  });
  return { promise, reject };
}

const earnedOf = ({ earned, bonus }: { readonly earned: bigint; readonly bonus: bigint }): bigint => earned + bonus;

const totals = (
  { chainTotal, ledgerTotal, overpaid, commits }: ChainTotals,
  checked: { readonly paidTwice: number },
) => ({
  chainTotal: formatAmount(chainTotal, decimals),
  ledgerTotal: formatAmount(ledgerTotal, decimals),
  commits,
  paidTwice: checked.paidTwice + overpaid,
});
