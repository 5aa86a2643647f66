import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { named, sha256 } from "../../../test/support/market-hash.ts";
import {
  foldRules,
  laneCut,
  marketIds,
  member,
  operator,
  tokenAccountOf,
} from "../../../test/support/settlement-world.ts";
import { amount, amountMax } from "../../core/amount.ts";
import { toHex } from "../../core/bytes.ts";
import type { Difference } from "./differences.ts";
import type { LaneCut, MemberCut } from "./lane-cut.ts";
import { PoolFold, type PoolPayouts, payoutsOf } from "./pool-fold.ts";

const [marketA, marketB] = marketIds;
const payouts = (cuts: Iterable<LaneCut>): PoolPayouts => {
  const found = payoutsOf(cuts, foldRules);
  if ("code" in found) throw new Error(found.code);
  return found;
};
const codeOf = (found: PoolPayouts | Difference): string => ("code" in found ? found.code : "");

/** Everything from scratch, by contributor, in the plainest way. */
function slowPayouts(cuts: readonly LaneCut[]): string[] {
  const fees = cuts.reduce((sum, { fee }) => sum + fee, 0n);
  const numbers = new Set(cuts.flatMap(({ members }) => members.map(({ contributor }) => contributor)));
  const leaves = [...numbers].map((contributor) => {
    const of = cuts.flatMap(({ members }) => members.filter((each) => each.contributor === contributor));
    const released = of.reduce((sum, each) => sum + each.released, 0n);
    const held = of.reduce((sum, each) => sum + each.held, 0n);
    const moves = of.flatMap(({ paying }) => (paying === null ? [] : [paying]));
    const last = moves.toSorted((a, b) => b.number - a.number || (toHex(b.wallet) < toHex(a.wallet) ? -1 : 1))[0];
    const wallet = last?.wallet ?? named(`key ${contributor}`);
    return [contributor, toHex(tokenAccountOf(wallet)), released, held] as const;
  });
  const all = [[0, toHex(tokenAccountOf(operator)), fees, 0n] as const, ...leaves];
  return all.sort(([a], [b]) => a - b).map((leaf) => leaf.join(" "));
}

const textsOf = ({ leaves }: Pick<PoolPayouts, "leaves">): string[] =>
  leaves.map(({ index, destination, cumulative, held }) => [index, toHex(destination), cumulative, held].join(" "));

const moneyArbitrary = fc.bigInt({ min: 0n, max: 1_000_000n });
const payingArbitrary = fc.option(
  fc.record({ number: fc.integer({ min: 1, max: 3 }), wallet: fc.nat({ max: 2 }).map((n) => named(`wallet ${n}`)) }),
);
const memberArbitrary: fc.Arbitrary<MemberCut> = fc
  .tuple(fc.integer({ min: 1, max: 12 }), moneyArbitrary, moneyArbitrary, payingArbitrary)
  .map(([contributor, released, held, paying]) => ({ ...member(contributor, released, held), paying }));
const membersArbitrary = fc.uniqueArray(memberArbitrary, { selector: ({ contributor }) => contributor, maxLength: 8 });

/** Up to two lanes of each of two markets. */
const cutsArbitrary = fc
  .array(membersArbitrary, { minLength: 1, maxLength: 4 })
  .map((lanes) => lanes.map((members, i) => laneCut(marketIds[i % 2] as typeof marketA, members, { lane: i >> 1 })));

