import { generateKeyPairSigner } from "@solana/kit";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { type Attesting, attestBlindly } from "../../../test/support/attest.ts";
import { dyingAt } from "../../../test/support/dying.ts";
import { TestContributor, testContext } from "../../../test/support/engine.ts";
import { manyTasks, single, specOf } from "../../../test/support/engine-world.ts";
import { wrapPool } from "../../../test/support/pool-wrapper.ts";
import { amount, zero } from "../../core/amount.ts";
import { type Bytes32, bytes32, fromBase58, toBase58 } from "../../core/bytes.ts";
import { earnestError } from "../../core/errors.ts";
import type { MarketId } from "../../core/market-id.ts";
import { readTokenTransfer } from "../../core/token-transfer.ts";
import { randomFill, signerFromSeed } from "../../main/crypto.ts";
import type { Rail } from "../../rails/rail.ts";
import { startTestRail, type TestRail } from "../../rails/rail-fixture.ts";
import type { SponsorPolicy } from "../../rails/solana/escrow/sponsorship.ts";
import { readSponsored } from "../../store/settlement/sponsored.ts";
import { useTestDatabase } from "../../store/testing.ts";
import type { EngineContext } from "../context.ts";
import { createEngine } from "../create-engine.ts";
import type { Engine } from "../engine.ts";
import { createIdempotency } from "../idempotency.ts";
import { Lanes } from "../lanes.ts";
import { Pools } from "../pools.ts";
import { Settler } from "../settlement/settle.ts";
import type { WithdrawalView } from "../types.ts";
import type { WithdrawalPolicy } from "./policy.ts";
import { Withdrawals } from "./withdrawals.ts";

const database = useTestDatabase();
const pool = () => database().pool;
const time = { aheadMs: 0 };
const clock = (): number => Date.now() + time.aheadMs;

let chain: TestRail;
let rail: Rail;
let engine: Engine;
let attesting: Attesting;
let owner: Bytes32;
let market: MarketId;

interface Settings {
  readonly withdrawals?: Partial<WithdrawalPolicy>;
  readonly sponsor?: Partial<SponsorPolicy>;
}
const plenty: WithdrawalPolicy = { amountMin: zero, perDayMax: 100, accountsMax: 100, lamportsPerDayMax: 10n ** 12n };
const sponsorAll: SponsorPolicy = { dueMin: zero, perDayMax: 1_000, lamportsMax: 10n ** 12n };

const context = (
  { withdrawals, sponsor }: Settings = {},
  overrides: Partial<Omit<EngineContext, "settings">> = {},
): EngineContext =>
  testContext(pool(), rail, {
    clock,
    ...overrides,
    settings: {
      operator: chain.operator.address,
      withdrawals: { ...plenty, ...withdrawals },
      sponsor: { ...sponsorAll, ...sponsor },
    },
  });
const withdrawalsOf = (given: EngineContext): Withdrawals => new Withdrawals(given, new Pools(given));
const under = (settings: Settings): Withdrawals => withdrawalsOf(context(settings));

beforeAll(async () => {
  chain = await startTestRail({ clock });
  rail = chain.rail;
  engine = await createEngine(context());
  attesting = attestBlindly(engine);
  const requester = await chain.requester(100_000_000n);
  owner = bytes32(fromBase58(requester.address));
  const wanted = { spec: specOf(single), refundTo: requester.address, standing: false };
  const made = await engine.createMarket(owner, wanted);
  market = made.market;
  const funding = { market, specHash: made.specHash, amount: amount(100_000_000n) };
  await engine.fundMarket(owner, market, await chain.fund(requester, funding));
  await engine.changeStatus(owner, market, "open");
  await engine.addTasks(owner, market, manyTasks(100));
});

afterAll(async () => {
  await attesting.stop();
  await engine.close();
  await chain.close();
});

interface Person {
  readonly person: TestContributor;
  readonly key: Bytes32;
  readonly sign: (message: Uint8Array) => Uint8Array;
}

async function newcomer(): Promise<Person> {
  const seed = randomFill(32);
  const { publicKey, sign } = signerFromSeed(seed);
  return { person: await TestContributor.signIn(engine, seed, clock), key: publicKey, sign };
}

