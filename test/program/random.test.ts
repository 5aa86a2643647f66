import fc from "fast-check";
import { expect, it } from "vitest";
import { Chain } from "./chain.ts";
import { Escrow } from "./escrow.ts";
import { PoolModel } from "./model.ts";
import { balance } from "./tokens.ts";

/** Random acts over two pools and fifty markets, each answered as the model says; the money adds up after every one. */
const contributors = Array.from({ length: 11 }, (_, i) => `contributor ${i}`);
const marketNames = Array.from({ length: 25 }, (_, i) => `market ${i}`);

type Act = (pool: PoolModel) => [said: string, expected: string] | undefined;

const name = fc.constantFrom(...marketNames);
/** A few markets are in most of what happens, or little would ever meet. */
const busyName = fc.oneof(
  { weight: 3, arbitrary: fc.constantFrom(...marketNames.slice(0, 8)) },
  { weight: 1, arbitrary: name },
);
const contributor = fc.nat({ max: contributors.length - 1 });
const amount = fc.oneof(fc.bigInt({ min: 1n, max: 100n }), fc.bigInt({ min: 1n, max: 1n << 40n }));
const age = fc.oneof({ weight: 3, arbitrary: fc.constant(0) }, { weight: 1, arbitrary: fc.nat({ max: 5 }) });

const silent = (act: (pool: PoolModel) => void): Act => {
  return (pool) => {
    act(pool);
    return undefined;
  };
};

const acts: fc.Arbitrary<Act> = fc.oneof(
  {
    weight: 2,
    arbitrary: busyName.map(
      (market): Act =>
        (pool) =>
          pool.open(market),
    ),
  },
  {
    weight: 4,
    arbitrary: fc.tuple(busyName, amount).map(
      ([m, tokens]): Act =>
        (pool) =>
          pool.deposit(m, tokens),
    ),
  },
  {
    weight: 14,
    arbitrary: fc
      .tuple(busyName, contributor, fc.bigInt({ min: 1n, max: 60n }), fc.boolean())
      .map(([m, who, tokens, isHeld]) => silent((pool) => pool.earn(m, who, tokens, isHeld))),
  },
  { weight: 2, arbitrary: contributor.map((who) => silent((pool) => pool.release(who))) },
  { weight: 5, arbitrary: fc.constant<Act>((pool) => pool.commit()) },
  {
    weight: 4,
    arbitrary: fc.tuple(contributor, age).map(
      ([who, old]): Act =>
        (pool) =>
          pool.claim(who, old),
    ),
  },
  {
    weight: 3,
    arbitrary: fc.tuple(contributor, fc.nat({ max: 4 }), age).map(([from, height, old]): Act => {
      return (pool) => pool.claimMany((from >>> height) << height, height, old);
    }),
  },
  {
    weight: 1,
    arbitrary: busyName.map(
      (market): Act =>
        (pool) =>
          pool.close(market),
    ),
  },
  {
    weight: 3,
    arbitrary: busyName.map(
      (market): Act =>
        (pool) =>
          pool.refund(market),
    ),
  },
  { weight: 1, arbitrary: amount.map((tokens) => silent((pool) => pool.donate(tokens))) },
  { weight: 1, arbitrary: fc.constant<Act>((pool) => pool.windDown()) },
);

const step = fc.record({
  pool: fc.nat({ max: 1 }),
  act: acts,
  seconds: fc.constantFrom(1n, 1n, 1n, 30n, 61n, 400n),
});

function holds(pool: PoolModel): void {
  const { deposited, refunded, allocated, claimed } = pool.escrow.pool;
  expect({ deposited, refunded, allocated, claimed }).toEqual({
    deposited: pool.deposited,
    refunded: pool.refunded,
    allocated: pool.allocated,
    claimed: pool.claimedInAll,
  });
  const vault = balance(pool.escrow.chain, pool.escrow.at.vault);
  expect(vault - pool.donated).toBe(deposited - refunded - claimed);
  expect(claimed <= allocated && allocated <= deposited - refunded).toBe(true);
}

/** In the end everybody leaves, with nobody's help. */
function leave(pool: PoolModel): void {
  pool.escrow.chain.pass(10_000n);
  pool.windDown();
  for (const market of marketNames) pool.refund(market);
  for (const [who] of contributors.entries()) pool.claim(who, 0);
  holds(pool);
  const owed = pool.deposited - pool.refunded - pool.claimedInAll;
  expect(owed).toBe(0n);
  const balances = contributors.map((who) => balance(pool.escrow.chain, pool.escrow.destination(who)));
  expect(balances).toEqual(pool.claimed);
  for (const [market, refunded] of pool.refunds) {
    expect(balance(pool.escrow.chain, pool.escrow.marketOf(market).refundTo)).toBe(refunded);
  }
}

function begun(escrow: Escrow): PoolModel {
  const pool = new PoolModel(escrow, contributors);
  for (const market of marketNames) pool.open(market);
  for (const market of marketNames.slice(0, 12)) pool.deposit(market, 1_000n);
  pool.commit();
  escrow.ok([escrow.openPage()]);
  return pool;
}

it("holds vault - donations = deposited - refunded - claimed, with default features and with all", {
  timeout: 180_000,
}, () => {
  const [plain, whole] = [new Chain(false), new Chain(true)];
  let escrows = 0;
  fc.assert(
    fc.property(fc.boolean(), fc.array(step, { minLength: 120, maxLength: 240, size: "max" }), (hasAll, steps) => {
      const fresh = () => begun(new Escrow(hasAll ? whole : plain, { name: `random ${escrows++}` }));
      const pools = [fresh(), fresh()];
      for (const { pool: which, act, seconds } of steps) {
        const pool = pools[which] as PoolModel;
        pool.escrow.chain.pass(seconds);
        const [said, expected] = act(pool) ?? ["ok", "ok"];
        expect(said).toBe(expected);
        holds(pool);
      }
      for (const pool of pools) leave(pool);
    }),
    { numRuns: 12 },
  );
});
