import { type Amount, amount, amountMax, feeRoundedUp } from "../core/amount.ts";
import { earnestError } from "../core/errors.ts";
import { canonicalJson, type Json } from "../core/json.ts";
import { slotsPerTask } from "../core/slot.ts";

/**
 * A market's specification: everything a verdict depends on but the answers. It is part of the log's first entry and
 * never changes; another policy is another market. Amounts are base units, times milliseconds, shares parts per
 * million.
 */
export interface MarketSpec {
  readonly version: 1;
  readonly title: string;
  readonly kind: string;
  /** What a task has unless its batch says otherwise. */
  readonly terms: Terms;
  readonly rewardMin: Amount;
  readonly rewardMax: Amount;
  readonly feeBasisPoints: number;
  /** Whoever answered `answeredMin` control tasks and got fewer than `accuracyPpmMin` right is not paid. */
  readonly controls: { readonly answeredMin: number; readonly accuracyPpmMin: number };
  /** Undecided tasks wait for the requester, who is taken to accept after `windowMs`. */
  readonly review: { readonly windowMs: number } | null;
  readonly appeal: {
    readonly windowMs: number;
    readonly budget: Amount;
    readonly panel: number;
    readonly cost: Amount;
  };
  /** A newcomer's first `answers` slots are paid from this budget only. */
  readonly newcomer: { readonly answers: number; readonly budget: Amount } | null;
  readonly refundDelayMs: number;
  /** Faults of ours this market absorbs before it pauses. */
  readonly voidMax: number;
}

export interface Terms {
  readonly answer: AnswerSchema;
  readonly reward: Amount;
  readonly overlap: { readonly min: number; readonly max: number; readonly targetPpm: number };
  readonly leaseMs: number;
  /** No slot is offered after this lane time. */
  readonly deadlineMs: number | null;
  readonly eligibility: readonly Requirement[];
}

/** One of the choices, named by its id. */
export interface AnswerSchema {
  readonly type: "choice";
  readonly choices: readonly string[];
}

export type Requirement =
  | { readonly type: "qualification"; readonly name: string; readonly min: number }
  | { readonly type: "language"; readonly anyOf: readonly string[] }
  | { readonly type: "country"; readonly anyOf: readonly string[] }
  | { readonly type: "age"; readonly min: number }
  | { readonly type: "place"; readonly anyOf: readonly string[] };

export const minuteMs = 60_000;
export const hourMs = 60 * minuteMs;
export const dayMs = 24 * hourMs;

const limits = { choices: 10_000, text: 200, days: 366, list: 300, budget: amountMax } as const;

export const feeOf = (spec: MarketSpec, terms: Terms): Amount => feeRoundedUp(terms.reward, spec.feeBasisPoints);

/** Reward and fee of one slot: what must be free before it is offered. */
export const priceOf = (spec: MarketSpec, terms: Terms): Amount => amount(terms.reward + feeOf(spec, terms));

/**
 * The longest a slot can stay undecided: its lease, review, the window to appeal, the panel, a lease of the panel. A
 * refund waits at least that long.
 */
export const settleMsMax = (spec: MarketSpec, leaseMs: number): number =>
  2 * leaseMs + (spec.review?.windowMs ?? 0) + 2 * spec.appeal.windowMs;

/** Where a value of the specification is read from, so that an error can point at it. */
class Field {
  readonly value: Json | undefined;
  readonly path: string;

  constructor(value: Json | undefined, path: string) {
    this.value = value;
    this.path = path;
  }

  fail(problem: string): never {
    throw earnestError("MALFORMED_SPEC", { path: this.path, problem });
  }

  object(): { readonly [key: string]: Json } {
    if (this.value === null || typeof this.value !== "object" || Array.isArray(this.value))
      this.fail("must be an object");
    return this.value as { readonly [key: string]: Json };
  }

  get(name: string): Field {
    const object = this.object();
    return new Field(Object.hasOwn(object, name) ? object[name] : undefined, `${this.path}.${name}`);
  }

  only(names: readonly string[]): void {
    const unknown = Object.keys(this.object()).find((name) => !names.includes(name));
    if (unknown !== undefined) this.fail(`has an unknown field "${unknown}"`);
  }

  integer(min: number, max: number): number {
    const { value } = this;
    if (typeof value !== "number" || !Number.isInteger(value) || value < min || value > max) {
      this.fail(`must be an integer from ${min} to ${max}`);
    }
    return value;
  }

  amount(): Amount {
    const { value } = this;
    if (typeof value !== "string" || !/^(0|[1-9]\d{0,19})$/.test(value) || BigInt(value) > limits.budget) {
      this.fail("must be base units as a decimal string");
    }
    return amount(BigInt(value));
  }

  text(max: number = limits.text): string {
    const { value } = this;
    if (typeof value !== "string" || value.length === 0 || value.length > max)
      this.fail(`must be a text of 1 to ${max} characters`);
    if (/\p{Surrogate}/u.test(value)) this.fail("must be well-formed Unicode");
    return value;
  }

  texts(min: number, max: number): readonly string[] {
    const items = this.items(max).map((item) => item.text());
    if (items.length < min) this.fail(`must have at least ${min} items`);
    if (new Set(items).size !== items.length) this.fail("has an item twice");
    return items;
  }

  items(max: number): readonly Field[] {
    if (!Array.isArray(this.value) || this.value.length > max) this.fail(`must be a list of at most ${max} items`);
    return (this.value as readonly Json[]).map((item, i) => new Field(item, `${this.path}[${i}]`));
  }