/** Newcomers who have been paid so much each, on chain. */
async function paid(value: bigint, count = 1): Promise<Person[]> {
  const people = await Promise.all(Array.from({ length: count }, newcomer));
  for (const { key, person } of people) {
    await person.assign(market);
    await engine.payBonus(owner, market, key, amount(value), "");
  }
  await engine.settle();
  return people;
}

const fresh = async (): Promise<Bytes32> => bytes32(fromBase58((await generateKeyPairSigner()).address));
const held = async (key: Uint8Array): Promise<bigint> => {
  const wallet = toBase58(key);
  return (await rail.heldBy([wallet])).get(wallet) as bigint;
};
const lamportsOf = async (address: string): Promise<bigint> => {
  const { value } = await chain.client.call((rpc) =>
    rpc.getBalance(address as Parameters<typeof rpc.getBalance>[0], { commitment: "finalized" }),
  );
  return value;
};
const signatureOf = ({ sign }: Person, { toSign }: WithdrawalView): Uint8Array =>
  sign((toSign as NonNullable<typeof toSign>).message);
const session = ({ person }: Person) => person.session;

/** As one process does all of it. */
async function withdraw(by: Withdrawals, who: Person, to: Bytes32, value: bigint | null): Promise<WithdrawalView> {
  const plan = await by.plan(session(who), { to, amount: value === null ? null : amount(value) });
  return await by.send(session(who), plan.id, signatureOf(who, plan));
}

describe("a fresh key without SOL", () => {
  it("earns, is paid, sends everything to a wallet that never had an account, and never has a lamport", async () => {
    const who = await newcomer();
    const [offer] = await who.person.assign(market);
    await who.person.submit(market, (offer as NonNullable<typeof offer>).slot, "a");
    await engine.settle();
    const earned = await held(who.key);
    expect(earned).toBeGreaterThan(0n);
    expect(await lamportsOf(toBase58(who.key))).toBe(0n);

    const to = await fresh();
    const plan = await engine.planWithdrawal(session(who), { to, amount: null });
    expect(plan).toMatchObject({ state: "planned", amount: earned, from: who.key, to, feeLamports: 10_000n });
    const before = await lamportsOf(chain.operator.address);
    const done = await engine.sendWithdrawal(session(who), plan.id, signatureOf(who, plan));
    expect(done).toMatchObject({ id: plan.id, state: "final", toSign: null, problem: null });
    expect(before - (await lamportsOf(chain.operator.address))).toBe(plan.feeLamports + plan.rentLamports);
    expect([await held(who.key), await held(to)]).toEqual([0n, earned]);
    expect([await lamportsOf(toBase58(who.key)), await lamportsOf(toBase58(to))]).toEqual([0n, 0n]);
    expect(await engine.listWithdrawals(session(who), 5)).toEqual([done]);
  });

  it("has sent it once, however often it says so, and whoever else looks finds nothing", async () => {
    const [who, other] = (await paid(500n, 2)) as [Person, Person];
    const to = await fresh();
    const plan = await engine.planWithdrawal(session(who), { to, amount: amount(100n) });
    const signature = signatureOf(who, plan);
    const sends = Array.from({ length: 4 }, () => engine.sendWithdrawal(session(who), plan.id, signature));
    for (const { state } of await Promise.all(sends)) expect(["sent", "final"]).toContain(state);
    expect((await engine.sendWithdrawal(session(who), plan.id, signature)).state).toBe("final");
    expect([await held(to), await held(who.key)]).toEqual([100n, 400n]);
    const foreign = engine.sendWithdrawal(session(other), plan.id, signature);
    await expect(foreign).rejects.toMatchObject({ code: "WITHDRAWAL_NOT_FOUND" });
    expect(await engine.listWithdrawals(session(other), 5)).toEqual([]);
  });

  it("plans once where the same request comes twice", async () => {
    const [who] = (await paid(500n)) as [Person];
    const store = createIdempotency(context());
    const keyed = () => store.once(who.key, "withdrawal", new Uint8Array(32));
    const to = await fresh();
    const plan = await engine.planWithdrawal(session(who), { to, amount: amount(1n) }, keyed());
    const again = engine.planWithdrawal(session(who), { to, amount: amount(1n) }, keyed());
    await expect(again).rejects.toMatchObject({ name: "KeyClaimed" });
    expect((await store.find(who.key, "withdrawal"))?.response).toBe(plan.id);
    expect((await engine.withdrawal(session(who), plan.id)).toSign).toEqual(plan.toSign);
  });
});

