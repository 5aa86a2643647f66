import { describe, expect, it } from "vitest";
import { commands, openLane } from "../../test/support/market.ts";
import { toHex } from "../core/bytes.ts";
import { decodeState, encodeState } from "./snapshot.ts";
import { termsToJson } from "./spec.ts";
import { type Batch, batchOf, isFinished, type LaneState, specOf } from "./state.ts";

const single = { overlap: { min: 1, max: 1, targetPpm: 0 } };

describe("a checkpoint", () => {
  it("is no larger for a thousand tasks that ended than for a hundred, and knows each of them", () => {
    const lane = openLane({ tasks: 1_100, members: 2, deposit: 10_000_000n, spec: { terms: single } });
    const finish = (from: number, to: number): void => {
      for (let task = from; task < to; task++) lane.answer(1, task, "yes");
    };
    finish(0, 96);
    const few = encodeState(lane.state).length;
    finish(96, 1_056);
    const bytes = encodeState(lane.state);
    expect(bytes.length).toBeLessThan(few + 100);
    const again = decodeState(bytes);
    expect([0, 95, 96, 1_055, 1_056].map((task) => isFinished(again, task))).toEqual([true, true, true, true, false]);
  });

  it("has of a batch without terms of its own what tells it from others", () => {
    const lane = openLane({ tasks: 5 });
    const one = encodeState(lane.state).length;
    for (let first = 5; first < 1_005; first += 5) lane.do(commands.batch(first, 5));
    // Two numbers of four bytes, a root of 32, and that there are no terms.
    expect(encodeState(lane.state).length - one).toBeLessThan(200 * 42);
  });

  it("keeps the terms of each batch, and those of neighbours that have the same but once", () => {
    const lane = openLane({ tasks: 5 });
    const { terms: own } = specOf(lane.state);
    const longer = termsToJson({ ...own, leaseMs: own.leaseMs / 2 });
    for (const [i, terms] of [longer, longer, null, longer].entries()) lane.do(commands.batch(5 * (i + 1), 5, terms));
    const bytes = encodeState(lane.state);
    const again = decodeState(bytes);
    expect(toHex(encodeState(again))).toBe(toHex(bytes));
    const batches = (state: LaneState): Batch[] => [0, 5, 10, 15, 20].map((task) => batchOf(state, task) as Batch);
    for (const state of [lane.state, again]) {
      const [first, second, third, fourth, fifth] = batches(state) as [Batch, Batch, Batch, Batch, Batch];
      expect(first.terms).toBe(specOf(state).terms);
      expect(fourth.terms).toBe(specOf(state).terms);
      expect(second.terms.leaseMs).toBe(own.leaseMs / 2);
      expect(third.terms).toBe(second.terms);
      expect(fifth.terms).toEqual(second.terms);
    }
    expect(batches(again)).toEqual(batches(lane.state));
  });
});
