import { describe, expect, it } from "vitest";
import { closeAndSettle, commands, openLane, startMs, type TestLane } from "../../test/support/market.ts";
import { sha256 } from "../../test/support/market-hash.ts";
import { amount } from "../core/amount.ts";
import { voteWeight } from "../verification/agreement/weight.ts";
import { agree } from "../verification/agreement/weighted.ts";
import { modelHash } from "./model.ts";

/** Two newcomers who agree on one of two choices are right with probability 0.84; one alone with 0.7. */
const adaptive = { overlap: { min: 2, max: 5, targetPpm: 800_000 } };

const windowless = { windowMs: 0, budget: amount(0n), panel: 1, cost: amount(0n) };
const split = [
  [1, "yes"],
  [2, "yes"],
  [3, "no"],
] as const;

describe("consensus", () => {
  it("stops as soon as the answers are sure enough, and pays in the same step", () => {
    const lane = openLane({ spec: { terms: adaptive } });
    expect(lane.answer(1, 0, "yes").state).toBe("held");
    const deciding = lane.answer(2, 0, "yes");
    expect(deciding).toMatchObject({ state: "accepted", reason: "AGREES", reward: 1_000n });
    expect(deciding.settled).toMatchObject({ label: 0, decided: true, confidencePpm: 844_749 });
    expect([lane.earned(1), lane.earned(2)]).toEqual([1_000n, 1_000n]);
    expect(lane.state.books).toMatchObject({ earned: 2_000n, fee: 40n, assigned: 0n, held: 0n, free: 997_960n });
    // The task has left the state: nobody can answer it any more.
    expect(lane.state.tasks.size).toBe(0);
    lane.refuse(commands.assign(3, 0), "TASK_STATE");
  });

  it("asks for more while the answers differ", () => {
    const lane = openLane({ spec: { terms: adaptive } });
    lane.answer(1, 0, "yes");
    lane.answer(2, 0, "no");
    expect(lane.answer(3, 0, "yes").state).toBe("held");
    const { settled } = lane.answer(4, 0, "yes");
    expect(settled).toMatchObject({ label: 0, decided: true, confidencePpm: 844_749 });
    expect(lane.verdicts({ task: 0, ordinal: 1 })).toEqual(["rejected DISAGREES"]);
  });

  it("settles at exactly the largest overlap, whatever the margin", () => {
    const lane = openLane({ spec: { terms: { overlap: { min: 1, max: 3, targetPpm: 1_000_000 } } } });
    lane.answer(1, 0, "yes");
    lane.answer(2, 0, "yes");
    lane.take(3, 0);
    lane.refuse(commands.assign(4, 0), "OVERLAP_EXCEEDED");
    expect(lane.entries("settled")).toEqual([]);
    expect(lane.submit(3, { task: 0, ordinal: 2 }, "yes").settled?.decided).toBe(false);
  });

  it("pays everybody where the answers split below the margin", () => {
    const lane = openLane({ spec: { terms: { overlap: { min: 2, max: 2, targetPpm: 900_000 } } } });
    lane.answer(1, 0, "yes");
    const second = lane.answer(2, 0, "no");
    expect(second).toMatchObject({ state: "accepted", reason: "UNDECIDED" });
    // A tie goes to the lower choice, and says what it is worth.
    expect(second.settled).toMatchObject({ label: 0, confidencePpm: 500_000, decided: false });
    expect([lane.earned(1), lane.earned(2)]).toEqual([1_000n, 1_000n]);
    expect([lane.member(1).judged, lane.member(2).judged]).toEqual([0, 0]);
  });

  it("counts a lapsed lease as no answer, and lets its owner come back", () => {
    const lane = openLane({ spec: { terms: { overlap: { min: 1, max: 1, targetPpm: 0 }, leaseMs: 5_000 } } });
    const slot = lane.take(1, 0);
    lane.refuse(commands.assign(2, 0), "OVERLAP_EXCEEDED");
    lane.wait(4_999);
    expect(lane.entries("expired")).toEqual([]);
    lane.wait(1);
    expect(lane.entries("expired")).toHaveLength(1);
    lane.refuse(commands.submit(1, [{ slot, answer: "yes" }], lane.timeMs), "SLOT_STATE");
    expect(lane.take(1, 0)).toEqual({ task: 0, ordinal: 1 });
    expect(lane.submit(1, { task: 0, ordinal: 1 }, "yes").state).toBe("accepted");
  });

  it("keeps a long reservation for work that takes days", () => {
    const dayMs = 86_400_000;
    const lane = openLane({ spec: { terms: { overlap: { min: 1, max: 1, targetPpm: 0 }, leaseMs: 14 * dayMs } } });
    const slot = lane.take(1, 0);
    lane.wait(13 * dayMs);
    expect(lane.submit(1, slot, "yes").state).toBe("accepted");
  });

  it("takes one answer of an owner, whichever of its contributors gives it", () => {
    const lane = openLane({ members: 1 });
    lane.do(commands.joined(2, "owner 1"));
    lane.answer(1, 0, "yes");
    lane.refuse(commands.assign(2, 0), "DUPLICATE_ANSWER");
    lane.answer(2, 1, "yes");
  });
});