describe("what is signed", () => {
  it("is what was planned: another's signature, or one of another transaction, sends nothing", async () => {
    const [who, thief] = (await paid(500n, 2)) as [Person, Person];
    const to = await fresh();
    const plan = await engine.planWithdrawal(session(who), { to, amount: amount(100n) });
    const { message } = plan.toSign as NonNullable<typeof plan.toSign>;
    const tampered = message.slice();
    tampered[tampered.length - 5] = (tampered[tampered.length - 5] as number) ^ 1;
    for (const bad of [thief.sign(message), who.sign(tampered), new Uint8Array(64), new Uint8Array(3)]) {
      const sending = engine.sendWithdrawal(session(who), plan.id, bad);
      await expect(sending).rejects.toMatchObject({ code: "SIGNATURE_MISMATCH" });
    }
    expect((await engine.withdrawal(session(who), plan.id)).state).toBe("planned");
    expect(await held(to)).toBe(0n);
  });

  it("is a transfer that the operator pays and only the owner's tokens leave by", async () => {
    const [who] = (await paid(500n)) as [Person];
    const to = await fresh();
    const plan = await engine.planWithdrawal(session(who), { to, amount: amount(100n) });
    const said = readTokenTransfer((plan.toSign as NonNullable<typeof plan.toSign>).message);
    expect(said).toMatchObject({ owner: who.key, creates: to, amount: 100n });
    expect(toBase58(said?.feePayer ?? to)).toBe(chain.operator.address);
  });

  it("is the newest plan: an older one that was not signed is gone", async () => {
    const [who] = (await paid(500n)) as [Person];
    const to = await fresh();
    const first = await engine.planWithdrawal(session(who), { to, amount: amount(1n) });
    const second = await engine.planWithdrawal(session(who), { to, amount: amount(2n) });
    const old = engine.sendWithdrawal(session(who), first.id, signatureOf(who, first));
    await expect(old).rejects.toMatchObject({ code: "WITHDRAWAL_NOT_FOUND" });
    expect((await engine.sendWithdrawal(session(who), second.id, signatureOf(who, second))).state).toBe("final");
    expect(await held(to)).toBe(2n);
  });

  it("has to be signed within a minute", async () => {
    const [who] = (await paid(500n)) as [Person];
    const withdrawals = under({});
    const plan = await withdrawals.plan(session(who), { to: await fresh(), amount: amount(1n) });
    time.aheadMs += 61_000;
    const late = () => withdrawals.send(session(who), plan.id, signatureOf(who, plan));
    await expect(late()).rejects.toMatchObject({ code: "WITHDRAWAL_STATE", context: { state: "expired" } });
    await withdrawals.advance();
    expect(await withdrawals.one(session(who), plan.id)).toMatchObject({ state: "expired", toSign: null });
    await expect(late()).rejects.toMatchObject({ code: "WITHDRAWAL_STATE", context: { state: "expired" } });
  });
});

