import type { Decision } from "../primitives/evidence.ts";
import {
  type Finding,
  failed,
  failedWith,
  millionPpm,
  type Need,
  type Outcome,
  passed,
  waitingFor,
} from "../primitives/finding.ts";
import type { EscalateParameters, ScaleTable } from "./composition.ts";
import { type Reason, reason } from "./reasons.ts";

/*
 * Laws, tested as such: `all`, `any` and `min` are associative; `passed` is the identity of `all` and `min`, `failed` of
 * `any`; no combinator raises units above its parts', but a table up to its highest point.
 */

/**
 * Ordered: the first that has not passed decides, so that the first failure is the reason and a later one cannot reveal
 * itself while an earlier check waits. Where all pass: the least share, the least quantity, every reason.
 */
export function all(findings: Iterable<Finding>): Finding {
  let joined = passed;
  for (const finding of findings) {
    if (finding.outcome !== "passed") return finding;
    joined = bothPassed(joined, finding);
  }
  return joined;
}

/** The lesser of both in each respect. Returns one of the two where the other adds nothing. */
export function bothPassed(a: Finding, b: Finding): Finding {
  if (b === passed) return a;
  if (a === passed) return b;
  return {
    outcome: "passed",
    sharePpm: Math.min(a.sharePpm, b.sharePpm),
    quantity: lesser(a.quantity, b.quantity),
    reservePpm: Math.max(a.reservePpm, b.reservePpm),
    isUndecided: a.isUndecided || b.isUndecided,
    reasons: joinLists(a.reasons, b.reasons),
    needs: joinLists(a.needs, b.needs),
  };
}

const lesser = (a: number | null, b: number | null): number | null => {
  if (a === null) return b;
  return b === null ? a : Math.min(a, b);
};

const joinLists = <T>(a: readonly T[], b: readonly T[]): readonly T[] =>
  a.length === 0 ? b : b.length === 0 ? a : [...a, ...b];

/** What decides first where it occurs; among equals, the first in order. */
const orderOfAny: readonly Outcome[] = ["passed", "waiting", "fault", "failed"];
const orderOfMin: readonly Outcome[] = ["failed", "waiting", "fault", "passed"];

/**
 * The first that passes decided, else the first that passes; as long as none does it waits for every one that still can,
 * and where none can it fails with every reason. What is decided goes first: otherwise a part that becomes known, and
 * passes undecided, would take back what another had decided.
 */
export function any(findings: Iterable<Finding>): Finding {
  let joined = failed;
  for (const finding of findings) {
    if (finding.outcome === "passed" && !finding.isUndecided) return finding;
    joined = joined.outcome === "passed" ? joined : strongest(orderOfAny, joined, finding);
  }
  return joined;
}

/**
 * Unordered: as `all`, but every check is made, any failure decides at once, and every failure is told. For parts that
 * measure the same thing: what counts is the least of them.
 */
export function min(findings: Iterable<Finding>): Finding {
  let joined = passed;
  for (const finding of findings) {
    const bothPass = joined.outcome === "passed" && finding.outcome === "passed";
    joined = bothPass ? bothPassed(joined, finding) : strongest(orderOfMin, joined, finding);
  }
  return joined;
}

/** The one whose outcome comes first in the order; of equal outcomes both together. */
function strongest(order: readonly Outcome[], a: Finding, b: Finding): Finding {
  const difference = order.indexOf(a.outcome) - order.indexOf(b.outcome);
  if (difference !== 0) return difference < 0 ? a : b;
  return { ...a, reasons: joinLists(a.reasons, b.reasons), needs: joinLists(a.needs, b.needs) };
}

/** Parts per million of an integer, rounded down, without leaving the integers that doubles hold. */
export function shareOf(units: number, sharePpm: number): number {
  const whole = Math.floor(units / millionPpm);
  return whole * sharePpm + Math.floor(((units - whole * millionPpm) * sharePpm) / millionPpm);
}

/** What is payable: of the quantity where one was metered, else of the reward. */
export const unitsOf = ({ sharePpm, quantity }: Finding): number =>
  quantity === null ? sharePpm : shareOf(quantity, sharePpm);

/** A share of the units. */
export const scaleByShare = (finding: Finding, sharePpm: number): Finding =>
  finding.outcome === "passed" ? { ...finding, sharePpm: shareOf(finding.sharePpm, sharePpm) } : finding;

