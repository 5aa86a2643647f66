import type { Json } from "../../core/json.ts";
import { reason } from "../algebra/reasons.ts";
import { brief } from "./brief.ts";
import {
  type Bridged,
  type Consensus,
  type Context,
  type Evidence,
  own,
  type Quorum,
  type Settled,
  type Vote,
} from "./evidence.ts";
import { type Finding, failedWith, millionPpm, passed, passedWith, undecidedWith, waitingFor } from "./finding.ts";
import { isLiveControl, isWithin, type Tolerance } from "./match.ts";

export type AgreeParameters =
  /** The label that the task settled on. */
  | ({ readonly type: "label" } & Tolerance)
  /** How well it agrees where that is not yes or no: boxes, spans, rankings. */
  | { readonly type: "score"; readonly scorePpmMin: number }
  /** As a score, which is the share that is paid: half of the boxes, half of the reward. */
  | { readonly type: "share"; readonly scorePpmMin: number }
  /** The same hash from as many distinct owners. */
  | { readonly type: "quorum"; readonly name: string; readonly ownersMin: number }
  /** The group that agrees least agrees well enough. */
  | {
      readonly type: "groups";
      readonly groupsMin: number;
      readonly groupRatingsMin: number;
      readonly agreementPpmMin: number;
    }
  /** Support that does not come from one side, from a factorisation over the market. */
  | {
      readonly type: "bridge";
      readonly ratingsMin: number;
      readonly interceptPpmMin: number;
      /** Of the factor's size, whatever its sign; itself too much. */
      readonly factorPpmBelow: number;
    }
  /** Nobody objects for a while. */
  | { readonly type: "unchallenged"; readonly windowMs: number }
  | { readonly type: "panel"; readonly seats: number; readonly acceptedMin: number };

/**
 * Compares a submission with what others say, as the context has it. Never looks into single answers to find the truth:
 * that is what the market's inference does. Live control tasks pass: they are judged by their hidden answer.
 */
export function agreeWith(parameters: AgreeParameters, evidence: Evidence, context: Context): Finding {
  const { type } = parameters;
  const { consensus } = context;
  if (consensus !== null && (type === "label" || type === "score" || type === "share"))
    return agreeByPolicy(consensus, evidence, context);
  if (isLiveControl(context)) return passed;
  switch (type) {
    case "label":
      return agreeWithLabel(parameters, evidence, context);
    case "score":
    case "share":
      return agreeByScore(parameters, context);
    case "quorum":
      return agreeWithQuorum(parameters, evidence, context);
    case "groups":
      return agreeAcrossGroups(parameters, context.bridged);
    case "bridge":
      return agreeByBridge(parameters, context.bridged);
    case "unchallenged":
      return agreeUnlessChallenged(parameters.windowMs, context);
    case "panel":
      return agreeByPanel(parameters, context);
  }
}

const agrees = passedWith(reason("AGREES"));
const undecided = undecidedWith(reason("UNDECIDED"));

function agreeWithLabel(allowed: Tolerance, { answer }: Evidence, { settled }: Context): Finding {
  if (settled === null) return waitingFor("answers");
  if (!settled.isDecided) return undecided;
  if (isWithin(allowed, settled.answer, answer)) return agrees;
  return failedWith(disagreement(answer, settled));
}

function agreeByScore(
  { type, scorePpmMin }: { readonly type: "score" | "share"; readonly scorePpmMin: number },
  { settled, scorePpm }: Context,
): Finding {
  if (settled === null) return waitingFor("answers");
  if (!settled.isDecided) return undecided;
  if (scorePpm === null) return waitingFor("measurement");
  if (!(scorePpm >= scorePpmMin)) {
    return failedWith(reason("SCORE_LOW", { actual: brief(scorePpm), limit: scorePpmMin }));
  }
  return type === "share" ? { ...agrees, sharePpm: Math.min(scorePpm, millionPpm) } : agrees;
}

/** Also on live controls, as far as whoever is not known to look waits there, or is rejected, as well. */
function agreeByPolicy({ verdict, code }: Consensus, { answer }: Evidence, context: Context): Finding {
  if (verdict === "held") return waitingFor("answers");
  if (verdict === "accepted") {
    if (isLiveControl(context)) return passed;
    if (code === "UNDECIDED") return undecided;
    return code === "DISAGREES" ? agrees : passedWith(reason(code));
  }
  return failedWith(code === "DISAGREES" ? disagreement(answer, context.settled) : reason(code));
}

const disagreement = (answer: Json, settled: Settled | null) =>
  reason("DISAGREES", { expected: brief(settled?.answer ?? null), actual: brief(answer) });

