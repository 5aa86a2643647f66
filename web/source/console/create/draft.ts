import type { AnswerSchema } from "../../../../src/contract/answers.ts";
import type { NewMarket } from "../../../../src/contract/markets.ts";
import type { Json } from "../../../../src/core/json.ts";
import { presets } from "../../../../src/verification/overlap/policy.ts";
import { isAmount } from "../../parts/amounts.ts";
import type { ColumnFacts } from "../rows/survey.ts";
import { type ColumnRole, guessRoles, type Mapping, rolesWith } from "../rows/tasks.ts";
import { kinds, type TableKind } from "./kinds.ts";

export const presetNames = ["cheap", "balanced", "strict"] as const;
export type PresetName = (typeof presetNames)[number];

/** Answers a task, of labels: what a deposit has to reach for. The policy asks for fewer wherever fewer do. */
const answersOf: Readonly<Record<PresetName, { readonly min: number; readonly max: number }>> = {
  cheap: { min: 1, max: 3 },
  balanced: { min: 2, max: 5 },
  strict: { min: 2, max: 12 },
};

interface Overlap {
  readonly min: number;
  readonly max: number;
  readonly target: number;
}

/**
 * How many answer a task. Other kinds than labels begin with their own overlap: the cheap preset stops half-way, the
 * strict one asks for up to twice as many, to be twice as certain. Where nobody has to agree there is nothing to stop at.
 */
export function overlapOf({ kind, slots }: Pick<MarketDraft, "kind" | "slots">, preset: PresetName): Overlap {
  if (kind === "label") return { ...answersOf[preset], target: presets[preset].targetPpm / 1e6 };
  if (!kinds[kind].isAgreed) return { min: slots, max: slots, target: 0 };
  const { min, max, target } = kinds[kind].template.overlap;
  if (preset === "cheap") return { min, max: Math.ceil((min + max) / 2), target };
  return preset === "balanced" ? { min, max, target } : { min, max: 2 * max, target: (1 + target) / 2 };
}
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
  readonly kind: TableKind;
  readonly question: string;
  readonly type: AnswerSchema["type"];
  /** Choices, items or labels, one a line. */
  readonly names: string;
  readonly low: number;
  readonly high: number;
  readonly roles: readonly ColumnRole[];
  readonly own: ReadonlyMap<number, Json>;
  readonly preset: PresetName;
  /** Submissions a task, where each is paid by itself. */
  readonly slots: number;
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
  kind: "label",
  question: "",
  type: "choice",
  names: "",
  low: 1,
  high: 5,
  roles: [],
  own: new Map(),
  preset: "balanced",
  slots: 1,
  reward: "0.03",
  seconds: kinds.label.seconds,
  people: 5,
  personsOnly: false,
  languages: "",
  guide: "",
};

/** What a kind begins with. Of what was described before, only what is no kind's own stays. */
export function startOf(kind: TableKind): Partial<MarketDraft> {
  const { template, types, seconds } = kinds[kind];
  const [type = "choice"] = types;
  return {
    kind,
    ...startOfType(kind, type),
    reward: template.reward,
    slots: template.overlap.max,
    seconds,
  };
}

/** What a type of answer begins with: where a kind is about one question, with its choices. */
export function startOfType(kind: TableKind, type: AnswerSchema["type"]): Partial<MarketDraft> {
  const { template, templates } = kinds[kind];
  const own = [template, ...Object.values(templates)].find(({ answer }) => answer?.type === type)?.answer;
  return {
    type,
    own: new Map(),
    names: startsEmpty.has(kind) ? "" : (own?.choices ?? []).join("\n"),
    ...(hasRange(type) && { low: own?.min ?? emptyDraft.low, high: own?.max ?? emptyDraft.high }),
  };
}

/** Kinds for any question: what there is to choose from comes from the requester, or from its column of known answers. */
const startsEmpty: ReadonlySet<TableKind> = new Set(["label", "judge", "mark"]);

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