/** The units that a table gives for these; the quantity where one was metered, else the share. */
export function scaleByTable(finding: Finding, table: ScaleTable): Finding {
  if (finding.outcome !== "passed") return finding;
  const units = unitsAt(table, unitsOf(finding));
  return finding.quantity === null
    ? { ...finding, sharePpm: units }
    : { ...finding, sharePpm: millionPpm, quantity: units };
}

/** What a table gives for these units, rounded towards its lower point. Exact: products above 2^53 are big integers. */
export function unitsAt({ points }: ScaleTable, units: number): number {
  const after = points.findIndex(({ from }) => from >= units);
  const upper = points.at(after) as { from: number; to: number };
  if (after <= 0) return upper.to;
  const lower = points[after - 1] as { from: number; to: number };
  const rise = BigInt(upper.to - lower.to) * BigInt(units - lower.from);
  return lower.to + Number(rise / BigInt(upper.from - lower.from));
}

/** A part of the units stays in the contributor's reserve until the condition holds. Nested, the greater part counts. */
export const holdback = (finding: Finding, sharePpm: number, isReleased: boolean): Finding =>
  finding.outcome !== "passed" || isReleased
    ? finding
    : { ...finding, reservePpm: Math.max(finding.reservePpm, sharePpm) };

/** What an escalation knows: when the rules came to their end, and what was decided since. */
export interface Escalation {
  readonly nowMs: number;
  /** Null while nobody has noticed yet: then there is no deadline. */
  readonly undecidedAtMs: number | null;
  readonly review: Decision | null;
  readonly panel: { readonly accepted: number; readonly rejected: number } | null;
}

/**
 * Asks further where the rules alone do not decide: never while a submission waits for evidence or for a fault of ours,
 * and never about what passed or failed. The deadline ends it.
 */
export function escalate(finding: Finding, parameters: EscalateParameters, known: Escalation): Finding {
  if (finding.outcome !== "passed" || !finding.isUndecided) return finding;
  const endMs = known.undecidedAtMs === null ? null : known.undecidedAtMs + parameters.windowMs;
  const decision = decisionOf(parameters, known, endMs);
  if (decision !== null) return decided(finding, decision.isAccepted, decision.reason);
  if (endMs === null || known.nowMs < endMs) return escalated(parameters.to, endMs);
  return decided(finding, parameters.otherwise === "accepted", reason("REVIEW_LATE"));
}

interface Decided {
  readonly isAccepted: boolean;
  readonly reason: Reason;
}

function decisionOf(parameters: EscalateParameters, known: Escalation, endMs: number | null): Decided | null {
  switch (parameters.to) {
    case "answers":
      // More answers come as evidence: the finding itself is then decided.
      return null;
    case "review":
      return known.review === null || isLate(known.review, endMs) ? null : decisionOfReview(known.review);
    case "panel":
      return known.panel === null ? null : decisionOfPanel(parameters, known.panel);
  }
}

const isLate = ({ atMs }: Decision, endMs: number | null): boolean => endMs !== null && atMs >= endMs;

const decisionOfReview = ({ isAccepted }: Decision): Decided => ({
  isAccepted,
  reason: reason(isAccepted ? "REVIEW_ACCEPTED" : "REVIEW_REJECTED"),
});

function decisionOfPanel(
  { seats, acceptedMin }: EscalateParameters,
  { accepted, rejected }: { readonly accepted: number; readonly rejected: number },
): Decided | null {
  if (accepted >= acceptedMin) {
    return { isAccepted: true, reason: reason("PANEL_ACCEPTED", { actual: accepted, limit: acceptedMin }) };
  }
  if (rejected <= seats - acceptedMin) return null;
  return { isAccepted: false, reason: reason("PANEL_REJECTED", { actual: rejected, limit: acceptedMin }) };
}

const decided = (finding: Finding, isAccepted: boolean, why: Reason): Finding =>
  isAccepted ? { ...finding, isUndecided: false, reasons: [...finding.reasons, why] } : failedWith(why);

function escalated(to: Need["for"] & EscalateParameters["to"], untilMs: number | null): Finding {
  return { ...waitingFor(to, untilMs), reasons: [reason("ESCALATED", { expected: to })] };
}
