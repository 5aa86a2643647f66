import type { PayPolicy } from "./policy.ts";

export const standings = ["unproven", "proven", "uninformative", "copying"] as const;
/** What all answers of a contributor, taken together, show. */
export type Standing = (typeof standings)[number];

/** Awaited: by more of the proven, or a better model. Split: they are heard, and not of one mind. */
export type LabelState = "awaited" | "decided" | "split";

export const payReasons = [
  "AGREES",
  "DISAGREES",
  "UNDECIDED",
  "NOT_CONTRADICTED",
  "NEWCOMER",
  "LABEL_AWAITED",
  "UNPROVEN",
  "UNINFORMATIVE",
  "COPIED",
] as const;
export type PayReason = (typeof payReasons)[number];

export interface AnswerFacts {
  readonly standing: Standing;
  /** The contributor's log-odds of being informative. */
  readonly oddsMillinats: number;
  readonly label: LabelState;
  /** Whether the answer is the label. */
  readonly isLabel: boolean;
  /** The probability of the answer given all that is known of its task; of a control task all or nothing. */
  readonly answerPpm: number;
  /** Whether the newcomer budget pays it. */
  readonly isNewcomer: boolean;
  /** Whether no more evidence can come. */
  readonly isClosing: boolean;
}

export type RulePolicy = Pick<PayPolicy, "closingMillinats" | "doubtPpm">;

export interface AnswerRuling {
  readonly verdict: "accepted" | "rejected" | "held";
  readonly reason: PayReason;
}

/**
 * From verdict to pay. Whoever is proven is paid for every answer that is not clearly wrong; a task that split is
 * nobody's fault. Whoever is not proven yet waits for more evidence, but not longer than any can come. What a newcomer is
 * paid before is what the requester set aside for it.
 */
export function ruleAnswer(policy: RulePolicy, facts: AnswerFacts): AnswerRuling {
  switch (facts.standing) {
    case "copying":
      return { verdict: "rejected", reason: "COPIED" };
    case "uninformative":
      return { verdict: "rejected", reason: "UNINFORMATIVE" };
    case "proven":
      return ruleTrusted(policy, facts);
    case "unproven":
      return ruleUnproven(policy, facts);
  }
}

function ruleUnproven(policy: RulePolicy, facts: AnswerFacts): AnswerRuling {
  if (facts.isNewcomer && facts.label === "decided" && facts.isLabel)
    return { verdict: "accepted", reason: "NEWCOMER" };
  if (!facts.isClosing) return { verdict: "held", reason: "UNPROVEN" };
  if (facts.oddsMillinats < policy.closingMillinats) return { verdict: "rejected", reason: "UNPROVEN" };
  return ruleTrusted(policy, facts);
}

function ruleTrusted({ doubtPpm }: RulePolicy, { label, isLabel, answerPpm }: AnswerFacts): AnswerRuling {
  switch (label) {
    case "awaited":
      return { verdict: "held", reason: "LABEL_AWAITED" };
    case "split":
      return { verdict: "accepted", reason: "UNDECIDED" };
    case "decided":
      if (isLabel) return { verdict: "accepted", reason: "AGREES" };
      if (answerPpm >= doubtPpm) return { verdict: "accepted", reason: "NOT_CONTRADICTED" };
      return { verdict: "rejected", reason: "DISAGREES" };
  }
}
