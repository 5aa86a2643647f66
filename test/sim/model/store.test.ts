import { describe, expect, it } from "vitest";
import { amount } from "#src/core/amount";
import { toHex } from "#src/core/bytes";
import { isEarnestError } from "#src/core/errors";
import { emptyBooks } from "#src/ledger/books";
import type { BalanceRow, BatchWrite } from "#src/store/lanes/write-batch";
import type { Connection } from "#src/store/pool";
import { useTestDatabase } from "#src/store/testing";
import { Random } from "../../crash/random.ts";
import { Database, type Transaction } from "../database/database.ts";
import type { Balance } from "../database/tables.ts";
import { Scheduler } from "../time/scheduler.ts";
import type { Asking } from "./asking.ts";
import { models } from "./index.ts";
import { placeKey } from "./keys.ts";

/**
 * The same random calls to the store on a real PostgreSQL and to its models: in transactions that are committed or not,
 * what the one gives, or refuses, the other does too.
 */

const database = useTestDatabase();

type Call = readonly [place: string, ...values: unknown[]];
type Function = (on: unknown, ...values: unknown[]) => Promise<unknown>;

const modules = new Map<string, () => Promise<object>>([
  ["identity/challenges", () => import("#src/store/identity/challenges")],
  ["identity/contributors", () => import("#src/store/identity/contributors")],
  ["identity/idempotency", () => import("#src/store/identity/idempotency")],
  ["identity/sessions", () => import("#src/store/identity/sessions")],
  ["identity/settings", () => import("#src/store/identity/settings")],
  ["identity/sign-in", () => import("#src/store/identity/sign-in")],
  ["lanes/find-due-lanes", () => import("#src/store/lanes/find-due-lanes")],
  ["lanes/find-uncut-lanes", () => import("#src/store/lanes/find-uncut-lanes")],
  ["lanes/insert-lane", () => import("#src/store/lanes/insert-lane")],
  ["lanes/lock-lane", () => import("#src/store/lanes/lock-lane")],
  ["lanes/postpone-lane", () => import("#src/store/lanes/postpone-lane")],
  ["lanes/read-lanes", () => import("#src/store/lanes/read-lanes")],
  ["lanes/write-batch", () => import("#src/store/lanes/write-batch")],
  ["log/checkpoints", () => import("#src/store/log/checkpoints")],
  ["log/landmarks", () => import("#src/store/log/landmarks")],
  ["log/read-entries", () => import("#src/store/log/read-entries")],
  ["log/read-newest-head", () => import("#src/store/log/read-newest-head")],
  ["markets/escrows", () => import("#src/store/markets/escrows")],
  ["markets/insert-market", () => import("#src/store/markets/insert-market")],
  ["markets/end-standing", () => import("#src/store/markets/end-standing")],
  ["markets/pools", () => import("#src/store/markets/pools")],
  ["markets/read-markets", () => import("#src/store/markets/read-markets")],
  ["money/insert-deposit", () => import("#src/store/money/insert-deposit")],
  ["settlement/claims", () => import("#src/store/settlement/claims")],
  ["settlement/commit-signatures", () => import("#src/store/settlement/commit-signatures")],
  ["settlement/commits", () => import("#src/store/settlement/commits")],
  ["settlement/cut-lane", () => import("#src/store/settlement/cut-lane")],
  ["settlement/read-cuts", () => import("#src/store/settlement/read-cuts")],
  ["settlement/read-uncut", () => import("#src/store/settlement/read-uncut")],
  ["settlement/sponsored", () => import("#src/store/settlement/sponsored")],
  ["tasks/insert-tasks", () => import("#src/store/tasks/insert-tasks")],
  ["tasks/read-results", () => import("#src/store/tasks/read-results")],
  ["tasks/read-tasks", () => import("#src/store/tasks/read-tasks")],
  ["tasks/read-verdicts", () => import("#src/store/tasks/read-verdicts")],
]);

const bytes = (fill: number, length = 32): Uint8Array => new Uint8Array(length).fill(fill);

/** Without an order of their own. */
const unordered = new Set(["tasks/read-tasks#readTasks", "settlement/claims#readClaims"]);

function plain(value: unknown): unknown {
  if (typeof value === "bigint") return `${value}`;
  if (value instanceof Uint8Array) return toHex(value);
  if (value instanceof Map) return [...value].map(([key, each]) => [plain(key), plain(each)]);
  if (value instanceof Set) return [...(value as ReadonlySet<number>)].sort((a, b) => a - b);
  if (Array.isArray(value)) return value.map(plain);
  if (value === null || typeof value !== "object") return value;
  return Object.fromEntries(Object.entries(value).map(([name, each]) => [name, plain(each)]));
}

