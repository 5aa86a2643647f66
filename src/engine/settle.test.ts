import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { type TestContributor, testContext } from "../../test/support/engine.ts";
import {
  entriesOfKind,
  manyTasks,
  openMarket,
  signInMany,
  single,
  workThrough,
} from "../../test/support/engine-world.ts";
import { wrapPool } from "../../test/support/pool-wrapper.ts";
import { type Amount, amount } from "../core/amount.ts";
import { type Bytes32, bytes32, fromBase58, toBase58 } from "../core/bytes.ts";
import { earnestError } from "../core/errors.ts";
import { type MarketId, marketId, marketIdToBytes } from "../core/market-id.ts";
import { minuteMs } from "../market/spec.ts";
import type { Rail } from "../rails/rail.ts";
import { startTestRail, type TestRail } from "../rails/rail-fixture.ts";
import { type TestDatabase, useTestDatabase } from "../store/testing.ts";
import type { EngineContext } from "./context.ts";
import { createEngine } from "./create-engine.ts";
import type { Engine } from "./engine.ts";
import { Lanes } from "./lanes.ts";
import { settleOnce } from "./settle.ts";
import { sweepOnce } from "./sweep.ts";

const database = useTestDatabase();
const time = { now: Date.now() };
let chain: TestRail;
let rail: Rail;
let engine: Engine;
let people: TestContributor[];
let markets: { owner: Bytes32; market: MarketId }[];

const pool = (): TestDatabase["pool"] => database().pool;
const context = (overrides: Partial<Omit<EngineContext, "settings">> = {}): EngineContext =>
  testContext(pool(), rail, { clock: () => time.now, ...overrides });
const settle = (given: EngineContext = context()): Promise<void> => settleOnce(given, new Lanes(given));

beforeAll(async () => {
  chain = await startTestRail(1_000_000_000n, { clock: () => time.now });
  // Deposits by their name: what is tested here is the way out.
  rail = {
    ...chain.rail,
    findDeposit: (signature) => {
      const [market, value] = signature.split(":") as [string, string];
      return Promise.resolve({
        signature,
        market: marketId(market),
        from: "",
        amount: amount(BigInt(value)),
        slot: 1n,
      });
    },
  };
  engine = await createEngine(context());
  people = await signInMany(engine, 3, () => time.now);
  markets = [await openMarket(engine, { spec: single }), await openMarket(engine, { spec: single })];
  for (const { market } of markets) for (const person of people) await person.assign(market);
});

afterAll(async () => {
  await engine.close();
  await chain.close();
});

const walletOf = (person: TestContributor): string => toBase58(person.session.key);

/** Everybody gets something in every market, so that there is something to settle. */
async function payAll(value: bigint): Promise<void> {
  for (const { owner, market } of markets) {
    for (const person of people) await engine.payBonus(owner, market, person.session.key, amount(value), "");
  }
}

interface Standing {
  readonly payee: string;
  readonly destination: string;
  readonly allocated: bigint;
  readonly prepared: bigint;
  readonly final: bigint;
}

async function standings(): Promise<Standing[]> {
  const { rows } = await pool().query<Record<string, string>>(
    `select payee, destination, allocated::text, prepared::text, (
       select coalesce(sum(x.amount), 0)::text from payout_transactions t, unnest(t.payees, t.amounts) as x(payee, amount)
       where x.payee = p.payee and t.state = 'finalized') as final
     from payees p order by payee`,
  );
  return rows.map((row) => ({
    payee: row["payee"] as string,
    destination: row["destination"] as string,
    allocated: BigInt(row["allocated"] as string),
    prepared: BigInt(row["prepared"] as string),
    final: BigInt(row["final"] as string),
  }));
}

/** What each contributor's wallet holds is what the ledger released to it: no more, no less. */
async function expectPaid(): Promise<void> {
  for (const { payee, allocated, prepared, final } of await standings()) {
    expect({ payee, prepared, final }).toEqual({ payee, prepared: allocated, final: allocated });
  }
  const held = await rail.heldBy(people.map(walletOf));
  for (const person of people) {
    const { balance } = await engine.contributor(person.session);
    expect(held.get(walletOf(person))).toBe(balance.released);
    expect(balance.settled).toBe(balance.released);
  }
}

class Crash extends Error {}

/** A process that dies at the step with this number: before or after a commit, before or after a call to the chain. */
function dying(at: number): { readonly context: EngineContext; readonly died: () => boolean } {
  let step = 0;
  const tick = (): void => {
    if (step++ >= at) throw new Crash(`at step ${at}`);
  };
  const around = async <T>(run: () => Promise<T>): Promise<T> => {
    tick();
    const result = await run();
    tick();
    return result;
  };
  const dyingRail: Rail = {
    ...rail,
    preparePayouts: (payouts) => around(() => rail.preparePayouts(payouts)),
    send: (prepared) => around(() => rail.send(prepared)),
    outcome: (prepared) => around(() => rail.outcome(prepared)),
  };
  const dyingPool = wrapPool(pool(), (text, run) => (text === "commit" ? around(run) : run()));
  return { context: context({ rail: dyingRail, pool: dyingPool }), died: () => step > at };
}

