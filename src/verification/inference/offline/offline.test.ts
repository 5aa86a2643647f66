import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { readSet, setFolder } from "../../../../test/support/truth-sets.ts";
import { type Answers, createAnswers } from "../answers.ts";
import { inferByMajority } from "../majority.ts";
import { scoreLabels } from "../metrics.ts";
import { digamma, expOfDigamma } from "./digamma.ts";
import { inferByGlad } from "./glad.ts";
import { createCounts, expectMace, inferByMace, maximiseMace, startMace } from "./mace.ts";

describe("digamma", () => {
  it.each([
    [1, -0.5772156649015329],
    [0.5, -1.9635100260214235],
    [10, 2.251752589066721],
    [0.01, -100.56088545786868],
    [1_000.5, 6.907755320648806],
  ])("of %d is as in tables", (x, value) => {
    expect(Math.abs(digamma(x) - value)).toBeLessThan(1e-12 * Math.max(1, Math.abs(value)));
    expect(expOfDigamma(x)).toBeCloseTo(Math.exp(value), 9);
  });
});

/** The log of the posterior density that GLAD maximises: written from the paper, with the engine's own functions. */
function gladObjective(answers: Answers, posterior: number[][], abilities: number[], logBetas: number[]): number {
  let value = 0;
  for (let t = 0; t < answers.tasks; t++) {
    for (let i = answers.offsets[t] as number; i < (answers.offsets[t + 1] as number); i++) {
      const code = answers.codes[i] as number;
      const ability = abilities[Math.floor(code / answers.classes)] as number;
      const chance = 1 / (1 + Math.exp(-ability * Math.exp(logBetas[t] as number)));
      const right = (posterior[t] as number[])[code % answers.classes] as number;
      value += right * Math.log(chance) + (1 - right) * Math.log((1 - chance) / (answers.classes - 1));
    }
    value -= ((logBetas[t] as number) - 1) ** 2 / 2;
  }
  return value - abilities.reduce((sum, each) => sum + (each - 1) ** 2 / 2, 0);
}

/** Expectation-maximisation with plain gradient ascent, thousands of small steps. */
function plainGlad(answers: Answers, rounds: number): { labels: number[]; abilities: number[] } {
  const { tasks, contributors, classes, offsets, codes } = answers;
  const each = (t: number) => Array.from(codes.subarray(offsets[t], offsets[t + 1]));
  const abilities: number[] = Array.from({ length: contributors }, () => 1);
  const logBetas: number[] = Array.from({ length: tasks }, () => 1);
  let posterior = Array.from({ length: tasks }, (_, t) =>
    Array.from({ length: classes }, (__, c) => each(t).filter((code) => code % classes === c).length / each(t).length),
  );
  for (let round = 0; round < rounds; round++) {
    const before = gladObjective(answers, posterior, abilities, logBetas);
    for (let step = 0; step < 60; step++) {
      const slopeOfAbility = abilities.map((ability) => 1 - ability);
      const slopeOfBeta = logBetas.map((beta) => 1 - beta);
      for (let t = 0; t < tasks; t++) {
        const beta = Math.exp(logBetas[t] as number);
        for (const code of each(t)) {
          const w = Math.floor(code / classes);
          const ability = abilities[w] as number;
          const rest = ((posterior[t] as number[])[code % classes] as number) - 1 / (1 + Math.exp(-ability * beta));
          slopeOfAbility[w] = (slopeOfAbility[w] as number) + rest * beta;
          slopeOfBeta[t] = (slopeOfBeta[t] as number) + rest * ability * beta;
        }
      }
      for (const [w, slope] of slopeOfAbility.entries()) abilities[w] = (abilities[w] as number) + 0.002 * slope;
      for (const [t, slope] of slopeOfBeta.entries()) logBetas[t] = (logBetas[t] as number) + 0.01 * slope;
    }
    expect(gladObjective(answers, posterior, abilities, logBetas)).toBeGreaterThanOrEqual(before - 1e-6);
    posterior = posterior.map((row, t) => {
      const scores = row.map(() => 0);
      for (const code of each(t)) {
        const logit = (abilities[Math.floor(code / classes)] as number) * Math.exp(logBetas[t] as number);
        const chance = 1 / (1 + Math.exp(-logit));
        for (const c of row.keys()) {
          const share = c === code % classes ? chance : (1 - chance) / (classes - 1);
          scores[c] = (scores[c] as number) + Math.log(share);
        }
      }
      const most = Math.max(...scores);
      const total = scores.reduce((sum, score) => sum + Math.exp(score - most), 0);
      return scores.map((score) => Math.exp(score - most) / total);
    });
  }
  return { labels: posterior.map((row) => row.indexOf(Math.max(...row))), abilities };
}

