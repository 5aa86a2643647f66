import { describe, expect, it } from "vitest";
import { type Crowd, type CrowdPlan, makeCrowd, times, windowOf } from "../../../test/support/pay-crowds.ts";
import { countAnswers, type Tables } from "../inference/expectation.ts";
import { startTables } from "../inference/fit.ts";
import { type Evidence, gatherEvidence, type Pool } from "./evidence.ts";
import { fitOnce, habitsOf, poolOf } from "./trust.ts";

const plan: CrowdPlan = {
  tasks: 90,
  classes: 3,
  answersEach: 45,
  habits: times(20, "looks"),
  accuracy: 0.75,
  controlEvery: 15,
  seed: 4,
};

interface Gathered extends Evidence {
  readonly crowd: Crowd;
  readonly tables: Tables;
  readonly pool: Pool;
}

function gather(change: Partial<CrowdPlan>, onControlsOnly = false): Gathered {
  const crowd = makeCrowd({ ...plan, ...change });
  const { answers, controls } = windowOf(crowd);
  const tables = startTables(answers, 1, controls);
  const habits = habitsOf(answers);
  const credit = new Float64Array(answers.contributors).fill(1);
  countAnswers(answers, tables);
  for (let i = 0; i < 5; i++) fitOnce(answers, tables, controls, credit, habits);
  const pool = poolOf(answers, tables, habits, credit);
  return { crowd, tables, pool, ...gatherEvidence(answers, tables, controls, pool, onControlsOnly) };
}

describe("evidence", () => {
  it.each(["random", "constant", "prior"] as const)("is against who answers by a habit: %s", (habit) => {
    const { nats } = gather({ answersEach: 85, habits: [...times(20, "looks" as const), ...times(5, habit)] });
    const theirs = nats.slice(20, 25);
    expect(Math.max(...theirs)).toBeLessThan(3);
    expect(theirs.reduce((a, b) => a + b) / 5).toBeLessThan(-1);
  });

  it("is for whoever looks, and grows with their answers", () => {
    const [few, many] = [gather({ answersEach: 10 }), gather({ answersEach: 80 })];
    for (let w = 0; w < 20; w++) {
      expect(many.nats[w]).toBeGreaterThan(5);
      expect(many.nats[w]).toBeGreaterThan(few.nats[w] as number);
    }
  });

  it("is against a ring that others believe, once control tasks contradict it", () => {
    const habits = [...times(6, "looks" as const), ...times(10, "ring" as const)];
    const { nats } = gather({ habits, answersEach: 90, controlEvery: 6 });
    for (let w = 6; w < 16; w++) expect(nats[w]).toBeLessThan(-3);
  });

  it("is nothing for whoever has not answered", () => {
    const { nats, answers } = gather({});
    expect(answers[20]).toBe(0);
    expect(nats[20]).toBeCloseTo(0, 12);
  });

  it("counts control answers", () => {
    const { controlAnswers, crowd } = gather({});
    const expected = times(21, 0);
    for (const { task, contributor } of crowd.answers) {
      if (task % plan.controlEvery === 0) expected[contributor] = (expected[contributor] as number) + 1;
    }
    expect([...controlAnswers]).toEqual(expected);
  });

  it.each([
    ["two classes", { classes: 2 }, false],
    [
      "three classes, with random answers",
      { habits: [...times(9, "looks" as const), ...times(4, "random" as const)] },
      false,
    ],
    ["a ring", { habits: [...times(6, "looks" as const), ...times(9, "ring" as const)], controlEvery: 5 }, false],
    ["control tasks alone", { controlEvery: 3 }, true],
  ] as const)("is what a plain computation gives: %s", (_, change, onControlsOnly) => {
    const gathered = gather(change, onControlsOnly);
    plainEvidence(gathered, onControlsOnly).forEach((expected, w) => {
      expect(gathered.nats[w]).toBeCloseTo(expected, 8);
    });
  });
});

/** Word by word what gatherEvidence says, answer by answer and from the whole crowd each time. */
function plainEvidence({ crowd, tables, pool }: Gathered, onControlsOnly: boolean): number[] {
  const { classes, controls } = crowd;
  const known = (task: number): number => controls[task] as number;
  const asked = crowd.answers.filter(({ task }) => !onControlsOnly || known(task) >= 0);
  const all = Array.from({ length: classes }, (_, z) => z);
  const truthOf = ({ task, contributor, label }: (typeof asked)[number]): number[] => {
    if (known(task) >= 0) return all.map((z) => Number(z === known(task)));
    const open = all.map((z) => {
      const posterior = tables.posterior[task * classes + z] as number;
      return (posterior + 1e-9) / (tables.likelihoods[(contributor * classes + label) * classes + z] as number);
    });
    const total = open.reduce((a, b) => a + b);
    return open.map((each) => each / total);
  };
  const sums = Array.from({ length: crowd.contributors + 1 }, (_, w) => {
    const mine = asked.filter(({ contributor }) => contributor === w);
    const sum = { pool: 0, coin: 0, own: 0, common: 0, promise: 0, answers: mine.length, better: 0 };
    for (const a of mine) {
      sum.better += truthOf(a)[a.label] as number;
      for (const b of mine) sum.better -= (truthOf(a)[b.label] as number) / mine.length;
    }
    for (const answer of mine) {
      const truth = truthOf(answer);
      const others = mine.filter((each) => each !== answer);
      const right = others.reduce((count, each) => count + (truthOf(each)[each.label] as number), 0);
      const accuracy = (right + 4 * pool.accuracy) / (others.length + 4);
      const row = (z: number): number => pool.rows[answer.label * classes + z] as number;
      const counted = (some: typeof mine, z: number): number =>
        (some.reduce((count, each) => count + Number(each.label === answer.label) * (truthOf(each)[z] as number), 0) +
          4 * row(z)) /
        (some.reduce((count, each) => count + (truthOf(each)[z] as number), 0) + 4);
      const mean = (of: (z: number) => number): number => all.reduce((m, z) => m + (truth[z] as number) * of(z), 0);
      const common = pool.habits[answer.label] as number;
      const habit = (others.filter(({ label }) => label === answer.label).length + 2 * common) / (others.length + 2);
      sum.pool += Math.log(mean(row) / habit);
      sum.coin += Math.log(
        mean((z) =>
          z === answer.label ? accuracy : ((1 - accuracy) * row(z)) / (1 - (pool.rows[z * classes + z] as number)),
        ) / habit,
      );
      sum.own += Math.log(mean((z) => counted(others, z)) / habit);
      sum.common += Math.log(common / habit);
      if (known(answer.task) < 0 || onControlsOnly) continue;
      const elsewhere = mine.filter(({ task }) => known(task) < 0);
      sum.promise += Math.log((counted(elsewhere, known(answer.task)) + row(known(answer.task))) / 2 / habit);
    }
    return sum;
  });
  const gained = sums.reduce((total, sum) => total + sum.pool, 0) / (1 + asked.length);
  return sums.map((sum) => {
    const demanded = (sum.answers * Math.max(gained, 0.02)) / 8;
    const others = sum.better < 0 ? [sum.pool, sum.pool] : [sum.coin - demanded, sum.own - demanded];
    const looks = others.reduce((mean, each) => mean + 0.1 * Math.exp(each), 0.8 * Math.exp(sum.pool));
    const nats = Math.log(looks) - Math.log(0.5 + 0.5 * Math.exp(sum.common));
    return sum.promise < -3 ? Math.min(nats, sum.promise) : nats;
  });
}
