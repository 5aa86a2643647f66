import { type Bytes32, equalBytes } from "../core/bytes.ts";
import { EarnestError, earnestError, isEarnestError } from "../core/errors.ts";
import { grownPaths, type LogPath, type LogTree, logRoot } from "../core/log-tree.ts";
import { type MarketId, marketIdToBytes } from "../core/market-id.ts";
import { headStatement } from "../core/statements.ts";
import { heldOf, purseTotal } from "../ledger/purse.ts";
import { type Command, type Decision, decide, type Outcome } from "../market/decide.ts";
import { changedMembers, commitDraft, type LaneDraft } from "../market/draft.ts";
import type { LaneState, Member } from "../market/state.ts";
import type { Appended } from "../market/step.ts";
import { type LaneRow, lockLane } from "../store/lanes/lock-lane.ts";
import { postponeLane } from "../store/lanes/postpone-lane.ts";
import { readLanes } from "../store/lanes/read-lanes.ts";
import { type BalanceRow, writeBatch } from "../store/lanes/write-batch.ts";
import type { Connection } from "../store/pool.ts";
import { type EngineContext, hashOf } from "./context.ts";
import { isOver, retirements } from "./controls.ts";
import { claiming, type Once } from "./idempotency.ts";
import { catchUp, loadLane } from "./load-lane.ts";
import { sealBodies } from "./places/bodies.ts";
import { writeCheckpoint } from "./places/checkpoint.ts";
import { project } from "./project.ts";
import { inTransaction } from "./transaction.ts";
import type { IsLate, SignedHead } from "./types.ts";

/** How long a state counts as the newest without a look. */
const staleMs = 5_000;
/** Looks before the lock, where others write so fast that each finds a log that is longer by as much as takes `staleMs`. */
const looksMax = 5;

/** One for all, as under an overload there are many. */
const tooLate = earnestError("RATE_EXCEEDED", { retryAfterSeconds: 1 });

/** Who is told of what becomes of a lane in this process. */
export interface LaneListener {
  readonly onCommit: () => void;
  /** It has submissions that may wait for an execution. */
  readonly onExecuting: () => void;
}

/** What a command led to, once it is durable. */
export interface Committed {
  readonly outcome: Outcome;
  readonly head: SignedHead | null;
  /** The entries of this command with their paths to the head. */
  readonly entries: readonly { readonly appended: Appended; readonly path: LogPath }[];
}

/** Work of the caller in the transaction of its command, which then has a batch of its own. */
export interface Along {
  readonly before?: (dbTx: Connection) => Promise<void>;
  /** Runs under the lane's lock and makes the commands of a batch from the state. */
  readonly commands: (dbTx: Connection, state: LaneState) => Promise<readonly Command[]>;
  readonly after?: (dbTx: Connection, outcomes: readonly Outcome[]) => Promise<void>;
}

/** Like `Along`, where refusals are for the caller to judge. */
interface Work extends Omit<Along, "after"> {
  readonly after?: (dbTx: Connection, outcomes: Decision["outcomes"]) => Promise<void>;
}

type Job =
  | { readonly type: "command"; readonly command: Command; readonly isLate: IsLate; readonly done: Settle<Committed> }
  | { readonly type: "along"; readonly along: Along; readonly done: Settle<readonly Outcome[]> }
  | { readonly type: "read"; readonly read: (state: LaneState) => void; readonly done: Settle<void> };

type CommandJob = Extract<Job, { type: "command" }>;
type ReadJob = Extract<Job, { type: "read" }>;

interface Settle<T> {
  readonly resolve: (value: T) => void;
  readonly reject: (error: unknown) => void;
}

interface Batch {
  readonly decision: Decision;
  readonly before: LogTree;
  readonly head: SignedHead | null;
  readonly dueAtMs: number | null;
}

/**
 * One lane in this process: a queue and a cached state. Commands that arrive while a batch is in flight form the next
 * one; an idle lane commits at once. The row lock orders the batches of different processes, and whoever finds that
 * another one wrote reads those entries first.
 */
export class Lane {
  readonly #context: EngineContext;
  readonly #market: MarketId;
  readonly #key: Uint8Array;
  readonly #lane: number;
  readonly #tell: LaneListener;
  #jobs: Job[] = [];
  #draining: Promise<void> | null = null;
  /** Null until loaded, and after any failure: what the database has is then unknown. */
  #state: LaneState | null = null;
  #dueAtMs: number | null = null;
  /** Another process went on with the log between this one's last two batches under the lock. */
  #isShared = false;
  #checkpointed = 0;
  /** When the state was the newest there was. */
  #newestAtMs = Number.NEGATIVE_INFINITY;
  lastUsedMs = 0;