describe("an answer that comes after the task settled", () => {
  const late = (answer: string): TestLane => {
    const lane = openLane({ spec: { terms: adaptive } });
    lane.take(1, 0);
    lane.take(2, 0);
    lane.take(3, 0);
    lane.submit(1, { task: 0, ordinal: 0 }, "yes");
    lane.submit(2, { task: 0, ordinal: 1 }, "yes");
    lane.submit(3, { task: 0, ordinal: 2 }, answer);
    return lane;
  };

  it("is paid from its hold where it agrees with the label", () => {
    const lane = late("yes");
    expect(lane.verdicts({ task: 0, ordinal: 2 })).toEqual(["accepted AGREES"]);
    expect(lane.earned(3)).toBe(1_000n);
    expect(lane.state.books.earned).toBe(3_000n);
  });

  it("is rejected where it does not, and never changes the label", () => {
    const lane = late("no");
    expect(lane.verdicts({ task: 0, ordinal: 2 })).toEqual(["rejected DISAGREES"]);
    expect(lane.entries("settled")).toHaveLength(1);
    expect(lane.state.tasks.get(0)?.settled?.label).toBe(0);
    expect(lane.member(3)).toMatchObject({ judged: 1, agreed: 0 });
  });
});

describe("a rejected reward", () => {
  it("stays on hold until the appeal window has passed, then it is free again", () => {
    const lane = openLane({ tasks: 1 });
    for (const [contributor, answer] of split) lane.answer(contributor, 0, answer);
    expect(lane.state.books).toMatchObject({ appealable: 1_020n, earned: 2_000n });
    lane.wait(59_999);
    expect(lane.state.books.appealable).toBe(1_020n);
    lane.wait(1);
    expect(lane.state.books).toMatchObject({ appealable: 0n, free: 1_000_000n - 2_040n });
    expect(lane.verdicts({ task: 0, ordinal: 2 })).toEqual(["rejected DISAGREES", "released"]);
  });

  it("is free again even where the window has no length", () => {
    const lane = openLane({ tasks: 1, spec: { appeal: windowless } });
    for (const [contributor, answer] of split) lane.answer(contributor, 0, answer);
    lane.refuse(commands.appeal(3, { task: 0, ordinal: 2 }), "APPEAL_STATE");
    lane.wait(1);
    expect(lane.state.books.appealable).toBe(0n);
  });

  it("falls due also where time found the answer and its window in one second", () => {
    const terms = { overlap: { min: 4, max: 5, targetPpm: 600_000 }, deadlineMs: startMs + 100 };
    const lane = openLane({ tasks: 1, spec: { appeal: windowless, terms } });
    for (const [contributor, answer] of split) lane.answer(contributor, 0, answer);
    lane.wait(300);
    expect(lane.state.books.appealable).toBe(1_020n);
    lane.wait(300);
    expect(lane.state.books).toMatchObject({ held: 0n, appealable: 0n });
  });
});

