import { describe, expect, it } from "vitest";
import { commands, controlFor, type LaneParts, openLane, startMs, TestLane } from "../../test/support/market.ts";
import { named } from "../../test/support/market-hash.ts";
import { amount } from "../core/amount.ts";
import type { Slot } from "../core/slot.ts";
import { fillFirst } from "./propose.ts";
import { decodeState, encodeState } from "./snapshot.ts";

const appeal = { windowMs: 60_000, budget: amount(10_000n), panel: 2, cost: amount(300n) };

/** Contributors 1 and 2 say yes, 3 says no and is rejected. */
function rejectedThird(parts: LaneParts = {}): { lane: TestLane; slot: Slot } {
  const lane = openLane({ members: 8, tasks: 5, ...parts, spec: { appeal, ...parts.spec } });
  return { lane, slot: rejectThird(lane, 0) };
}

function rejectThird(lane: TestLane, task: number): Slot {
  lane.answer(1, task, "yes");
  lane.answer(2, task, "yes");
  const { slot, state } = lane.answer(3, task, "no");
  expect(state).toBe("appealable");
  return slot;
}

describe("an appeal", () => {
  it("is won where a panel of others gives the same answer; the label is corrected, earlier pay stays", () => {
    const { lane, slot } = rejectedThird();
    lane.do(commands.appeal(3, slot));
    expect(lane.state.books).toMatchObject({ appealable: 1_020n, held: 2_040n, appealBudget: 7_960n });
    lane.answer(4, 0, "no");
    expect(lane.state.books).toMatchObject({ appealable: 1_020n, held: 2_040n, appealBudget: 7_960n });
    lane.answer(5, 0, "no");
    expect(lane.entries("appealSettled")).toMatchObject([{ ordinal: 2, label: 1, votes: 2 }]);
    expect([1, 2, 3, 4, 5].map((each) => lane.earned(each))).toEqual([1_000n, 1_000n, 1_000n, 1_000n, 1_000n]);
    expect(lane.state.books).toMatchObject({ appealable: 0n, held: 0n, appealBudget: 10_000n - 2_040n });
  });

  it("is lost where the panel gives another; the money is free again", () => {
    const { lane, slot } = rejectedThird();
    lane.do(commands.appeal(3, slot));
    lane.answer(4, 0, "yes");
    lane.answer(5, 0, "yes");
    expect(lane.earned(3)).toBe(0n);
    expect(lane.state.books).toMatchObject({ appealable: 0n, appealBudget: 10_000n - 2_040n });
    expect(lane.state.tasks.size).toBe(0);
  });

  it("is won where nobody answers it in its window", () => {
    const { lane, slot } = rejectedThird();
    lane.do(commands.appeal(3, slot));
    lane.wait(59_999);
    expect(lane.earned(3)).toBe(0n);
    lane.wait(1);
    expect(lane.entries("appealSettled")).toMatchObject([{ votes: 0 }]);
    expect(lane.earned(3)).toBe(1_000n);
    // A label is corrected by answers, not by their absence.
    expect(lane.entries("settled")).toMatchObject([{ label: 0 }]);
  });

  it("is decided by the votes there are when its window has passed, after those still out", () => {
    const { lane, slot } = rejectedThird({ spec: { appeal: { ...appeal, panel: 3 } } });
    lane.do(commands.appeal(3, slot));
    lane.answer(4, 0, "yes");
    lane.wait(30_000);
    const out = lane.take(5, 0);
    lane.wait(30_000);
    expect(lane.entries("appealSettled")).toEqual([]);
    lane.refuse(commands.assign(6, 0), "TASK_STATE");
    lane.submit(5, out, "yes");
    expect(lane.entries("appealSettled")).toMatchObject([{ label: 0, votes: 2 }]);
  });

  it("is not for accepted, unjudged, others' or panel slots, nor after its window", () => {
    const { lane, slot } = rejectedThird();
    lane.refuse(commands.appeal(1, { task: 0, ordinal: 0 }), "APPEAL_STATE");
    lane.refuse(commands.appeal(1, slot), "OWNER_MISMATCH");
    lane.refuse(commands.appeal(1, lane.take(1, 1)), "APPEAL_STATE");
    lane.do(commands.appeal(3, slot));
    lane.refuse(commands.appeal(3, slot), "APPEAL_STATE");
    lane.answer(4, 0, "no");
    lane.refuse(commands.appeal(4, { task: 0, ordinal: 3 }), "APPEAL_STATE");
    const second = rejectThird(lane, 2);
    lane.wait(60_000);
    lane.refuse(commands.appeal(3, second), "SLOT_NOT_FOUND");
  });

  it("needs a budget that pays its whole panel", () => {
    const { lane, slot } = rejectedThird({ spec: { appeal: { ...appeal, budget: amount(2_039n) } } });
    lane.refuse(commands.appeal(3, slot), "BUDGET_EXCEEDED");
  });

  it("sets the price of its panel aside, so that none is won because another one used up the budget", () => {
    const { lane, slot } = rejectedThird({ spec: { appeal: { ...appeal, budget: amount(3_060n) } } });
    const second = rejectThird(lane, 1);
    lane.do(commands.appeal(3, slot));
    lane.refuse(commands.appeal(3, second), "BUDGET_EXCEEDED");
    lane.answer(4, 0, "yes");
    lane.refuse(commands.appeal(3, second), "BUDGET_EXCEEDED");
    lane.answer(5, 0, "yes");
    expect(lane.state.books).toMatchObject({ held: 0n, appealBudget: 1_020n });
  });

  it("gives back what its panel did not use: a lapsed slot to the panel, all the rest to the budget", () => {
    const { lane, slot } = rejectedThird();
    lane.do(commands.appeal(3, slot));
    const hold = (): unknown => lane.state.tasks.get(0)?.slots[slot.ordinal]?.panelHold;
    expect(hold()).toBe(2_040n);
    lane.wait(1);
    lane.take(4, 0);
    const { slot: held } = lane.answer(5, 0, "yes");
    expect(hold()).toBe(0n);
    expect(lane.state.books).toMatchObject({ assigned: 1_020n, held: 1_020n, appealBudget: 7_960n });
    lane.do(commands.input("voided", { ...held, fault: "storage", evidence: named("broken disk") }));
    expect(hold()).toBe(1_020n);
    lane.wait(59_999);
    // The window has passed; the slot that is still out may be answered.
    expect(lane.entries("appealSettled")).toEqual([]);
    lane.wait(1);
    expect(lane.entries("appealSettled")).toMatchObject([{ votes: 0 }]);
    expect(lane.state.books).toMatchObject({ assigned: 0n, held: 0n, appealBudget: 10_000n });
  });

  it("finds its panel while the market is paused or closing; nothing else is given out", () => {
    const { lane, slot } = rejectedThird();
    lane.do(commands.appeal(3, slot));
    lane.do(commands.input("paused", {}));
    lane.refuse(commands.assign(4, 1), "MARKET_STATE");
    lane.refuse(commands.assign(1, null), "MARKET_STATE");
    expect(lane.do(commands.assign(4, null, 5)).offers.map((offer) => offer.slot)).toEqual([{ task: 0, ordinal: 3 }]);
    const { offers } = lane.do(commands.submit(4, [{ slot: { task: 0, ordinal: 3 }, answer: "yes" }], lane.timeMs, 1));
    expect(offers).toEqual([]);
    lane.do(commands.input("closing", {}));
    lane.refuse(commands.assign(5, 1), "MARKET_STATE");
    expect(lane.do(commands.assign(5, null)).offers[0]?.slot).toEqual({ task: 0, ordinal: 4 });
    lane.refuse(commands.assign(6, null), "MARKET_STATE");
    lane.refuse(commands.assign(6, 0), "MARKET_STATE");
    expect(lane.submit(5, { task: 0, ordinal: 4 }, "yes").state).toBe("accepted");
    expect(lane.entries("appealSettled")).toMatchObject([{ label: 0, votes: 2 }]);
  });

  it("can be made while the market closes, which then waits for its panel", () => {
    const lane = openLane({ members: 8, tasks: 1, spec: { appeal: { ...appeal, panel: 1 } } });
    const slot = rejectThird(lane, 0);
    lane.do(commands.input("closing", {}));
    lane.wait(59_000);
    lane.do(commands.appeal(3, slot));
    lane.wait(59_000);
    const out = lane.take(4, 0);
    lane.wait(59_000);
    lane.submit(4, out, "no");
    expect(lane.earned(3)).toBe(1_000n);
    lane.wait(lane.state.spec?.refundDelayMs ?? 0);
    expect(lane.state).toMatchObject({ status: "closed", books: { held: 0n, appealBudget: 0n } });
  });

  it("finds its panel after the deadline of its task, as long as its window is open", () => {
    const terms = { deadlineMs: startMs + 30_000 };
    const { lane, slot } = rejectedThird({ spec: { appeal: { ...appeal, panel: 1 }, terms } });
    lane.wait(40_000);
    lane.refuse(commands.assign(4, 1), "TASK_STATE");
    lane.do(commands.appeal(3, slot));
    lane.answer(4, 0, "no");
    expect(lane.earned(3)).toBe(1_000n);
  });

  it("finds its panel behind any number of started tasks, and among those who may do the work only", () => {
    const eligibility = [{ type: "country" as const, anyOf: ["FR"] }];
    const lane = openLane({
      members: 0,
      tasks: 100,
      spec: { appeal: { ...appeal, panel: 1 }, terms: { eligibility } },
    });
    for (const each of [1, 2, 3, 4]) lane.do(commands.joined(each, `owner ${each}`, { country: "FR" }));
    lane.do(commands.joined(5, "owner 5", { country: "JP" }));
    for (let task = 1; task < 90; task++) lane.answer(4, task, "yes");
    lane.do(commands.appeal(3, rejectThird(lane, 0)));
    lane.do(commands.input("paused", {}));
    lane.refuse(commands.assign(5, 0), "NOT_ELIGIBLE");
    expect(lane.do(commands.assign(4, null)).offers[0]?.slot).toEqual({ task: 0, ordinal: 3 });
  });

  it("keeps its panel free of the owners who answered the task", () => {
    const { lane, slot } = rejectedThird();
    lane.do(commands.appeal(3, slot));
    lane.refuse(commands.assign(1, 0), "DUPLICATE_ANSWER");
    lane.refuse(commands.assign(3, 0), "DUPLICATE_ANSWER");
    expect(lane.do(commands.assign(4, null)).offers[0]?.slot).toEqual({ task: 0, ordinal: 3 });
  });

  it("goes on without a panelist whose slot is void or lapses", () => {
    const { lane, slot } = rejectedThird();
    lane.do(commands.appeal(3, slot));
    const { slot: held } = lane.answer(4, 0, "yes");
    lane.take(5, 0);
    lane.refuse(commands.assign(6, 0), "TASK_STATE");
    lane.do(commands.input("voided", { ...held, fault: "storage", evidence: named("broken disk") }));
    lane.answer(6, 0, "no");
    lane.wait(60_000);
    expect(lane.entries("appealSettled")).toMatchObject([{ label: 1, votes: 1 }]);
    expect(lane.state.books.appealBudget).toBe(10_000n - 1_020n);
  });
});

