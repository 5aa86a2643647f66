import { bool, type Codec, encode, list, oneOf, struct, u32, varint } from "../core/codec.ts";
import type { Answer } from "../verification/answers/answer.ts";
import type { AnswerSchema } from "../verification/answers/answer-schema.ts";
import { sidesOf } from "../verification/answers/pair.ts";
import { fitMarketModel } from "../verification/overlap/fit-market-model.ts";
import { type MarketModel, marketModelCodec, matrixClassesMax } from "../verification/overlap/market-model.ts";
import { assess } from "../verification/pay/assess.ts";
import { type Standing, standings } from "../verification/pay/rule.ts";
import { createWindow } from "../verification/pay/window.ts";
import { numberedLessons, onlyThose } from "./lessons.ts";
import type { Policy, Terms } from "./spec.ts";
import { controlOf, type LaneState, specOf } from "./state.ts";

/** What the latest answers of a market show: integers, so that a verdict compares integers. */
export interface Learned {
  /** Error matrices of those who are believed to look. */
  readonly model: MarketModel;
  readonly standings: ReadonlyMap<number, ContributorStanding>;
  /** Of whoever is not in it. */
  readonly unknown: ContributorStanding;
}

export interface ContributorStanding {
  readonly standing: Standing;
  /** Log-odds of being informative. */
  readonly oddsMillinats: number;
}

export const standingOf = (learned: Learned, contributor: number): ContributorStanding =>
  learned.standings.get(contributor) ?? learned.unknown;

/** Whether somebody's answers say anything of a task. */
export const hasVote = ({ standing }: ContributorStanding): boolean =>
  standing !== "copying" && standing !== "uninformative";

/** Of how many answers one is given; null where they are not one closed set. */
export function classesOf(schema: AnswerSchema): number | null {
  switch (schema.type) {
    case "choice":
      return schema.choices.length;
    case "pair":
      return sidesOf(schema).length;
    case "scale":
      return schema.max - schema.min + 1;
    default:
      return null;
  }
}

/** The class of an answer to such a schema, from 0. */
export const classOf = (schema: AnswerSchema, answer: Answer): number =>
  (answer as number) - (schema.type === "scale" ? schema.min : 0);

/** The answer that a class stands for. */
export const answerOf = (schema: AnswerSchema, label: number): Answer =>
  label + (schema.type === "scale" ? schema.min : 0);

/** The policy that tasks with these terms come under: they must share the market's own small set of answers. */
export function policyOf(state: LaneState, { answer }: Terms): Policy | null {
  const { policy, terms } = specOf(state);
  if (policy === null || state.controls.size === 0 || (classesOf(answer) ?? Infinity) > matrixClassesMax) return null;
  return answer === terms.answer ? policy : null;
}

/** Learns from the lane's lessons. The same for every order in which they came. */
export function learn(state: LaneState, policy: Policy): Learned | null {
  const { answer } = specOf(state).terms;
  const classes = classesOf(answer);
  if (classes === null) return null;
  const lessons = numberedLessons(state);
  if (lessons.task.length === 0) return null;
  const { tasks, contributors, originals } = lessons;
  const known = new Map<number, number>();
  const controls = new Int32Array(tasks).fill(-1);
  for (const [t, original] of originals.tasks.entries()) {
    const control = controlOf(state, original);
    if (control === undefined) continue;
    controls[t] = classOf(answer, control.answer);
    known.set(t, controls[t]);
  }
  // One more stands for everybody who is not known.
  const window = createWindow({ ...lessons, contributors: contributors + 1, classes }, controls);
  const found = assess(window, policy);
  const standing = (w: number): ContributorStanding => ({
    standing: found.standing[w] as Standing,
    oddsMillinats: found.oddsMillinats[w] as number,
  });
  const votes = Array.from(originals.contributors, (_, w) => Number(hasVote(standing(w))));
  const isHeard = new Uint8Array(lessons.contributor.length);
  for (let i = 0; i < isHeard.length; i++) isHeard[i] = votes[lessons.contributor[i] as number] as number;
  const fitted = fitMarketModel({
    ...onlyThose(isHeard, lessons),
    tasks,
    contributors,
    classes,
    controls: known,
  });
  const originalOf = (w: number): number => originals.contributors[w] as number;
  return {
    model: { ...fitted, rows: new Map([...fitted.rows].map(([w, row]) => [originalOf(w), row])) },
    standings: new Map(Array.from(originals.contributors, (contributor, w) => [contributor, standing(w)])),
    unknown: standing(contributors),
  };
}

const signed = struct({ negative: bool, size: varint });
const standingCodec: Codec<ContributorStanding> = struct({
  standing: oneOf(standings),
  oddsMillinats: {
    write: (writer, value: number) => signed.write(writer, { negative: value < 0, size: Math.abs(value) }),
    read: (reader) => {
      const { negative, size } = signed.read(reader);
      return negative ? -size : size;
    },
  } satisfies Codec<number>,
});
const standingsCodec = list(struct({ contributor: u32, is: standingCodec }));

export const learnedCodec: Codec<Learned> = struct({
  model: marketModelCodec,
  standings: {
    write: (writer, value: Learned["standings"]) =>
      standingsCodec.write(
        writer,
        [...value].sort(([a], [b]) => a - b).map(([contributor, is]) => ({ contributor, is })),
      ),
    read: (reader) => new Map(standingsCodec.read(reader).map(({ contributor, is }) => [contributor, is])),
  } satisfies Codec<Learned["standings"]>,
  unknown: standingCodec,
});

/** The bytes that a model's hash covers. */
export const encodeLearned = (learned: Learned): Uint8Array => encode(learnedCodec, learned);
