import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { commands, controlFor, openLane, type SpecParts, type TestLane } from "../../test/support/market.ts";
import { amount } from "../core/amount.ts";
import { showcaseOf } from "./showcase.ts";

const forNewcomers = (parts: SpecParts = {}): SpecParts => ({
  newcomer: { answers: 5, budget: amount(100_000n) },
  ...parts,
  terms: { overlap: { min: 1, max: 1, targetPpm: 0 }, ...parts.terms },
});
const shown = (lane: TestLane): readonly number[] => showcaseOf(lane.state);

describe("what strangers are shown first", () => {
  it("is the first few tasks of a market that has money for them", () => {
    expect(shown(openLane({ spec: forNewcomers(), tasks: 20 }))).toEqual([0, 1, 2, 3, 4, 5, 6, 7]);
    expect(shown(openLane({ spec: forNewcomers(), tasks: 3 }))).toEqual([0, 1, 2]);
    expect(shown(openLane({ spec: forNewcomers(), tasks: 0 }))).toEqual([]);
  });

  it("is nothing of a market without money for newcomers, or with less than an answer costs", () => {
    expect(shown(openLane())).toEqual([]);
    const poor = { newcomer: { answers: 5, budget: amount(1_019n) } };
    expect(shown(openLane({ spec: forNewcomers(poor) }))).toEqual([]);
    const exact = { newcomer: { answers: 5, budget: amount(1_020n) } };
    expect(shown(openLane({ spec: forNewcomers(exact), tasks: 2 }))).toEqual([0, 1]);
  });

  it("is nothing that asks for more than an answer", () => {
    const lane = openLane({ spec: forNewcomers({ terms: { eligibility: [{ type: "person" }] } }) });
    expect(shown(lane)).toEqual([]);
  });

  it("leaves out what is being answered by as many as it takes, and what is done", () => {
    const lane = openLane({ spec: forNewcomers(), tasks: 6 });
    lane.take(1, 0);
    lane.answer(2, 1, "yes");
    expect(shown(lane)).toEqual([2, 3, 4, 5]);
  });

  it("keeps a task whose answer is known, however many answered it, until that answer is told", () => {
    const lane = openLane({ spec: forNewcomers(), tasks: 3, controls: [controlFor(1, 0)] });
    for (const contributor of [1, 2, 3]) lane.answer(contributor, 1, "yes");
    expect(shown(lane)).toEqual([0, 1, 2]);
  });

  it("goes on where nobody has begun, once the first tasks are done", () => {
    const lane = openLane({ spec: forNewcomers(), tasks: 0 });
    lane.do(commands.batch(0, 230));
    for (let task = 0; task < 205; task++) lane.answer(1, task, "yes");
    expect(shown(lane)).toEqual([205, 206, 207, 208, 209, 210, 211, 212]);
  });

  it("is always work that a newcomer gets a slot of", () => {
    const steps = fc.array(fc.record({ who: fc.integer({ min: 1, max: 4 }), task: fc.nat(11), sends: fc.boolean() }), {
      maxLength: 30,
    });
    fc.assert(
      fc.property(steps, fc.subarray([0, 3, 7]), (taken, controls) => {
        const spec = forNewcomers({ terms: { overlap: { min: 1, max: 2, targetPpm: 0 } } });
        const lane = openLane({ spec, tasks: 12, controls: controls.map((task) => controlFor(task, 0)) });
        for (const { who, task, sends } of taken) {
          const [outcome] = lane.batch([commands.assign(who, task)]);
          const slot = outcome !== undefined && "offers" in outcome ? outcome.offers[0]?.slot : undefined;
          if (slot !== undefined && sends) lane.submit(who, slot, "yes");
        }
        lane.join(9);
        for (const task of shown(lane)) expect(lane.take(9, task).task).toBe(task);
      }),
      { numRuns: 60 },
    );
  });
});
