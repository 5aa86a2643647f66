import { amount, zero } from "../../src/core/amount.ts";
import { type Bytes32, bytes32, toBase58, zero32 } from "../../src/core/bytes.ts";
import { type MarketId, marketIdToBytes } from "../../src/core/market-id.ts";
import { standingSpec } from "../../src/engine/ask.ts";
import type { Engine } from "../../src/engine/engine.ts";
import type { NewTask } from "../../src/engine/types.ts";
import { randomFill, sha256 } from "../../src/main/crypto.ts";
import { decodeEntry, type Entry, type EntryKind, type EntryOf } from "../../src/market/entries.ts";
import { Replay } from "../../src/market/replay.ts";
import { hourMs, type MarketSpec, minuteMs, settleMsMax, type Terms } from "../../src/market/spec.ts";
import { emptyLaneState, type LaneState } from "../../src/market/state.ts";
import type { PoolView, Rail } from "../../src/rails/rail.ts";
import { readEntries, type StoredEntry } from "../../src/store/log/read-entries.ts";
import type { Pool } from "../../src/store/pool.ts";
import { TestContributor } from "./engine.ts";

/** A rail on which every deposit that names its market and amount is final, and nothing can be paid out. */
export const offlineRail: Rail = {
  cluster: "offline",
  mint: toBase58(zero32),
  program: "offline",
  network: "offline",
  pool: toBase58(zero32),
  vault: toBase58(zero32),
  decimals: 6,
  canFreeze: false,
  names: null,
  refundDelayMs: 365 * 86_400_000,
  tokenAccountOf: (wallet) => wallet,
  escrowOf: ({ requester }) => requester,
  findDeposit: (signature, { market }) => {
    const match = /^([0-9a-f]{32}):(\d+):/.exec(signature);
    if (match?.[1] !== market) return Promise.resolve(null);
    return Promise.resolve({ signature, amount: amount(BigInt(match[2] as string)), account: zero32, openedAt: 1 });
  },
  readPool: () => Promise.resolve(emptyPool),
  nextBlock: () => Promise.reject(new Error("there is no chain")),
  sendCommit: () => Promise.reject(new Error("there is no chain")),
  payClaims: () => Promise.reject(new Error("there is no chain")),
  refund: () => Promise.reject(new Error("there is no chain")),
  planTransfer: () => Promise.reject(new Error("there is no chain")),
  sendTransfer: () => Promise.reject(new Error("there is no chain")),
  planDeposit: () => Promise.reject(new Error("there is no chain")),
  isEnded: () => Promise.reject(new Error("there is no chain")),
  planClosing: () => Promise.reject(new Error("there is no chain")),
  sendPlanned: () => Promise.reject(new Error("there is no chain")),
  heldBy: (owners) => Promise.resolve(new Map(owners.map((owner) => [owner, zero]))),
};

const emptyPool: PoolView = {
  clock: 1n,
  cluster: zero32,
  programHash: zero32,
  network: {
    operator: zero32,
    setVersion: 0,
    attestors: { threshold: 1, keys: [] },
    maxValiditySeconds: 300,
    refundDelaySeconds: 365 * 86_400,
    deadAfterSeconds: 366 * 86_400,
  },
  pool: {
    network: zero32,
    isLive: true,
    epoch: 0n,
    floor: 0n,
    asOf: 0n,
    lastCommitAt: 0n,
    leafCount: 0n,
    deposited: zero,
    refunded: zero,
    allocated: zero,
    digest: zero32,
  },
  markets: [],
};

export interface SpecChanges extends Partial<Omit<MarketSpec, "terms">> {
  readonly terms?: Partial<Terms>;
}

/** Three answers to a task, 20,000 base units each, 2% fee. */
export function specOf(changes: SpecChanges = {}): MarketSpec {
  const base = standingSpec(200);
  const merged: MarketSpec = {
    ...base,
    title: "Which is better?",
    rewardMax: amount(1_000_000n),
    appeal: { windowMs: hourMs, budget: amount(100_000n), panel: 3, cost: zero },
    ...changes,
    terms: {
      answer: { type: "choice", choices: ["a", "b"] },
      agreement: null,
      reward: amount(20_000n),
      overlap: { min: 3, max: 3, targetPpm: 600_000 },
      leaseMs: 10 * minuteMs,
      deadlineMs: null,
      eligibility: [],
      ...changes.terms,
    },
  };
  return { ...merged, refundDelayMs: settleMsMax(merged, hourMs) };
}

