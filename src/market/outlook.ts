import { type Amount, amount } from "../core/amount.ts";
import { type Forecast, forecast, knownCrowd } from "../verification/overlap/forecast.ts";
import { matrixClassesMax } from "../verification/overlap/market-model.ts";
import { classesOf, type Learned } from "./learned.ts";
import { type MarketSpec, priceOf } from "./spec.ts";
import { controlOf, isFinished, type LaneState, specOf } from "./state.ts";

/** How tasks will end, by what the adopted model knows of those who work here. */
export interface Prospect {
  /** Under the market's own terms. */
  readonly asItIs: Forecast;
  /** Where no answer is too dear, and none too many. */
  readonly atAnyPrice: Forecast;
}

/** What a requester should know while something can still be done. */
export type Concern =
  /** No price makes most tasks as certain as wanted. */
  | { readonly code: "TARGET_OUT_OF_REACH"; readonly targetPpm: number; readonly accuracy: number }
  | {
      readonly code: "TARGET_SELDOM_REACHED";
      readonly targetPpm: number;
      readonly reached: number;
      readonly answersMax: number;
    }
  /** Without control tasks the market's policy has nothing to go by. */
  | { readonly code: "CONTROLS_MISSING" }
  | { readonly code: "CONTRIBUTORS_UNPROVEN"; readonly contributors: number }
  /** Tasks that nobody has begun will cost more than is there. */
  | { readonly code: "ESCROW_SHORT"; readonly tasks: number; readonly needed: Amount; readonly free: Amount };

/** Settled tasks, and those of them that are as certain as wanted. */
export interface Settled {
  readonly settled: number;
  readonly decided: number;
}

/** More answers than a forecast plays. */
const answersMax = 64;
/** A right label is worth all that it may cost. */
const anyPrice = 1_000_000;
/** Fewer settled tasks say little of the next ones. */
const settledMin = 20;
/** Below this share of tasks that become certain enough, somebody who pays for certainty should know. */
const reachedLeast = 0.5;
/** Whoever is to be proven by then is. */
const answersMin = 100;

/** Takes tens of milliseconds: for whoever asks, not for each batch. Null before the first model. */
export function prospectOf(state: LaneState): Prospect | null {
  const { learned } = state.model;
  const { policy, terms } = specOf(state);
  if (learned === null || policy === null || learned.model.rows.size === 0) return null;
  const crowd = knownCrowd(learned.model);
  const { min, max, targetPpm } = terms.overlap;
  const { answersWorth } = policy;
  return {
    asItIs: forecast(crowd, { min, max, targetPpm, answersWorth }),
    atAnyPrice: forecast(crowd, { min, max: answersMax, targetPpm, answersWorth: anyPrice }),
  };
}

/**
 * Answers that a task would take of people alone, as accurate as the adopted model knows them. Null where it knows none,
 * or there is none.
 */
export function answersOfPeople(state: LaneState): number | null {
  const { learned } = state.model;
  const { policy, terms } = specOf(state);
  if (learned === null || policy === null) return null;
  const rows = [...learned.model.rows].filter(([contributor]) => state.members.get(contributor)?.automated === false);
  if (rows.length === 0) return null;
  const { min, max, targetPpm } = terms.overlap;
  const crowd = knownCrowd({ ...learned.model, rows: new Map(rows) });
  return forecast(crowd, { min, max, targetPpm, answersWorth: policy.answersWorth }).answersPerTask;
}

export function concernsOf(state: LaneState, prospect: Prospect | null, observed: Settled): readonly Concern[] {
  const spec = specOf(state);
  return [
    ...targetConcerns(spec, prospect, observed),
    ...controlConcerns(state, spec),
    ...provenConcerns(state, state.model.learned),
    ...escrowConcerns(state, spec, prospect),
  ];
}

function targetConcerns({ terms }: MarketSpec, prospect: Prospect | null, observed: Settled): Concern[] {
  const { targetPpm, max } = terms.overlap;
  if (prospect?.atAnyPrice.isOutOfReach === true) {
    const { accuracyByAnswers, accuracy } = prospect.atAnyPrice;
    const best = Math.max(accuracyByAnswers.at(-1) ?? 0, accuracy, prospect.asItIs.accuracy);
    return [{ code: "TARGET_OUT_OF_REACH", targetPpm, accuracy: best }];
  }
  const { settled, decided } = observed;
  // What happened says more than what was to be expected.
  const reached = settled >= settledMin ? decided / settled : (prospect?.asItIs.settled ?? 1);
  return reached < reachedLeast ? [{ code: "TARGET_SELDOM_REACHED", targetPpm, reached, answersMax: max }] : [];
}

function controlConcerns({ controls, taskCount }: LaneState, { policy, terms }: MarketSpec): Concern[] {
  const isClosedSet = (classesOf(terms.answer) ?? Infinity) <= matrixClassesMax;
  return policy !== null && isClosedSet && taskCount > 0 && controls.size === 0 ? [{ code: "CONTROLS_MISSING" }] : [];
}

function provenConcerns({ answers }: LaneState, learned: Learned | null): Concern[] {
  if (learned === null || answers < answersMin) return [];
  const standings = [...learned.standings.values()];
  return standings.some(({ standing }) => standing === "proven")
    ? []
    : [{ code: "CONTRIBUTORS_UNPROVEN", contributors: standings.length }];
}

/** The least that is missing: of tasks that have begun, some answers are paid for already. */
function escrowConcerns(state: LaneState, spec: MarketSpec, prospect: Prospect | null): Concern[] {
  if (state.status !== "open" && state.status !== "paused") return [];
  const tasks = freshTasks(state);
  const answersPerTask = prospect?.asItIs.answersPerTask ?? spec.terms.overlap.min;
  const needed = (priceOf(spec, spec.terms) * BigInt(Math.ceil(tasks * answersPerTask * 1_000))) / 1_000n;
  const { free } = state.books;
  return needed > free ? [{ code: "ESCROW_SHORT", tasks, needed: amount(needed), free }] : [];
}

/** Tasks, without control tasks, that nobody was assigned to yet: counted by what is not one, not one by one. */
function freshTasks(state: LaneState): number {
  const { frontier, taskCount, tasks, controls } = state;
  const isAhead = (task: number): boolean => task >= frontier && !isFinished(state, task);
  let fresh = taskCount - frontier - finishedFrom(state, frontier);
  for (const task of tasks.keys()) if (isAhead(task)) fresh--;
  for (const task of controls.keys()) {
    if (isAhead(task) && controlOf(state, task) !== undefined && tasks.get(task) === undefined) fresh--;
  }
  return fresh;
}

function finishedFrom({ finished, taskCount }: LaneState, first: number): number {
  let count = 0;
  for (let word = Math.floor(first / 32); word * 32 < taskCount; word++) {
    const skipped = Math.max(first - word * 32, 0);
    for (let bits = (finished.get(word) ?? 0) >>> skipped; bits !== 0; bits &= bits - 1) count++;
  }
  return count;
}

/** Tasks that may still want answers, control tasks apart. */
export function openTasks(state: LaneState): number {
  let open = freshTasks(state);
  for (const task of state.tasks.keys()) {
    if (controlOf(state, task) === undefined && state.tasks.get(task)?.settled === null) open++;
  }
  return open;
}
