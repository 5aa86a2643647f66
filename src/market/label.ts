import { agreeOn, guessesOf } from "../verification/agreement/agree-on.ts";
import type { Vote } from "../verification/agreement/vote.ts";
import type { Answer } from "../verification/answers/answer.ts";
import type { AnswerSchema } from "../verification/answers/answer-schema.ts";
import { tellingOf } from "../verification/overlap/choose.ts";
import { newcomerModel } from "../verification/overlap/market-model.ts";
import { nextStep } from "../verification/overlap/next-step.ts";
import { type CastVote, posterior, undiscountedPpm } from "../verification/overlap/posterior.ts";
import { termsOfTask } from "./admit.ts";
import { answerOf, classesOf, classOf, hasVote, policyOf, standingOf } from "./learned.ts";
import { weightOf } from "./model.ts";
import { agreementOf } from "./right.ts";
import type { Policy, Terms } from "./spec.ts";
import { type LaneState, liveSlots, type Member, type SlotRecord, type TaskState } from "./state.ts";

/** What the answers of a task say by the adopted model. */
export interface TaskLabel {
  readonly label: Answer;
  readonly confidencePpm: number;
  /** As sure as the terms ask for. */
  readonly decided: boolean;
  /** Another answer is worth its price. */
  readonly isAsking: boolean;
  /** Those who are known to look have not said enough to trust the label. */
  readonly isAwaited: boolean;
}

/** @param answered the slots with an answer, at least one */
export function labelOf(state: LaneState, task: number, answered: readonly SlotRecord[]): TaskLabel {
  const terms = termsOfTask(state, task);
  const policy = policyOf(state, terms);
  return policy === null ? labelByRecords(state, terms, answered) : labelByModel(state, terms, policy, answered);
}

function labelByRecords(state: LaneState, terms: Terms, answered: readonly SlotRecord[]): TaskLabel {
  const { min, max, targetPpm } = terms.overlap;
  const { label, confidencePpm } = agreeOn(
    terms.answer,
    votesByRecords(state, terms.answer, answered),
    agreementOf(terms),
  );
  const decided = confidencePpm >= targetPpm;
  const isAsking = answered.length < max && (answered.length < min || !decided);
  return { label, confidencePpm, decided, isAsking, isAwaited: false };
}

export function votesByRecords(state: LaneState, schema: AnswerSchema, slots: readonly SlotRecord[]): Vote[] {
  const guesses = guessesOf(schema);
  return slots.map(({ answer, contributor }) => ({
    answer,
    weight: weightOf(state.members.get(contributor) as Member, guesses),
  }));
}

function labelByModel(
  state: LaneState,
  { answer, overlap }: Terms,
  { answersWorth, groundPpm }: Policy,
  answered: readonly SlotRecord[],
): TaskLabel {
  const model = modelOf(state, answer);
  const votes = votesByModel(state, answer, answered);
  const found = posterior(model, votes);
  const step = nextStep(model, { ...overlap, answersWorth }, found, votes.length);
  const proven = posterior(model, votes.filter(isProven(state)));
  return {
    label: answerOf(answer, found.choice),
    confidencePpm: found.confidencePpm,
    decided: found.confidencePpm >= overlap.targetPpm,
    isAsking: step === "asking" && answered.length < overlap.max,
    isAwaited: state.model.learned === null || proven.choice !== found.choice || proven.confidencePpm < groundPpm,
  };
}

const isProven =
  ({ model }: LaneState) =>
  ({ contributor }: CastVote): boolean =>
    model.learned !== null && standingOf(model.learned, contributor).standing === "proven";

const modelOf = ({ model }: LaneState, schema: AnswerSchema) =>
  model.learned?.model ?? newcomerModel(classesOf(schema) as number);

function votesByModel({ model }: LaneState, schema: AnswerSchema, slots: readonly SlotRecord[]): CastVote[] {
  const { learned } = model;
  return slots.flatMap(({ contributor, answer }) =>
    learned !== null && !hasVote(standingOf(learned, contributor))
      ? []
      : [{ contributor, label: classOf(schema, answer) }],
  );
}

/** How likely an answer is to be right by all that its task got, taken at face value. For tasks under the policy. */
export function answerPpm(state: LaneState, task: number, answered: readonly SlotRecord[], answer: Answer): number {
  const { answer: schema } = termsOfTask(state, task);
  const votes = votesByModel(state, schema, answered);
  return undiscountedPpm(modelOf(state, schema), votes, classOf(schema, answer));
}

/** How much an answer of a contributor is expected to tell of a started task, in nats; 0 where no model says. */
export function tellingOfTask(state: LaneState, task: number, contributor: number): number {
  const { answer } = termsOfTask(state, task);
  const { learned } = state.model;
  if (learned === null || policyOf(state, termsOfTask(state, task)) === null) return 0;
  if (!hasVote(standingOf(learned, contributor))) return 0;
  const answered = liveSlots(state.tasks.get(task) as TaskState).filter(({ body }) => body !== null);
  return tellingOf(learned.model, votesByModel(state, answer, answered))(contributor);
}