/** One answer is enough, and it is always right. */
export const single: SpecChanges = { terms: { overlap: { min: 1, max: 1, targetPpm: 0 } } };

export const manyTasks = (count: number, control: (place: number) => string | null = () => null): NewTask[] =>
  Array.from({ length: count }, (_, i) => ({
    externalId: `t${i}`,
    content: { question: `${i}?` },
    terms: null,
    control: control(i),
  }));

export interface OpenMarket {
  readonly owner: Bytes32;
  readonly market: MarketId;
}

/** A funded, open market on the offline rail. */
export async function openMarket(
  engine: Engine,
  parts: {
    readonly owner?: Bytes32;
    readonly spec?: SpecChanges;
    readonly deposit?: bigint;
    readonly tasks?: readonly NewTask[];
    readonly standing?: boolean;
  } = {},
): Promise<OpenMarket> {
  const { owner = bytes32(randomFill(32)), spec = {}, deposit = 1_000_000n, tasks = manyTasks(4) } = parts;
  const { market } = await engine.createMarket(owner, {
    spec: specOf(spec),
    refundTo: toBase58(owner),
    standing: parts.standing ?? false,
  });
  await engine.fundMarket(owner, market, `${market}:${deposit}:${toBase58(randomFill(8))}`);
  await engine.changeStatus(owner, market, "open");
  if (tasks.length > 0) await engine.addTasks(owner, market, tasks);
  return { owner, market };
}

export const signInMany = (engine: Engine, count: number, clock?: () => number): Promise<TestContributor[]> =>
  Promise.all(
    Array.from({ length: count }, () => TestContributor.signIn(engine, undefined, clock ?? (() => Date.now()))),
  );

/** Takes and answers whatever is offered, turn by turn, until there is nothing left. */
export async function workThrough(
  person: TestContributor,
  market: MarketId,
  answer: (task: number) => string,
): Promise<number> {
  let done = 0;
  let [offer] = await person.assign(market).catch(() => []);
  while (offer !== undefined) {
    const { slot } = offer;
    const turn = await person.submit(market, slot, answer(slot.task), 1);
    done++;
    [offer] = turn.offers;
  }
  return done;
}

export async function collect<T>(items: AsyncIterable<T>): Promise<T[]> {
  const all: T[] = [];
  for await (const item of items) all.push(item);
  return all;
}

export const storedEntries = (pool: Pool, market: MarketId, from = 1, limit = 100_000): Promise<StoredEntry[]> =>
  readEntries(pool, marketIdToBytes(market), 0, from, limit);

export async function entriesOf(pool: Pool, market: MarketId): Promise<Entry[]> {
  return (await storedEntries(pool, market)).map(({ encoded }) => decodeEntry(encoded));
}

export async function entriesOfKind<Kind extends EntryKind>(
  pool: Pool,
  market: MarketId,
  kind: Kind,
): Promise<EntryOf<Kind>[]> {
  return (await entriesOf(pool, market)).flatMap((entry) => (entry.kind === kind ? [entry as EntryOf<Kind>] : []));
}

/** The lane as anybody with the whole log computes it, from the first entry. */
export async function replayed(pool: Pool, market: MarketId): Promise<LaneState> {
  const replay = new Replay(emptyLaneState(), sha256);
  replay.feed(
    (await storedEntries(pool, market)).map(({ encoded, attachment }) => ({ entry: decodeEntry(encoded), attachment })),
  );
  replay.end();
  return replay.state;
}

export async function countHeads(pool: Pool, market: MarketId): Promise<number> {
  const { rows } = await pool.query<{ n: number }>("select count(*)::int as n from heads where market = $1", [
    marketIdToBytes(market),
  ]);
  return rows[0]?.n ?? 0;
}

export async function dueAtMs(pool: Pool, market: MarketId): Promise<number | null> {
  const { rows } = await pool.query<{ due: bigint | null }>("select due_at_ms as due from lanes where market = $1", [
    marketIdToBytes(market),
  ]);
  const due = rows[0]?.due ?? null;
  return due === null ? null : Number(due);
}
