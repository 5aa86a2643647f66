import type { AnswerSchema } from "../../../../src/contract/answers.ts";
import type { NewMarket } from "../../../../src/contract/markets.ts";
import type { Json } from "../../../../src/core/json.ts";
import { presets } from "../../../../src/verification/overlap/policy.ts";
import { isAmount } from "../../parts/amounts.ts";
import type { ColumnFacts } from "../rows/survey.ts";
import type { ColumnRole, Mapping } from "../rows/tasks.ts";

export const presetNames = ["cheap", "balanced", "strict"] as const;
export type PresetName = (typeof presetNames)[number];

/** Answers a task: what a deposit has to reach for. The policy asks for fewer wherever fewer do. */
const answersOf: Readonly<Record<PresetName, { readonly min: number; readonly max: number }>> = {
  cheap: { min: 1, max: 3 },
  balanced: { min: 2, max: 5 },
  strict: { min: 2, max: 12 },
};

export const overlapOf = (preset: PresetName) => ({ ...answersOf[preset], target: presets[preset].targetPpm / 1e6 });
export const worthOf = (preset: PresetName): number => presets[preset].answersWorth;

export const answerTypes = [
  "choice",
  "choices",
  "scale",
  "pair",
  "number",
  "text",
  "spans",
  "boxes",
  "polygons",
  "ranking",
] as const satisfies readonly AnswerSchema["type"][];

/** What is asked for, as it is being described. */
export interface MarketDraft {
  readonly question: string;
  readonly type: AnswerSchema["type"];
  /** Choices, items or labels, one a line. */
  readonly names: string;
  readonly low: number;
  readonly high: number;
  readonly roles: readonly ColumnRole[];
  readonly own: ReadonlyMap<number, Json>;
  readonly preset: PresetName;
  readonly reward: string;
  /** What a task takes, as the requester supposes. */
  readonly seconds: number;
  /** Who work at it at once, as the requester supposes. */
  readonly people: number;
  readonly personsOnly: boolean;
  readonly languages: string;
  readonly guide: string;
}

export const emptyDraft: MarketDraft = {
  question: "",
  type: "choice",
  names: "",
  low: 1,
  high: 5,
  roles: [],
  own: new Map(),
  preset: "balanced",
  reward: "0.02",
  seconds: 10,
  people: 5,
  personsOnly: false,
  languages: "",
  guide: "",
};

export const namesOf = (text: string): string[] => [
  ...new Set(
    text
      .split(text.includes("\n") ? "\n" : ",")
      .map((each) => each.trim())
      .filter((each) => each !== ""),
  ),
];

export const needsNames = (type: AnswerSchema["type"]): boolean =>
  type === "choice" || type === "choices" || type === "ranking";
export const takesLabels = (type: AnswerSchema["type"]): boolean =>
  type === "spans" || type === "boxes" || type === "polygons";
export const hasRange = (type: AnswerSchema["type"]): boolean => type === "scale" || type === "number";

/** Characters of an answer in one's own words, and of a text in which something is marked. */
const writtenMax = 2_000;
const markedMax = 100_000;

export function answerOf({ type, names, low, high }: MarketDraft): AnswerSchema {
  const list = namesOf(names);
  if (type === "choice" || type === "choices") return { type, choices: list };
  if (type === "ranking") return { type, items: list };
  if (type === "text") return { type, charactersMax: writtenMax };
  if (type === "spans") return { type, labels: list, charactersMax: markedMax };
  if (takesLabels(type)) return { type, labels: list };
  return hasRange(type) ? { type, min: low, max: high } : { type };
}

export const mappingOf = (draft: MarketDraft): Mapping => ({
  roles: draft.roles,
  answer: answerOf(draft),
  own: draft.own,
});

/** How many answers there are to choose from, for the forecast; many where they are no small closed set. */
export function classesOf({ type, choices = [], min = 1, max = 5 }: AnswerSchema): number {
  if (type === "choice") return Math.max(2, choices.length);
  if (type === "pair") return 2;
  return type === "scale" ? max - min + 1 : 8;
}

const hasPolicy = ({ type }: AnswerSchema): boolean => type === "choice" || type === "pair" || type === "scale";

export interface Amounts {
  /** Of what newcomers may earn before they have shown anything. */
  readonly newcomerBudget: string;
  readonly tasks: number;
  readonly controls: number;
  readonly refundTo: string;
  /** The token that it pays in; the network's home token where it is left out. */
  readonly mint: string | undefined;
}

/**
 * A market learns who looks at the tasks from control tasks, and needs some fifty answers before it knows anything. What
 * is smaller settles at once, by what each contributor's own record says.
 */
const learns = (tasks: number, controls: number): boolean => tasks >= 100 && controls >= 8;
/** An hour: whoever tries twenty rows first wants to see what came of them. */
const holdSeconds = 3_600;

/** Answers that a newcomer may give on the newcomers' budget. */
const newcomerAnswers = 20;

export function marketOf(draft: MarketDraft, { newcomerBudget, tasks, controls, refundTo, mint }: Amounts): NewMarket {
  const answer = answerOf(draft);
  const question = draft.question.trim();
  const languages = namesOf(draft.languages.toLowerCase());
  return {
    title: question.slice(0, 200),
    kind: hasPolicy(answer) ? "label" : "judgement",
    answer,
    ...(mint !== undefined && { mint }),
    reward: draft.reward,
    overlap: overlapOf(draft.preset),
    eligibility: [
      ...(draft.personsOnly ? [{ type: "person" } as const] : []),
      ...(languages.length > 0 ? [{ type: "language", anyOf: languages } as const] : []),
    ],
    policy: hasPolicy(answer) && learns(tasks, controls) ? { answersWorth: worthOf(draft.preset), holdSeconds } : null,
    newcomer: { answers: newcomerAnswers, budget: newcomerBudget },
    ...(draft.guide.trim() !== "" && { guide: draft.guide.trim() }),
    template: { id: draft.type, parameters: { question } },
    refundTo,
  };
}

/** What is still missing before anything can be launched: the field to look at. */
export function missingIn(
  draft: MarketDraft,
  decimals: number,
): "question" | "names" | "range" | "show" | "reward" | null {
  if (draft.question.trim() === "") return "question";
  if (needsNames(draft.type) && namesOf(draft.names).length < 2) return "names";
  if (takesLabels(draft.type) && namesOf(draft.names).length === 0) return "names";
  if (hasRange(draft.type) && draft.low >= draft.high) return "range";
  if (!draft.roles.includes("show")) return "show";
  return isAmount(draft.reward, decimals) ? null : "reward";
}

/** Known answers say what there is to choose from. */
export function namesFromColumn(roles: readonly ColumnRole[], columns: readonly ColumnFacts[]): string | null {
  const values = columns[roles.indexOf("control")]?.values;
  return values === null || values === undefined || values.length < 2 ? null : values.join("\n");
}
