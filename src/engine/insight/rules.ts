import type { Reason } from "../../market/entries.ts";
import { explainReason, type Reason as FoundReason } from "../../verification/algebra/reasons.ts";
import type { FaultReason } from "../types.ts";
import type { Finding } from "./insight.ts";

/** Why a verdict is what it is, to whoever it concerns. */
const sentences: Readonly<Partial<Record<Reason, string>>> = {
  AGREES: "Your answer is what the task settled on.",
  DISAGREES: "The task settled on another answer, as certain as the market asks for.",
  UNDECIDED:
    "The answers to this task never became certain enough. That is nobody's fault: such answers are paid, or the requester decides where the market says so.",
  CONTROL_MATCHED: "The right answer to this task was known beforehand, and yours is right.",
  CONTROL_MISSED: "The right answer to this task was known beforehand, and yours is another.",
  CONTROL_RATE_LOW: "Of your answers to tasks whose right answer was known beforehand, too few were right.",
  CONTROL_VOIDED: "The answer that was held to be right turned out to be wrong, so nobody is judged by it.",
  REVIEW_ACCEPTED: "The requester looked at your answer and accepted it.",
  REVIEW_REJECTED: "The requester looked at your answer and rejected it.",
  REVIEW_LATE: "The requester did not decide in time, which counts as accepting.",
  APPEAL_WON: "You appealed, and others who looked at the task anew found your answer right.",
  APPEAL_LOST: "You appealed, and others who looked at the task anew did not find your answer right.",
  APPEAL_UNANSWERED: "You appealed, and nobody came to say otherwise in time.",
  NOT_CONTRADICTED: "The task settled on another answer, but yours may be right as well.",
  NEWCOMER: "Your answer is what the task settled on, and the requester pays newcomers at once.",
  UNPROVEN:
    "Until no more answers could come, yours did not show whether you look at the tasks: it was more likely that you do not.",
  UNINFORMATIVE:
    "All your answers in this market together say nothing of its tasks, beyond what habit or chance would.",
  COPIED: "Your answers repeat those of somebody else, also where these are wrong.",
};

/**
 * The rule that decided, in a sentence.
 *
 * @param findings what a composition found, where the market has one: the verdict's own reason is among them
 */
export function ruleText(reason: Reason | FaultReason | null, findings: readonly Finding[] = []): string {
  if (reason === null) return "No verdict has been given.";
  if (isFault(reason)) return "A fault of the network ended this: it says nothing of your answer, and counts nowhere.";
  return (
    sentences[reason] ?? findings.find(({ code }) => code === reason)?.what ?? explainReason({ code: reason }).what
  );
}

const isFault = (reason: Reason | FaultReason): reason is FaultReason => reason.startsWith("FAULT_");

/** The findings that an entry has, as people read them; of a log that is not ours, none. */
export function findingsOf(text: string): readonly Finding[] {
  return (JSON.parse(text) as readonly FoundReason[]).map((found) => ({ code: found.code, ...explainReason(found) }));
}

/** Verdicts that rest on what the task settled on. */
export const byLabel: ReadonlySet<string> = new Set<Reason>([
  "AGREES",
  "DISAGREES",
  "UNDECIDED",
  "NOT_CONTRADICTED",
  "NEWCOMER",
  "REVIEW_ACCEPTED",
  "REVIEW_REJECTED",
  "REVIEW_LATE",
]);

export const byControl: ReadonlySet<string> = new Set<Reason>(["CONTROL_MATCHED", "CONTROL_MISSED", "CONTROL_VOIDED"]);

/** Verdicts that rest on what the market's model says of the contributor: nothing of the task may be told with them. */
export const byStanding: ReadonlySet<string> = new Set<Reason>(["UNPROVEN", "UNINFORMATIVE", "COPIED"]);