describe("a deadline", () => {
  const spec = {
    terms: { overlap: { min: 3, max: 5, targetPpm: 600_000 }, leaseMs: 10_000, deadlineMs: startMs + 20_500 },
  };

  it("settles a task with the answers there are", () => {
    const lane = openLane({ spec });
    lane.answer(1, 0, "yes");
    lane.answer(2, 0, "no");
    lane.wait(20_499);
    expect(lane.entries("settled")).toEqual([]);
    lane.wait(1);
    expect(lane.entries("settled")).toMatchObject([{ task: 0, decided: false }]);
    expect([lane.earned(1), lane.earned(2)]).toEqual([1_000n, 1_000n]);
    lane.refuse(commands.assign(3, 1), "TASK_STATE");
  });

  it("waits for answers that are still out", () => {
    const lane = openLane({ spec });
    lane.answer(1, 0, "yes");
    lane.wait(15_000);
    const slot = lane.take(2, 0);
    lane.wait(6_000);
    expect(lane.entries("settled")).toEqual([]);
    expect(lane.submit(2, slot, "yes").settled).toMatchObject({ label: 0, decided: true });
  });

  it("waits for them no longer than their lease", () => {
    const lane = openLane({ spec });
    lane.answer(1, 0, "yes");
    lane.wait(15_000);
    lane.take(2, 0);
    lane.wait(10_000);
    expect(lane.entries("expired")).toHaveLength(1);
    expect(lane.entries("settled")).toMatchObject([{ task: 0, label: 0, rulings: [{ ordinal: 0 }] }]);
  });
});

describe("closing a market", () => {
  it("settles what it has, ends every slot and refunds the rest", () => {
    const lane = openLane({ spec: { terms: adaptive } });
    lane.answer(1, 0, "yes");
    lane.take(2, 0);
    lane.take(3, 1);
    closeAndSettle(lane);
    expect(lane.state.status).toBe("closed");
    expect(lane.earned(1)).toBe(1_000n);
    expect(lane.entries("closed")).toEqual([{ kind: "closed", refund: 1_000_000n - 1_020n }]);
    lane.refuse(commands.assign(1, 2), "MARKET_STATE");
  });

  it("waits for slots without a price as well", () => {
    const lane = openLane({ spec: { terms: { reward: amount(0n), overlap: { min: 1, max: 1, targetPpm: 0 } } } });
    const slot = lane.take(1, 0);
    lane.do(commands.input("closing", {}));
    lane.wait(60_000 - 1);
    expect(lane.state.status).toBe("closing");
    lane.submit(1, slot, "yes");
    expect(lane.verdicts(slot)).toEqual(["accepted AGREES"]);
  });

  it("refunds money of another lane that arrives after it", () => {
    const lane = openLane({ tasks: 0 });
    closeAndSettle(lane);
    lane.do(commands.input("received", { fromLane: 1, amount: amount(70n), number: 1 }));
    expect(lane.entries("closed").map(({ refund }) => refund)).toEqual([1_000_000n, 70n]);
    expect(lane.state.books).toMatchObject({ free: 0n, refunded: 1_000_070n });
  });
});

/** What two newcomers who contradict each other say of the choice that wins the tie. */
const newcomersApart = (choices: number): number => {
  const weight = voteWeight(0, 0, choices);
  return agree(
    [0, 1].map((choice) => ({ choice, weight })),
    choices,
  ).confidencePpm;
};

