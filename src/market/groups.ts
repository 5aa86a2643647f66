import { encode, list, struct, u8, u32 } from "../core/codec.ts";
import { groupsFromHistory } from "../verification/agreement/bridged.ts";
import type { Rating } from "../verification/agreement/factorisation.ts";
import { agreeByGroups } from "../verification/agreement/group-agreement.ts";
import type { Answer } from "../verification/answers/answer.ts";
import { answerKey } from "../verification/answers/answer-schema.ts";
import type { Bridged } from "../verification/primitives/evidence.ts";
import { numberedLessons } from "./lessons.ts";
import { isFinished, type LaneState, liveSlots, type SlotRecord, specOf, type TaskState } from "./state.ts";
import { type GroupRule, verifyingOf } from "./verifying.ts";

/** The latest answers that groups are made of. */
export const groupWindowAnswers = 16_384;
/** Groups are the two sides of one line. */
export const groupCount = 2;

/** The market's rule of groups; null where its composition asks for none. */
export const groupRuleOf = (state: LaneState): GroupRule | null => verifyingOf(specOf(state))?.groups ?? null;

const last = new WeakMap<LaneState, { readonly size: number; readonly groups: ReadonlyMap<number, number> }>();
const nobody: ReadonlyMap<number, number> = new Map();

/**
 * The group of each contributor that has one, by what it answered to tasks that are settled: a task that still is to be
 * judged says nothing of those who judge it.
 */
export function groupsNow(state: LaneState): ReadonlyMap<number, number> {
  if (groupRuleOf(state) === null) return nobody;
  const before = last.get(state);
  if (before?.size === state.tree.size) return before.groups;
  const groups = makeGroups(state);
  last.set(state, { size: state.tree.size, groups });
  return groups;
}

function makeGroups(state: LaneState): ReadonlyMap<number, number> {
  const { task, contributor, label, tasks, contributors, originals } = numberedLessons(state);
  const isOver = Array.from(originals.tasks, (number) => isSettled(state, number));
  const ratings: Rating[] = [];
  for (let i = 0; i < task.length; i++) {
    const item = task[i] as number;
    if (isOver[item]) ratings.push({ rater: contributor[i] as number, item, valuePpm: label[i] === 0 ? 1_000_000 : 0 });
  }
  const groups = groupsFromHistory(contributors, tasks, ratings);
  return new Map(
    [...groups.entries()].flatMap(([w, group]) => (group < 0 ? [] : [[originals.contributors[w] as number, group]])),
  );
}

const isSettled = (state: LaneState, task: number): boolean =>
  isFinished(state, task) || (state.tasks.get(task)?.settled ?? null) !== null;

const groupsCodec = list(struct({ contributor: u32, group: u8 }));

/** What a model's hash covers of the groups: nothing where there are none. */
export const encodeGroups = (groups: ReadonlyMap<number, number>): Uint8Array =>
  groups.size === 0
    ? new Uint8Array()
    : encode(
        groupsCodec,
        [...groups].sort(([a], [b]) => a - b).map(([contributor, group]) => ({ contributor, group })),
      );

/** Whoever had a group when it answered; who got one since may have got it by this very task. */
const groupedOf = (slots: readonly SlotRecord[]): { readonly group: number; readonly answer: Answer }[] =>
  slots.flatMap(({ check, answer, body }) => {
    const group = check?.group ?? null;
    return group === null || body === null ? [] : [{ group, answer }];
  });

/** What the groups agree on, if anything, and how far the group does that agrees least. */
export function agreedByGroups(
  rule: GroupRule,
  answered: readonly SlotRecord[],
): { label: Answer; ppm: number } | null {
  const votes = groupedOf(answered);
  const { groupRatingsMin: votesMin, agreementPpmMin: sharePpmMin } = rule;
  for (const { answer: label } of votes) {
    const own = answerKey(label);
    const cast = votes.map(({ group, answer }) => ({ group, isFor: answerKey(answer) === own }));
    const { status, worstPpm } = agreeByGroups(groupCount, cast, { votesMin, sharePpmMin });
    if (status === "passed") return { label, ppm: worstPpm };
  }
  return null;
}

/**
 * What the groups say of an answer, once its task has settled. Where they agree on nothing, nobody is told to be wrong:
 * an honest answer to a task that divides is not punished.
 */
export function bridgedOn(state: LaneState, number: number, { answer }: SlotRecord): Bridged | null {
  const task = state.tasks.get(number) as TaskState;
  if (task.settled === null) return null;
  if (!task.settled.decided) return { groups: [], fit: null, isExhausted: true };
  const own = answerKey(answer);
  const votes = groupedOf(liveSlots(task));
  const groups = Array.from({ length: groupCount }, (_, group) => {
    const cast = votes.filter((vote) => vote.group === group);
    const agreeing = cast.filter((vote) => answerKey(vote.answer) === own).length;
    return { group: `${group}`, ratings: cast.length, agreeing };
  });
  return { groups, fit: null, isExhausted: true };
}
