import type { Json } from "../../core/json.ts";
import { reason } from "../algebra/reasons.ts";
import { firstDuplicateIn } from "../crashes/duplicates.ts";
import { brief } from "./brief.ts";
import { type Context, type Evidence, own } from "./evidence.ts";
import { type Finding, failedWith, millionPpm, passed, passedWith, waitingFor } from "./finding.ts";
import { isList, isSameJson } from "./same-json.ts";
import { misshapenAt, type Shape } from "./shape.ts";

/** How far two numbers may be apart and still match: the greater of the two allowances. */
export interface Tolerance {
  /** In the answer's own unit. */
  readonly tolerance: number;
  /** Of the expected value's size. */
  readonly tolerancePpm: number;
}

export type MatchParameters =
  | { readonly type: "shape"; readonly shape: Shape }
  /**
   * The hidden answer of a control task; a task that is none passes. With `scorePpmMin` where being right is not yes or
   * no: boxes, spans, rankings.
   */
  | ({ readonly type: "control"; readonly scorePpmMin?: number } & Tolerance)
  /** Enough right answers to control tasks, of those answered; a control task passes: it is judged by its own answer. */
  | { readonly type: "controlRate"; readonly answeredMin: number; readonly accuracyPpmMin: number }
  /** A hash that we computed as well. */
  | { readonly type: "digest"; readonly name: string }
  /** The crash that a run gave: no duplicate of one that somebody committed to before. */
  | { readonly type: "crash"; readonly name: string }
  /** A number that we know. `field` of the answer, or the answer itself. */
  | ({ readonly type: "value"; readonly name: string; readonly field: string | null } & Tolerance);

/** Compares a submission with what is known without it. */
export function match(parameters: MatchParameters, evidence: Evidence, context: Context): Finding {
  switch (parameters.type) {
    case "shape":
      return matchShape(parameters.shape, evidence.answer);
    case "control":
      return matchControl(parameters, evidence.answer, context);
    case "controlRate":
      return matchControlRate(parameters, context);
    case "digest":
      return matchDigest(parameters.name, evidence, context);
    case "crash":
      return matchCrash(parameters.name, context);
    case "value":
      return matchValue(parameters, evidence, context);
  }
}

function matchShape(shape: Shape, answer: Json): Finding {
  const wrong = misshapenAt(shape, answer);
  return wrong === null
    ? passed
    : failedWith(reason("SHAPE_WRONG", { expected: wrong.expected, actual: wrong.actual }));
}

const controlMatched = passedWith(reason("CONTROL_MATCHED"));
const controlVoided = passedWith(reason("CONTROL_VOIDED"));

function matchControl(
  allowed: Extract<MatchParameters, { readonly type: "control" }>,
  answer: Json,
  { control, scorePpm }: Context,
): Finding {
  if (control === null) return passed;
  if (control.isVoid) return controlVoided;
  const { scorePpmMin } = allowed;
  if (scorePpmMin !== undefined && scorePpm === null) return waitingFor("measurement");
  const isMatch =
    scorePpmMin === undefined ? isWithin(allowed, control.answer, answer) : (scorePpm as number) >= scorePpmMin;
  return isMatch ? controlMatched : failedWith(reason("CONTROL_MISSED", { expected: control.commitment }));
}

/** A live control is judged by its own answer alone: what else would judge it passes. */
export const isLiveControl = ({ control }: Context): boolean => control !== null && !control.isVoid;

function matchControlRate(
  { answeredMin, accuracyPpmMin }: { readonly answeredMin: number; readonly accuracyPpmMin: number },
  context: Context,
): Finding {
  const { answered, right } = context.record;
  if (answered < answeredMin || right * millionPpm >= answered * accuracyPpmMin || isLiveControl(context))
    return passed;
  const actual = answered > 0 ? Math.floor((right * millionPpm) / answered) : 0;
  return failedWith(reason("CONTROL_RATE_LOW", { actual, limit: accuracyPpmMin }));
}

function matchDigest(name: string, evidence: Evidence, context: Context): Finding {
  const actual = own(evidence.digests, name);
  if (actual === undefined) return failedWith(reason("EVIDENCE_MISSING", { expected: `the hash ${name}` }));
  const expected = own(context.digests, name);
  if (expected === undefined) return waitingFor("measurement");
  return actual === expected ? passed : failedWith(reason("DIGEST_DIFFERS", { expected, actual: brief(actual) }));
}

function matchCrash(name: string, { crashes }: Context): Finding {
  const crash = own(crashes, name);
  if (crash === undefined) return waitingFor("execution");
  if (crash === null) return failedWith(reason("NOT_REPRODUCED"));
  const first = crash.earlier[firstDuplicateIn(crash.earlier, crash)];
  return first === undefined ? passed : failedWith(reason("DUPLICATE", { actual: first.commitment }));
}

function matchValue(
  parameters: { readonly name: string; readonly field: string | null } & Tolerance,
  { answer }: Evidence,
  { values }: Context,
): Finding {
  const actual = parameters.field === null ? answer : fieldOf(answer, parameters.field);
  if (typeof actual !== "number" || !Number.isFinite(actual)) {
    return failedWith(reason("EVIDENCE_MISSING", { expected: `the number ${parameters.name}` }));
  }
  const expected = own(values, parameters.name);
  if (expected === undefined) return waitingFor("measurement");
  const limit = allowance(parameters, expected);
  return Math.abs(actual - expected) <= limit
    ? passed
    : failedWith(reason("VALUE_DIFFERS", { expected, actual, limit }));
}

function fieldOf(answer: Json, field: string): Json | undefined {
  if (answer === null || typeof answer !== "object" || isList(answer) || !Object.hasOwn(answer, field))
    return undefined;
  return answer[field];
}

/** Numbers within the tolerance, all else as one canonical JSON. NaN and the infinities are within nothing. */
export function isWithin(allowed: Tolerance, expected: Json, actual: Json): boolean {
  if (typeof expected !== "number" || typeof actual !== "number") return isSameJson(expected, actual);
  return Math.abs(actual - expected) <= allowance(allowed, expected);
}

const allowance = ({ tolerance, tolerancePpm }: Tolerance, expected: number): number =>
  Math.max(tolerance, (Math.abs(expected) * tolerancePpm) / millionPpm);
