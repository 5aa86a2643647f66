import { setTimeout as sleep } from "node:timers/promises";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { type Attesting, attestBlindly } from "../../../test/support/attest.ts";
import { Crash, dyingAt } from "../../../test/support/dying.ts";
import { TestContributor, testContext } from "../../../test/support/engine.ts";
import {
  entriesOfKind,
  manyTasks,
  type SpecChanges,
  signInMany,
  single,
  specOf,
  workThrough,
} from "../../../test/support/engine-world.ts";
import { wrapPool } from "../../../test/support/pool-wrapper.ts";
import { amount } from "../../core/amount.ts";
import { type Bytes32, bytes32, fromBase58, toBase58 } from "../../core/bytes.ts";
import { decodeCommit, encodeCommit } from "../../core/commit/commit-message.ts";
import { earnestError } from "../../core/errors.ts";
import { type MarketId, marketIdToBytes } from "../../core/market-id.ts";
import { payToStatement } from "../../core/statements.ts";
import { randomFill, sha256, signerFromSeed } from "../../main/crypto.ts";
import { hourMs } from "../../market/spec.ts";
import type { Rail } from "../../rails/rail.ts";
import { startTestRail, type TestRail } from "../../rails/rail-fixture.ts";
import { closeMarket, marketAt } from "../../rails/solana/escrow/markets.ts";
import { insertCommit } from "../../store/settlement/commits.ts";
import { insertEpoch } from "../../store/settlement/cut-lane.ts";
import { useTestDatabase } from "../../store/testing.ts";
import type { EngineContext } from "../context.ts";
import { createEngine } from "../create-engine.ts";
import type { Engine } from "../engine.ts";
import { Lanes } from "../lanes.ts";
import { Pools } from "../pools.ts";
import { sweepOnce } from "../sweep.ts";
import type { TokenBalance } from "../types.ts";
import { cutIn } from "./cut.ts";
import { CutFold } from "./fold.ts";
import { Settler } from "./settle.ts";

const database = useTestDatabase();
const pool = () => database().pool;
/** One clock for chain and engine, which tests move on. */
const time = { aheadMs: 0 };
const clock = (): number => Date.now() + time.aheadMs;

type Requester = Awaited<ReturnType<TestRail["requester"]>>;
interface Market {
  readonly owner: Bytes32;
  readonly market: MarketId;
  readonly requester: Requester;
}

let chain: TestRail;
let rail: Rail;
let engine: Engine;
let attesting: Attesting;
let people: TestContributor[];
let markets: Market[];

const context = (overrides: Partial<Omit<EngineContext, "settings">> = {}): EngineContext =>
  testContext(pool(), rail, { clock, ...overrides, settings: { operator: chain.operator.address } });
const settlerOf = (given: EngineContext): Settler => new Settler(new Pools(given).home, new Lanes(given));
const settle = (given: EngineContext = context()): Promise<void> => settlerOf(given).once();

async function openMarket(deposit: bigint, spec: SpecChanges = single): Promise<Market> {
  const requester = await chain.requester(deposit);
  const owner = bytes32(fromBase58(requester.address));
  const wanted = { spec: specOf(spec), refundTo: requester.address, standing: false };
  const { market, specHash } = await engine.createMarket(owner, wanted);
  await engine.fundMarket(owner, market, await chain.fund(requester, { market, specHash, amount: amount(deposit) }));
  await engine.changeStatus(owner, market, "open");
  await engine.addTasks(owner, market, manyTasks(30));
  return { owner, market, requester };
}

beforeAll(async () => {
  chain = await startTestRail({ clock });
  rail = chain.rail;
  engine = await createEngine(context());
  attesting = attestBlindly(engine);
  people = await signInMany(engine, 3, clock);
  markets = [await openMarket(10_000_000n), await openMarket(10_000_000n)];
  for (const { market } of markets) for (const person of people) await person.assign(market);
});

