import { bytes32 } from "#src/core/bytes";
import { Random } from "../../crash/random.ts";
import { Chain } from "../chain/chain.ts";
import { checkEnd, checkLeases, isSettled, whatIsOpen } from "../check/check-end.ts";
import { LaneWatch } from "../check/lane-watch.ts";
import { watchMoney } from "../check/watch-money.ts";
import { Database, type Transaction } from "../database/database.ts";
import type { CutRecord } from "../database/tables.ts";
import { restoreAll } from "../link/seam.ts";
import type { Mutation } from "../mutations/mutation.ts";
import { Scheduler } from "../time/scheduler.ts";
import { follow } from "../time/virtual-timers.ts";
import { AttestorNode } from "./attestor-node.ts";
import { stir } from "./chaos.ts";
import { Contributor } from "./contributor.ts";
import { randomBytesOf, sha256, signerOf, verify } from "./crypto.ts";
import { Journal } from "./journal.ts";
import { leaseMsMax, settleMs } from "./market-spec.ts";
import { ApiNode, textOf } from "./node.ts";
import type { World } from "./parts.ts";
import { Requester } from "./requester.ts";
import { Trace } from "./trace.ts";
import { clearUp, weatherOf } from "./weather.ts";

export interface SeedResult {
  readonly seed: number;
  /** Null where all held. */
  readonly violation: string | null;
  readonly trace: readonly string[];
  readonly acknowledged: number;
  readonly entries: number;
  readonly commits: number;
  readonly events: number;
  readonly simulatedMs: number;
}

/** For the sweeper of whichever process comes first. */
const sweepGraceMs = 6_000;
const startMs = 1_750_000_000_000;
/** For whatever has to end by itself, once everything works again. */
const endMsMax = 400_000;
const eventsMax = 3_000_000;

export interface RunOptions {
  readonly mutation: Mutation | null;
  readonly onLine?: (line: string) => void;
}

/** One life of a network, from an empty database to the last refund, as its seed has it. */
export async function runSeed(seed: number, { mutation, onLine }: RunOptions): Promise<SeedResult> {
  const scheduler = new Scheduler(startMs);
  follow(scheduler);
  const run = new Run(seed, scheduler, mutation);
  if (onLine !== undefined) run.world.trace.onLine = onLine;
  restoreAll();
  mutation?.plant(run.world);
  try {
    return await run.whole();
  } finally {
    restoreAll();
  }
}

class Run {
  readonly world: World;
  readonly nodes: readonly ApiNode[];
  readonly attestors: readonly AttestorNode[];
  readonly requesters: readonly Requester[];
  readonly contributors: readonly Contributor[];
  readonly journal = new Journal();
  readonly watch: LaneWatch;
  readonly signer: Uint8Array;

  constructor(seed: number, scheduler: Scheduler, mutation: Mutation | null) {
    const random = new Random(seed);
    const trace = new Trace(scheduler);
    const database = new Database(scheduler, { flushMs: () => 0.5 + 4 * random.next(), isFlushLate: false });
    const signers = [0, 1, 2].map(() => signerOf(random));
    const operator = bytes32(randomBytesOf(random, 32));
    const keys = signers.map(({ publicKey }) => publicKey);
    const chain = new Chain({
      scheduler,
      hash: sha256,
      verify,
      operator,
      attestors: { threshold: 2, keys },
      refundDelaySeconds: settleMs / 1_000,
    });
    this.world = { seed, random, scheduler, database, chain, weather: weatherOf(random), trace, isEnding: false };
    const signer = signerOf(random);
    this.signer = signer.publicKey;
    const planted = mutation?.parts ?? {};
    this.nodes = Array.from(
      { length: random.between(2, 3) },
      (_, place) => new ApiNode(this.world, { place, signer, operator, planted }),
    );
    this.attestors = signers.map((each, place) => new AttestorNode(this.world, place, each, this.nodes));
    for (const each of this.attestors) each.meet(this.attestors);
    const many = <T>(count: number, make: (place: number) => T): T[] =>
      Array.from({ length: count }, (_, i) => make(i));
    this.requesters = many(random.between(1, 2), (i) => new Requester(this.world, this.nodes, this.journal, i));
    this.contributors = many(random.between(3, 7), (i) => new Contributor(this.world, this.nodes, this.journal, i));
    this.watch = new LaneWatch(database, trace);
    database.onCommit = (writes) => {
      this.watch.see(writes);
      sayCuts(this.world, writes);
      watchMoney(this.world, writes);
    };
  }

