import { describe, expect, it } from "vitest";
import { commands, controlFor, openLane, specWith, TestLane } from "../../test/support/market.ts";
import { named } from "../../test/support/market-hash.ts";
import { amount, amountMax } from "../core/amount.ts";

const single = { overlap: { min: 1, max: 1, targetPpm: 0 } };

describe("escrow", () => {
  it("offers no slot whose reward and fee are not locked", () => {
    const lane = openLane({ deposit: 2_039n, spec: { terms: single } });
    lane.take(1, 0);
    lane.refuse(commands.assign(2, 1), "ESCROW_INSUFFICIENT");
    lane.do(commands.funded(1n));
    lane.take(2, 1);
    expect(lane.state.books).toMatchObject({ free: 0n, assigned: 2_040n });
    lane.refuse(commands.assign(3, null), "ESCROW_INSUFFICIENT");
  });

  it("must hold the budgets before a market opens", () => {
    const lane = new TestLane();
    const appeal = { windowMs: 0, budget: amount(500n), panel: 1, cost: amount(0n) };
    lane.do(commands.created(specWith({ appeal, newcomer: { answers: 1, budget: amount(500n) } })));
    lane.do(commands.funded(999n));
    lane.refuse(commands.input("opened", {}), "ESCROW_INSUFFICIENT");
    lane.do(commands.funded(1n));
    lane.do(commands.input("opened", {}));
    expect(lane.state.books).toMatchObject({ free: 0n, appealBudget: 500n, newcomerBudget: 500n });
  });

  it("rounds the fee up, and takes it for accepted answers only", () => {
    const lane = openLane({ spec: { feeBasisPoints: 1, terms: { ...single, reward: amount(3n) } } });
    lane.answer(1, 0, "yes");
    expect(lane.state.books).toMatchObject({ earned: 3n, fee: 1n });
  });

  it("cannot hold more than a token has", () => {
    const lane = openLane({ deposit: 1n });
    lane.refuse(commands.funded(amountMax), "MALFORMED_REQUEST");
    lane.do(commands.funded(amountMax - 1n));
    lane.refuse(commands.input("received", { fromLane: 1, amount: amount(1n), number: 1 }), "MALFORMED_REQUEST");
    lane.refuse(commands.funded(0n), "MALFORMED_REQUEST");
  });

  it("is paid out as a bonus only where it is free", () => {
    const lane = openLane({ deposit: 100n, members: 1 });
    lane.do(commands.input("bonusPaid", { contributor: 1, amount: amount(60n), note: "thank you" }));
    lane.refuse(commands.input("bonusPaid", { contributor: 1, amount: amount(41n), note: "" }), "ESCROW_INSUFFICIENT");
    lane.refuse(commands.input("bonusPaid", { contributor: 9, amount: amount(1n), note: "" }), "CONTRIBUTOR_NOT_FOUND");
    expect(lane.state.books).toMatchObject({ free: 40n, bonus: 60n });
    expect(lane.earned(1)).toBe(60n);
  });

  it("is handed to other lanes by numbered transfers, each pair of lanes with its own numbers", () => {
    const lane = openLane({ deposit: 100n });
    const sent = (toLane: number, number: number) => commands.input("sent", { toLane, amount: amount(40n), number });
    lane.do(sent(1, 1));
    lane.refuse(sent(1, 1), "MALFORMED_REQUEST");
    lane.refuse(sent(1, 3), "MALFORMED_REQUEST");
    lane.do(sent(2, 1));
    lane.refuse(sent(1, 2), "ESCROW_INSUFFICIENT");
    expect(lane.state.books).toMatchObject({ free: 20n, sent: 80n });
    const received = (fromLane: number, number: number) =>
      commands.input("received", { fromLane, amount: amount(5n), number });
    lane.do(received(2, 1));
    lane.refuse(received(2, 1), "MALFORMED_REQUEST");
    lane.do(received(1, 1));
    expect(lane.state.books).toMatchObject({ free: 30n, received: 10n });
  });
});

