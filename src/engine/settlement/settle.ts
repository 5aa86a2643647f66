import { setTimeout as sleep } from "node:timers/promises";
import { equalBytes, zero32 } from "../../core/bytes.ts";
import { MerkleTree } from "../../core/merkle/tree.ts";
import type { PoolView } from "../../rails/rail.ts";
import { finishCommit, readCommit, readNewestOf } from "../../store/settlement/commits.ts";
import { whileSettling } from "../../store/settlement/settlement-lock.ts";
import { hashOf } from "../context.ts";
import type { Lanes } from "../lanes.ts";
import type { PoolContext } from "../pools.ts";
import { type Committed, loadCommitted, nothingCommitted } from "./committed.ts";
import { cutLanes } from "./cut.ts";
import { closeEnding, refundEnded } from "./ended.ts";
import { CutFold } from "./fold.ts";
import { land } from "./land.ts";
import { Payments } from "./pay.ts";
import { propose } from "./propose.ts";

/** A pool in which nothing happens is committed as often as this in its dead time, so that nobody takes it for dead. */
const heartbeatsPerDeadTime = 4;

const earlyMs = 200;

/**
 * From verdicts to wallets: cut, fold, propose, have signed, commit, claim, refund. Every step is durable before the next
 * one begins, so a crash between any two leaves work to go on with and nothing to pay twice; another process can take
 * over anywhere. What is kept in memory can be read again from database and chain.
 */
export class Settler {
  readonly #context: PoolContext;
  readonly #lanes: Lanes;
  readonly #stopping = new AbortController();
  #fold: CutFold;
  #payments: Payments;
  #committed: Committed | null = null;

  constructor(context: PoolContext, lanes: Lanes) {
    this.#context = context;
    this.#lanes = lanes;
    this.#fold = new CutFold(context);
    this.#payments = new Payments(context);
  }

  /** @throws where a lane could not be cut, after everybody else was paid */
  async once(): Promise<void> {
    await whileSettling(this.#context.pool, this.#context.poolNumber, async () => {
      try {
        await this.#settle();
      } catch (error) {
        this.#forget();
        throw error;
      }
    });
  }

  stop(): void {
    this.#stopping.abort();
  }

  /** What is in memory may be ahead of what is durable: read it again. */
  #forget(): void {
    this.#fold = new CutFold(this.#context);
    this.#payments = new Payments(this.#context);
    this.#committed = null;
  }

  async #settle(): Promise<void> {
    if (!(await this.#landProposed())) return;
    const chain = await this.#context.rail.readPool();
    await closeEnding(this.#context, this.#lanes, chain);
    const failures = await cutLanes(this.#context, this.#lanes);
    if (wantsCommit(chain) || (await this.#hasNewCuts(chain))) {
      await this.#propose(chain);
      if (!(await this.#landProposed())) return;
    }
    await this.#payDue();
    if (failures.length > 0) throw failures[0];
  }

  /** False where a message is under way that too few attestors have signed: then there is no other one yet. */
  async #landProposed(): Promise<boolean> {
    const { pool, poolNumber, log } = this.#context;
    const row = await readNewestOf(pool, "proposed", poolNumber);
    if (row === null) return true;
    const landing = await land(this.#context, row, this.#stopping.signal);
    if (landing === "committed") return true;
    log("a commit did not land", { why: landing });
    // The tree was brought up to a message that is none.
    this.#forget();
    return landing === "expired";
  }

  /** Also where whoever made them died before it could propose. */
  async #hasNewCuts(chain: PoolView): Promise<boolean> {
    await this.#fold.catchUp();
    const { lanes } = (await this.#last(chain)).leaves;
    const now = this.#fold.fold.lanes();
    return now.length !== lanes.length || now.some(({ size }, place) => size !== lanes[place]?.size);
  }

  async #propose(first: PoolView): Promise<void> {
    const signal = this.#stopping.signal;
    for (let chain = first; !signal.aborted; chain = await this.#context.rail.readPool()) {
      await this.#fold.catchUp();
      const before = await this.#last(chain);
      const proposed = await propose(this.#context, { fold: this.#fold.fold, before, chain });
      if (proposed.type === "taken") return this.#forget();
      if (proposed.type === "stored") {
        this.#committed = { ...proposed, payouts: before.payouts };
        return;
      }
      await sleep(earlyMs, undefined, { signal }).catch(() => undefined);
    }
  }

  async #last({ pool }: PoolView): Promise<Committed> {
    if (this.#committed !== null && equalBytes(this.#committed.digest, pool.digest)) return this.#committed;
    this.#fold = new CutFold(this.#context);
    await this.#fold.catchUp();
    if (equalBytes(pool.digest, zero32)) return nothingCommitted(zero32, new MerkleTree(hashOf(this.#context)));
    // Attestors may have brought it onto the chain themselves.
    const row = await readCommit(this.#context.pool, pool.digest);
    if (row !== null && row.state !== "committed") {
      const { clock, poolNumber } = this.#context;
      await finishCommit(this.#context.pool, pool.digest, { state: "committed", atMs: clock() }, poolNumber);
    }
    return await loadCommitted(this.#context, pool.digest);
  }

  async #payDue(): Promise<void> {
    const chain = await this.#context.rail.readPool();
    if (chain.pool.epoch === 0n) return;
    await this.#fold.catchUp();
    const committed = await this.#last(chain);
    this.#committed = committed;
    await this.#payments.pay(committed, this.#fold.fold);
    await refundEnded(this.#context, committed, chain);
  }
}

/** Where no lane went on: a market that ended wants its refund, and a quiet pool a sign of life. */
function wantsCommit({ clock, pool, network, markets }: PoolView): boolean {
  const isEnded = markets.some(
    ({ closesAt }) => closesAt !== 0 && BigInt(closesAt) > pool.asOf && BigInt(closesAt) < clock,
  );
  const quietSeconds = clock - pool.lastCommitAt;
  return isEnded || quietSeconds > BigInt(Math.floor(network.deadAfterSeconds / heartbeatsPerDeadTime));
}