/** Variational MACE with objects and full tables: P(label, knows | answers) summed out case by case. */
function plainMace(answers: Answers, iterations: number): number[][] {
  const { tasks, classes, offsets, codes } = answers;
  const state = startMace(answers, 0);
  const knows = [...state.knows];
  const doesNot = [...state.doesNotKnow];
  const guesses = [...state.guesses];
  let posterior: number[][] = [];
  for (let iteration = 0; iteration <= iterations; iteration++) {
    const known = knows.map(() => 0);
    const guessed = guesses.map(() => 0);
    posterior = Array.from({ length: tasks }, (_, t) => {
      const each = Array.from(codes.subarray(offsets[t], offsets[t + 1]));
      const ofGuess = (code: number): number =>
        (doesNot[Math.floor(code / classes)] as number) * (guesses[code] as number);
      const ofKnowing = (code: number, c: number): number =>
        code % classes === c ? (knows[Math.floor(code / classes)] as number) : 0;
      const joint = Array.from({ length: classes }, (__, c) =>
        each.reduce((product, code) => product * (ofKnowing(code, c) + ofGuess(code)), 1 / classes),
      );
      const total = joint.reduce((sum, one) => sum + one, 0);
      for (const code of each) {
        const w = Math.floor(code / classes);
        for (const [c, one] of joint.entries()) {
          const share = ofKnowing(code, c) / (ofKnowing(code, c) + ofGuess(code));
          known[w] = (known[w] as number) + (one / total) * share;
          guessed[code] = (guessed[code] as number) + (one / total) * (1 - share);
        }
      }
      return joint.map((one) => one / total);
    });
    for (const w of knows.keys()) {
      const mine = guessed.slice(w * classes, (w + 1) * classes);
      const sum = mine.reduce((a, b) => a + b, 0);
      const all = Math.exp(digamma((known[w] as number) + sum + 1));
      knows[w] = Math.exp(digamma((known[w] as number) + 0.5)) / all;
      doesNot[w] = Math.exp(digamma(sum + 0.5)) / all;
      for (const [l, one] of mine.entries())
        guesses[w * classes + l] = Math.exp(digamma(one + 10) - digamma(sum + 10 * classes));
    }
  }
  return posterior;
}

const percent = (name: string, infer: typeof inferByMajority): { accuracy: number; f1: number; majority: number } => {
  const { answers, truth } = readSet(setFolder(name) as string);
  const scores = scoreLabels(infer(answers), truth, answers.classes);
  const majority = scoreLabels(inferByMajority(answers), truth, answers.classes);
  return {
    accuracy: 100 * (scores?.accuracy ?? 0),
    f1: 100 * (scores?.f1 ?? 0),
    majority: 100 * (majority?.accuracy ?? 0),
  };
};

const glad = (answers: Answers) => inferByGlad(answers);
const mace = (answers: Answers) => inferByMace(answers);