describe("the stake of an appeal", () => {
  /** Contributor 3 has earned and pledged 600, and used up its free appeal. */
  function pledged(): TestLane {
    const { lane, slot } = rejectedThird({ spec: { appeal: { ...appeal, panel: 1 } } });
    lane.do(commands.input("reserveSet", { contributor: 3, target: amount(600n) }));
    lane.do(commands.appeal(3, slot));
    expect(lane.member(3).purse.staked).toBe(0n);
    lane.answer(4, 0, "no");
    expect(lane.member(3).purse).toMatchObject({ released: 400n, held: 600n, staked: 0n });
    return lane;
  }

  it("is asked from the second appeal of an owner on, and comes back when it is won", () => {
    const lane = pledged();
    lane.do(commands.appeal(3, rejectThird(lane, 1)));
    expect(lane.member(3).purse).toMatchObject({ held: 300n, staked: 300n });
    lane.answer(4, 1, "no");
    expect(lane.member(3).purse).toMatchObject({ released: 1_400n, held: 600n, staked: 0n });
  });

  it("goes to the task's other contributors when it is lost, the remainder to the first", () => {
    const lane = pledged();
    lane.do(commands.appeal(3, rejectThird(lane, 1)));
    const before = [lane.earned(1), lane.earned(2), lane.earned(3)] as const;
    lane.answer(4, 1, "yes");
    expect(lane.earned(1) - before[0]).toBe(150n);
    expect(lane.earned(2) - before[1]).toBe(150n);
    expect(before[2] - lane.earned(3)).toBe(300n);
    expect(lane.member(3).purse).toMatchObject({ held: 300n, staked: 0n });
  });

  it("is each appeal's own: losing one leaves that of another where it is", () => {
    const lane = pledged();
    lane.do(commands.appeal(3, rejectThird(lane, 1)));
    lane.do(commands.appeal(3, rejectThird(lane, 2)));
    expect(lane.member(3).purse).toMatchObject({ held: 0n, staked: 600n });
    lane.answer(4, 1, "yes");
    expect(lane.member(3).purse).toMatchObject({ held: 0n, staked: 300n });
    lane.answer(4, 2, "no");
    expect(lane.member(3).purse).toMatchObject({ staked: 0n, held: 600n });
  });

  it("cannot be more than the reserve: nobody buys tokens to appeal", () => {
    const lane = pledged();
    lane.do(commands.input("reserveSet", { contributor: 3, target: amount(299n) }));
    expect(lane.member(3).purse).toMatchObject({ released: 701n, held: 299n });
    lane.refuse(commands.appeal(3, rejectThird(lane, 1)), "BUDGET_EXCEEDED");
  });

  it("counts the appeals of an owner, not of a key", () => {
    const lane = pledged();
    lane.do(commands.joined(9, "owner 3"));
    lane.answer(1, 3, "yes");
    lane.answer(2, 3, "yes");
    const { slot } = lane.answer(9, 3, "no");
    lane.refuse(commands.appeal(9, slot), "BUDGET_EXCEEDED");
    // A restart does not forget them.
    const restarted = new TestLane(fillFirst, decodeState(encodeState(lane.state)));
    restarted.refuse(commands.appeal(9, slot), "BUDGET_EXCEEDED");
  });
});

