import { earnestError } from "../core/errors.ts";
import { type AnswerRuling, type LabelState, type PayReason, ruleAnswer } from "../verification/pay/rule.ts";
import type { Consensus } from "../verification/primitives/evidence.ts";
import { termsOfTask } from "./admit.ts";
import { passesGate } from "./controls.ts";
import type { Reason, Ruling } from "./entries.ts";
import { answerPpm } from "./label.ts";
import { type ContributorStanding, policyOf, standingOf } from "./learned.ts";
import { isRight } from "./right.ts";
import type { Policy } from "./spec.ts";
import {
  type Control,
  controlOf,
  type LaneState,
  type Member,
  type Settlement,
  type SlotRecord,
  specOf,
} from "./state.ts";

/** What a submission gets now; null where it stays held, for a better model. */
export type SlotRuling = { readonly verdict: Ruling; readonly reason: Reason } | null;

/** Before any model. */
const unknown: ContributorStanding = { standing: "unproven", oddsMillinats: 0 };

/** @param isOver whether no more evidence may be waited for */
export function ruleSlot(
  state: LaneState,
  task: number,
  slot: SlotRecord,
  settlement: Settlement,
  isOver: boolean,
): SlotRuling {
  const policy = policyOf(state, termsOfTask(state, task));
  if (policy === null) {
    return ruleByRecord(state, slot, settlement, isRight(state, task, slot.answer, settlement.label));
  }
  const { verdict, reason } = ruleByPolicy(state, policy, slot, factsBy(state, task, slot, settlement, isOver));
  if (verdict === "held") return null;
  // What nobody can decide is for the requester where the market says so.
  if (reason === "UNDECIDED" && specOf(state).review !== null) return { verdict: "review", reason };
  return { verdict, reason: logged(reason) };
}

function ruleByRecord(state: LaneState, slot: SlotRecord, { decided }: Settlement, right: boolean): SlotRuling {
  const member = state.members.get(slot.contributor) as Member;
  if (!passesGate(specOf(state).controls, member)) return { verdict: "rejected", reason: "CONTROL_RATE_LOW" };
  if (!decided) return { verdict: specOf(state).review === null ? "accepted" : "review", reason: "UNDECIDED" };
  return right ? { verdict: "accepted", reason: "AGREES" } : { verdict: "rejected", reason: "DISAGREES" };
}

/** A control task is judged by its hidden answer: missed at once, met as soon as its contributor is known to look. */
export function ruleControl(
  state: LaneState,
  task: number,
  slot: SlotRecord,
  control: Control,
  isOver: boolean,
): SlotRuling {
  if (!isRight(state, task, slot.answer, control.answer)) return { verdict: "rejected", reason: "CONTROL_MISSED" };
  const policy = policyOf(state, termsOfTask(state, task));
  if (policy === null) return { verdict: "accepted", reason: "CONTROL_MATCHED" };
  const facts = { label: "decided", isLabel: true, answerPpm: 1_000_000, isOver } as const;
  const { verdict, reason } = ruleByPolicy(state, policy, slot, facts);
  if (verdict === "held") return null;
  return verdict === "accepted" ? { verdict, reason: "CONTROL_MATCHED" } : { verdict, reason: logged(reason) };
}

/** What the market's policy says of an answer, for its composition; null where none decides, or nothing is settled. */
export function consensusOn(state: LaneState, task: number, slot: SlotRecord, isOver: boolean): Consensus | null {
  const policy = policyOf(state, termsOfTask(state, task));
  if (policy === null) return null;
  const facts = factsOf(state, task, slot, isOver);
  if (facts === null) return null;
  const { verdict, reason } = ruleByPolicy(state, policy, slot, facts);
  return { verdict, code: reason === "LABEL_AWAITED" ? "UNDECIDED" : reason };
}

/** Of a control task as far as its hidden answer is met: what misses it, the composition itself rejects. */
function factsOf(state: LaneState, task: number, slot: SlotRecord, isOver: boolean): Facts | null {
  if (controlOf(state, task) !== undefined) return { label: "decided", isLabel: true, answerPpm: 1_000_000, isOver };
  const settlement = state.tasks.get(task)?.settled ?? null;
  return settlement === null ? null : factsBy(state, task, slot, settlement, isOver);
}

function factsBy(
  state: LaneState,
  task: number,
  { answer }: SlotRecord,
  { label, decided }: Settlement,
  isOver: boolean,
): Facts {
  const isLabel = isRight(state, task, answer, label);
  const ppm = decided && !isLabel ? answerPpm(state, task, answer) : 0;
  return { label: decided ? "decided" : "split", isLabel, answerPpm: ppm, isOver };
}

interface Facts {
  readonly label: LabelState;
  readonly isLabel: boolean;
  readonly answerPpm: number;
  readonly isOver: boolean;
}

function ruleByPolicy(state: LaneState, policy: Policy, slot: SlotRecord, facts: Facts): AnswerRuling {
  const { learned } = state.model;
  const { standing, oddsMillinats } = learned === null ? unknown : standingOf(learned, slot.contributor);
  const { label, isLabel, answerPpm: ppm, isOver } = facts;
  const isNewcomer = slot.budget === "newcomerBudget";
  return ruleAnswer(policy, { label, isLabel, answerPpm: ppm, isClosing: isOver, standing, oddsMillinats, isNewcomer });
}

/** What is awaited is held, so it is no reason of a verdict. */
function logged(reason: PayReason): Reason {
  if (reason !== "LABEL_AWAITED") return reason;
  throw earnestError("INVARIANT_MISMATCH", { what: "a label is awaited, and its answer has a verdict" });
}
