import { agreeOn, guessesOf } from "../verification/agreement/agree-on.ts";
import { sharePpm, type Vote } from "../verification/agreement/vote.ts";
import type { Answer } from "../verification/answers/answer.ts";
import type { AnswerSchema } from "../verification/answers/answer-schema.ts";
import { tellingOf } from "../verification/overlap/choose.ts";
import { newcomerModel } from "../verification/overlap/market-model.ts";
import { nextStep } from "../verification/overlap/next-step.ts";
import { type CastVote, type Posterior, posterior, undiscountedPpm } from "../verification/overlap/posterior.ts";
import { termsOfTask } from "./admit.ts";
import { computedBy, leadingResult } from "./executions.ts";
import { agreedByGroups, groupRuleOf } from "./groups.ts";
import { answerOf, classesOf, classOf, hasVote, policyOf, standingOf } from "./learned.ts";
import { weightOf } from "./model.ts";
import { agreementOf } from "./right.ts";
import type { Policy, Terms } from "./spec.ts";
import { type LaneState, liveSlots, type Member, type SlotRecord, type TaskState } from "./state.ts";
import type { GroupRule, OwnersQuorum } from "./verifying.ts";

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

/** Whether so few answers ask for another one whatever they say, so that nobody need look at that yet. */
export function isTooFew(state: LaneState, task: number, answers: number): boolean {
  const { min, max } = termsOfTask(state, task).overlap;
  // What is computed may settle on a single answer.
  return answers < Math.min(min, max) && computedBy(state, task) === null;
}

/** @param answered the slots with an answer, at least one */
export function labelOf(state: LaneState, task: number, answered: readonly SlotRecord[]): TaskLabel {
  const terms = termsOfTask(state, task);
  const computed = computedBy(state, task);
  if (computed !== null) return labelByOwners(state, task, terms, computed, answered);
  const groups = groupRuleOf(state);
  if (groups !== null) return labelByGroups(state, terms, groups, answered);
  const policy = policyOf(state, terms);
  return policy === null ? labelByRecords(state, terms, answered) : labelByModel(state, terms, policy, answered);
}

/** What is computed has one right answer: enough owners with the same, or one who was always right so far, settle it. */
function labelByOwners(
  state: LaneState,
  task: number,
  { overlap }: Terms,
  { name, ownersMin }: OwnersQuorum,
  answered: readonly SlotRecord[],
): TaskLabel {
  const { digest, owners, isEnough } = leadingResult(state, task, name, ownersMin);
  const everybody = new Set(answered.map(({ contributor }) => contributor)).size;
  return {
    label: digest,
    confidencePpm: sharePpm(owners, everybody),
    decided: isEnough,
    isAsking: !isEnough && answered.length < overlap.max,
    isAwaited: false,
  };
}

/** What one group rejects is not settled, however many want it; then the label is what most say, and undecided. */
function labelByGroups(state: LaneState, terms: Terms, rule: GroupRule, answered: readonly SlotRecord[]): TaskLabel {
  const { min, max } = terms.overlap;
  const agreed = agreedByGroups(rule, answered);
  const decided = agreed !== null && answered.length >= min;
  const { label } = agreed ?? agreeOn(terms.answer, votesByRecords(state, terms.answer, answered), agreementOf(terms));
  const isAsking = answered.length < max && !decided;
  return { label, confidencePpm: agreed?.ppm ?? 0, decided, isAsking, isAwaited: false };
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
  const { min, max, targetPpm } = overlap;
  const step = nextStep(model, { min, max, targetPpm, answersWorth }, found, votes.length);
  return {
    label: answerOf(answer, found.choice),
    confidencePpm: found.confidencePpm,
    decided: found.confidencePpm >= overlap.targetPpm,
    isAsking: step === "asking" && answered.length < overlap.max,
    isAwaited: !isGrounded(state, groundPpm, votes, found),
  };
}

/** Whether those who are known to look say so as well. */
function isGrounded({ model }: LaneState, groundPpm: number, votes: readonly CastVote[], found: Posterior): boolean {
  const { learned } = model;
  if (learned === null) return false;
  const proven = votes.filter(({ contributor }) => standingOf(learned, contributor).standing === "proven");
  const { choice, confidencePpm } = proven.length === votes.length ? found : posterior(learned.model, proven);
  return choice === found.choice && confidencePpm >= groundPpm;
}

const modelOf = ({ model }: LaneState, schema: AnswerSchema) =>
  model.learned?.model ?? newcomerModel(classesOf(schema) as number);

function votesByModel({ model }: LaneState, schema: AnswerSchema, slots: readonly SlotRecord[]): CastVote[] {
  const { learned } = model;
  const votes: CastVote[] = [];
  for (const { contributor, answer } of slots) {
    if (learned === null || hasVote(standingOf(learned, contributor)))
      votes.push({ contributor, label: classOf(schema, answer) });
  }
  return votes;
}

const answeredSlots = (state: LaneState, task: number): SlotRecord[] =>
  liveSlots(state.tasks.get(task) as TaskState).filter(({ body }) => body !== null);

/** How likely an answer is to be right by all that its task got, taken at face value. For tasks under the policy. */
export function answerPpm(state: LaneState, task: number, answer: Answer): number {
  const { answer: schema } = termsOfTask(state, task);
  const votes = votesByModel(state, schema, answeredSlots(state, task));
  return undiscountedPpm(modelOf(state, schema), votes, classOf(schema, answer));
}

/** How much an answer of a contributor is expected to tell of a started task, in nats; 0 where no model says. */
export function tellingOfTask(state: LaneState, task: number, contributor: number): number {
  const terms = termsOfTask(state, task);
  const { learned } = state.model;
  if (learned === null || policyOf(state, terms) === null) return 0;
  if (!hasVote(standingOf(learned, contributor))) return 0;
  return tellingOf(learned.model, votesByModel(state, terms.answer, answeredSlots(state, task)))(contributor);
}