  orNull<T>(read: (field: Field) => T): T | null {
    return this.value === null || this.value === undefined ? null : read(this);
  }
}

const durationMs = (field: Field): number => field.integer(0, limits.days * dayMs);

const specFields = [
  "version",
  "title",
  "kind",
  "terms",
  "rewardMin",
  "rewardMax",
  "feeBasisPoints",
  "controls",
  "review",
  "appeal",
  "newcomer",
  "refundDelayMs",
  "voidMax",
];

export function parseSpec(json: Json): MarketSpec {
  const root = new Field(json, "spec");
  root.only(specFields);
  const spec: MarketSpec = {
    version: root.get("version").integer(1, 1) as 1,
    title: root.get("title").text(),
    kind: root.get("kind").text(64),
    terms: readTerms(root.get("terms")),
    rewardMin: root.get("rewardMin").amount(),
    rewardMax: root.get("rewardMax").amount(),
    feeBasisPoints: root.get("feeBasisPoints").integer(0, 5_000),
    controls: {
      answeredMin: root.get("controls").get("answeredMin").integer(1, 10_000),
      accuracyPpmMin: root.get("controls").get("accuracyPpmMin").integer(0, 1_000_000),
    },
    review: root.get("review").orNull((field) => ({ windowMs: durationMs(field.get("windowMs")) })),
    appeal: {
      windowMs: durationMs(root.get("appeal").get("windowMs")),
      budget: root.get("appeal").get("budget").amount(),
      panel: root.get("appeal").get("panel").integer(1, 99),
      cost: root.get("appeal").get("cost").amount(),
    },
    newcomer: root.get("newcomer").orNull((field) => ({
      answers: field.get("answers").integer(1, 10_000),
      budget: field.get("budget").amount(),
    })),
    refundDelayMs: durationMs(root.get("refundDelayMs")),
    voidMax: root.get("voidMax").integer(0, 1_000_000),
  };
  checkTerms(spec, spec.terms, "spec.terms");
  return spec;
}

/** The terms of a batch: those of the market with the given fields replaced, within the market's bounds. */
export function parseTerms(spec: MarketSpec, overrides: Json): Terms {
  const merged = { ...(termsToJson(spec.terms) as object), ...(overrides as object) } as Json;
  const terms = readTerms(new Field(merged, "terms"));
  checkTerms(spec, terms, "terms");
  return terms;
}

function readTerms(field: Field): Terms {
  field.only(["answer", "reward", "overlap", "leaseMs", "deadlineMs", "eligibility"]);
  const overlap = field.get("overlap");
  return {
    answer: readAnswerSchema(field.get("answer")),
    reward: field.get("reward").amount(),
    overlap: {
      min: overlap.get("min").integer(1, slotsPerTask / 4),
      max: overlap.get("max").integer(1, slotsPerTask / 4),
      targetPpm: overlap.get("targetPpm").integer(0, 1_000_000),
    },
    leaseMs: field.get("leaseMs").integer(1_000, limits.days * dayMs),
    deadlineMs: field.get("deadlineMs").orNull((deadline) => deadline.integer(0, Number.MAX_SAFE_INTEGER)),
    eligibility: field.get("eligibility").items(20).map(readRequirement),
  };
}

function readAnswerSchema(field: Field): AnswerSchema {
  if (field.get("type").value !== "choice") field.get("type").fail('must be "choice"');
  return { type: "choice", choices: field.get("choices").texts(2, limits.choices) };
}

function readRequirement(field: Field): Requirement {
  const type = field.get("type");
  switch (type.value) {
    case "qualification":
      return { type: "qualification", name: field.get("name").text(64), min: field.get("min").integer(0, 1_000_000) };
    case "language":
    case "country":
    case "place":
      return { type: type.value, anyOf: field.get("anyOf").texts(1, limits.list) };
    case "age":
      return { type: "age", min: field.get("min").integer(1, 150) };
    default:
      return type.fail("must be qualification, language, country, age or place");
  }
}

function checkTerms(spec: MarketSpec, terms: Terms, path: string): void {
  const fail = (where: string, problem: string): never => new Field(null, `${path}.${where}`).fail(problem);
  if (terms.overlap.min > terms.overlap.max) fail("overlap.min", "must not exceed overlap.max");
  if (terms.reward < spec.rewardMin || terms.reward > spec.rewardMax) {
    throw earnestError("REWARD_MISMATCH", {
      reward: `${terms.reward}`,
      rewardMin: `${spec.rewardMin}`,
      rewardMax: `${spec.rewardMax}`,
    });
  }
  if (settleMsMax(spec, terms.leaseMs) > spec.refundDelayMs) {
    fail("leaseMs", `with review and appeal must not exceed refundDelayMs (${spec.refundDelayMs})`);
  }
}

/** The JSON form: amounts become decimal strings; it is what is hashed and stored. */
export const specToJson = (spec: MarketSpec): Json => toJson(spec);
export const termsToJson = (terms: Terms): Json => toJson(terms);
export const specText = (spec: MarketSpec): string => canonicalJson(specToJson(spec));

function toJson(value: unknown): Json {
  if (typeof value === "bigint") return value.toString();
  if (Array.isArray(value)) return value.map(toJson);
  if (value !== null && typeof value === "object") {
    return Object.fromEntries(Object.entries(value).map(([name, each]) => [name, toJson(each)]));
  }
  return value as Json;
}