const sorted = (value: unknown): unknown =>
  Array.isArray(value) ? value.map((each) => JSON.stringify(each)).sort() : value;

async function outcomeOf(place: string, run: () => Promise<unknown>): Promise<unknown> {
  try {
    const given = plain(await run());
    return unordered.has(place) ? sorted(given) : given;
  } catch (error) {
    return { refused: isEarnestError(error) ? error.code : (error as { readonly code?: string }).code };
  }
}

/** What random calls are made of: few keys, so that they meet. */
class Calls {
  readonly #random: Random;
  /** Where each lane's log ends, as far as it was committed. */
  readonly heads = new Map<string, { readonly sequence: number; readonly head: Uint8Array }>();

  readonly #model: Database;

  constructor(seed: number, model: Database) {
    this.#random = new Random(seed);
    this.#model = model;
  }

  #balanceOf(market: Uint8Array, contributor: number): Balance | undefined {
    return this.#model.tables.balances.rows.get(placeKey(market, 0, contributor));
  }

  chance = (share: number): boolean => this.#random.chance(share);
  #number = (max: number): number => this.#random.between(0, max);
  #some = (max: number): number[] => Array.from({ length: this.#number(max) }, () => this.#random.between(1, 3));
  #market = (): Uint8Array => bytes(this.#random.between(1, 2), 16);
  #digest = (): Uint8Array => bytes(this.#random.between(1, 4));
  #contributor = (): number => this.#random.between(1, 3);

  next(): Call {
    const [market, digest, number] = [this.#market(), this.#digest(), this.#number];
    const { pick } = { pick: <T>(items: readonly T[]): T => this.#random.pick(items) };
    const calls: readonly (() => Call)[] = [
      () => ["lanes/write-batch#writeBatch", this.#batch(market)],
      () => ["lanes/write-batch#writeBatch", this.#batch(market)],
      () => ["lanes/write-batch#writeBatch", this.#batch(market)],
      () => ["lanes/lock-lane#lockLane", market, 0],
      () => ["lanes/read-lanes#readLanes", market],
      () => ["lanes/find-due-lanes#findDueLanes", number(60), null],
      () => ["lanes/find-due-lanes#findDueLanes", 50, { dueAtMs: number(50), market, lane: 0 }],
      () => ["lanes/find-uncut-lanes#findUncutLanes", 0],
      () => ["lanes/postpone-lane#postponeLane", market, 0, pick([null, number(50)])],
      () => ["lanes/insert-lane#insertLane", market, 0, bytes(0)],
      () => [
        "log/checkpoints#insertCheckpoint",
        market,
        0,
        { sequence: number(9), hash: bytes(1), state: bytes(2, 3) },
      ],
      () => ["log/checkpoints#readCheckpoint", market, 0, number(9)],
      () => ["log/read-entries#readEntries", market, 0, 1 + number(8), 1 + number(9)],
      () => ["log/read-entries#readEntriesAt", market, 0, [1 + number(9), 1 + number(9)]],
      () => ["log/read-newest-head#readNewestHead", market, 0],
      () => ["log/landmarks#readJoined", market, 0, this.#some(3)],
      () => ["log/landmarks#readBatches", market, 0, number(3), number(6)],
      () => ["log/landmarks#readModelBefore", market, 0, number(20)],
      () => ["markets/escrows#putEscrow", market, { account: digest, openedAt: number(9) }],
      () => ["markets/escrows#readEscrows", 0],
      () => ["markets/read-markets#readMarket", market],
      () => ["markets/end-standing#endStanding", market],
      () => ["markets/insert-market#insertMarket", marketRow(bytes(3, 16), this.chance(0.5))],
      () => [
        "money/insert-deposit#insertDeposit",
        { signature: `d${number(3)}`, market, amount: amount(5n), creditedAtMs: 1 },
      ],
      () => ["settlement/cut-lane#insertEpoch", number(9), 0],
      () => ["settlement/cut-lane#holdEpoch", number(9), 0],
      () => ["settlement/cut-lane#cutLane", market, 0, 1 + number(5)],
      () => ["settlement/cut-lane#cutLane", market, 0, 1 + number(5)],
      () => ["settlement/read-cuts#readCutsFrom", number(5), 0],
      () => ["settlement/read-cuts#readSharesAfter", market, 0, number(4)],
      () => ["settlement/read-uncut#readUncut", 0],
      () => ["settlement/commits#insertCommit", commitRow(digest, BigInt(1 + number(4)), number(9)), 0],
      () => ["settlement/commits#insertCommit", commitRow(digest, BigInt(1 + number(4)), number(9)), 0],
      () => [
        "settlement/commits#finishCommit",
        digest,
        pick([{ state: "committed", atMs: 7 }, { state: "expired" }]),
        0,
      ],
      () => ["settlement/commits#readCommit", digest],
      () => ["settlement/commits#readNewestOf", "proposed", 0],
      () => ["settlement/commits#readLeafFileOf", digest],
      () => [
        "settlement/commit-signatures#insertSignature",
        digest,
        { key: bytes(number(2)), signature: bytes(1, 64) },
      ],
      () => ["settlement/commit-signatures#upsertOutcome", digest, outcomeRow(number(2), number(3))],
      () => ["settlement/commit-signatures#readSaid", [digest]],
      () => [
        "settlement/claims#upsertClaimed",
        [{ contributor: this.#contributor(), claimed: amount(BigInt(number(90))) }],
        0,
      ],
      () => ["settlement/claims#grantSponsorships", [this.#contributor()], { atMs: number(9), lamportsEach: 5n }, 0],
      () => ["settlement/claims#endSponsorships", [this.#contributor()], 0],
      () => ["settlement/claims#readClaims", 0],
      () => ["settlement/claims#claimedOf", this.#contributor(), 0],
      () => ["settlement/sponsored#readSponsored", number(9)],
      () => ["tasks/insert-tasks#insertTasks", tasksOf(market, number(6), number(3))],
      () => ["tasks/read-tasks#readTasks", market, 0, [number(6), 7, 8]],
      () => ["tasks/read-tasks#readTaskHashes", market, 0, number(3), 9],
      () => ["tasks/read-verdicts#readVerdict", market, 0, number(2), number(1)],
      () => ["tasks/read-verdicts#readVerdictsOfTasks", market, 0, 0, number(3)],
      () => ["tasks/read-results#readResults", market, 0, 0, 3],
      () => ["identity/settings#putSetting", `s${number(2)}`, `v${number(3)}`],
      () => [
        "identity/idempotency#claimKey",
        bytes(1),
        `k${number(3)}`,
        { requestHash: bytes(number(2)), note: "n", createdAtMs: 1 },
      ],
      () => ["identity/idempotency#noteOfKey", bytes(1), `k${number(3)}`, `note ${number(9)}`],
      () => [
        "identity/idempotency#saveResponse",
        bytes(1),
        `k${number(3)}`,
        { requestHash: bytes(1), status: 200, response: `r${number(9)}`, createdAtMs: number(9) },
      ],
      () => ["identity/idempotency#findResponse", bytes(1), `k${number(3)}`],
      () => ["identity/idempotency#pruneResponses", number(3)],
      () => ["identity/contributors#readContributor", this.#contributor()],
      () => ["identity/contributors#readContributorByKey", bytes(1 + number(3))],
      () => ["identity/sessions#readSession", bytes(40 + number(3)), number(200)],
    ];
    return pick(calls)();
  }

  #batch(market: Uint8Array): BatchWrite {
    const end = this.heads.get(toHex(market)) ?? { sequence: 0, head: bytes(0) };
    const before = this.chance(0.1) ? { ...end, head: bytes(99) } : end;
    const count = 1 + this.#number(3);
    const sequence = before.sequence + count;
    const [paid, free] = [amount(BigInt(this.#number(50))), amount(BigInt(this.#number(50)))];
    const books = { ...emptyBooks(), deposited: amount(paid + free), earned: paid, free };
    const status = this.#random.pick(["open", "closed"]);
    const times = { timeMs: this.#number(90), dueAtMs: this.#random.pick([null, this.#number(50)]) };
    const contributors = new Set(this.#some(3));
    const paying = this.chance(0.2) ? { number: this.#number(9), wallet: bytes(5) } : null;
    return {
      market,
      lane: 0,
      before,
      after: {
        sequence,
        head: bytes(10 + (sequence % 200)),
        signature: bytes(6, 64),
        ...times,
        status,
        epoch: 1,
        books,
      },
      entries: Array.from({ length: count }, (_, i) => ({
        encoded: bytes(before.sequence + i, 4),
        attachment: this.chance(0.3) ? bytes(i, 2) : null,
      })),
      balances: [...contributors]
        .sort((a, b) => a - b)
        .map((contributor): BalanceRow => {
          const known = this.#balanceOf(market, contributor);
          return {
            contributor,
            isKnown: known !== undefined,
            paying: known === undefined ? paying : known.paying,
            released: amount(BigInt(this.#number(99))),
            held: amount(BigInt(this.#number(9))),
          };
        }),
      landmarks: this.chance(0.5)
        ? [{ kind: this.#random.pick(["joined", "batch", "model"] as const), number: this.#number(5), sequence }]
        : [],
      verdicts: [],
      results: [],
    };
  }
}

const marketRow = (market: Uint8Array, standing: boolean) => ({
  market,
  owner: bytes(8),
  title: "t",
  kind: "k",
  spec: "{}",
  specHash: bytes(9),
  refundTo: "x",
  pool: 0,
  standing,
  createdAtMs: 1,
});
const commitRow = (digest: Uint8Array, epoch: bigint, proposedAtMs: number) => ({
  digest,
  epoch,
  proposedAtMs,
  message: bytes(3, 5),
  leafFile: bytes(4, 6),
});
const outcomeRow = (key: number, code: number) => ({
  key: bytes(key),
  outcome: "refuse",
  code: `C${code}`,
  place: "p",
  what: "w",
  signature: bytes(2, 64),
});
const tasksOf = (market: Uint8Array, first: number, count: number) => ({
  market,
  lane: 0,
  first: 10 * first,
  externalIds: Array.from({ length: count }, (_, i) => `t${first}.${i}`),
  contents: Array.from({ length: count }, (_, i) => `"${i}"`),
  hashes: Array.from({ length: count }, (_, i) => bytes(i)),
});

const place = (call: Call): readonly [module: string, name: string] => call[0].split("#") as [string, string];

async function real(on: unknown, call: Call): Promise<unknown> {
  const [module, name] = place(call);
  const loaded = (await (modules.get(module) as () => Promise<object>)()) as Record<string, Function>;
  return await (loaded[name] as Function)(on, ...call.slice(1));
}

const modelled = async (on: Asking, call: Call): Promise<unknown> =>
  await models.get(`store/${call[0]}`)?.(on, ...call.slice(1));

const asking = (transaction: Transaction): Asking => ({ ask: async (statement) => await statement(transaction) });

/** One transaction on both sides; a refusal by the server ends it. */
async function both(model: Database, calls: readonly Call[], isKept: boolean): Promise<void> {
  const client = await database().pool.connect();
  const transaction = model.begin();
  try {
    await inBoth(client, transaction, calls, isKept);
  } finally {
    client.release();
    transaction.end();
  }
}

async function inBoth(
  client: Connection,
  transaction: Transaction,
  calls: readonly Call[],
  isKept: boolean,
): Promise<void> {
  let isSound = true;
  await client.query("begin");
  for (const call of calls) {
    const said = await outcomeOf(call[0], () => real(client, call));
    const expected = await outcomeOf(call[0], () => modelled(asking(transaction), call));
    expect(expected, JSON.stringify(plain(call))).toEqual(said);
    const refused = (said as { readonly refused?: string } | null)?.refused;
    if (refused === undefined) continue;
    isSound = !/^\d/.test(refused);
    break;
  }
  await client.query(isKept && isSound ? "commit" : "rollback");
  if (isKept && isSound) await transaction.database.commit(transaction);
}

describe("the models of the store", () => {
  it("give what it gives, to the same calls", { timeout: 120_000 }, async () => {
    const model = new Database(new Scheduler(0), { flushMs: () => 0, isFlushLate: true });
    const session = (i: number) => ({
      nonce: `n${i % 4}`,
      nonceExpiresAtMs: 50 - 20 * (i % 2),
      key: bytes(i % 3),
      automated: false,
      facts: `{"i":${i}}`,
      hash: bytes(40 + i),
      sessionKey: bytes(60 + i),
      expiresAtMs: 100 + i,
      text: "t",
      signature: bytes(7, 64),
    });
    const begun: Call[] = [
      ["identity/sign-in#signInAll", [0, 1, 2].map(session), 20],
      ["identity/sign-in#signInAll", [3, 1].map(session), 40],
      ["markets/insert-market#insertMarket", marketRow(bytes(1, 16), true)],
      ["markets/insert-market#insertMarket", marketRow(bytes(2, 16), false)],
    ];
    for (const call of begun) await both(model, [call], true);
    const calls = new Calls(7, model);
    for (let i = 0; i < 160; i++) {
      const some = Array.from({ length: 1 + (i % 4) }, () => calls.next());
      await both(model, some, calls.chance(0.85));
      for (const [, { market, sequence, head }] of model.tables.lanes.rows.entries()) {
        calls.heads.set(toHex(market), { sequence, head });
      }
    }
  });
});