describe("the newcomer budget", () => {
  it("pays the first answers of everybody, and no more when it is used up", () => {
    const lane = openLane({ spec: { terms: single, newcomer: { answers: 2, budget: amount(3_060n) } } });
    lane.answer(1, 0, "yes");
    lane.answer(1, 1, "yes");
    expect(lane.state.books).toMatchObject({ newcomerBudget: 1_020n, free: 1_000_000n - 3_060n });
    // The third is paid like anybody's.
    lane.answer(1, 2, "yes");
    expect(lane.state.books).toMatchObject({ newcomerBudget: 1_020n, free: 1_000_000n - 4_080n });
    lane.take(2, 3);
    lane.refuse(commands.assign(3, 4), "BUDGET_EXCEEDED");
    lane.refuse(commands.assign(3, null), "BUDGET_EXCEEDED");
    lane.take(1, 4);
  });

  it("gets back what was not earned from it", () => {
    const lane = openLane({ spec: { terms: single, newcomer: { answers: 5, budget: amount(1_020n) } } });
    lane.take(1, 0);
    lane.refuse(commands.assign(2, 1), "BUDGET_EXCEEDED");
    lane.wait(60_000);
    expect(lane.state.books).toMatchObject({ newcomerBudget: 1_020n, assigned: 0n });
    lane.take(2, 1);
  });

  it("gets back what was rejected, when nobody can appeal any more", () => {
    const lane = openLane({ controls: [controlFor(0, 0)], spec: { newcomer: { answers: 5, budget: amount(1_020n) } } });
    expect(lane.answer(1, 0, "no").state).toBe("appealable");
    expect(lane.state.books).toMatchObject({ newcomerBudget: 0n, appealable: 1_020n });
    lane.wait(60_000);
    expect(lane.state.books).toMatchObject({ newcomerBudget: 1_020n, appealable: 0n });
  });
});

describe("a fault of ours", () => {
  const voided = (task: number) =>
    commands.input("voided", { task, ordinal: 0, fault: "sandbox", evidence: named("trace") });

  it("ends a slot unpaid and neutral; its owner may answer again", () => {
    const lane = openLane();
    lane.answer(1, 0, "yes");
    lane.do(voided(0));
    expect(lane.state.books).toMatchObject({ held: 0n, free: 1_000_000n });
    expect(lane.member(1)).toMatchObject({ judged: 0, controlsAnswered: 0 });
    lane.answer(1, 0, "yes");
  });

  it("frees a contributor who has not answered yet", () => {
    const lane = openLane();
    const slot = lane.take(1, 0);
    lane.do(voided(0));
    expect(lane.member(1).open).toEqual([]);
    lane.refuse(commands.submit(1, [{ slot, answer: "yes" }], lane.timeMs), "SLOT_STATE");
  });

  it("pauses the market when there are more than it absorbs", () => {
    const lane = openLane({ spec: { voidMax: 1 } });
    for (const task of [0, 1, 2]) lane.take(1, task);
    lane.do(voided(0));
    expect(lane.state.status).toBe("open");
    lane.do(voided(1));
    expect(lane.state.status).toBe("paused");
    lane.refuse(commands.assign(2, 4), "MARKET_STATE");
    // What was given out may still be answered.
    lane.submit(1, { task: 2, ordinal: 0 }, "yes");
    lane.do(commands.input("resumed", {}));
    lane.take(2, 4);
  });

  it("cannot undo a verdict", () => {
    const lane = openLane({ spec: { terms: { overlap: { min: 1, max: 2, targetPpm: 0 } } } });
    lane.take(2, 0);
    lane.take(1, 0);
    lane.submit(1, { task: 0, ordinal: 1 }, "yes");
    const accepted = commands.input("voided", { task: 0, ordinal: 1, fault: "operator", evidence: named("why") });
    lane.refuse(accepted, "SLOT_STATE");
  });
});