export function answerOf({ kind, type, names, low, high }: MarketDraft): AnswerSchema {
  const list = kinds[kind].fixed ?? namesOf(names);
  if (type === "choice" || type === "choices") return { type, choices: [...list] };
  if (type === "ranking") return { type, items: [...list] };
  if (type === "text") return { type, charactersMax: writtenMax };
  if (type === "spans") return { type, labels: [...list], charactersMax: markedMax };
  if (takesLabels(type)) return { type, labels: [...list] };
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
  const { template, composition } = kinds[draft.kind];
  const { controls: controlled, leaseSeconds, review } = template;
  const isLearnt = template.policy !== null && hasPolicy(answer) && learns(tasks, controls);
  return {
    title: question.slice(0, 200),
    kind: draft.kind,
    answer,
    ...(mint !== undefined && { mint }),
    reward: draft.reward,
    overlap: overlapOf(draft, draft.preset),
    ...(controlled !== undefined && { controls: controlled }),
    ...(leaseSeconds !== undefined && { leaseSeconds }),
    ...(review !== undefined && { review }),
    eligibility: eligibilityOf(draft),
    verification: composition as unknown as NewMarket["verification"],
    policy: isLearnt ? { answersWorth: worthOf(draft.preset), holdSeconds } : null,
    newcomer: { answers: newcomerAnswers, budget: newcomerBudget },
    ...(draft.guide.trim() !== "" && { guide: draft.guide.trim() }),
    template: { id: draft.type, parameters: { question } },
    refundTo,
  };
}

/** Who may answer: whom the kind lets, and of them whom the requester wants. */
function eligibilityOf({ kind, personsOnly, languages }: MarketDraft): NonNullable<NewMarket["eligibility"]> {
  const own = kinds[kind].template.eligibility ?? [];
  const spoken = namesOf(languages.toLowerCase());
  return [
    ...own,
    ...(personsOnly && !own.some(({ type }) => type === "person") ? [{ type: "person" } as const] : []),
    ...(spoken.length > 0 ? [{ type: "language", anyOf: spoken } as const] : []),
  ];
}

/** What is still missing before anything can be launched: the field to look at. */
export function missingIn(
  draft: MarketDraft,
  decimals: number,
): "question" | "names" | "range" | "place" | "source" | "beacon" | "show" | "reward" | null {
  const { fixed, needs } = kinds[draft.kind];
  if (draft.question.trim() === "") return "question";
  if (fixed === null && needsNames(draft.type) && namesOf(draft.names).length < 2) return "names";
  if (takesLabels(draft.type) && namesOf(draft.names).length === 0) return "names";
  if (hasRange(draft.type) && draft.low >= draft.high) return "range";
  const lacking = needs.find((need) => !draft.roles.includes(need));
  if (lacking !== undefined) return lacking === "latitude" || lacking === "longitude" ? "place" : lacking;
  if (!draft.roles.includes("show")) return "show";
  return isAmount(draft.reward, decimals) ? null : "reward";
}

/** Known answers say what there is to choose from. */
export function namesFromColumn(roles: readonly ColumnRole[], columns: readonly ColumnFacts[]): string | null {
  const values = columns[roles.indexOf("control")]?.values;
  return values === null || values === undefined || values.length < 2 ? null : values.join("\n");
}

/** The same rows as work of another kind. Known answers that the kind before had no eye for are found again. */
export function withKind(
  draft: MarketDraft,
  kind: TableKind,
  columns: readonly string[],
  facts: readonly ColumnFacts[],
): MarketDraft {
  const guessed = guessRoles(columns);
  const before = kinds[draft.kind].hasControls
    ? draft.roles
    : draft.roles.map((role, i) => (role === "show" && guessed[i] === "control" ? "control" : role));
  const roles = rolesWith(columns, before, kinds[kind].roles);
  const next = { ...draft, ...startOf(kind), roles };
  return { ...next, names: next.names || (namesFromColumn(roles, facts) ?? "") };
}
