import { describe, expect, it } from "vitest";
import { closeAndSettle, type TestLane } from "../../test/support/market.ts";
import { people, policyMarket, workThrough } from "../../test/support/policy-market.ts";
import { amount } from "../core/amount.ts";
import { concernsOf, openTasks, prospectOf, type Settled } from "./outlook.ts";
import { defaultPolicy } from "./spec.ts";
import { controlOf, isFinished } from "./state.ts";

const nothing: Settled = { settled: 0, decided: 0 };
const codes = (lane: TestLane, observed: Settled = nothing): string[] =>
  concernsOf(lane.state, prospectOf(lane.state), observed).map(({ code }) => code);

const withTarget = (targetPpm: number) => ({
  spec: { policy: defaultPolicy, terms: { overlap: { min: 3, max: 6, targetPpm } } },
});

describe("the prospect of a market", () => {
  it("is unknown before the first model, and without a policy", () => {
    expect(prospectOf(policyMarket().state)).toBeNull();
    const bare = policyMarket({ spec: { policy: null } });
    workThrough(bare, people(0, 0, 0), 80);
    expect(prospectOf(bare.state)).toBeNull();
  });

  it("is good where people are careful", () => {
    const lane = policyMarket();
    workThrough(lane, people(0, 0, 1, 1, 1), 300);
    const prospect = prospectOf(lane.state);
    expect(prospect?.atAnyPrice.isOutOfReach).toBe(false);
    expect(prospect?.asItIs.settled).toBeGreaterThan(0.5);
    expect(codes(lane)).toEqual([]);
  });

  it("says early that a target is out of reach at any price", () => {
    const lane = policyMarket(withTarget(999_000));
    // Less than a quarter of what the market will buy.
    const given = workThrough(lane, people(3, 3, 3, 4, 4), 110);
    expect(given).toBeLessThan((lane.state.taskCount * 3) / 4);
    expect(codes(lane)).toContain("TARGET_OUT_OF_REACH");
    const [concern] = concernsOf(lane.state, prospectOf(lane.state), nothing);
    expect(concern).toMatchObject({ targetPpm: 999_000 });
    expect((concern as { accuracy: number }).accuracy).toBeLessThan(0.999);
  });

  it("is the same every time it is asked", () => {
    const lane = policyMarket();
    workThrough(lane, people(0, 1, 2), 150);
    expect(prospectOf(lane.state)).toEqual(prospectOf(lane.state));
  });
});

describe("concerns", () => {
  it("go by what happened once enough did", () => {
    const lane = policyMarket();
    expect(codes(lane, { settled: 19, decided: 0 })).toEqual([]);
    expect(codes(lane, { settled: 20, decided: 9 })).toEqual(["TARGET_SELDOM_REACHED"]);
    expect(codes(lane, { settled: 20, decided: 10 })).toEqual([]);
  });

  it("miss control tasks where the policy needs them", () => {
    expect(codes(policyMarket({ controls: false }))).toEqual(["CONTROLS_MISSING"]);
    expect(codes(policyMarket({ controls: false, tasks: 0 }))).toEqual([]);
    expect(codes(policyMarket({ controls: false, spec: { policy: null } }))).toEqual([]);
    expect(codes(policyMarket())).toEqual([]);
  });

  it("say that nobody is proven after a hundred answers", () => {
    const lane = policyMarket();
    workThrough(lane, people("yes", "yes", "yes", 5), 90);
    expect(codes(lane)).not.toContain("CONTRIBUTORS_UNPROVEN");
    workThrough(lane, people("yes", "yes", "yes", 5), 60);
    expect(codes(lane)).toContain("CONTRIBUTORS_UNPROVEN");
  });

  it("count what the tasks to come will cost", () => {
    // 135 tasks that are no control tasks, three answers each, 1,020 with fee.
    const needed = 135n * 3n * 1_020n;
    expect(codes(policyMarket({ deposit: needed }))).toEqual([]);
    const short = policyMarket({ deposit: needed - 1n });
    expect(concernsOf(short.state, null, nothing)).toEqual([
      { code: "ESCROW_SHORT", tasks: 135, needed, free: amount(needed - 1n) },
    ]);
    closeAndSettle(short);
    expect(codes(short)).toEqual([]);
  });
});

describe("open tasks", () => {
  it("are counted as if one by one", () => {
    const lane = policyMarket({ tasks: 100 });
    const slowly = (): number => {
      let open = 0;
      for (let task = 0; task < lane.state.taskCount; task++) {
        if (controlOf(lane.state, task) !== undefined || isFinished(lane.state, task)) continue;
        if ((lane.state.tasks.get(task)?.settled ?? null) === null) open++;
      }
      return open;
    };
    expect(openTasks(lane.state)).toBe(90);
    let least = 90;
    for (let i = 0; i < 12; i++) {
      workThrough(lane, people(0, 0, 1, 1, 1), 31);
      expect(openTasks(lane.state)).toBe(slowly());
      least = Math.min(least, openTasks(lane.state));
    }
    expect(least).toBeLessThan(60);
  });
});