describe("a settler that dies at any of its steps", () => {
  it("leaves work that another one finishes, and nothing to pay twice", async () => {
    await settle();
    let steps = 0;
    for (; ; steps++) {
      await payAll(BigInt(100 + steps));
      const process = dying(steps);
      const ended = await settle(process.context).then(
        () => "finished",
        () => "died",
      );
      await settle();
      await expectPaid();
      if (ended === "finished" && !process.died()) break;
    }
    // Two lanes are cut, an epoch made, a page prepared, another found empty, transactions sent and confirmed.
    expect(steps).toBeGreaterThan(15);
  });

  it("or dies twice in the same place", async () => {
    for (const at of [5, 9, 11, 13]) {
      await payAll(7n);
      await settle(dying(at).context).catch(() => undefined);
      await settle(dying(at).context).catch(() => undefined);
      await settle();
      await expectPaid();
    }
  });
});

describe("settlers at once", () => {
  it("pay everybody once", async () => {
    for (let round = 0; round < 4; round++) {
      await payAll(BigInt(1_000 + round));
      await Promise.all(Array.from({ length: 4 }, () => settle()));
      await settle();
      await expectPaid();
    }
  });

  it("while people go on earning", async () => {
    const { market } = await openMarket(engine, { spec: single, tasks: manyTasks(30) });
    await Promise.all([
      ...people.map((person) => workThrough(person, market, () => "a")),
      ...Array.from({ length: 3 }, async () => {
        for (let round = 0; round < 3; round++) await settle();
      }),
    ]);
    await settle();
    await expectPaid();
  });
});

describe("a transaction", () => {
  /** A chain that loses what it is sent while `isLossy`. */
  const lossy = { isLossy: true };
  const losing = (): EngineContext =>
    context({ rail: { ...rail, send: (prepared) => (lossy.isLossy ? Promise.resolve() : rail.send(prepared)) } });

  it("that never arrives is prepared again, but not before it has expired", async () => {
    await payAll(11n);
    lossy.isLossy = true;
    await settle(losing());
    await settle(losing());
    const pending = await pool().query("select signature from payout_transactions where state = 'pending'");
    expect(pending.rows.length).toBeGreaterThan(0);
    const before = await rail.heldBy(people.map(walletOf));
    time.now += 2 * minuteMs;
    await settle();
    await expectPaid();
    for (const person of people) {
      expect((await rail.heldBy([walletOf(person)])).get(walletOf(person))).toBe(
        (before.get(walletOf(person)) as bigint) + 22n,
      );
    }
    const states = await pool().query<{ state: string }>(
      "select state from payout_transactions where signature = any($1)",
      [pending.rows.map(({ signature }: { signature: string }) => signature)],
    );
    expect(new Set(states.rows.map(({ state }) => state))).toEqual(new Set(["expired"]));
  });

  it("that arrived in the last moment is not paid again", async () => {
    await payAll(13n);
    lossy.isLossy = true;
    await settle(losing());
    lossy.isLossy = false;
    // Known to nobody yet; another process sends it in time.
    await settle(losing());
    time.now += 2 * minuteMs;
    await settle();
    await expectPaid();
  });

  it("that failed on chain is prepared again", async () => {
    await payAll(17n);
    await settle({
      ...context(),
      rail: { ...rail, send: () => Promise.resolve(), outcome: () => Promise.resolve("failed") },
    });
    const { rows } = await pool().query("select from payout_transactions where state = 'failed'");
    expect(rows.length).toBeGreaterThan(0);
    await settle();
    await expectPaid();
  });

  it("that the chain refuses now is sent again later", async () => {
    await payAll(19n);
    const logged: string[] = [];
    const refusing: Rail = {
      ...rail,
      send: ({ signature }) => Promise.reject(earnestError("TRANSACTION_FAILED", { signature, problem: "no" })),
    };
    await settle(context({ rail: refusing, log: (message) => logged.push(message) }));
    expect(logged).toContain("a payout was refused");
    await settle();
    await expectPaid();
  });

  it("waits where the chain is away, and the settler says so", async () => {
    await payAll(23n);
    const away: Rail = {
      ...rail,
      preparePayouts: () => Promise.reject(earnestError("CHAIN_UNAVAILABLE", { url: "x", problem: "gone" })),
    };
    await expect(settle(context({ rail: away }))).rejects.toMatchObject({ code: "CHAIN_UNAVAILABLE" });
    await settle();
    await expectPaid();
  });
});

