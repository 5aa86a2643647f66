import { appealCost, panelPriceOf } from "../../market/admit.ts";
import type { LaneState, Member } from "../../market/state.ts";
import type { Explanation } from "./insight.ts";

type Appeal = NonNullable<Explanation["appeal"]>;

const shut = (problem: string): Appeal => ({ isOpen: false, untilMs: null, cost: null, problem });

/**
 * Whether a rejected slot can be appealed now, until when, and for what: what `admit` will say, without asking it. Null
 * where nothing was rejected.
 */
export function appealOf(
  state: LaneState,
  task: number,
  ordinal: number,
  recorded: string,
  nowMs: number,
): Explanation["appeal"] {
  const slot = state.tasks.get(task)?.slots[ordinal];
  const slotState = slot?.state ?? recorded;
  if (slotState === "appealed") return shut("an appeal is under way");
  if (slotState === "rejected") return shut("its window has passed");
  if (slotState !== "appealable" || slot === undefined) return null;
  if (slot.panelOf !== null) return shut("it was itself part of an appeal");
  const untilMs = slot.expiresAtMs;
  if (Math.max(nowMs, state.timeMs) >= untilMs) return shut("its window has passed");
  const member = state.members.get(slot.contributor) as Member;
  const cost = appealCost(state, member);
  const problem = problemOf(state, task, member, cost);
  return { isOpen: problem === null, untilMs, cost, problem };
}

function problemOf(state: LaneState, task: number, { purse }: Member, cost: bigint): string | null {
  if (purse.held < cost) return "it costs more than your reserve in this market";
  return panelPriceOf(state, task) > state.books.appealBudget ? "the market's budget for appeals is used up" : null;
}