it("an appeal against a control task is heard like any other", () => {
  const lane = openLane({
    members: 5,
    tasks: 2,
    controls: [controlFor(0, 0)],
    spec: { appeal: { ...appeal, panel: 1 } },
  });
  const { slot } = lane.answer(1, 0, "no");
  lane.do(commands.appeal(1, slot));
  lane.answer(2, 0, "no");
  expect(lane.earned(1)).toBe(1_000n);
  expect(lane.state.tasks.get(0)?.slots.map(({ reason }) => reason)).toEqual(["APPEAL_WON", "AGREES"]);
});

describe("the record of whoever appeals against a live control", () => {
  const appealed = (): TestLane => {
    const lane = openLane({
      members: 6,
      tasks: 4,
      controls: [controlFor(0, 0), controlFor(1, 0)],
      spec: {
        appeal: { ...appeal, panel: 1 },
        controls: { answeredMin: 1, accuracyPpmMin: 600_000 },
        terms: { overlap: { min: 1, max: 1, targetPpm: 0 } },
      },
    });
    lane.answer(1, 1, "yes");
    lane.do(commands.appeal(1, lane.answer(1, 0, "no").slot));
    expect(lane.member(1)).toMatchObject({ controlsAnswered: 2, controlsRight: 1 });
    expect(lane.answer(1, 2, "yes").reason).toBe("CONTROL_RATE_LOW");
    return lane;
  };

  it("does not know the answer any more when the appeal is won", () => {
    const lane = appealed();
    lane.answer(2, 0, "no");
    expect(lane.member(1)).toMatchObject({ controlsAnswered: 1, controlsRight: 1 });
    expect(lane.answer(1, 3, "yes").reason).toBe("AGREES");
    // A panel's answer is not compared with the control.
    expect(lane.member(2)).toMatchObject({ controlsAnswered: 0, controlsRight: 0 });
  });

  it("does not know it either where nobody said otherwise, and does where the panel did", () => {
    const unheard = appealed();
    unheard.wait(60_000);
    expect(unheard.member(1)).toMatchObject({ controlsAnswered: 1, controlsRight: 1 });
    const lost = appealed();
    lost.answer(2, 0, "yes");
    expect(lost.member(1)).toMatchObject({ controlsAnswered: 2, controlsRight: 1 });
  });
});