  async whole(): Promise<SeedResult> {
    const { seed, scheduler, trace, chain } = this.world;
    let isDone = false;
    this.#live().then(
      () => {
        isDone = true;
      },
      (error: unknown) => trace.fail("simulator", `${String(error)} ${(error as Error).stack}`),
    );
    await scheduler.runUntil(() => isDone || trace.violation !== null || this.#isStuck());
    if (!isDone && trace.violation === null) trace.fail("simulator", "nothing is left to happen");
    return {
      seed,
      violation: trace.violation?.message ?? null,
      trace: trace.lines,
      acknowledged: this.journal.submissions.length,
      entries: [...this.watch.lanes.values()].reduce((sum, { entries }) => sum + entries.length, 0),
      commits: chain.landed.length,
      events: scheduler.events,
      simulatedMs: Math.round(scheduler.nowMs - startMs),
    };
  }

  #isStuck(): boolean {
    const { scheduler, trace } = this.world;
    if (scheduler.events < eventsMax) return false;
    trace.fail("simulator", `${eventsMax} events, and no end: ${whatIsOpen(this)}`);
    return true;
  }

  async #live(): Promise<void> {
    const { world, nodes, attestors, contributors, requesters } = this;
    const { random, scheduler, weather, trace } = world;
    for (const node of nodes) node.start();
    for (const attestor of attestors) attestor.start();
    stir(world, nodes, attestors);
    const open = requesters.flatMap((each) => each.open);
    const launch = async (requester: Requester, i: number): Promise<void> => {
      for (let place = 0; place < random.between(1, 2); place++) {
        await requester.launch(10 * i + place);
        open.push(...requester.open.slice(-1));
      }
      await requester.watch(contributors);
    };
    const launches = requesters.map((each, i) => this.#lives(each.name, launch(each, i)));
    const work = contributors.map((each) => this.#lives(each.name, each.work(open)));
    await scheduler.sleep(random.between(12_000, 50_000));
    world.isEnding = true;
    clearUp(weather);
    trace.say("simulator", "everything works again");
    await this.#within(120_000, "people do not come to an end", Promise.all([...launches, ...work]));
    await this.#within(120_000, "people cannot leave", Promise.all(contributors.map((each) => each.leave(open))));
    await scheduler.sleep(leaseMsMax + sweepGraceMs);
    checkLeases(this, sweepGraceMs);
    await this.#within(120_000, "markets cannot be closed", Promise.all(requesters.map((each) => each.end())));
    for (const untilMs = scheduler.nowMs + endMsMax; !isSettled(this); await scheduler.sleep(1_000)) {
      if (scheduler.nowMs > untilMs) return trace.fail("simulator", `not everything ends: ${whatIsOpen(this)}`);
    }
    await checkEnd(this);
  }

  /** What nobody expects ends the run at once. */
  async #lives(who: string, life: Promise<void>): Promise<void> {
    try {
      await life;
    } catch (error) {
      this.world.trace.fail(who, `gives up: ${textOf(error)}`);
    }
  }

  async #within(ms: number, what: string, work: Promise<unknown>): Promise<void> {
    const { scheduler, trace } = this.world;
    const cancel = scheduler.after(ms, () => trace.fail("simulator", what));
    await work;
    cancel();
  }
}

/** Who folds what others cut needs to know when. */
function sayCuts({ database, trace }: World, writes: Transaction["writes"]): void {
  const cuts = writes.get(database.tables.cuts) as ReadonlyMap<string, CutRecord | null> | undefined;
  for (const [key, cut] of cuts ?? []) trace.say("database", `lane ${key} is cut at ${cut?.size} by ${cut?.epoch}`);
}

export type Ran = Pick<Run, "world" | "nodes" | "journal" | "watch" | "signer" | "requesters" | "contributors">;