describe("the policy", () => {
  const refused = (reason: string) => ({ code: "WITHDRAWAL_REFUSED", context: { reason } });

  it("counts a day's withdrawals of one contributor, and not those of others", async () => {
    const [who, other] = (await paid(500n, 2)) as [Person, Person];
    const withdrawals = under({ withdrawals: { perDayMax: 2 } });
    const to = await fresh();
    for (let i = 0; i < 2; i++) expect((await withdraw(withdrawals, who, to, 1n)).state).toBe("final");
    await expect(withdraw(withdrawals, who, to, 1n)).rejects.toMatchObject(refused("perDay"));
    expect((await withdraw(withdrawals, other, to, 1n)).state).toBe("final");
    time.aheadMs += 86_400_000;
    expect((await withdraw(withdrawals, who, to, 1n)).state).toBe("final");
  });

  it("pays one account for a contributor to send to, and none twice for a destination", async () => {
    const [who, other, third] = (await paid(500n, 3)) as [Person, Person, Person];
    const withdrawals = under({ withdrawals: { accountsMax: 1 } });
    const to = await fresh();
    await withdraw(withdrawals, who, to, 1n);
    await expect(withdraw(withdrawals, who, await fresh(), 1n)).rejects.toMatchObject(refused("accounts"));
    expect((await withdraw(withdrawals, who, to, 1n)).rentLamports).toBe(0n);
    // As if its owner had closed it: a rail that says it has none.
    const gone: Rail = {
      ...rail,
      planTransfer: async (from, wallet, value) => ({
        ...(await rail.planTransfer(from, wallet, value)),
        rentLamports: 2_000_000n,
      }),
    };
    const later = withdrawalsOf(context({}, { rail: gone }));
    await expect(withdraw(later, other, to, 1n)).rejects.toMatchObject(refused("sponsoredBefore"));
    // Nor for a contributor whose own account was.
    await expect(withdraw(later, other, third.key, 1n)).rejects.toMatchObject(refused("sponsoredBefore"));
  });

  it("spends of the day's lamports and of the sponsor's, and asks again when it is signed", async () => {
    const [who, other] = (await paid(500n, 2)) as [Person, Person];
    time.aheadMs += 86_400_000;
    const one = under({ withdrawals: { lamportsPerDayMax: 10_000n } });
    const a = await one.plan(session(who), { to: other.key, amount: amount(1n) });
    const rival = await one.plan(session(other), { to: who.key, amount: amount(1n) });
    expect([a.rentLamports, rival.rentLamports]).toEqual([0n, 0n]);
    // Both were planned when there was enough for one.
    const sends = await Promise.allSettled([
      one.send(session(who), a.id, signatureOf(who, a)),
      one.send(session(other), rival.id, signatureOf(other, rival)),
    ]);
    const ends = sends.map((each) =>
      each.status === "fulfilled" ? each.value.state : (each.reason as { context: { reason: string } }).context.reason,
    );
    expect(ends.toSorted()).toEqual(["dailyBudget", "final"]);

    const poor = under({ sponsor: { lamportsMax: 1_000n } });
    await expect(withdraw(poor, who, await fresh(), 1n)).rejects.toMatchObject(refused("budget"));
    const shy = under({ withdrawals: { amountMin: amount(50n) } });
    await expect(withdraw(shy, who, other.key, 49n)).rejects.toMatchObject(refused("amountMin"));
  });

  it("holds when many ask at once", async () => {
    const people = await paid(100n, 6);
    time.aheadMs += 86_400_000;
    const to = (await paid(100n))[0] as Person;
    const withdrawals = under({ withdrawals: { lamportsPerDayMax: 30_000n } });
    const ends = await Promise.allSettled(people.map((who) => withdraw(withdrawals, who, to.key, 10n)));
    expect(ends.filter((each) => each.status === "fulfilled")).toHaveLength(3);
    expect(await held(to.key)).toBe(130n);
  });

  it("lets nobody spend the same tokens twice: there is one withdrawal at a time", async () => {
    const [who, other] = (await paid(100n, 2)) as [Person, Person];
    const away: Rail = {
      ...rail,
      sendTransfer: () => Promise.reject(earnestError("CHAIN_UNAVAILABLE", { url: "x", problem: "gone" })),
    };
    const stuck = withdrawalsOf(context({}, { rail: away }));
    const first = await withdraw(stuck, who, other.key, 100n);
    expect(first.state).toBe("sent");
    const second = under({}).plan(session(who), { to: other.key, amount: amount(1n) });
    await expect(second).rejects.toMatchObject({ code: "WITHDRAWAL_STATE", context: { state: "sent" } });
    await under({}).advance();
    expect((await engine.withdrawal(session(who), first.id)).state).toBe("final");
    expect(await held(other.key)).toBe(200n);
  });

  it("counts nothing for what expired", async () => {
    const [who, other] = (await paid(100n, 2)) as [Person, Person];
    const lost: Rail = {
      ...rail,
      sendTransfer: () => Promise.resolve({ state: "pending", signature: "5".repeat(88), problem: "dropped" }),
    };
    const withdrawals = withdrawalsOf(context({ withdrawals: { perDayMax: 1 } }, { rail: lost }));
    const sent = await withdraw(withdrawals, who, other.key, 100n);
    expect(sent).toMatchObject({ state: "sent", problem: "dropped" });
    time.aheadMs += 200_000;
    await chain.requester(0n);
    await under({}).advance();
    expect(await engine.withdrawal(session(who), sent.id)).toMatchObject({ state: "expired" });
    expect((await withdraw(under({ withdrawals: { perDayMax: 1 } }), who, other.key, 100n)).state).toBe("final");
    expect(await held(other.key)).toBe(200n);
  });
});

