import { type Amount, sumAmounts } from "../../core/amount.ts";
import type { LaneState } from "../../market/state.ts";
import type { VerdictTally } from "../../store/insight/tally-verdicts.ts";
import { Cache } from "../cache.ts";

/** What became of somebody's answers, from the verdicts that are recorded. Faults of ours count nowhere. */
export interface Judged {
  readonly accepted: number;
  /** Also those that may still be appealed, or are. */
  readonly rejected: number;
  readonly appealable: number;
  readonly appealed: number;
  readonly review: number;
  readonly controls: { readonly met: number; readonly missed: number };
  readonly rewards: Amount;
  /** The entries that submitted the first and the last answer with a verdict. */
  readonly first: number | null;
  readonly last: number | null;
}

export function judgedOf(all: readonly VerdictTally[]): Judged {
  const tallies = all.filter(({ state }) => state !== "void");
  const count = (holds: (tally: VerdictTally) => boolean): number =>
    tallies.filter(holds).reduce((sum, { answers }) => sum + answers, 0);
  const inState = (...states: readonly string[]): number => count(({ state }) => states.includes(state));
  const because = (reason: string): number => count((tally) => tally.reason === reason);
  return {
    accepted: inState("accepted"),
    rejected: inState("rejected", "appealable", "appealed"),
    appealable: inState("appealable"),
    appealed: inState("appealed"),
    review: inState("review"),
    controls: { met: because("CONTROL_MATCHED"), missed: because("CONTROL_MISSED") },
    rewards: sumAmounts(tallies.map(({ rewards }) => rewards)),
    first: tallies.length === 0 ? null : Math.min(...tallies.map(({ first }) => first)),
    last: tallies.length === 0 ? null : Math.max(...tallies.map(({ last }) => last)),
  };
}

/** Above so many tasks in progress they are not looked at for each who asks. */
const tasksMax = 2_000;
const heldMs = 2_000;

/** Submissions without a verdict by contributor, market by market; of large ones as they were a moment ago. */
export class HeldCounts {
  readonly #cache: Cache<ReadonlyMap<number, number>>;

  constructor(clock: () => number) {
    this.#cache = new Cache({ max: 100, ttlMs: heldMs, clock });
  }

  in(state: LaneState): ReadonlyMap<number, number> {
    if (state.tasks.size <= tasksMax) return heldOf(state);
    return this.#cache.get(state.market) ?? this.#cache.set(state.market, heldOf(state));
  }
}

function heldOf(state: LaneState): ReadonlyMap<number, number> {
  const held = new Map<number, number>();
  for (const task of state.tasks.keys()) {
    for (const slot of state.tasks.get(task)?.slots ?? []) {
      if (slot.state === "held") held.set(slot.contributor, (held.get(slot.contributor) ?? 0) + 1);
    }
  }
  return held;
}