  constructor(context: EngineContext, market: MarketId, lane: number, tell: LaneListener) {
    this.#context = context;
    this.#market = market;
    this.#key = marketIdToBytes(market);
    this.#lane = lane;
    this.#tell = tell;
  }

  /** @throws the command's refusal, or DATABASE_UNAVAILABLE where nobody knows whether it is durable. */
  run(command: Command, isLate: IsLate = () => false): Promise<Committed> {
    return this.#enqueue((done) => ({ type: "command", command, isLate, done }));
  }

  /** A batch of its own; the first refusal or failure of it undoes all of it. */
  runAlong(along: Along): Promise<readonly Outcome[]> {
    return this.#enqueue((done) => ({ type: "along", along, done }));
  }

  /** At most once under the request's key, where it has one: then in a batch of its own. */
  async runOnce(command: Command, once: Once | undefined): Promise<Outcome> {
    if (once === undefined) return (await this.run(command)).outcome;
    const [outcome] = await this.runAlong({ ...claiming(once), commands: () => Promise.resolve([command]) });
    return outcome as Outcome;
  }

  /** Reads the newest committed state. `read` must not keep hold of it. */
  async read<T>(read: (state: LaneState) => T): Promise<T> {
    const box: { value?: T } = {};
    await this.#enqueue<void>((done) => ({
      type: "read",
      read: (state) => {
        box.value = read(state);
      },
      done,
    }));
    return box.value as T;
  }

  /** Writes the time where something falls due; a lane with nothing due stays as it is. */
  async sweep(): Promise<void> {
    await this.runAlong({ commands: (_dbTx, state) => Promise.resolve(isOver(state) ? retirements(state) : []) });
    if (this.#state !== null && this.#state.executing.size > 0) this.#tell.onExecuting();
  }

  get idle(): boolean {
    return this.#draining === null;
  }

  async drained(): Promise<void> {
    await this.#draining;
  }

  /**
   * The end of this process's work on it: leaves a checkpoint, so that whoever goes on has next to nothing to replay.
   *
   * @returns false where none could be written
   */
  async leave(): Promise<boolean> {
    await this.drained();
    return await this.#checkpoint(this.#context.settings.entriesPerLastCheckpoint);
  }

  #enqueue<T>(job: (done: Settle<T>) => Job): Promise<T> {
    this.lastUsedMs = this.#context.clock();
    return new Promise<T>((resolve, reject) => {
      this.#jobs.push(job({ resolve, reject }));
      this.#draining ??= this.#drain();
    });
  }

  async #drain(): Promise<void> {
    while (this.#jobs.length > 0) {
      // Whatever had reached this process by now comes along: requests are read after the answer of the batch before.
      await new Promise((resolve) => setImmediate(resolve));
      await this.#next();
    }
    this.#draining = null;
  }

  /** Reads do not part the commands they stand between: all they want is the newest state, and one look serves many. */
  async #next(): Promise<void> {
    const [first] = this.#jobs as [Job];
    if (first.type === "along") {
      this.#jobs.shift();
      await this.#settle(first.done, () => this.#runAlong(first.along));
      return;
    }
    const reads: ReadJob[] = [];
    const batch: CommandJob[] = [];
    this.#take(batch, reads);
    if (batch.length > 0) await this.#runCommands(batch, () => this.#take(batch, reads));
    if (reads.length > 0) await this.#runReads(reads);
  }

  /** What waits before the next batch of its own, as far as there is room in this one. */
  #take(batch: CommandJob[], reads: ReadJob[]): void {
    const end = this.#jobs.findIndex(({ type }) => type === "along");
    const waiting = this.#jobs.splice(0, end === -1 ? this.#jobs.length : end);
    const commands: CommandJob[] = [];
    for (const job of waiting) {
      if (job.type === "read") reads.push(job);
      if (job.type !== "command") continue;
      if (job.isLate()) job.done.reject(tooLate);
      else commands.push(job);
    }
    batch.push(...commands.splice(0, this.#context.settings.commandsPerBatchMax - batch.length));
    this.#jobs = [...commands, ...this.#jobs];
  }

  async #runReads(reads: readonly ReadJob[]): Promise<void> {
    const newest = this.#newest();
    for (const { read, done } of reads) await this.#settle(done, async () => read(await newest));
  }

  async #settle<T>(done: Settle<T>, work: () => Promise<T>): Promise<void> {
    try {
      done.resolve(await work());
    } catch (error) {
      if (!isRefusal(error)) this.#state = null;
      done.reject(error);
    }
  }

  /** `takeMore`: adds to the batch what came while the lock was waited for. */
  async #runCommands(batch: readonly CommandJob[], takeMore: () => void = () => undefined): Promise<void> {
    let committed: Batch;
    try {
      committed =
        (await this.#commitAtOnce(batch.map(({ command }) => command))) ??
        (await this.#commit({
          commands: () => {
            takeMore();
            return Promise.resolve(batch.map(({ command }) => command));
          },
        }));
    } catch (error) {
      this.#state = null;
      if (batch.length === 1 || concernsAll(error)) for (const job of batch) job.done.reject(error);
      else await this.#runHalves(batch);
      return;
    }
    // From here on nothing may be tried again: it is durable.
    try {
      this.#accept(committed);
      const paths = this.#paths(committed);
      for (const [i, job] of batch.entries()) {
        const outcome = committed.decision.outcomes[i] as Outcome | EarnestError;
        if (outcome instanceof EarnestError) job.done.reject(outcome);
        else job.done.resolve({ outcome, head: committed.head, entries: entriesOf(committed, paths, outcome) });
      }
    } catch (error) {
      this.#state = null;
      for (const job of batch) job.done.reject(error);
    }
    await this.#checkpoint();
  }

  /** One command that the database refuses must not take the others with it. */
  async #runHalves(batch: readonly CommandJob[]): Promise<void> {
    const half = Math.ceil(batch.length / 2);
    await this.#runCommands(batch.slice(0, half));
    await this.#runCommands(batch.slice(half));
  }

  async #runAlong(along: Along): Promise<readonly Outcome[]> {
    const batch = await this.#commit({
      ...along,
      after: async (dbTx, outcomes) => {
        // A refusal must undo what `before` did, also where nothing comes after.
        const taken = allTaken(outcomes);
        await along.after?.(dbTx, taken);
      },
    });
    this.#accept(batch);
    await this.#checkpoint();
    return allTaken(batch.decision.outcomes);
  }

  /**
   * Decides over the cached state, and writes where the log still ends there: no question goes before. Null where another
   * process went on with it, or is likely to; and where nothing is to be written, since then nothing has shown that the
   * state is new.
   */
  async #commitAtOnce(commands: readonly Command[]): Promise<Batch | null> {
    const { pool, clock, rules } = this.#context;
    const state = this.#state;
    if (state === null || this.#isShared) return null;
    const decision = decide(state, clock(), commands, rules);
    if (decision.appended.length === 0) return null;
    const dueAtMs = this.#nextDue(state, decision);
    return await inTransaction(pool, async (dbTx) => {
      const head = await this.#write(dbTx, state, decision, dueAtMs);
      return head === null ? null : { decision, before: state.tree, head, dueAtMs };
    });
  }

  /** One database transaction under the lane's lock; the cached state is as before. */
  async #commit(work: Work): Promise<Batch> {
    await this.#readBefore();
    return await inTransaction(this.#context.pool, async (dbTx) => {
      await work.before?.(dbTx);
      const row = await this.#lock(dbTx);
      // Two processes that write in turns would each decide for nothing before they wait for the other.
      this.#isShared = this.#state !== null && this.#state.tree.size !== row.sequence;
      const state = await this.#upTo(dbTx, row);
      const commands = await work.commands(dbTx, state);
      const nowMs = this.#context.clock();
      const decision = decide(state, nowMs, commands, this.#context.rules);
      const dueAtMs = this.#nextDue(state, decision);
      const head = decision.appended.length === 0 ? null : await this.#write(dbTx, state, decision, dueAtMs);
      if (decision.appended.length === 0) await this.#postpone(dbTx, row, state, nowMs);
      else if (head === null) throw earnestError("INVARIANT_MISMATCH", { what: "a locked lane went on by itself" });
      await work.after?.(dbTx, decision.outcomes);
      return { decision, before: state.tree, head, dueAtMs };
    });
  }

  /**
   * Whoever else writes the lane waits for its lock: what was long not looked at, and may be far behind, is read before it,
   * and under it only what was written meanwhile.
   */
  async #readBefore(): Promise<void> {
    const { clock } = this.#context;
    const isStale = (): boolean => this.#state === null || clock() - this.#newestAtMs >= staleMs;
    for (let looks = 0; looks < looksMax && isStale(); looks++) if ((await this.#look()) === null) return;
  }

  #accept({ decision, dueAtMs }: Batch): void {
    if (decision.appended.length === 0) return;
    this.#state = commitDraft(decision.draft);
    this.#newestAtMs = this.#context.clock();
    this.#dueAtMs = dueAtMs;
    this.#tell.onCommit();
    if (this.#state.executing.size > 0) this.#tell.onExecuting();
  }

  async #lock(dbTx: Connection): Promise<LaneRow> {
    const row = await lockLane(dbTx, this.#key, this.#lane);
    if (row === null) throw earnestError("MARKET_NOT_FOUND", { market: this.#market });
    return row;
  }

  /** What fell due turned out to be over already, such as the lease of a slot that was answered in time. */
  async #postpone(dbTx: Connection, row: LaneRow, state: LaneState, nowMs: number): Promise<void> {
    if (row.dueAtMs === null || row.dueAtMs > nowMs) return;
    const dueAtMs = nextVisit(state, Math.max(nowMs, state.timeMs));
    await postponeLane(dbTx, this.#key, this.#lane, dueAtMs);
    this.#dueAtMs = dueAtMs;
  }

  async #newest(): Promise<LaneState> {
    const state = await this.#look();
    if (state === null) throw earnestError("MARKET_NOT_FOUND", { market: this.#market });
    return state;
  }

  /** The newest committed state, without the lock; null where there is no such lane yet. */
  async #look(): Promise<LaneState | null> {
    const { pool } = this.#context;
    const row = (await readLanes(pool, this.#key)).find(({ lane }) => lane === this.#lane);
    return row === undefined ? null : await this.#upTo(pool, row);
  }

  async #upTo(
    on: Connection | EngineContext["pool"],
    row: { readonly sequence: number; readonly head: Uint8Array },
  ): Promise<LaneState> {
    const hash = hashOf(this.#context);
    this.#newestAtMs = this.#context.clock();
    const cached = this.#state;
    if (cached !== null && cached.tree.size === row.sequence && equalBytes(logRoot(hash, cached.tree), row.head)) {
      return cached;
    }
    // Nothing is cached while it is being read: a failure in between must not leave half a state.
    this.#state = null;
    const id = { market: this.#key, lane: this.#lane };
    let state = cached;
    // A log that is shorter than what was cached, or ends differently, was restored from a copy.
    if (state !== null && state.tree.size < row.sequence) await catchUp(this.#context, on, id, row, state);
    else {
      const loaded = await loadLane(this.#context, on, id, row);
      this.#checkpointed = loaded.checkpoint;
      state = loaded.state;
    }
    this.#dueAtMs = earliestDue(state);
    this.#state = state;
    if (state.executing.size > 0) this.#tell.onExecuting();
    return state;
  }

  /** Null where the log ends elsewhere than the state: then nothing was written. */
  async #write(
    dbTx: Connection,
    state: LaneState,
    { draft, appended }: Decision,
    dueAtMs: number | null,
  ): Promise<SignedHead | null> {
    const hash = hashOf(this.#context);
    const { timeMs, status, epoch, books } = draft;
    const head = this.#sign(draft.tree.size, logRoot(hash, draft.tree), timeMs);
    const { sequence, root, signature } = head;
    const isWritten = await writeBatch(dbTx, {
      market: this.#key,
      lane: this.#lane,
      before: { sequence: state.tree.size, head: logRoot(hash, state.tree) },
      after: { sequence, head: root, signature, timeMs, dueAtMs, status, epoch, books },
      entries: await sealBodies(this.#context, draft, appended),
      balances: changedBalances(draft),
      ...project(draft, appended),
    });
    return isWritten ? head : null;
  }

  #sign(sequence: number, root: Bytes32, timeMs: number): SignedHead {
    const statement = headStatement({ market: this.#market, lane: this.#lane, sequence, root, timeMs });
    return { sequence, root, timeMs, signature: this.#context.signer.sign(statement) };
  }

  /** When the sweeper should come, in steps of a second; kept without looking at everything that is ever due. */
  #nextDue(state: LaneState, { draft }: Decision): number | null {
    const known = this.#dueAtMs;
    if (known === null || known <= draft.timeMs || draft.status !== state.status) return earliestDue(draft);
    let due = draft.executing.size > 0 ? Math.min(known, draft.timeMs + executingPauseMs) : known;
    for (const second of draft.due.changedKeys()) {
      if (draft.due.get(second) !== undefined) due = Math.min(due, (second + 1) * 1000);
    }
    return due;
  }

  #paths({ decision, before }: Batch): LogPath[] {
    const appended = decision.appended.map(({ completed }) => completed);
    return appended.length === 0 ? [] : grownPaths(hashOf(this.#context), before, appended);
  }

  /** Only an optimisation of the next start: its failure is none of the batch's. */
  async #checkpoint(entriesMin?: number): Promise<boolean> {
    const state = this.#state;
    if (state === null) return true;
    const sequence = state.tree.size;
    if (sequence - this.#checkpointed < (entriesMin ?? entriesPerCheckpoint(this.#context, state))) return true;
    this.#checkpointed = sequence;
    try {
      await writeCheckpoint(this.#context, state);
      return true;
    } catch (error) {
      this.#context.log("a checkpoint was not written", { sequence, error: String(error) });
      return false;
    }
  }
}

const entriesPerCheckpoint = ({ settings }: EngineContext, { members }: LaneState): number =>
  Math.max(settings.entriesPerCheckpoint, settings.entriesPerCheckpointMember * members.size);

/** Sorted by contributor: unordered ones deadlocked two writers. */
function changedBalances(draft: LaneDraft): BalanceRow[] {
  return changedMembers(draft).flatMap((contributor) => {
    const { purse, paying } = draft.members.get(contributor) as Member;
    const member = draft.base.members.get(contributor);
    const before = member?.purse;
    const held = heldOf(purse);
    const same = before !== undefined && before.released === purse.released && heldOf(before) === held;
    const isPaying = member?.paying === paying;
    if (same && isPaying) return [];
    // Whoever has something has a row; without anything there may be one, of what was lost again.
    const isKnown = isPaying && before !== undefined && purseTotal(before) > 0n;
    return [{ contributor, isKnown, released: purse.released, held, paying }];
  });
}

/** Whether each command of the batch would meet the same: a lost database, a damaged log. */
const concernsAll = (error: unknown): boolean => isEarnestError(error) && !isEarnestError(error, "INVARIANT_MISMATCH");

const isRefusal = (error: unknown): boolean =>
  isEarnestError(error) && error.kind !== "internal" && error.kind !== "unavailable";

function allTaken(outcomes: Decision["outcomes"]): readonly Outcome[] {
  return outcomes.map((outcome) => {
    if (outcome instanceof EarnestError) throw outcome;
    return outcome;
  });
}

function entriesOf(batch: Batch, paths: readonly LogPath[], { from, to }: Outcome): Committed["entries"] {
  const offset = batch.before.size + 1;
  const range = Array.from({ length: Math.max(to - from + 1, 0) }, (_, i) => from + i - offset);
  return range.map((i) => ({ appended: batch.decision.appended[i] as Appended, path: paths[i] as LogPath }));
}

const closesAt = ({ status, closesAtMs }: LaneState): number =>
  status === "closing" && closesAtMs !== null ? closesAtMs : Infinity;

/** A lane with something to execute is looked at again, should whoever was about to do it be gone. */
const executingPauseMs = 5_000;

function earliestDue(state: LaneState): number | null {
  if (isOver(state) && retirements(state, 1).length > 0) return state.timeMs;
  let earliest = closesAt(state);
  if (state.executing.size > 0) earliest = Math.min(earliest, state.timeMs + executingPauseMs);
  for (const second of state.due.keys()) earliest = Math.min(earliest, (second + 1) * 1000);
  return earliest === Infinity ? null : earliest;
}

/** A market that should have closed waits for a slot whose own time may be later: it is looked at now and then. */
const closingPauseMs = 60_000;

/** When to come again, after a visit that found nothing to do. */
function nextVisit(state: LaneState, nowMs: number): number | null {
  const closes = closesAt(state);
  let earliest = closes > nowMs ? closes : nowMs + closingPauseMs;
  if (state.executing.size > 0) earliest = Math.min(earliest, nowMs + executingPauseMs);
  for (const second of state.due.keys()) {
    const dueAtMs = (second + 1) * 1000;
    if (dueAtMs > nowMs) earliest = Math.min(earliest, dueAtMs);
  }
  return earliest === Infinity ? null : earliest;
}