describe("those who are paid", () => {
  const balanceOf = async (wallet: string): Promise<bigint> => (await rail.heldBy([wallet])).get(wallet) as bigint;

  it("are also the operator, its fees, and the requester, what is left", async () => {
    const owner = bytes32(fromBase58((await chain.requester(0n)).address));
    const { market } = await openMarket(engine, { owner, spec: single, deposit: 500_000n, tasks: manyTasks(2) });
    const operator = context().settings.operator;
    const feesBefore = await balanceOf(operator);
    await settle();
    const fees = await balanceOf(operator);
    const [person] = people as [TestContributor];
    await workThrough(person, market, () => "a");
    await settle();
    expect((await balanceOf(operator)) - fees).toBe(800n);
    expect(fees).toBeGreaterThanOrEqual(feesBefore);

    await engine.changeStatus(owner, market, "close");
    time.now += 3 * 86_400_000;
    await sweepOnce(context(), new Lanes(context()));
    await settle();
    expect(await balanceOf(toBase58(owner))).toBe(500_000n - 40_800n);
    await settle();
    expect(await balanceOf(toBase58(owner))).toBe(500_000n - 40_800n);
    await expectPaid();
  });

  it("are requesters whose deposit came when their market was closed", async () => {
    const owner = bytes32(fromBase58((await chain.requester(0n)).address));
    const { market } = await openMarket(engine, { owner, spec: single, deposit: 500_000n });
    await engine.changeStatus(owner, market, "close");
    time.now += 3 * 86_400_000;
    await sweepOnce(context(), new Lanes(context()));
    await settle();
    expect(await balanceOf(toBase58(owner))).toBe(500_000n);
    await engine.fundMarket(owner, market, `${market}:1234:late`);
    await settle();
    expect(await balanceOf(toBase58(owner))).toBe(501_234n);
  });

  it("get what is released, not what stands in reserve", async () => {
    const [person] = (await signInMany(engine, 1, () => time.now)) as [TestContributor];
    const { market } = await openMarket(engine, { spec: single, tasks: manyTasks(2) });
    await person.assign(market, 0);
    await engine.setReserve(person.session, market, 15_000n as Amount);
    await person.submit(market, { task: 0, ordinal: 0 }, "a");
    await settle();
    expect(await balanceOf(walletOf(person))).toBe(5_000n);
    expect((await engine.contributor(person.session)).balance).toMatchObject({ released: 5_000n, held: 15_000n });
  });

  it("get nothing that is too late for its wallet: fees follow the operator's new one", async () => {
    await payAll(29n);
    const { market } = await openMarket(engine, { spec: single, tasks: manyTasks(1) });
    await workThrough(people[0] as TestContributor, market, () => "a");
    const moved = toBase58(new Uint8Array(32).fill(10));
    const given = testContext(pool(), rail, { clock: () => time.now, settings: { operator: moved } });
    await settle(given);
    expect(await balanceOf(moved)).toBe(400n);
    await settle();
  });
});

describe("somebody who cannot be paid", () => {
  it("blocks nobody else, however many they are and wherever they sort", async () => {
    await settle();
    await pool().query(
      `insert into payees (payee, destination, allocated, prepared)
       select 'a/' || i, 'no address', 5, 0 from generate_series(1, 2300) i`,
    );
    await payAll(31n);
    await settle();
    const unpaid = (await standings()).filter(({ payee }) => payee.startsWith("a/"));
    expect(unpaid.every(({ prepared }) => prepared === 0n)).toBe(true);
    await pool().query("delete from payees where payee like 'a/%'");
    await expectPaid();
  });
});

describe("a lane that cannot be cut", () => {
  it("does not keep the others' money back", async () => {
    const broken = await openMarket(engine, { spec: single, tasks: manyTasks(2) });
    await workThrough(people[0] as TestContributor, broken.market, () => "a");
    const damage = "delete from entries where market = $1 and sequence = 3 returning encoded";
    const { rows } = await pool().query<{ encoded: Uint8Array }>(damage, [marketIdToBytes(broken.market)]);
    await payAll(37n);
    await expect(settle()).rejects.toMatchObject({ code: "REPLAY_MISMATCH" });
    for (const { market } of markets) {
      const cuts = await entriesOfKind(pool(), market, "cut");
      expect(cuts.length).toBeGreaterThan(1);
    }
    const [, second] = people as [TestContributor, TestContributor];
    const { balance } = await engine.contributor(second.session);
    expect(balance.settled).toBe(balance.released);
    await pool().query("insert into entries values ($1, 0, 3, $2, null)", [
      marketIdToBytes(broken.market),
      rows[0]?.encoded,
    ]);
    await settle();
    await expectPaid();
  });
});
