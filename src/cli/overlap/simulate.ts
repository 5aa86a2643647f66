import { type Forecast, forecast, knownCrowd } from "../../verification/overlap/forecast.ts";
import { type CostAndAccuracy, fixedMajority, tolokaStyle } from "./baselines.ts";
import type { Recording } from "./recording.ts";
import { type MarketOptions, openMax, type ReplayedMarket, replayMarket, scoredTasks } from "./replay-market.ts";

export interface Simulated {
  /** Tasks with known truth that are no control tasks. */
  readonly tasks: number;
  readonly controlTasks: number;
  /** All paid answers, those to control tasks included, over the tasks that got a label by them. */
  readonly answersPerTask: number;
  readonly controlAnswersPerTask: number;
  readonly accuracy: number;
  /** What the market itself says of its accuracy: the mean confidence. */
  readonly expectedAccuracy: number;
  /** The share of tasks that reached the target. */
  readonly settled: number;
  /** 1 − confidence in the mean of settled tasks, and the share of their labels that are wrong. Null where none settled. */
  readonly promisedError: number | null;
  readonly realisedError: number | null;
  /** Expected calibration error over all tasks, in 10 bins. */
  readonly ece: number;
  /** By tenth of confidence: tasks, and the sums of their confidence and of right labels. What `ece` is made of. */
  readonly calibration: readonly CalibrationBin[];
  /** Made early, from the first model that had seen `forecastAnswers` answers a task. */
  readonly forecast: Forecast | null;
  readonly fairness: Fairness;
  readonly baselines: Readonly<Record<"fixed3" | "fixed5" | "all" | "toloka", CostAndAccuracy>>;
}

export interface CalibrationBin {
  readonly tasks: number;
  readonly confidence: number;
  readonly right: number;
}

/** The mean over tasks of how far apart confidence and right labels are in each bin. */
export function calibrationError(calibration: readonly CalibrationBin[]): number {
  const apart = calibration.reduce((sum, { confidence, right }) => sum + Math.abs(confidence - right), 0);
  const all = calibration.reduce((sum, { tasks }) => sum + tasks, 0);
  return apart / Math.max(all, 1);
}

export interface Fairness {
  /** The share of contributors who were asked at all. */
  readonly asked: number;
  /** The smallest share of its recorded answers that was bought from a contributor with at least 10 of them. */
  readonly leastShare: number;
}

/** Answers a task, of those that are open at a time: by then the model has compared contributors. */
const forecastAnswers = 1.5;
const bins = 10;

export function simulate(recording: Recording, options: MarketOptions): Simulated {
  let early: Forecast | null = null;
  const market = replayMarket(recording, {
    ...options,
    onModel: (model, answers) => {
      if (early === null && answers >= forecastAnswers * Math.min(recording.answers.tasks, openMax))
        early = forecast(knownCrowd(model), options.policy);
      options.onModel?.(model, answers);
    },
  });
  const scored = scoredTasks(recording, market);
  const target = options.policy.targetPpm / 1_000_000;
  return {
    ...costOf(market),
    ...scoresOf(recording, market, scored),
    forecast: early,
    fairness: fairnessOf(recording, market),
    baselines: {
      fixed3: fixedMajority(recording, scored, 3, options.seed),
      fixed5: fixedMajority(recording, scored, 5, options.seed),
      all: fixedMajority(recording, scored, Infinity, options.seed),
      toloka: tolokaStyle(recording, scored, target, options.seed),
    },
  };
}

function costOf({
  tasks,
}: ReplayedMarket): Pick<Simulated, "controlTasks" | "answersPerTask" | "controlAnswersPerTask"> {
  const asked = tasks.filter(({ votes }) => votes.length > 0);
  const controls = asked.filter(({ isControl }) => isControl);
  const labelled = Math.max(asked.length - controls.length, 1);
  const count = (some: typeof tasks): number => some.reduce((sum, { votes }) => sum + votes.length, 0);
  return {
    controlTasks: controls.length,
    answersPerTask: count(asked) / labelled,
    controlAnswersPerTask: count(controls) / labelled,
  };
}

function scoresOf({ truth }: Recording, { tasks }: ReplayedMarket, scored: readonly number[]) {
  const settled = { count: 0, promised: 0, wrong: 0 };
  const calibration = Array.from({ length: bins }, () => ({ tasks: 0, confidence: 0, right: 0 }));
  let right = 0;
  let sure = 0;
  for (const t of scored) {
    const task = tasks[t] as ReplayedMarket["tasks"][number];
    const confidence = task.found.confidencePpm / 1_000_000;
    const isRight = Number(task.found.choice === truth[t]);
    right += isRight;
    sure += confidence;
    const bin = calibration[Math.min(Math.floor(confidence * bins), bins - 1)] as (typeof calibration)[number];
    bin.tasks++;
    bin.confidence += confidence;
    bin.right += isRight;
    if (task.end !== "settled") continue;
    settled.count++;
    settled.promised += 1 - confidence;
    settled.wrong += 1 - isRight;
  }
  const all = Math.max(scored.length, 1);
  return {
    tasks: scored.length,
    accuracy: right / all,
    expectedAccuracy: sure / all,
    settled: settled.count / all,
    promisedError: settled.count === 0 ? null : settled.promised / settled.count,
    realisedError: settled.count === 0 ? null : settled.wrong / settled.count,
    ece: calibrationError(calibration),
    calibration,
  };
}

const busyMin = 10;

function fairnessOf({ answers }: Recording, { answeredBy }: ReplayedMarket): Fairness {
  const capacity = new Int32Array(answers.contributors);
  for (const code of answers.codes) {
    const by = Math.floor(code / answers.classes);
    capacity[by] = (capacity[by] as number) + 1;
  }
  let least = 1;
  let asked = 0;
  for (const [by, most] of capacity.entries()) {
    asked += Number((answeredBy[by] as number) > 0);
    if (most >= busyMin) least = Math.min(least, (answeredBy[by] as number) / most);
  }
  return { asked: asked / Math.max(answers.contributors, 1), leastShare: least };
}