describe("a requester's review", () => {
  const reviewed = (): { lane: TestLane; slots: Slot[] } => {
    const lane = openLane({
      spec: { appeal, review: { windowMs: 30_000 }, terms: { overlap: { min: 2, max: 2, targetPpm: 900_000 } } },
    });
    const slots = [lane.answer(1, 0, "yes").slot, lane.answer(2, 0, "no").slot];
    expect(lane.state.tasks.get(0)?.slots.map(({ state }) => state)).toEqual(["review", "review"]);
    return { lane, slots };
  };

  const decide = (slot: Slot, accepted: boolean) => commands.input("reviewed", { ...slot, accepted, note: "read it" });

  it("accepts or rejects what stayed undecided; a rejection can be appealed", () => {
    const { lane, slots } = reviewed();
    const [first, second] = slots as [Slot, Slot];
    lane.do(decide(first, true));
    lane.do(decide(second, false));
    expect([lane.earned(1), lane.earned(2)]).toEqual([1_000n, 0n]);
    expect(lane.state.books).toMatchObject({ held: 0n, appealable: 1_020n });
    lane.refuse(decide(first, false), "REVIEW_STATE");
    lane.do(commands.appeal(2, second));
  });

  it("is taken for acceptance when it comes too late", () => {
    const { lane, slots } = reviewed();
    lane.wait(29_999);
    expect(lane.state.books.held).toBe(2_040n);
    lane.wait(1);
    expect(slots.map((slot) => lane.verdicts(slot))).toEqual([
      ["review UNDECIDED", "accepted REVIEW_LATE"],
      ["review UNDECIDED", "accepted REVIEW_LATE"],
    ]);
    lane.refuse(decide(slots[0] as Slot, false), "SLOT_NOT_FOUND");
    expect(lane.state.books).toMatchObject({ held: 0n, earned: 2_000n });
  });

  it("does not run while a submission waits for more answers", () => {
    const lane = openLane({ spec: { review: { windowMs: 30_000 } } });
    const { slot } = lane.answer(1, 0, "yes");
    lane.refuse(decide(slot, true), "REVIEW_STATE");
  });
});
