import { matchShare } from "../verification/agreement/agree-on.ts";
import { defaultParameters } from "../verification/agreement/parameters.ts";
import type { Answer } from "../verification/answers/answer.ts";
import type { AnswerSchema } from "../verification/answers/answer-schema.ts";
import { termsOfTask } from "./admit.ts";
import type { AgreementTerms, Terms } from "./spec.ts";
import type { LaneState } from "./state.ts";

/** Where an answer has parts, most of them must be right; where it is one thing, all of it. */
export const agreementOf = ({ answer, agreement }: Pick<Terms, "answer" | "agreement">): AgreementTerms =>
  agreement ?? (hasParts(answer) ? ofParts : ofOne);

const ofOne: AgreementTerms = { matchPpmMin: 1_000_000, ...defaultParameters };
const ofParts: AgreementTerms = { matchPpmMin: 500_000, ...defaultParameters };

function hasParts({ type }: AnswerSchema): boolean {
  return type !== "choice" && type !== "pair" && type !== "scale" && type !== "number" && type !== "text";
}

/** Whether an answer to a task is right where `label` is. */
export function isRight(state: LaneState, task: number, answer: Answer, label: Answer): boolean {
  const terms = termsOfTask(state, task);
  const agreement = agreementOf(terms);
  return matchShare(terms.answer, answer, label, agreement) >= agreement.matchPpmMin;
}
