import { describe, expect, it } from "vitest";
import { commands, controlFor, openLane, type TestLane } from "../../test/support/market.ts";
import { named, sha256 } from "../../test/support/market-hash.ts";
import { amount } from "../core/amount.ts";
import { toHex, toUtf8 } from "../core/bytes.ts";
import { EarnestError } from "../core/errors.ts";
import { controlCommitment, openControls, sealControls } from "./controls.ts";

const once = { overlap: { min: 1, max: 1, targetPpm: 0 } };

describe("a control task", () => {
  it("judges and pays at once, by its hidden answer", () => {
    const lane = openLane({ controls: [controlFor(0, 1)] });
    expect(lane.answer(1, 0, "no")).toMatchObject({ state: "accepted", reason: "CONTROL_MATCHED", reward: 1_000n });
    expect(lane.answer(2, 0, "yes")).toMatchObject({ state: "appealable", reason: "CONTROL_MISSED", reward: 0n });
    expect(lane.member(1)).toMatchObject({ controlsAnswered: 1, controlsRight: 1 });
    expect(lane.member(2)).toMatchObject({ controlsAnswered: 1, controlsRight: 0 });
  });

  it("has room for everybody once", () => {
    const lane = openLane({ controls: [controlFor(0, 0)], spec: { terms: once } });
    for (const contributor of [1, 2, 3, 4, 5]) lane.answer(contributor, 0, "yes");
    lane.refuse(commands.assign(1, 0), "DUPLICATE_ANSWER");
    expect(lane.state.withRoom.get(0)).toBe(true);
  });

  it("gates pay by the rate of right answers, once enough were met", () => {
    const controls = [controlFor(0, 0), controlFor(1, 0), controlFor(2, 0)];
    const lane = openLane({ controls, spec: { terms: once, controls: { answeredMin: 2, accuracyPpmMin: 600_000 } } });
    lane.answer(1, 0, "no");
    // One control is not enough to judge by.
    expect(lane.answer(1, 3, "yes").reason).toBe("AGREES");
    lane.answer(1, 1, "yes");
    expect(lane.answer(1, 4, "yes")).toMatchObject({ state: "appealable", reason: "CONTROL_RATE_LOW" });
    lane.answer(1, 2, "yes");
    // Two of three are enough again.
    expect(lane.answer(1, 5, "yes").reason).toBe("AGREES");
  });

  it("is opened on retirement, and takes no more answers", () => {
    const lane = openLane({ controls: [controlFor(0, 0)] });
    lane.refuse(commands.input("controlRetired", controlFor(0, 1)), "MALFORMED_REQUEST");
    lane.refuse(commands.input("controlRetired", controlFor(1, 0)), "TASK_NOT_FOUND");
    lane.do(commands.input("controlRetired", controlFor(0, 0)));
    lane.refuse(commands.input("controlRetired", controlFor(0, 0)), "TASK_STATE");
    lane.refuse(commands.assign(2, 0), "TASK_STATE");
    expect(lane.state.controls.get(0)).toMatchObject({ status: "retired", openedSequence: lane.log.length });
  });

  it("is not opened while somebody holds a slot of it, who would read the answer", () => {
    const lane = openLane({ controls: [controlFor(0, 0)] });
    const slot = lane.take(1, 0);
    lane.refuse(commands.input("controlRetired", controlFor(0, 0)), "TASK_STATE");
    expect(lane.submit(1, slot, "no").reason).toBe("CONTROL_MISSED");
    lane.do(commands.input("controlRetired", controlFor(0, 0)));
  });
});

