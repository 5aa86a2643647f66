import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { commands, openLane } from "../../../test/support/market.ts";
import { named, sha256 } from "../../../test/support/market-hash.ts";
import { lifeArbitrary, live } from "../../../test/support/market-random.ts";
import { foldRules } from "../../../test/support/settlement-world.ts";
import { toHex } from "../../core/bytes.ts";
import { jsonHash, tags } from "../../core/hash.ts";
import { logRoot } from "../../core/log-tree.ts";
import { Replay } from "../replay.ts";
import { specToJson } from "../spec.ts";
import { emptyLaneState, specOf } from "../state.ts";
import { cutOf } from "./lane-cut.ts";
import { PoolFold, payoutsOf } from "./pool-fold.ts";

describe("the cut of a lane", () => {
  it("fits every state of a random market: conserved, and never taking back", () => {
    fc.assert(
      fc.property(lifeArbitrary(60), (life) => {
        const fold = new PoolFold(foldRules);
        live(life, ({ state }) => {
          if (state.spec !== null) expect(fold.take(cutOf(sha256, state))).toBe(null);
        });
      }),
      { numRuns: 25 },
    );
  });

  it("is that of a replayed log, to the bit", () => {
    fc.assert(
      fc.property(lifeArbitrary(40), (life) => {
        const { lane } = live(life);
        const replay = new Replay(emptyLaneState(), sha256);
        replay.feed(lane.log);
        expect(cutOf(sha256, replay.state)).toEqual(cutOf(sha256, lane.state));
      }),
      { numRuns: 15 },
    );
  });

  const lane = openLane({ members: 3, spec: { terms: { overlap: { min: 3, max: 3, targetPpm: 600_000 } } } });
  lane.do(commands.input("reserveSet", { contributor: 2, target: 300n as never }));
  for (const contributor of [1, 2, 3]) lane.answer(contributor, 0, "yes");
  lane.do(commands.input("bonusPaid", { contributor: 3, amount: 7n as never, note: "" }));
  lane.do(commands.input("cut", { epoch: 4 }));
  const cut = cutOf(sha256, lane.state);

  it("says what its members earned, and keeps apart what is pledged", () => {
    const earned = lane.earned(1);
    expect(earned).toBeGreaterThan(0n);
    expect(cut.members).toEqual([
      { contributor: 1, key: named("key 1"), released: earned, held: 0n, paying: null },
      { contributor: 2, key: named("key 2"), released: earned - 300n, held: 300n, paying: null },
      { contributor: 3, key: named("key 3"), released: earned + 7n, held: 0n, paying: null },
    ]);
    const { books } = lane.state;
    expect(cut).toMatchObject({
      fee: books.fee,
      deposited: 1_000_000n,
      isClosed: false,
      epoch: 4,
      lane: 0,
      timeMs: lane.timeMs,
    });
    expect(cut.allocated).toBe(3n * earned + 7n + books.fee);
  });

  it("ends with its own entry, and names the specification", () => {
    expect(lane.log.at(-1)?.entry.kind).toBe("cut");
    expect(cut.size).toBe(lane.log.length);
    expect(toHex(cut.root)).toBe(toHex(logRoot(sha256, lane.state.tree)));
    expect(cut.specHash).toEqual(jsonHash(sha256, tags.spec, specToJson(specOf(lane.state))));
  });

  it("may bring only the members that changed", () => {
    const fold = new PoolFold(foldRules);
    fold.take(cut);
    lane.do(commands.input("bonusPaid", { contributor: 1, amount: 2n as never, note: "" }));
    lane.do(commands.input("cut", { epoch: 5 }));
    expect(fold.take(cutOf(sha256, lane.state, [1]))).toBe(null);
    const whole = payoutsOf([cutOf(sha256, lane.state)], foldRules);
    expect("leaves" in whole && whole.leaves).toEqual(fold.payouts());
    lane.do(commands.input("bonusPaid", { contributor: 1, amount: 2n as never, note: "" }));
    expect(fold.take(cutOf(sha256, lane.state, [2]))).toMatchObject({ code: "NOT_CONSERVED" });
  });
});