afterAll(async () => {
  await attesting.stop();
  await engine.close();
  await chain.close();
});

const walletOf = (person: TestContributor): string => toBase58(person.session.key);
const balanceOf = async (wallet: string): Promise<bigint> => (await rail.heldBy([wallet])).get(wallet) as bigint;

/** Everybody gets something in every market, so that there is something to settle. */
async function payAll(value: bigint): Promise<void> {
  for (const { owner, market } of markets) {
    for (const person of people) await engine.payBonus(owner, market, person.session.key, amount(value), "");
  }
}

/** What each contributor's wallet holds is what the ledger released to it: no more, no less. */
async function expectPaid(): Promise<void> {
  const held = await rail.heldBy(people.map(walletOf));
  for (const person of people) {
    const [balance] = (await engine.contributor(person.session)).balances as [TokenBalance];
    expect(held.get(walletOf(person))).toBe(balance.released);
    expect(balance.settled).toBe(balance.released);
  }
}

/** A process that dies at the step with this number: before or after it writes to the database or calls the chain. */
function dying(at: number): { readonly context: EngineContext; readonly died: () => boolean } {
  const { around, died } = dyingAt(at);
  const dyingRail: Rail = {
    ...rail,
    sendCommit: (commit) => around(() => rail.sendCommit(commit)),
    payClaims: (source, wishes, creation) => around(() => rail.payClaims(source, wishes, creation)),
  };
  const dyingPool = wrapPool(pool(), (text, run) => (/^(commit|insert|update)/.test(text) ? around(run) : run()));
  return { context: context({ rail: dyingRail, pool: dyingPool }), died };
}

