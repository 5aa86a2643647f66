import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { openLane, TestLane } from "../../test/support/market.ts";
import { byNumber, lifeArbitrary, live } from "../../test/support/market-random.ts";
import { toHex } from "../core/bytes.ts";
import { slotKey } from "../core/slot.ts";
import { dueKeys, forgetDue } from "./due.ts";
import { decodeState, encodeState } from "./snapshot.ts";
import type { LaneState } from "./state.ts";

const single = { overlap: { min: 1, max: 1, targetPpm: 0 } };

const planned = (state: LaneState): number[] =>
  [...state.due.keys()].flatMap((second) => dueKeys(state.due.get(second)));

describe("what falls due", () => {
  it("is of tasks that are there: what has ended is let go, and its checkpoint says nothing of it", () => {
    const lane = openLane({ tasks: 60, members: 2, spec: { terms: single } });
    const open = lane.take(2, 59);
    for (let task = 0; task < 50; task++) lane.answer(1, task, "yes");
    expect(planned(lane.state)).toHaveLength(51);
    const bytes = encodeState(lane.state);
    expect(planned(decodeState(bytes))).toEqual([slotKey(open)]);
    forgetDue(lane.state);
    expect(planned(lane.state)).toEqual([slotKey(open)]);
    expect(toHex(encodeState(lane.state))).toBe(toHex(bytes));
  });

  it("comes as it would have, however often what has ended is let go", () => {
    fc.assert(
      fc.property(lifeArbitrary(80), (life) => {
        const { lane, batches } = live(life);
        const forgetful = new TestLane(byNumber);
        for (const { timeMs, commands } of batches) {
          forgetful.timeMs = timeMs;
          forgetful.batch(commands);
          forgetDue(forgetful.state);
        }
        expect(forgetful.log.map(({ encoded }) => toHex(encoded))).toEqual(
          lane.log.map(({ encoded }) => toHex(encoded)),
        );
        expect(toHex(encodeState(forgetful.state))).toBe(toHex(encodeState(lane.state)));
      }),
      { numRuns: 100 },
    );
  });
});
