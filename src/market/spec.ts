import { type Amount, addAmounts, feeRoundedUp, isAmount } from "../core/amount.ts";
import { earnestError } from "../core/errors.ts";
import { Field } from "../core/field.ts";
import { canonicalJson, type Json } from "../core/json.ts";
import { slotsPerTask } from "../core/slot.ts";
import type { Spec as Verification } from "../verification/algebra/composition.ts";
import { readSpec } from "../verification/algebra/verify.ts";
import { type AnswerSchema, readAnswerSchema } from "../verification/answers/answer-schema.ts";
import { defaultPayPolicy, type PayPolicy } from "../verification/pay/policy.ts";
import { checkComposition } from "./composition.ts";
import { type Guide, readGuide } from "./guide.ts";
import { type Known, readKnown } from "./known.ts";
import { verifyingOf } from "./verifying.ts";

/**
 * A market's specification: everything a verdict depends on but the answers. It is part of the log's first entry and
 * never changes; another policy is another market. Amounts are base units, times milliseconds, shares parts per
 * million.
 */
export interface MarketSpec extends Guide {
  readonly version: 1;
  readonly title: string;
  readonly kind: string;
  /** The token it pays in, by its mint; absent for the network's home token. Its pool, for good. */
  readonly mint?: string;
  /** What a task has unless its batch says otherwise. */
  readonly terms: Terms;
  readonly rewardMin: Amount;
  readonly rewardMax: Amount;
  readonly feeBasisPoints: number;
  /** Whoever answered `answeredMin` control tasks and got fewer than `accuracyPpmMin` right is not paid. */
  readonly controls: { readonly answeredMin: number; readonly accuracyPpmMin: number };
  /**
   * How answers become labels and pay where tasks share the market's closed set of answers and some are control tasks;
   * null, and elsewhere, by what each contributor's own record says.
   */
  readonly policy: Policy | null;
  /**
   * How each submission is verified, and what of its reward is paid; absent where agreement alone decides. With the
   * version of its rules: a specification is verified for ever by the rules of its time.
   */
  readonly verification?: Verification;
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

/** What contributors are learned from, and what must be shown before pay. */
export interface Policy extends PayPolicy {
  /** A model is learned from so many of the latest answers. */
  readonly windowAnswers: number;
  /** How many answers' prices a right label is worth, in place of a wrong one: a task that needs more is given up. */
  readonly answersWorth: number;
  /** An answer is held no longer than that after its task got its last one. */
  readonly holdMs: number;
}

export interface AgreementTerms {
  /** An answer counts as right from this share of its label on, see `matchShare`. */
  readonly matchPpmMin: number;
  /** From this share of their union on, two spans, boxes or polygons mean the same thing. */
  readonly overlapPpmMin: number;
}

export interface Terms {
  readonly answer: AnswerSchema;
  /** When an answer is right; null for what suits its type. */
  readonly agreement: AgreementTerms | null;
  readonly reward: Amount;
  readonly overlap: { readonly min: number; readonly max: number; readonly targetPpm: number };
  readonly leaseMs: number;
  /** No slot is offered after this lane time. */
  readonly deadlineMs: number | null;
  readonly eligibility: readonly Requirement[];
  /** What the market's composition compares submissions with; absent where there is nothing. */
  readonly known?: Known;
}

export type Requirement =
  | { readonly type: "qualification"; readonly name: string; readonly min: number }
  | { readonly type: "language"; readonly anyOf: readonly string[] }
  | { readonly type: "country"; readonly anyOf: readonly string[] }
  | { readonly type: "age"; readonly min: number }
  | { readonly type: "place"; readonly anyOf: readonly string[] }
  /** No program, by what contributors say of themselves. */
  | { readonly type: "person" };

export const minuteMs = 60_000;
export const hourMs = 60 * minuteMs;
export const dayMs = 24 * hourMs;

const limits = { days: 366, list: 300 } as const;

export const feeOf = (spec: MarketSpec, terms: Terms): Amount => costOf(spec, terms).fee;

/** Reward and fee of one slot: what must be free before it is offered. */
export const priceOf = (spec: MarketSpec, terms: Terms): Amount => costOf(spec, terms).price;

interface Cost {
  readonly feeBasisPoints: number;
  readonly fee: Amount;
  readonly price: Amount;
}

/** Each step of a slot asks for it several times, and terms never change. */
const costs = new WeakMap<Terms, Cost>();

function costOf({ feeBasisPoints }: MarketSpec, terms: Terms): Cost {
  const known = costs.get(terms);
  if (known?.feeBasisPoints === feeBasisPoints) return known;
  const fee = feeRoundedUp(terms.reward, feeBasisPoints);
  const cost = { feeBasisPoints, fee, price: addAmounts(terms.reward, fee) };
  costs.set(terms, cost);
  return cost;
}

/**
 * The longest a slot can stay undecided: its lease, the window to challenge, a panel and its lease, review, the window to
 * appeal, the panel, a lease of the panel. A refund waits at least that long.
 */
export const settleMsMax = (spec: MarketSpec, leaseMs: number): number =>
  2 * leaseMs + (spec.review?.windowMs ?? 0) + 2 * spec.appeal.windowMs + challengeMsMax(spec, leaseMs);

function challengeMsMax(spec: MarketSpec, leaseMs: number): number {
  const rule = verifyingOf(spec)?.challenge ?? null;
  return rule === null ? 0 : rule.windowMs + spec.appeal.windowMs + leaseMs;
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
  "policy",
  "review",
  "appeal",
  "newcomer",
  "refundDelayMs",
  "voidMax",
  "guide",
  "examples",
  "template",
  "verification",
  "mint",
] as const;

const jsonOf = (text: string, path: string): Json => {
  try {
    return JSON.parse(text) as Json;
  } catch {
    throw earnestError("MALFORMED_SPEC", { path, problem: "is not JSON" });
  }
};

export const parseSpecText = (text: string): MarketSpec => parseSpec(jsonOf(text, "spec"));
export const parseTermsText = (spec: MarketSpec, text: string): Terms => parseTerms(spec, jsonOf(text, "terms"));

export function parseSpec(json: Json): MarketSpec {
  const root = new Field(json, "spec").fields(...specFields);
  const controls = root.controls.fields("answeredMin", "accuracyPpmMin");
  const appeal = root.appeal.fields("windowMs", "budget", "panel", "cost");
  const terms = readTerms(root.terms);
  const spec: MarketSpec = {
    version: root.version.integer(1, 1) as 1,
    title: root.title.text(),
    kind: root.kind.text(64),
    terms,
    rewardMin: root.rewardMin.amount(),
    rewardMax: root.rewardMax.amount(),
    feeBasisPoints: root.feeBasisPoints.integer(0, 5_000),
    controls: {
      answeredMin: controls.answeredMin.integer(1, 10_000),
      accuracyPpmMin: controls.accuracyPpmMin.integer(0, 1_000_000),
    },
    policy: root.policy.orNull(readPolicy),
    review: root.review.orNull((field) => ({ windowMs: durationMs(field.fields("windowMs").windowMs) })),
    appeal: {
      windowMs: durationMs(appeal.windowMs),
      budget: appeal.budget.amount(),
      panel: appeal.panel.integer(1, 99),
      cost: appeal.cost.amount(),
    },
    newcomer: root.newcomer.orNull((field) => {
      const { answers, budget } = field.fields("answers", "budget");
      return { answers: answers.integer(1, 10_000), budget: budget.amount() };
    }),
    refundDelayMs: durationMs(root.refundDelayMs),
    voidMax: root.voidMax.integer(0, 1_000_000),
    ...readGuide(root, terms.answer),
    ...optional("verification", root.verification.orNull(readSpec)),
    ...optional(
      "mint",
      root.mint.orNull((mint) => mint.text(44)),
    ),
  };
  checkTerms(spec, spec.terms, "spec.terms");
  return spec;
}

/** The terms of a batch: those of the market with the given fields replaced, within the market's bounds. */
export function parseTerms(spec: MarketSpec, overrides: Json): Terms {
  const merged = { ...(termsToJson(spec.terms) as object), ...new Field(overrides, "terms").object() } as Json;
  const read = readTerms(new Field(merged, "terms"));
  // One object for one schema: what is told apart by it is told apart at a glance.
  const isOwn = canonicalJson(toJson(read.answer)) !== canonicalJson(toJson(spec.terms.answer));
  const terms = isOwn ? read : { ...read, answer: spec.terms.answer };
  checkTerms(spec, terms, "terms");
  return terms;
}

const termsFields = [
  "answer",
  "agreement",
  "reward",
  "overlap",
  "leaseMs",
  "deadlineMs",
  "eligibility",
  "known",
] as const;

function readTerms(field: Field): Terms {
  const terms = field.fields(...termsFields);
  const overlap = terms.overlap.fields("min", "max", "targetPpm");
  return {
    answer: readAnswerSchema(terms.answer),
    agreement: terms.agreement.orNull(readAgreement),
    reward: terms.reward.amount(),
    overlap: {
      min: overlap.min.integer(1, slotsPerTask / 4),
      max: overlap.max.integer(1, slotsPerTask / 4),
      targetPpm: overlap.targetPpm.integer(0, 1_000_000),
    },
    leaseMs: terms.leaseMs.integer(1_000, limits.days * dayMs),
    deadlineMs: terms.deadlineMs.orNull((deadline) => deadline.integer(0, Number.MAX_SAFE_INTEGER)),
    eligibility: terms.eligibility.items(20).map(readRequirement),
    ...optional("known", terms.known.orNull(readKnown)),
  };
}

/** A part that came later: a specification without it keeps the bytes, and the hash, that it had before. */
const optional = <Name extends string, T>(name: Name, value: T | null): { readonly [Each in Name]?: T } =>
  (value === null ? {} : { [name]: value }) as { readonly [Each in Name]?: T };

/** The preset of the overlap simulator's "balanced", and what keeps pay from those who do not look. */
export const defaultPolicy: Policy = { windowAnswers: 16_384, answersWorth: 40, holdMs: dayMs, ...defaultPayPolicy };

const millinatsMax = 1_000_000;
const windowAnswersMax = 262_144;

function readPolicy(field: Field): Policy {
  const names = Object.keys(defaultPolicy) as (keyof Policy)[];
  const policy = field.fields(...names);
  const millinats = (each: Field): number => each.integer(-millinatsMax, millinatsMax);
  const ppm = (each: Field): number => each.integer(0, 1_000_000);
  const read: Policy = {
    windowAnswers: policy.windowAnswers.integer(50, windowAnswersMax),
    answersWorth: policy.answersWorth.integer(1, 1_000_000),
    holdMs: durationMs(policy.holdMs),
    provenMillinats: millinats(policy.provenMillinats),
    controlsMin: policy.controlsMin.integer(0, 1_000),
    uninformativeMillinats: millinats(policy.uninformativeMillinats),
    closingMillinats: millinats(policy.closingMillinats),
    groundPpm: ppm(policy.groundPpm),
    doubtPpm: ppm(policy.doubtPpm),
  };
  if (read.uninformativeMillinats >= read.provenMillinats)
    policy.uninformativeMillinats.fail("must be below provenMillinats");
  return read;
}

function readAgreement(field: Field): AgreementTerms {
  const { matchPpmMin, overlapPpmMin } = field.fields("matchPpmMin", "overlapPpmMin");
  return { matchPpmMin: matchPpmMin.integer(1, 1_000_000), overlapPpmMin: overlapPpmMin.integer(1, 1_000_000) };
}

function readRequirement(field: Field): Requirement {
  const type = field.get("type");
  switch (type.value) {
    case "qualification": {
      const { name, min } = field.fields("type", "name", "min");
      return { type: "qualification", name: name.text(64), min: min.integer(0, 1_000_000) };
    }
    case "language":
    case "country":
    case "place":
      return { type: type.value, anyOf: field.fields("type", "anyOf").anyOf.texts(1, limits.list) };
    case "age":
      return { type: "age", min: field.fields("type", "min").min.integer(1, 150) };
    case "person":
      field.fields("type");
      return { type: "person" };
    default:
      return type.fail("must be qualification, language, country, age, place or person");
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
  if (!isAmount(terms.reward + feeOf(spec, terms))) fail("reward", "with its fee must stay below 2^64");
  if (settleMsMax(spec, terms.leaseMs) > spec.refundDelayMs) {
    fail("leaseMs", `with review and appeal must not exceed refundDelayMs (${spec.refundDelayMs})`);
  }
  checkComposition(spec, terms);
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