describe("a settler that dies at any of its steps", () => {
  it("leaves work that another one finishes, and nothing to pay twice", { timeout: 120_000 }, async () => {
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
    // An epoch is made, two lanes are cut, a message is stored, sent and marked, claims are sent and noted.
    expect(steps).toBeGreaterThan(20);
  });

  it("or dies twice in the same place", async () => {
    for (const at of [7, 15, 23]) {
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
    for (let round = 0; round < 3; round++) {
      await payAll(BigInt(1_000 + round));
      await Promise.all(Array.from({ length: 4 }, () => settle()));
      await settle();
      await expectPaid();
    }
  });

  it("while people go on earning", async () => {
    const { market } = await openMarket(5_000_000n);
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

describe("an epoch", () => {
  it("ends before its time once enough was earned in it, and not before", async () => {
    const settings = { operator: chain.operator.address, sweepMs: 20, epochAmount: amount(1_000n) };
    const early = await createEngine(testContext(pool(), rail, { clock, settings }));
    try {
      await settle();
      const { owner, market } = markets[0] as Market;
      const [person] = people as [TestContributor];
      const bonus = (value: bigint) => engine.payBonus(owner, market, person.session.key, amount(value), "");
      const before = await balanceOf(walletOf(person));
      await bonus(999n);
      await sleep(300);
      expect(await balanceOf(walletOf(person))).toBe(before);
      await bonus(1n);
      await expect.poll(() => balanceOf(walletOf(person)), { timeout: 20_000 }).toBe(before + 1_000n);
    } finally {
      await early.close();
    }
  });
});

const newestCommits = async (limit: number) => (await engine.listCommits({ limit })).items;

describe("a commit message", () => {
  const quickly = () =>
    testContext(pool(), rail, { clock, settings: { operator: chain.operator.address, signaturesMs: 1 } });

  it("that nobody signs waits, and is not made anew before it has expired", { timeout: 30_000 }, async () => {
    await attesting.stop();
    await payAll(11n);
    const settler = settlerOf(quickly());
    await settler.once();
    const [unsigned] = await newestCommits(1);
    expect(unsigned).toMatchObject({ state: "proposed", signatures: [] });
    await payAll(11n);
    await settler.once();
    expect((await newestCommits(1))[0]?.digest).toEqual(unsigned?.digest);

    time.aheadMs += 400_000;
    await settler.once();
    const [again, expired] = await newestCommits(2);
    expect(expired).toMatchObject({ state: "expired", digest: unsigned?.digest });
    expect(again).toMatchObject({ state: "proposed" });
    expect(again?.body.epoch).toBe(unsigned?.body.epoch);
    attesting = attestBlindly(engine);
    await settle();
    await expectPaid();
  });

  it("that attestors brought onto the chain themselves is taken for what it is", async () => {
    await payAll(13n);
    const silent: Rail = { ...rail, sendCommit: () => Promise.reject(new Crash("before it was sent")) };
    await expect(settle(context({ rail: silent }))).rejects.toThrow(Crash);
    const [row] = await newestCommits(1);
    const { body, digest, signatures } = row as NonNullable<typeof row>;
    await rail.sendCommit({
      body,
      digest,
      signatures: signatures.map(({ key, signature }) => ({ key: bytes32(key), signature })),
    });
    await settle();
    await expectPaid();
    expect((await engine.commit(digest)).state).toBe("committed");
  });

  it("that was made by whoever did not see yet that its epoch is over gives way to the next", async () => {
    await payAll(17n);
    await settle();
    const [last] = await newestCommits(1);
    const { context: place, body } = decodeCommit((last as NonNullable<typeof last>).message);
    const stale = encodeCommit({ context: place, body: { ...body, logRoot: bytes32(new Uint8Array(32).fill(3)) } });
    const row = { digest: sha256(stale), epoch: body.epoch, message: stale, leafFile: stale, proposedAtMs: clock() };
    expect(await insertCommit(pool(), row, 0)).toBe(false);
    // As one that got in before anybody had noted the other.
    await pool().query(
      `insert into commits (digest, epoch, message, leaf_file, state, proposed_at_ms) values ($1, $2, $3, $3, 'proposed', 0)`,
      [row.digest, row.epoch, stale],
    );
    await payAll(17n);
    await settle(quickly());
    await settle();
    await expectPaid();
    expect((await engine.commit(row.digest)).state).toBe("expired");
  });

  it("is sent as a sign of life where nothing happens", async () => {
    await settle();
    const before = await rail.readPool();
    await settle();
    expect((await rail.readPool()).pool.epoch).toBe(before.pool.epoch);
    time.aheadMs += 20 * 86_400_000;
    await settle();
    expect((await rail.readPool()).pool.epoch).toBe(before.pool.epoch + 1n);
  });

  it("waits where the chain is away, and the settler says so", async () => {
    await payAll(23n);
    const away: Rail = {
      ...rail,
      payClaims: () => Promise.reject(earnestError("CHAIN_UNAVAILABLE", { url: "x", problem: "gone" })),
    };
    await expect(settle(context({ rail: away }))).rejects.toMatchObject({ code: "CHAIN_UNAVAILABLE" });
    await settle();
    await expectPaid();
  });

  it("that a database which was set back does not know is an error, not a second commit", async () => {
    const other: Rail = { ...rail, readPool: async () => forged(await rail.readPool()) };
    const forged = (view: Awaited<ReturnType<Rail["readPool"]>>) => ({
      ...view,
      pool: { ...view.pool, digest: bytes32(new Uint8Array(32).fill(9)) },
    });
    await payAll(1n);
    await expect(settle(context({ rail: other }))).rejects.toMatchObject({ code: "INVARIANT_MISMATCH" });
    await settle();
    await expectPaid();
  });
});

describe("two settlers that cut at once", () => {
  const keyOf = ({ market }: Market) => ({ market: marketIdToBytes(market), lane: 0 });
  const cut = (lanes: Lanes, epoch: number, each: Market): Promise<void> =>
    cutIn({ number: epoch, pool: 0 }, lanes.get(each.market), keyOf(each));
  const sizeOf = async (lanes: Lanes, { market }: Market): Promise<number> =>
    await lanes.get(market).read(({ tree }) => tree.size);

  it("leave nothing out: a lane that is cut after others of its epoch were read is read next", async () => {
    const given = context();
    const [first, second] = markets as [Market, Market];
    const lanes = new Lanes(given);
    const cuts = new CutFold(new Pools(given).home);
    const sizes = (): Map<string, number> => new Map(cuts.fold.lanes().map(({ market, size }) => [market, size]));
    await payAll(19n);
    const epoch = await insertEpoch(pool(), clock(), 0);
    await cut(lanes, epoch, first);
    await cuts.catchUp();
    await cut(lanes, epoch, second);
    await cuts.catchUp();
    for (const each of [first, second]) expect(sizes().get(each.market)).toBe(await sizeOf(lanes, each));
    await payAll(19n);
    await cut(lanes, await insertEpoch(pool(), clock(), 0), second);
    await cuts.catchUp();
    expect(sizes().get(second.market)).toBe(await sizeOf(lanes, second));
  });

  it("write down whose balance changed since the cut before, and nobody else's", async () => {
    const [first, second] = markets as [Market, Market];
    const [person] = people as [TestContributor];
    await payAll(7n);
    await settle();
    const written = async () => {
      const { rows } = await pool().query<{ market: string; contributor: number; version: string }>(
        "select encode(market, 'hex') as market, contributor, xmin::text as version from shares order by market, contributor",
      );
      return rows;
    };
    const before = await written();
    await engine.payBonus(first.owner, first.market, person.session.key, amount(7n), "");
    await engine.addTasks(second.owner, second.market, manyTasks(31).slice(30));
    await settle();
    const changed = (await written()).filter(({ version }, i) => version !== before[i]?.version);
    expect(changed).toMatchObject([{ market: first.market, contributor: person.session.contributor }]);
    const { rows } = await pool().query(
      `select from balances full join shares using (market, lane, contributor)
       where (balances.released, balances.held) is distinct from (shares.released, shares.held)`,
    );
    expect(rows).toEqual([]);
    await expectPaid();
  });

  it("do not cut in an epoch that is over", async () => {
    const [first] = markets as [Market, Market];
    const lanes = new Lanes(context());
    const over = await insertEpoch(pool(), clock(), 0);
    await insertEpoch(pool(), clock(), 0);
    const before = await sizeOf(lanes, first);
    await cut(lanes, over, first);
    expect(await sizeOf(lanes, first)).toBe(before);
    await settle();
    await expectPaid();
  });
});

describe("those who are paid", () => {
  // Sessions end, and the clock was moved on by days.
  beforeAll(async () => {
    people = await signInMany(engine, 3, clock);
    for (const { market } of markets) for (const person of people) await person.assign(market);
  });

  it("are also the operator, its fees", async () => {
    const { market } = await openMarket(500_000n);
    await settle();
    const before = await balanceOf(chain.operator.address);
    const [person] = people as [TestContributor];
    expect(await workThrough(person, market, () => "a")).toBeGreaterThan(0);
    await settle();
    expect(await balanceOf(chain.operator.address)).toBeGreaterThan(before);
    expect((await engine.totals()).settled).toBeGreaterThan(0n);
  });

  it("hold up nobody where their own claim does not get through", async () => {
    const { owner, market } = markets[0] as Market;
    const [person, other] = people as [TestContributor, TestContributor];
    const logged: string[] = [];
    const refusing: Rail = {
      ...rail,
      payClaims: (source, wishes, creation) =>
        rail.payClaims(
          source,
          wishes.filter(({ index }) => index !== person.session.contributor),
          creation,
        ),
    };
    await engine.payBonus(owner, market, person.session.key, amount(31n), "");
    await engine.payBonus(owner, market, other.session.key, amount(37n), "");
    const before = await balanceOf(walletOf(other));
    await settle(context({ rail: refusing, log: (message) => logged.push(message) }));
    expect((await balanceOf(walletOf(other))) - before).toBe(37n);
    await settle();
    await expectPaid();
  });

  it("are requesters who ended their market: what nobody earned, once", { timeout: 30_000 }, async () => {
    const { market, requester } = await openMarket(500_000n);
    const [person] = people as [TestContributor];
    const [offer] = await person.assign(market);
    await person.submit(market, (offer as NonNullable<typeof offer>).slot, "a");
    const { at } = chain.pool;
    await closeMarket(chain.escrow, at, requester, marketAt(at, requester.address, market));
    await settle();
    expect((await engine.market(market)).status).toBe("closing");
    expect(await entriesOfKind(pool(), market, "closing")).toHaveLength(1);
    await settle();
    expect(await balanceOf(requester.address)).toBe(0n);

    time.aheadMs += 31 * 86_400_000;
    await sweepOnce(context(), new Lanes(context()));
    expect((await engine.market(market)).status).toBe("closed");
    await settle();
    await settle();
    expect(await balanceOf(requester.address)).toBe(500_000n - 20_400n);
    await expectPaid();
  });
});

describe("a market whose answers may take longer than the network's refund delay", () => {
  it("is refused: it could be refunded before its people are paid", async () => {
    const spec = specOf({
      ...single,
      appeal: { windowMs: 31 * 24 * hourMs, budget: amount(0n), panel: 3, cost: amount(0n) },
    });
    const { owner, requester } = markets[0] as Market;
    const wanted = { spec, refundTo: requester.address, standing: false };
    await expect(engine.createMarket(owner, wanted)).rejects.toMatchObject({ code: "LIMIT_EXCEEDED" });
  });
});

describe("a contributor who wants to be paid at another wallet", () => {
  const wish = async (seed: Uint8Array, wallet: Bytes32, number = clock()) => {
    const statement = payToStatement({ pool: bytes32(fromBase58(rail.pool)), number, wallet });
    return { wallet, number, signature: signerFromSeed(seed).sign(statement) };
  };

  it("is, from the next commit on, and roots that name the old one are dead", async () => {
    const seed = randomFill(32);
    const { owner, market } = markets[0] as Market;
    const person = await TestContributor.signIn(engine, seed, clock);
    const wallet = bytes32(fromBase58((await chain.requester(0n)).address));
    const early = engine.payTo(person.session, await wish(seed, wallet));
    await expect(early).rejects.toMatchObject({ code: "PAYING_ADDRESS_STATE" });

    const pay = (value: bigint) => engine.payBonus(owner, market, person.session.key, amount(value), "");
    await person.assign(market);
    await pay(50n);
    await settle();
    expect(await balanceOf(walletOf(person))).toBe(50n);

    await engine.payTo(person.session, await wish(seed, wallet));
    expect((await engine.contributor(person.session)).balances[0]?.paidAt).toEqual(wallet);
    await pay(70n);
    await settle();
    expect([await balanceOf(walletOf(person)), await balanceOf(toBase58(wallet))]).toEqual([50n, 70n]);
    const { pool: account } = await rail.readPool();
    expect(account.floor).toBe(account.epoch);
  });

  it("has to say so with its own key, in time, and not with an older wish", async () => {
    const seed = randomFill(32);
    const person = await TestContributor.signIn(engine, seed, clock);
    await person.assign((markets[0] as Market).market);
    const wallet = bytes32(new Uint8Array(32).fill(7));
    const by = async (key: Uint8Array, number?: number) =>
      engine.payTo(person.session, await wish(key, wallet, number));
    await expect(by(randomFill(32))).rejects.toMatchObject({ code: "SIGNATURE_MISMATCH" });
    await expect(by(seed, clock() + 3_600_000)).rejects.toMatchObject({ code: "REQUEST_TIME_MISMATCH" });
    await by(seed, clock() - 1_000);
    await expect(by(seed, clock() - 2_000)).rejects.toMatchObject({ code: "MALFORMED_REQUEST" });
  });
});