describe("the sponsor's budget", () => {
  it("is one for the accounts of contributors and of those they send to, also where both want the last of it", async () => {
    const [who] = (await paid(500n)) as [Person];
    const waiting = await newcomer();
    await waiting.person.assign(market);
    await engine.payBonus(owner, market, waiting.key, amount(500n), "");
    const { lamports } = await readSponsored(pool(), 0);
    // For one account more, not for two.
    const settings: Settings = { sponsor: { lamportsMax: lamports + 3_000_000n } };
    const to = await fresh();
    const between: Rail = {
      ...rail,
      payClaims: (source, wishes, creation) => {
        if (typeof creation === "string") return rail.payClaims(source, wishes, creation);
        const storeGranted: typeof creation.storeGranted = async (indexes, lamportsEach) => {
          expect((await withdraw(under(settings), who, to, 1n)).state).toBe("final");
          await creation.storeGranted(indexes, lamportsEach);
        };
        return rail.payClaims(source, wishes, { ...creation, storeGranted });
      },
    };
    const settler = (given: EngineContext): Settler => new Settler(new Pools(given).home, new Lanes(given));
    const settling = settler(context(settings, { rail: between })).once();
    await expect(settling).rejects.toMatchObject({ code: "BUDGET_EXCEEDED" });
    expect(await held(to)).toBe(1n);
    expect((await readSponsored(pool(), 0)).lamports).toBeLessThanOrEqual(lamports + 3_000_000n);
    await settler(context(settings)).once();
    expect(await held(waiting.key)).toBe(0n);
    await settler(context()).once();
    expect(await held(waiting.key)).toBe(500n);
  });
});

/** A process that dies at the step with this number: before or after it writes to the database or calls the chain. */
function dying(at: number): { readonly withdrawals: Withdrawals; readonly died: () => boolean } {
  const { around, died } = dyingAt(at);
  const dyingRail: Rail = {
    ...rail,
    planTransfer: (from, to, value) => around(() => rail.planTransfer(from, to, value)),
    sendTransfer: (transfer, signature, waitMs) => around(() => rail.sendTransfer(transfer, signature, waitMs)),
  };
  const dyingPool = wrapPool(pool(), (text, run) =>
    /^(commit|insert|update|delete)/.test(text) ? around(run) : run(),
  );
  return { withdrawals: withdrawalsOf(context({}, { rail: dyingRail, pool: dyingPool })), died };
}

describe("a process that dies at any of its steps", () => {
  it("leaves what another one finishes, and nothing is sent twice", { timeout: 60_000 }, async () => {
    const [who, other] = (await paid(100_000n, 2)) as [Person, Person];
    let expected = 100_000n;
    let steps = 0;
    for (; ; steps++) {
      const process = dying(steps);
      const value = BigInt(100 + steps);
      const ended = await withdraw(process.withdrawals, who, other.key, value).then(
        () => "finished",
        () => "died",
      );
      const [last] = await engine.listWithdrawals(session(who), 1);
      // What its owner had signed goes its way without it; otherwise it begins again.
      await under({}).advance();
      const now = last?.amount === value && last.state !== "planned" ? last.state : "unsent";
      if (now === "unsent") await withdraw(under({}), who, other.key, value);
      expected += value;
      const [end] = await engine.listWithdrawals(session(who), 1);
      expect(end).toMatchObject({ state: "final", amount: value });
      expect(await held(other.key)).toBe(expected);
      if (ended === "finished" && !process.died()) break;
    }
    // Planned, stored, signed and sent: each with its transaction.
    expect(steps).toBeGreaterThan(10);
  });
});
