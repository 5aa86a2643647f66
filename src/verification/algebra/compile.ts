import { agreeWith } from "../primitives/agree.ts";
import { attest } from "../primitives/attest.ts";
import { audit } from "../primitives/audit.ts";
import type { Context, Evidence, Standing } from "../primitives/evidence.ts";
import { type Finding, passed } from "../primitives/finding.ts";
import { match } from "../primitives/match.ts";
import { meter } from "../primitives/meter.ts";
import { replay } from "../primitives/replay.ts";
import { witness } from "../primitives/witness.ts";
import { any, bothPassed, escalate, holdback, min, scaleByShare, scaleByTable } from "./combinators.ts";
import type { Composition, Release } from "./composition.ts";

/** A composition as a function: what is the same for every submission is done once. */
export type Check = (evidence: Evidence, context: Context) => Finding;

export function checkOf(composition: Composition): Check {
  if ("all" in composition) return checkAll(composition.all.map(checkOf));
  if ("any" in composition) return checkEach(any, composition.any.map(checkOf));
  if ("min" in composition) return checkEach(min, composition.min.map(checkOf));
  if ("scale" in composition) return checkScale(composition.scale);
  if ("holdback" in composition) {
    const { of, sharePpm, until } = composition.holdback;
    const check = checkOf(of);
    return (evidence, context) => holdback(check(evidence, context), sharePpm, isReleased(until, context));
  }
  if ("escalate" in composition) {
    const parameters = composition.escalate;
    const check = checkOf(parameters.of);
    return (evidence, context) => escalate(check(evidence, context), parameters, context);
  }
  return checkPrimitive(composition);
}

type Combined = "all" | "any" | "min" | "scale" | "holdback" | "escalate";
type Primitive = Exclude<Composition, { readonly [Name in Combined]: Record<Name, unknown> }[Combined]>;

function checkPrimitive(composition: Primitive): Check {
  if ("attest" in composition) return primitive(attest, composition.attest);
  if ("match" in composition) return primitive(match, composition.match);
  if ("agree" in composition) return primitive(agreeWith, composition.agree);
  if ("replay" in composition) return primitive(replay, composition.replay);
  if ("meter" in composition) return primitive(meter, composition.meter);
  if ("witness" in composition) return primitive(witness, composition.witness);
  return primitive(audit, composition.audit);
}

const primitive =
  <Parameters>(
    check: (parameters: Parameters, evidence: Evidence, context: Context) => Finding,
    parameters: Parameters,
  ): Check =>
  (evidence, context) =>
    check(parameters, evidence, context);

/** As `all` of `combinators.ts`, without a list of findings: most submissions of most markets come through here. */
function checkAll(checks: readonly Check[]): Check {
  return (evidence, context) => {
    let joined = passed;
    for (const check of checks) {
      const finding = check(evidence, context);
      if (finding.outcome !== "passed") return finding;
      joined = bothPassed(joined, finding);
    }
    return joined;
  };
}

function checkEach(combine: (findings: Iterable<Finding>) => Finding, checks: readonly Check[]): Check {
  return (evidence, context) => combine(findingsOf(checks, evidence, context));
}

function* findingsOf(checks: readonly Check[], evidence: Evidence, context: Context): Iterable<Finding> {
  for (const check of checks) yield check(evidence, context);
}

function checkScale(parameters: Extract<Composition, { readonly scale: unknown }>["scale"]): Check {
  const check = checkOf(parameters.of);
  if ("points" in parameters) return (evidence, context) => scaleByTable(check(evidence, context), parameters);
  return (evidence, context) => scaleByShare(check(evidence, context), parameters.sharePpm);
}

function isReleased(
  until: Release,
  { nowMs, standing }: { readonly nowMs: number; readonly standing: Standing },
): boolean {
  switch (until.type) {
    case "delay":
      return standing.acceptedAtMs !== null && nowMs >= standing.acceptedAtMs + until.delayMs;
    case "checked":
      return standing.checked >= until.checkedMin;
    case "events":
      return standing.events >= until.eventsMin;
  }
}
