import { termsOfTask } from "./admit.ts";
import { tellingOfTask } from "./label.ts";
import { controlOf, isFinished, type LaneState, liveSlots, openSlots, type TaskState } from "./state.ts";

/**
 * Suggests tasks for a contributor, best first, for one slot after another: the state may have gone on whenever it is asked
 * for the next one. Impure proposers are welcome: `decide` admits or refuses each.
 */
export type Proposer = (state: LaneState, contributor: number) => Iterable<number>;

/** How many appealed and started tasks are looked at before a new one is begun, how many new ones, how many controls. */
const appealedMax = 64;
const startedMax = 64;
const rankedMax = 8;
const freshMax = 100;
const controlsMax = 100;

/** One slot in so many goes to a control task, the first one early: a newcomer's work is checked soon. */
const controlEvery = 8;
const firstControl = 1;

/**
 * Finishes what was started before it begins something new: settled tasks are worth more than half-answered ones. It
 * asks for no more answers at a time than the task surely needs, so that one that settles early is not overpaid.
 * Control tasks come at their turn only, and never when nothing else is to be done: they are the requester's expense.
 */
export const fillFirst: Proposer = function* (state, contributor) {
  // The window of an appeal is short, and its panel forms also while nothing else is given out.
  yield* appealed(state);
  if (state.status !== "open") return;
  const turn = { taken: -1 };
  yield* controlsAtTurn(state, contributor, turn);
  for (const number of ordinary(state, contributor)) {
    yield number;
    yield* controlsAtTurn(state, contributor, turn);
  }
};

/** Once for each slot taken. No closure of the proposer: the engine gives each generator function a class of its own. */
function* controlsAtTurn(state: LaneState, contributor: number, turn: { taken: number }): Iterable<number> {
  const taken = takenBy(state, contributor);
  if (taken === turn.taken) return;
  turn.taken = taken;
  if (taken % controlEvery === firstControl) yield* controls(state, contributor);
}

const takenBy = (state: LaneState, contributor: number): number => state.members.get(contributor)?.slotsTaken ?? 0;

function* ordinary(state: LaneState, contributor: number): Iterable<number> {
  // Without a model no answer tells more than another, and to rank them would cost more than to take the first.
  yield* state.model.learned === null ? started(state) : startedFor(state, contributor);
  yield* fresh(state);
}

function* appealed(state: LaneState): Iterable<number> {
  let looked = 0;
  for (const number of state.wantsPanel.keys()) {
    if (++looked > appealedMax) return;
    yield number;
  }
}

/** Of the first few started tasks that want another answer, first the one of which this contributor's tells most. */
function* startedFor(state: LaneState, contributor: number): Iterable<number> {
  const wanting = started(state)[Symbol.iterator]();
  const ranked: { readonly number: number; readonly tells: number }[] = [];
  for (let next = wanting.next(); next.done !== true; next = wanting.next()) {
    ranked.push({ number: next.value, tells: tellingOfTask(state, next.value, contributor) });
    if (ranked.length === rankedMax) break;
  }
  // The sort is stable: without a model the oldest task stays first.
  for (const { number } of ranked.sort((a, b) => b.tells - a.tells)) yield number;
  if (ranked.length === rankedMax) yield* { [Symbol.iterator]: () => wanting };
}

function* started(state: LaneState): Iterable<number> {
  let looked = 0;
  for (const number of state.withRoom.keys()) {
    // A control keeps its room for ever, and comes at its turn only.
    if (controlOf(state, number) !== undefined) continue;
    if (++looked > startedMax) return;
    const task = state.tasks.get(number);
    if (task !== undefined && wantsAnother(state, number, task)) yield number;
  }
}

function* fresh(state: LaneState): Iterable<number> {
  let offered = 0;
  for (let number = state.frontier; number < state.taskCount && offered < freshMax; number++) {
    if (state.tasks.get(number) !== undefined || isFinished(state, number) || controlOf(state, number) !== undefined)
      continue;
    offered++;
    yield number;
  }
}

/** Until one was taken. Different contributors begin at different ones, so that one cannot tell the other what comes. */
function* controls(state: LaneState, contributor: number): Iterable<number> {
  const taken = takenBy(state, contributor);
  const all = [...state.controls.keys()].filter((number) => state.controls.get(number)?.status === "live");
  for (let i = 0; i < Math.min(all.length, controlsMax) && takenBy(state, contributor) === taken; i++)
    yield all[(contributor * 7 + i) % all.length] as number;
}

function wantsAnother(state: LaneState, number: number, task: TaskState): boolean {
  if (openSlots(task) === 0) return true;
  return liveSlots(task).length < termsOfTask(state, number).overlap.min;
}