describe("a control task that contributors contradict", () => {
  /** The hidden answer says "no"; whoever knows the second control is qualified, and says "yes". */
  function contradicted(answers: number): TestLane {
    const lane = openLane({
      members: 9,
      controls: [controlFor(0, 1), controlFor(1, 0)],
      spec: { terms: once, controls: { answeredMin: 1, accuracyPpmMin: 500_000 } },
    });
    for (let contributor = 1; contributor <= answers; contributor++) {
      lane.answer(contributor, 1, "yes");
      lane.answer(contributor, 0, "yes");
    }
    return lane;
  }

  it("stands while fewer than five did", () => {
    const lane = contradicted(4);
    expect(lane.entries("controlVoided")).toEqual([]);
    expect(lane.state.books.appealable).toBe(4_080n);
  });

  it("is void with the fifth; whom it rejected is paid, and gates forget it", () => {
    const lane = contradicted(5);
    expect(lane.entries("controlVoided")).toEqual([{ kind: "controlVoided", task: 0 }]);
    expect(lane.state.books.appealable).toBe(0n);
    expect([1, 5].map((each) => lane.earned(each))).toEqual([2_000n, 2_000n]);
    expect(lane.member(3)).toMatchObject({ controlsAnswered: 1, controlsRight: 1 });
  });

  it("leaves an ordinary task, whose label the answers settle", () => {
    const lane = contradicted(5);
    expect(lane.entries("settled")).toMatchObject([{ task: 0, label: 0, decided: true, rulings: [] }]);
    lane.refuse(commands.assign(6, 0), "TASK_STATE");
  });

  it("judges answers that were out when it became void against that label", () => {
    const lane = contradicted(4);
    const [first, second] = [lane.take(6, 0), lane.take(7, 0)];
    lane.answer(5, 1, "yes");
    lane.answer(5, 0, "yes");
    expect(lane.submit(6, first, "yes")).toMatchObject({ state: "accepted", reason: "AGREES" });
    expect(lane.submit(7, second, "no")).toMatchObject({ state: "appealable", reason: "DISAGREES" });
    expect(lane.member(6).controlsAnswered).toBe(0);
  });

  it("is contradicted by nobody who answered no other control, or answered the others wrong", () => {
    const lane = contradicted(4);
    lane.answer(5, 0, "yes");
    lane.answer(6, 1, "no");
    lane.answer(6, 0, "yes");
    expect(lane.entries("controlVoided")).toEqual([]);
    // Contributor 5 proves itself afterwards; that is seen when the next answer comes.
    lane.answer(5, 1, "yes");
    lane.answer(7, 0, "yes");
    expect(lane.entries("controlVoided")).toHaveLength(1);
  });

  it("is contradicted also by those whom it makes fail the gate itself", () => {
    const lane = openLane({
      members: 9,
      controls: [controlFor(0, 1), controlFor(1, 0)],
      spec: { terms: once, controls: { answeredMin: 1, accuracyPpmMin: 800_000 } },
    });
    for (const contributor of [1, 2, 3, 4]) {
      lane.answer(contributor, 1, "yes");
      lane.answer(contributor, 0, "yes");
      expect(lane.answer(contributor, 1 + contributor, "yes").reason).toBe("CONTROL_RATE_LOW");
    }
    lane.answer(5, 1, "yes");
    lane.answer(5, 0, "yes");
    expect(lane.entries("controlVoided")).toHaveLength(1);
    expect(lane.answer(1, 7, "yes").reason).toBe("AGREES");
  });

  describe("while an appeal against it is open", () => {
    const appeal = { windowMs: 60_000, budget: amount(10_000n), panel: 3, cost: amount(400n) };

    /** Contributor 1 lost its free appeal and staked 400 on this one; 8 answered it and 9 is asked when it is decided. */
    function voidedDuringAppeal(): TestLane {
      const lane = openLane({
        members: 9,
        controls: [controlFor(0, 1), controlFor(1, 0), controlFor(2, 0)],
        spec: { terms: once, controls: { answeredMin: 1, accuracyPpmMin: 500_000 }, appeal },
      });
      lane.do(commands.input("reserveSet", { contributor: 1, target: amount(400n) }));
      lane.answer(1, 1, "yes");
      lane.do(commands.appeal(1, lane.answer(1, 2, "no").slot));
      for (const contributor of [6, 7, 8]) lane.answer(contributor, 2, "yes");
      const out = [2, 3, 4, 5].map((contributor) => ({ contributor, slot: lane.take(contributor, 0) }));
      lane.do(commands.appeal(1, lane.answer(1, 0, "yes").slot));
      lane.answer(8, 0, "no");
      lane.take(9, 0);
      expect(lane.member(1).purse).toMatchObject({ held: 0n, staked: 400n });
      expect(lane.state.books).toMatchObject({ assigned: 5_100n, held: 2_040n, appealBudget: 3_880n });
      for (const { contributor, slot } of out) {
        lane.answer(contributor, 1, "yes");
        lane.submit(contributor, slot, "yes");
      }
      expect(lane.entries("controlVoided")).toHaveLength(1);
      return lane;
    }

    it("decides it: the stake comes back, the panel's answer is paid, its hold returns to the budget", () => {
      const lane = voidedDuringAppeal();
      expect(lane.state.tasks.get(0)?.slots[4]).toMatchObject({ state: "accepted", reason: "CONTROL_VOIDED" });
      expect(lane.member(1).purse).toMatchObject({ held: 400n, staked: 0n, released: 1_600n });
      expect(lane.verdicts({ task: 0, ordinal: 5 })).toEqual(["accepted UNDECIDED"]);
      expect(lane.entries("appealSettled")).toHaveLength(1);
      expect(lane.state.books).toMatchObject({ assigned: 1_020n, held: 0n, appealBudget: 4_900n });
    });

    it("tells whoever appeals that it is void, where the appeal itself is what shows it", () => {
      const lane = openLane({
        controls: [controlFor(0, 1), controlFor(1, 0)],
        spec: { terms: once, controls: { answeredMin: 1, accuracyPpmMin: 500_000 }, appeal },
      });
      for (const contributor of [1, 2, 3, 4]) lane.answer(contributor, 1, "yes");
      for (const contributor of [1, 2, 3, 4, 5]) lane.answer(contributor, 0, "yes");
      lane.answer(5, 1, "yes");
      expect(lane.entries("controlVoided")).toEqual([]);
      const { slots } = lane.do(commands.appeal(2, { task: 0, ordinal: 1 }));
      expect(slots).toMatchObject([{ state: "accepted", reason: "CONTROL_VOIDED", reward: 1_000n }]);
      expect(lane.state.books).toMatchObject({ held: 0n, appealable: 0n, appealBudget: 10_000n });
    });

    it("pays a panelist who answers later, whatever it says", () => {
      const lane = voidedDuringAppeal();
      expect(lane.submit(9, { task: 0, ordinal: 6 }, "no")).toMatchObject({ state: "accepted", reason: "UNDECIDED" });
      expect(lane.earned(9)).toBe(1_000n);
      expect(lane.state.tasks.get(0)).toBeUndefined();
    });

    it("returns the price of a panelist who does not answer to the budget", () => {
      const lane = voidedDuringAppeal();
      lane.wait(60_000);
      expect(lane.state.books).toMatchObject({ assigned: 0n, held: 0n, appealBudget: 5_920n });
    });
  });

  it("forgets an answer that was appealed meanwhile, too", () => {
    const lane = contradicted(4);
    lane.refuse(commands.appeal(1, { task: 0, ordinal: 0 }), "BUDGET_EXCEEDED");
    const free = openLane({
      members: 9,
      controls: [controlFor(0, 1), controlFor(1, 0)],
      spec: {
        terms: once,
        controls: { answeredMin: 1, accuracyPpmMin: 500_000 },
        appeal: { windowMs: 1_000, budget: amount(10_000n), panel: 1, cost: amount(0n) },
      },
    });
    for (let contributor = 1; contributor <= 5; contributor++) {
      free.answer(contributor, 1, "yes");
      if (contributor === 2) {
        free.do(commands.appeal(1, { task: 0, ordinal: 0 }));
        free.wait(1_000);
        expect(free.state.tasks.get(0)?.slots[0]?.reason).toBe("APPEAL_UNANSWERED");
      }
      free.answer(contributor, 0, "yes");
    }
    expect(free.entries("controlVoided")).toHaveLength(1);
    expect([1, 2, 3].map((each) => free.member(each).controlsAnswered)).toEqual([1, 1, 1]);
  });
});