describe("GLAD", () => {
  it("ends where plain gradient ascent ends", () => {
    const { answers } = readSet(setFolder("rte") as string);
    const few = firstTasks(answers, 120);
    const { labels, abilities } = plainGlad(few, 12);
    const fast = inferByGlad(few, { iterationsMax: 12, tolerance: 0 });
    expect([...fast.labels].filter((label, t) => label !== labels[t]).length).toBeLessThanOrEqual(1);
    const apart = abilities.map((each, w) => Math.abs(each - (fast.abilities[w] as number)));
    expect(Math.max(...apart)).toBeLessThan(0.1);
  });

  it.skipIf(setFolder("D_Product") === null)("has the published accuracy on D_Product", () => {
    // Zheng, Li, Li, Shan and Cheng, "Truth inference in crowdsourcing: is the problem solved?", 2017, table 6.
    const { accuracy, f1 } = percent("D_Product", glad);
    expect(Math.abs(accuracy - 92.2)).toBeLessThan(1);
    expect(Math.abs(f1 - 60.17)).toBeLessThan(6);
  });

  it("is above majority on rte, and tells easy tasks from hard ones", () => {
    const { accuracy, majority } = percent("rte", glad);
    expect(accuracy).toBeGreaterThan(majority);
    const { answers } = readSet(setFolder("rte") as string);
    const { difficulties } = inferByGlad(answers);
    const shares = inferByMajority(answers).confidence;
    const meanOf = (isIn: (share: number) => boolean): number => {
      const some = difficulties.filter((_, t) => isIn(shares[t] as number));
      return some.reduce((sum, each) => sum + each, 0) / some.length;
    };
    expect(meanOf((share) => share < 0.65)).toBeGreaterThan(2 * meanOf((share) => share > 0.95));
  });
});

describe("MACE", () => {
  it("is the plain one, step by step", () => {
    const { answers } = readSet(setFolder("rte") as string);
    const few = firstTasks(answers, 200);
    const state = startMace(few, 0);
    const counts = createCounts(few);
    for (let i = 0; i < 6; i++) {
      expectMace(few, state, counts, null);
      maximiseMace(few, state, counts);
    }
    expectMace(few, state, counts, null);
    for (const [t, row] of plainMace(few, 6).entries()) {
      for (const [c, each] of row.entries()) {
        expect(Math.abs(each - (state.posterior[t * few.classes + c] as number))).toBeLessThan(1e-9);
      }
    }
  });

  it("its likelihood grows to where it ends", () => {
    const { answers } = readSet(setFolder("rte") as string);
    const once = inferByMace(answers, { starts: 1, iterationsMax: 2 });
    const whole = inferByMace(answers);
    expect(once.iterations).toBeLessThanOrEqual(2);
    expect(whole.iterations).toBeLessThanOrEqual(500);
    expect([...inferByMace(answers).labels]).toEqual([...whole.labels]);
  });

  it("is above majority on rte, and knows who guesses", () => {
    const { accuracy, majority } = percent("rte", mace);
    expect(accuracy).toBeGreaterThan(majority);
    const triples = Array.from({ length: 400 }, (_, i) => [i % 100, Math.floor(i / 100)] as const);
    const answers = createAnswers({
      tasks: 100,
      contributors: 4,
      classes: 2,
      task: triples.map(([t]) => t),
      contributor: triples.map(([, w]) => w),
      label: triples.map(([t, w]) => (w === 3 ? 0 : Number(t % 3 === 0))),
    });
    const { competence } = inferByMace(answers);
    for (const knowing of [0, 1, 2]) expect(competence[knowing]).toBeGreaterThan(0.9);
    expect(competence[3]).toBeLessThan(0.2);
  });
});

function firstTasks(answers: Answers, tasks: number): Answers {
  const end = answers.offsets[tasks] as number;
  return { ...answers, tasks, offsets: answers.offsets.slice(0, tasks + 1), codes: answers.codes.slice(0, end) };
}

describe("verdicts", () => {
  it.each(["market", "engine", "ledger"])("%s never imports what is offline only", (folder) => {
    const root = join(import.meta.dirname, "../../..", folder);
    const files = readdirSync(root, { recursive: true, encoding: "utf8" }).filter((each) => each.endsWith(".ts"));
    expect(files.length).toBeGreaterThan(0);
    for (const file of files) expect(readFileSync(join(root, file), "utf8"), file).not.toMatch(/inference\/offline/);
  });
});