describe("the life of a market", () => {
  it("goes from draft to open, paused and back; what does not fit is refused", () => {
    const lane = new TestLane();
    const plain = (kind: "opened" | "paused" | "resumed" | "closing") => commands.input(kind, {});
    lane.refuse(commands.funded(1n), "MALFORMED_REQUEST");
    lane.do(commands.created(specWith()));
    lane.refuse(commands.created(specWith()), "MALFORMED_REQUEST");
    lane.do(commands.batch(0, 3));
    lane.join(1);
    lane.refuse(commands.joined(1), "MALFORMED_REQUEST");
    lane.refuse(commands.assign(1, 0), "MARKET_STATE");
    lane.refuse(plain("paused"), "MARKET_STATE");
    lane.do(plain("opened"));
    lane.refuse(plain("opened"), "MARKET_STATE");
    lane.refuse(plain("resumed"), "MARKET_STATE");
    lane.do(plain("paused"));
    lane.refuse(commands.assign(1, 0), "MARKET_STATE");
    lane.do(plain("resumed"));
    lane.do(plain("closing"));
    lane.refuse(plain("closing"), "MARKET_STATE");
    lane.refuse(commands.batch(3, 1), "MARKET_STATE");
  });

  it("keeps no money that comes too late: it goes back with the refund, or after it at once", () => {
    const lane = openLane({ deposit: 500n, members: 0 });
    lane.do(commands.input("closing", {}));
    lane.do(commands.funded(30n));
    expect(lane.state).toMatchObject({ status: "closing", books: { free: 530n, refunded: 0n } });
    lane.wait(specWith().refundDelayMs + 1_000);
    expect(lane.state).toMatchObject({ status: "closed", books: { free: 0n, refunded: 530n } });
    for (const value of [7n, 8n]) lane.do(commands.funded(value));
    expect(lane.state).toMatchObject({ status: "closed", books: { deposited: 545n, free: 0n, refunded: 545n } });
  });

  it("takes tasks in runs that follow each other, with terms within the market's bounds", () => {
    const lane = openLane({ tasks: 5, spec: { rewardMin: amount(500n), rewardMax: amount(2_000n) } });
    lane.refuse(commands.batch(4, 1), "MALFORMED_REQUEST");
    lane.refuse(commands.batch(5, 0), "LIMIT_EXCEEDED");
    lane.refuse(commands.batch(5, 10_001), "LIMIT_EXCEEDED");
    lane.refuse(commands.batch(5, 1, { reward: "499" }), "REWARD_MISMATCH");
    lane.refuse(commands.batch(5, 1, { colour: "red" }), "MALFORMED_SPEC");
    lane.refuse(commands.batch(5, 1, ["reward"]), "MALFORMED_SPEC");
    lane.do(commands.batch(5, 1, { reward: "2000", overlap: { min: 1, max: 1, targetPpm: 0 } }));
    lane.refuse(commands.assign(1, 6), "TASK_NOT_FOUND");
    expect(lane.answer(1, 5, "yes").reward).toBe(2_000n);
  });

  it("is cut into epochs that grow", () => {
    const lane = openLane();
    lane.do(commands.input("cut", { epoch: 3 }));
    lane.refuse(commands.input("cut", { epoch: 3 }), "MALFORMED_REQUEST");
    expect(lane.state.epoch).toBe(3);
  });

  it("takes attachments only where an entry commits to one", () => {
    const lane = openLane();
    lane.refuse(commands.input("paused", {}, new Uint8Array([1])), "MALFORMED_REQUEST");
    const empty = commands.batch(10, 1);
    if (empty.type !== "input") throw new Error("not an input");
    lane.refuse({ type: "input", record: { ...empty.record, attachment: new Uint8Array([0x5b, 0x5d]) } });
  });
});