describe("sealed controls", () => {
  const [first, second] = [controlFor(3, 0), controlFor(7, 1)];
  const commitments = [first, second].map((each) => ({ task: each.task, commitment: controlCommitment(sha256, each) }));

  it("open to what was sealed", () => {
    expect(openControls(sha256, commitments, sealControls([first, second]))).toEqual([first, second]);
    expect(openControls(sha256, [], null)).toEqual([]);
  });

  it("have a commitment that the few possible answers cannot be tried against", () => {
    expect(controlCommitment(sha256, first)).not.toEqual(controlCommitment(sha256, { ...first, salt: named("other") }));
    expect(toHex(controlCommitment(sha256, first))).toBe(
      "ab2714bd4571ec86bae677bb28095c53c4d371674ee22125a78907e037e7453c",
    );
  });

  const salt = toHex(first.salt);
  it.each([
    ["nothing", null],
    ["another answer", sealControls([{ ...first, answer: 1 }, second])],
    ["another salt", sealControls([{ ...first, salt: second.salt }, second])],
    ["another order", sealControls([second, first])],
    ["one too few", sealControls([first])],
    ["another task", sealControls([{ ...first, task: 4 }, second])],
    ["one too many", sealControls([first, second, controlFor(9, 0)])],
  ])("do not open to %s", (_, attachment) => {
    expect(() => openControls(sha256, commitments, attachment)).toThrow(/does not fit its commitment/);
  });

  it.each([
    ["a number that encodes alike", toUtf8(`[{"answer":65536,"salt":"${salt}","task":3}]`)],
    ["a fraction", toUtf8(`[{"answer":0.5,"salt":"${salt}","task":3}]`)],
    ["a field too many", toUtf8(`[{"answer":0,"more":1,"salt":"${salt}","task":3}]`)],
    ["a space", toUtf8(`[{"answer":0,"salt":"${salt}","task":3} ]`)],
    ["no answer", toUtf8(`[{"salt":"${salt}","task":3}]`)],
    ["a text as the answer", toUtf8(`[{"answer":"0","salt":"${salt}","task":3}]`)],
    ["a number as the salt", toUtf8('[{"answer":0,"salt":5,"task":3}]')],
    ["a short salt", toUtf8('[{"answer":0,"salt":"00","task":3}]')],
    ["an object", toUtf8("{}")],
    ["a null", toUtf8("[null]")],
    ["no JSON", toUtf8("[")],
    ["no UTF-8", new Uint8Array([0xff])],
  ])("do not open to %s", (_, attachment) => {
    expect(() => openControls(sha256, commitments.slice(0, 1), attachment)).toThrow(EarnestError);
  });

  it("must be tasks of their batch, in order, with a possible answer", () => {
    const lane = openLane({ tasks: 5 });
    lane.refuse(commands.batch(5, 2, null, [controlFor(4, 0)]), "MALFORMED_REQUEST");
    lane.refuse(commands.batch(5, 2, null, [controlFor(7, 0)]), "MALFORMED_REQUEST");
    lane.refuse(commands.batch(5, 2, null, [controlFor(5, 2)]), "MALFORMED_REQUEST");
    lane.refuse(commands.batch(5, 2, null, [controlFor(6, 0), controlFor(5, 0)]), "MALFORMED_REQUEST");
    lane.refuse(commands.batch(5, 2, null, [controlFor(5, 0), controlFor(5, 0)]), "MALFORMED_REQUEST");
    lane.do(commands.batch(5, 2, null, [controlFor(5, 0), controlFor(6, 1)]));
  });
});
