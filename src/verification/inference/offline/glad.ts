import type { Answers } from "../answers.ts";
import { expOfNegative, logOfPositive } from "../fast-real.ts";
import { checkCells } from "../fit.ts";
import { type Controls, decideLabels, type Inferred } from "../inferred.ts";
import { addVoteShares } from "../majority.ts";
import { chanceOf, normaliseLogs } from "./logistic.ts";

/**
 * GLAD: Whitehill, Ruvolo, Wu, Bergsma and Movellan, "Whose vote should count more", 2009. A contributor of ability α
 * is right about a task of inverse difficulty β = e^b with probability 1 ÷ (1 + e^(−αβ)), and wrong evenly over the
 * other classes. α and b are normal around 1 with variance 1; the class prior is flat.
 *
 * Never for verdicts: difficulties are fitted to few answers each, and move with every new one.
 */
export interface GladInferred extends Inferred {
  /** α of each contributor: 0 knows nothing, below 0 says the opposite. */
  readonly abilities: Float64Array;
  /** 1 ÷ β of each task: 0 is easy without end; `e^-1` is the prior's. */
  readonly difficulties: Float64Array;
}

export interface GladOptions {
  readonly controls: Controls;
  readonly iterationsMax: number;
  /** Ends when the posteriors move less than that, in the mean over tasks. */
  readonly tolerance: number;
}

export const gladDefaults: GladOptions = { controls: null, iterationsMax: 50, tolerance: 1e-4 };

/** Fisher-scoring steps for abilities and difficulties in turn, in each maximisation. */
const stepsOfMaximisation = 3;
const priorMean = 1;
/** A step in b that is longer is cut: far from the maximum the curvature says little. */
const stepMax = 1;
const logDifficultyMax = 6;

export function inferByGlad(answers: Answers, options: Partial<GladOptions> = {}): GladInferred {
  const { controls, iterationsMax, tolerance } = { ...gladDefaults, ...options };
  const { tasks, contributors, classes } = answers;
  checkCells(tasks * classes);
  const posterior = new Float64Array(tasks * classes);
  addVoteShares(answers, posterior, classes);
  const abilities = new Float64Array(contributors).fill(priorMean);
  const logBetas = new Float64Array(tasks).fill(priorMean);
  let iterations = 0;
  let moved = Infinity;
  while (iterations < iterationsMax && moved > tolerance && tasks > 0) {
    fixControls(posterior, controls, classes);
    for (let step = 0; step < stepsOfMaximisation; step++) {
      moveAbilities(answers, posterior, abilities, logBetas);
      moveDifficulties(answers, posterior, abilities, logBetas);
    }
    moved = expectLabels(answers, posterior, abilities, logBetas);
    iterations++;
  }
  const difficulties = logBetas.map((each) => expOf(-each));
  return { ...decideLabels(answers, posterior, controls), iterations, abilities, difficulties };
}

function fixControls(posterior: Float64Array, controls: Controls, classes: number): void {
  for (let t = 0; t < (controls?.length ?? 0); t++) {
    const known = (controls as Int32Array)[t] as number;
    if (known < 0) continue;
    for (let c = 0; c < classes; c++) posterior[t * classes + c] = Number(c === known);
  }
}

const expOf = (x: number): number => (x <= 0 ? expOfNegative(x) : 1 / expOfNegative(-x));

function moveAbilities(
  { tasks, contributors, classes, offsets, codes }: Answers,
  posterior: Float64Array,
  abilities: Float64Array,
  logBetas: Float64Array,
): void {
  const slopes = Float64Array.from({ length: contributors }, (_, w) => priorMean - (abilities[w] as number));
  const curvatures = new Float64Array(contributors).fill(1);
  for (let t = 0; t < tasks; t++) {
    const beta = expOf(logBetas[t] as number);
    for (let i = offsets[t] as number; i < (offsets[t + 1] as number); i++) {
      const w = Math.floor((codes[i] as number) / classes);
      const right = posterior[t * classes + ((codes[i] as number) % classes)] as number;
      const chance = chanceOf((abilities[w] as number) * beta);
      slopes[w] = (slopes[w] as number) + beta * (right - chance);
      curvatures[w] = (curvatures[w] as number) + beta * beta * chance * (1 - chance);
    }
  }
  for (let w = 0; w < contributors; w++) {
    abilities[w] = (abilities[w] as number) + cut((slopes[w] as number) / (curvatures[w] as number));
  }
}

function moveDifficulties(
  { tasks, classes, offsets, codes }: Answers,
  posterior: Float64Array,
  abilities: Float64Array,
  logBetas: Float64Array,
): void {
  for (let t = 0; t < tasks; t++) {
    const beta = expOf(logBetas[t] as number);
    let slope = priorMean - (logBetas[t] as number);
    let curvature = 1;
    for (let i = offsets[t] as number; i < (offsets[t + 1] as number); i++) {
      const logit = (abilities[Math.floor((codes[i] as number) / classes)] as number) * beta;
      const right = posterior[t * classes + ((codes[i] as number) % classes)] as number;
      const chance = chanceOf(logit);
      slope += logit * (right - chance);
      curvature += logit * logit * chance * (1 - chance);
    }
    const next = (logBetas[t] as number) + cut(slope / curvature);
    logBetas[t] = Math.min(Math.max(next, -logDifficultyMax), logDifficultyMax);
  }
}

const cut = (step: number): number => Math.min(Math.max(step, -stepMax), stepMax);

/** Sets the posterior; gives how far it moved: the mean over tasks of half the sum of absolute changes. */
function expectLabels(
  { tasks, classes, offsets, codes }: Answers,
  posterior: Float64Array,
  abilities: Float64Array,
  logBetas: Float64Array,
): number {
  const scores = new Float64Array(classes);
  let moved = 0;
  for (let t = 0; t < tasks; t++) {
    const beta = expOf(logBetas[t] as number);
    scores.fill(0);
    for (let i = offsets[t] as number; i < (offsets[t + 1] as number); i++) {
      const code = codes[i] as number;
      const chance = chanceOf((abilities[Math.floor(code / classes)] as number) * beta);
      const odds = logOfPositive((chance / (1 - chance)) * Math.max(classes - 1, 1));
      scores[code % classes] = (scores[code % classes] as number) + odds;
    }
    normaliseLogs(scores);
    for (let c = 0; c < classes; c++) {
      const cell = t * classes + c;
      moved += Math.abs((scores[c] as number) - (posterior[cell] as number)) / 2;
      posterior[cell] = scores[c] as number;
    }
  }
  return moved / tasks;
}