describe("payouts of a pool", () => {
  it("are the sums over lanes and markets, whatever the order of lanes and members", () => {
    fc.assert(
      fc.property(cutsArbitrary, fc.nat(), (cuts, turn) => {
        const turned = cuts.map((_, i) => cuts[(i + turn) % cuts.length] as LaneCut);
        const shuffled = turned.map((cut) => ({ ...cut, members: cut.members.toReversed() }));
        expect(textsOf(payouts(cuts))).toEqual(slowPayouts(cuts));
        expect(payouts(shuffled).leaves).toEqual(payouts(cuts).leaves);
        expect(payouts(shuffled).lanes).toEqual(payouts(cuts).lanes);
        expect(payouts(shuffled).markets).toEqual(payouts(cuts).markets);
      }),
      { numRuns: 150 },
    );
  });

  it("are conserved: what is owed is what was allocated", () => {
    fc.assert(
      fc.property(cutsArbitrary, (cuts) => {
        const { leaves, markets } = payouts(cuts);
        const owed = leaves.reduce((sum, { cumulative, held }) => sum + cumulative + held, 0n);
        const allocated = [...markets.values()].reduce((sum, market) => sum + market.allocated, 0n);
        expect(owed).toBe(allocated);
      }),
    );
  });

  const grow = (cut: LaneCut, more: readonly MemberCut[], at: number): { changed: LaneCut; whole: LaneCut } => {
    const known = new Map(cut.members.map((each) => [each.contributor, each]));
    const changed = more.map(({ contributor, released, held }) => {
      const before = known.get(contributor) ?? member(contributor, 0n);
      return { ...before, released: amount(before.released + released), held: amount(held) };
    });
    for (const each of changed) known.set(each.contributor, each);
    const fee = amount(cut.fee + 3n);
    const parts = { lane: cut.lane, size: cut.size + 1, epoch: at, root: named(`root ${at}`), fee };
    const whole = laneCut(cut.market, [...known.values()], parts);
    return { whole, changed: { ...whole, members: changed } };
  };

  it("come to the same where each cut brings only what changed, and name what changed", () => {
    fc.assert(
      fc.property(cutsArbitrary, fc.array(fc.tuple(fc.nat(), membersArbitrary), { maxLength: 6 }), (cuts, steps) => {
        const fold = new PoolFold(foldRules);
        for (const cut of cuts) expect(fold.take(cut)).toBe(null);
        const now = [...cuts];
        fold.takeChanged();
        for (const [step, [place, more]] of steps.entries()) {
          const before = new Map(fold.payouts().map((leaf) => [leaf.index, leaf]));
          const at = place % now.length;
          // A slashed reserve goes to others: here the whole of it may fall, as long as the lane's sum fits its books.
          const { changed, whole } = grow(now[at] as LaneCut, more, step);
          if (whole.allocated < (now[at] as LaneCut).allocated) return;
          expect(fold.take(changed)).toBe(null);
          now[at] = whole;
          const touched = new Set(fold.takeChanged());
          for (const leaf of fold.payouts()) {
            if (!touched.has(leaf.index)) expect(leaf).toEqual(before.get(leaf.index));
          }
          expect(fold.payouts()).toEqual(payouts(now).leaves);
        }
        expect(fold.payouts()).toEqual(payouts(now).leaves);
        expect(fold.lanes()).toEqual(payouts(now).lanes);
        expect(fold.markets()).toEqual(payouts(now).markets);
      }),
      { numRuns: 120 },
    );
  });

  it("go to the operator's leaf where they are fees, which is there from the first cut", () => {
    const { leaves } = payouts([laneCut(marketA, [])]);
    const [leaf] = leaves;
    expect(leaf).toEqual({ index: 0, destination: tokenAccountOf(operator), cumulative: 1n, held: 0n });
    expect(payouts([]).leaves).toHaveLength(1);
  });

  it("that were asked for before follow who is new in between, who earns more, and who is paid elsewhere", () => {
    const fold = new PoolFold(foldRules);
    const first = laneCut(marketA, [member(7, 5n), member(3, 4n)]);
    expect(fold.take(first)).toBe(null);
    const before = fold.payouts();
    expect(before.map(({ index }) => index)).toEqual([0, 3, 7]);
    const elsewhere = { ...member(3, 4n), paying: { number: 1, wallet: named("elsewhere") } };
    const members = [member(7, 6n), elsewhere, member(5, 1n)];
    const second = laneCut(marketA, members, { size: 11 });
    expect(fold.take({ ...second, members: [members[0], elsewhere, members[2]] as MemberCut[] })).toBe(null);
    expect(fold.payouts()).toEqual(payouts([second]).leaves);
    expect(fold.payouts().map(({ index, cumulative }) => [index, cumulative])).toEqual([
      [0, 2n],
      [3, 4n],
      [5, 1n],
      [7, 6n],
    ]);
    expect(toHex(fold.leaf(3)?.destination as Uint8Array)).toBe(toHex(tokenAccountOf(named("elsewhere"))));
    // What was given away before stays as it was.
    expect(toHex(before[1]?.destination as Uint8Array)).toBe(toHex(tokenAccountOf(named("key 3"))));
  });

  it("keep an index, and change its destination alone, where the paying address changes", () => {
    const paying = { number: 2, wallet: named("new wallet") };
    const before = payouts([laneCut(marketA, [member(4, 9n)])]).leaves[1];
    const after = payouts([
      laneCut(marketA, [{ ...member(4, 9n), paying }]),
      laneCut(marketB, [{ ...member(4, 0n), paying: { number: 1, wallet: named("older wallet") } }], {
        fee: amount(0n),
      }),
    ]).leaves[1];
    expect(after).toEqual({ ...before, destination: tokenAccountOf(paying.wallet) });
  });

  it("reach to the edge of u64 and not beyond", () => {
    const cut = (members: readonly MemberCut[], lane = 0) => ({
      ...laneCut(marketA, [], { fee: amount(0n), lane }),
      members,
      allocated: amount(members.reduce((s, m) => s + m.released, 0n)),
    });
    expect(payouts([cut([member(1, amountMax)])]).leaves[1]?.cumulative).toBe(amountMax);
    expect(() => payouts([cut([member(1, amountMax)]), cut([member(1, 1n)], 1)])).toThrow(/is not an amount/);
  });
});