function agreeWithQuorum(
  { name, ownersMin }: { readonly name: string; readonly ownersMin: number },
  evidence: Evidence,
  { quorums, attestation }: Context,
): Finding {
  const digest = own(evidence.digests, name);
  if (digest === undefined) return failedWith(reason("EVIDENCE_MISSING", { expected: `the hash ${name}` }));
  const quorum: Quorum | undefined = own(quorums, name);
  if (quorum === undefined) return waitingFor("answers");
  const { counts, equivocators } = countOwners(quorum.votes);
  if (attestation !== null && equivocators.has(attestation.owner)) return failedWith(reason("EQUIVOCATED"));
  const reached = [...counts].filter(([, owners]) => owners >= ownersMin);
  // Two quorums at once decide nothing: whoever brings many owners must not outvote whoever came first.
  if (reached.length > 1) return undecided;
  if (reached.length === 0) return quorum.isExhausted ? undecided : waitingFor("answers");
  const [expected] = reached[0] as [string, number];
  return digest === expected ? agrees : failedWith(reason("QUORUM_DIFFERS", { expected, actual: brief(digest) }));
}

/** Distinct owners for each digest. Who voted for two digests counts for none. */
function countOwners(votes: readonly Vote[]): { counts: Map<string, number>; equivocators: Set<string> } {
  const digestOf = new Map<string, string>();
  const equivocators = new Set<string>();
  for (const { owner, digest } of votes) {
    const before = digestOf.get(owner);
    if (before !== undefined && before !== digest) equivocators.add(owner);
    digestOf.set(owner, digest);
  }
  const counts = new Map<string, number>();
  for (const [owner, digest] of digestOf) {
    if (!equivocators.has(owner)) counts.set(digest, (counts.get(digest) ?? 0) + 1);
  }
  return { counts, equivocators };
}

function agreeAcrossGroups(
  parameters: { readonly groupsMin: number; readonly groupRatingsMin: number; readonly agreementPpmMin: number },
  bridged: Bridged | null,
): Finding {
  if (bridged === null) return waitingFor("answers");
  const heard = mergeGroups(bridged).filter(({ ratings }) => ratings >= parameters.groupRatingsMin);
  if (heard.length < parameters.groupsMin) return bridged.isExhausted ? undecided : waitingFor("answers");
  let actual = millionPpm;
  for (const { ratings, agreeing } of heard) {
    actual = Math.min(actual, ratings === 0 ? 0 : Math.floor((agreeing * millionPpm) / ratings));
  }
  const limit = parameters.agreementPpmMin;
  return actual >= limit ? agrees : failedWith(reason("GROUP_DISAGREES", { actual, limit }));
}

/** A group that is listed twice is one group. */
function mergeGroups({ groups }: Bridged): readonly { readonly ratings: number; readonly agreeing: number }[] {
  const merged = new Map<string, { ratings: number; agreeing: number }>();
  for (const { group, ratings, agreeing } of groups) {
    const before = merged.get(group) ?? { ratings: 0, agreeing: 0 };
    merged.set(group, { ratings: before.ratings + ratings, agreeing: before.agreeing + agreeing });
  }
  return [...merged.values()];
}

function agreeByBridge(
  parameters: { readonly ratingsMin: number; readonly interceptPpmMin: number; readonly factorPpmBelow: number },
  bridged: Bridged | null,
): Finding {
  if (bridged === null) return waitingFor("answers");
  const ratings = bridged.groups.reduce((sum, each) => sum + each.ratings, 0);
  const { fit } = bridged;
  if (ratings < parameters.ratingsMin || fit === null) return bridged.isExhausted ? undecided : waitingFor("answers");
  const factorPpm = Math.abs(fit.factorPpm);
  if (!(factorPpm < parameters.factorPpmBelow)) {
    return failedWith(reason("BRIDGE_ONE_SIDED", { actual: factorPpm, limit: parameters.factorPpmBelow }));
  }
  if (fit.interceptPpm >= parameters.interceptPpmMin) return agrees;
  return failedWith(reason("BRIDGE_LOW", { actual: fit.interceptPpm, limit: parameters.interceptPpmMin }));
}

const unchallenged = passedWith(reason("UNCHALLENGED"));
const challenged = failedWith(reason("CHALLENGED"));

/** A challenge in the window's last millisecond is in time; at its end the window is over. */
function agreeUnlessChallenged(windowMs: number, { challenge, nowMs }: Context): Finding {
  if (challenge === null) return waitingFor("challenge window");
  const endMs = challenge.openedAtMs + windowMs;
  if (challenge.challengedAtMs !== null && challenge.challengedAtMs < endMs) return challenged;
  return nowMs >= endMs ? unchallenged : waitingFor("challenge window", endMs);
}

function agreeByPanel(
  { seats, acceptedMin }: { readonly seats: number; readonly acceptedMin: number },
  { panel }: Context,
): Finding {
  if (panel === null) return waitingFor("panel");
  const { accepted, rejected } = panel;
  if (accepted >= acceptedMin) return passedWith(reason("PANEL_ACCEPTED", { actual: accepted, limit: acceptedMin }));
  if (rejected > seats - acceptedMin) {
    return failedWith(reason("PANEL_REJECTED", { actual: rejected, limit: acceptedMin }));
  }
  return waitingFor("panel");
}