describe("the model", () => {
  it("weighs votes by what the log shows of their contributors, from the next version on", () => {
    const lane = openLane({
      tasks: 60,
      members: 3,
      spec: { terms: { overlap: { min: 3, max: 3, targetPpm: 600_000 } } },
    });
    for (let task = 0; lane.entries("modelAdopted").length === 0; task++) {
      lane.answer(1, task, "yes");
      lane.answer(2, task, "yes");
      lane.answer(3, task, "no");
    }
    const [model] = lane.entries("modelAdopted");
    // The 50th answer opens a task; 16 tasks are known then.
    expect(model).toMatchObject({ version: 1 });
    expect([1, 2, 3].map((each) => lane.member(each).adopted)).toEqual([
      { right: 16, checked: 16 },
      { right: 16, checked: 16 },
      { right: 0, checked: 16 },
    ]);
    expect(lane.state.model).toMatchObject({ version: 1, answers: 50 });
    expect(lane.log[model?.cut ?? 0]?.entry.kind).toBe("modelAdopted");
    // Somebody who was always wrong now counts nothing: one good answer against his decides.
    const task = lane.state.taskCount - 1;
    lane.answer(3, task, "no");
    lane.answer(1, task, "yes");
    lane.join(4);
    const { settled } = lane.answer(4, task, "no");
    expect(settled).toMatchObject({ label: 0, decided: true });
  });

  it("weighs a vote by the number of choices of its task, whatever the market's own terms have", () => {
    const overlap = { min: 2, max: 2, targetPpm: 1_000_000 };
    const many = { overlap, answer: { type: "choice", choices: ["a", "b", "c", "d", "e", "f", "g", "h", "i", "j"] } };
    const four = { overlap, answer: { type: "choice", choices: ["a", "b", "c", "d"] } };
    const lane = openLane({ tasks: 60, members: 4, spec: { terms: { overlap: { min: 1, max: 1, targetPpm: 0 } } } });
    lane.do(commands.batch(60, 2, many));
    lane.do(commands.batch(62, 2, four));
    const confidence = (task: number): number => {
      lane.answer(1, task, "a");
      lane.answer(2, task, "b");
      return lane.entries("settled").at(-1)?.confidencePpm ?? 0;
    };
    // Nobody is known: one newcomer of accuracy 0.7 against another, among ten and among four.
    expect([60, 62].map(confidence)).toEqual([newcomersApart(10), newcomersApart(4)]);
    for (let task = 0; lane.entries("modelAdopted").length === 0; task++) lane.answer(1, task, "yes");
    const { right, checked } = lane.member(1).adopted;
    expect(right).toBe(checked);
    const known = [10, 4].map((choices) => {
      const votes = [
        { choice: 0, weight: voteWeight(right, checked, choices) },
        { choice: 1, weight: voteWeight(0, 0, choices) },
      ];
      return agree(votes, choices).confidencePpm;
    });
    expect([61, 63].map(confidence)).toEqual(known);
    expect(known[0]).toBeGreaterThan(newcomersApart(10));
  });

  it("covers the record of each contributor, in the order of their numbers", () => {
    const lane = openLane({ tasks: 60, members: 0, spec: { terms: { overlap: { min: 1, max: 1, targetPpm: 0 } } } });
    lane.join(9, 3);
    for (let task = 0; lane.entries("modelAdopted").length === 0; task++)
      lane.answer(task % 3 === 0 ? 9 : 3, task, "yes");
    const records = [3, 9].map((each) => [each, lane.member(each).adopted] as const);
    expect(records.map(([, { right, checked }]) => [right, checked])).toEqual([
      [33, 33],
      [17, 17],
    ]);
    expect(lane.entries("modelAdopted")[0]?.hash).toEqual(modelHash(sha256, records, null));
  });

  it("is renewed when the answers have grown by a tenth and by fifty", () => {
    const lane = openLane({
      tasks: 700,
      members: 1,
      deposit: 10_000_000n,
      spec: { terms: { overlap: { min: 1, max: 1, targetPpm: 0 } } },
    });
    for (let task = 0; task < 660; task++) lane.answer(1, task, "yes");
    const answersAt = lane.log.flatMap(({ entry, sequence }) =>
      entry.kind === "modelAdopted"
        ? [lane.log.slice(0, sequence).filter((each) => each.entry.kind === "submitted").length]
        : [],
    );
    expect(answersAt).toEqual([50, 100, 150, 200, 250, 300, 350, 400, 450, 500, 550, 605]);
  });
});