describe("totals of markets", () => {
  it("are over lanes; a market is closed when all its lanes are", () => {
    const open = laneCut(marketA, [member(1, 10n)], { deposited: amount(70n) });
    const closed = laneCut(marketA, [member(2, 20n)], { lane: 1, isClosed: true, deposited: amount(5n) });
    const totals = payouts([open, closed]).markets.get(marketA);
    expect(totals).toMatchObject({ deposited: 75n, allocated: open.allocated + closed.allocated, isClosed: false });
    expect(payouts([{ ...open, isClosed: true }, closed]).markets.get(marketA)?.isClosed).toBe(true);
  });

  it("are not added up over different specifications", () => {
    const cuts = [laneCut(marketA, []), laneCut(marketA, [], { lane: 1, specHash: named("other") })];
    expect(codeOf(payoutsOf(cuts, foldRules))).toBe("LANE_SPEC_DIFFERS");
  });
});

describe("the latest time", () => {
  it("is that of one lane, whatever the order", () => {
    const lanes = [
      laneCut(marketA, [], { timeMs: 5 }),
      laneCut(marketB, [], { timeMs: 9 }),
      laneCut(marketA, [], { lane: 1, timeMs: 9 }),
    ];
    const latest = { market: marketA, lane: 1, timeMs: 9 };
    expect([payouts(lanes).latest, payouts(lanes.toReversed()).latest]).toEqual([latest, latest]);
    expect(payouts([]).latest).toBe(null);
  });
});

describe("a cut that cannot be", () => {
  const good = laneCut(marketA, [member(1, 10n), member(2, 5n, 5n)]);
  const later = { size: 11, fee: good.fee };
  const cases: readonly (readonly [string, readonly LaneCut[]])[] = [
    ["INDEX_MOVED", [good, laneCut(marketB, [{ ...member(1, 1n), key: named("another key") }])]],
    ["INDEX_REFUSED", [laneCut(marketA, [member(0, 1n)])]],
    ["INDEX_REFUSED", [laneCut(marketA, [member(2 ** 32, 1n)])]],
    ["INDEX_REFUSED", [laneCut(marketA, [member(1.5, 1n)])]],
    ["EARNINGS_FELL", [good, laneCut(marketA, [member(1, 9n), member(2, 5n, 6n)], later)]],
    ["LANE_WENT_BACK", [good, { ...good, size: 9 }]],
    ["LANE_SPEC_DIFFERS", [good, { ...good, specHash: named("other") }]],
    ["ALLOCATION_FELL", [good, { ...laneCut(marketA, [], later), members: [] }]],
    ["ALLOCATION_FELL", [good, { ...good, fee: amount(0n) }]],
    ["NOT_CONSERVED", [{ ...good, allocated: amount(good.allocated + 1n) }]],
    ["NOT_CONSERVED", [good, { ...laneCut(marketA, [member(1, 11n), member(2, 5n, 5n)], later), members: [] }]],
  ];

  it.each(cases)("is told by %s", (code, cuts) => {
    expect(codeOf(payoutsOf(cuts, foldRules))).toBe(code);
  });

  it("is told with its place", () => {
    expect(payoutsOf([good, { ...good, size: 9 }], foldRules)).toMatchObject({
      place: { type: "lane", market: marketA, lane: 0 },
      what: "9 after 10",
    });
    expect(payoutsOf([laneCut(marketA, [member(0, 1n)])], foldRules)).toMatchObject({
      place: { type: "leaf", index: 0 },
    });
  });
});

describe("destinations", () => {
  it("are derived once for each address", () => {
    let derived = 0;
    const counting = {
      operator,
      tokenAccountOf: (wallet: Parameters<typeof tokenAccountOf>[0]) => {
        derived++;
        return sha256(wallet);
      },
    };
    const fold = new PoolFold(counting);
    fold.take(laneCut(marketA, [member(1, 1n), member(2, 1n)]));
    fold.payouts();
    fold.payouts();
    expect(derived).toBe(3);
    const paying = { number: 1, wallet: named("elsewhere") };
    fold.take(laneCut(marketB, [{ ...member(2, 0n), paying }]));
    fold.payouts();
    expect(derived).toBe(4);
  });
});
