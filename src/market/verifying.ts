import { decodeBase64 } from "../core/base64.ts";
import { earnestError } from "../core/errors.ts";
import { Field } from "../core/field.ts";
import type { Hash } from "../core/hash.ts";
import { canonicalJson, type Json } from "../core/json.ts";
import type { Composition, EscalateParameters, Release } from "../verification/algebra/composition.ts";
import { readEvidence } from "../verification/algebra/read-case.ts";
import { unitOf, unitsMax } from "../verification/algebra/units.ts";
import { compile, type Verifier } from "../verification/algebra/verify.ts";
import { malformedAnswer } from "../verification/answers/answer.ts";
import { pictureBytesMax, readPicture } from "../verification/pictures/read-picture.ts";
import type { AgreeParameters } from "../verification/primitives/agree.ts";
import type { AuditParameters } from "../verification/primitives/audit.ts";
import { type Evidence, emptyEvidence } from "../verification/primitives/evidence.ts";
import { millionPpm } from "../verification/primitives/finding.ts";
import type { ReplayParameters } from "../verification/primitives/replay.ts";
import { parseJson } from "./body.ts";
import { nodesOf } from "./composition.ts";
import type { Reason } from "./entries.ts";
import type { MarketSpec } from "./spec.ts";
import { type Witnessing, witnessedKept, witnessingOf } from "./witnessing.ts";

export type Recheck = Extract<AuditParameters, { readonly type: "recheck" }>;
export type GroupRule = Extract<AgreeParameters, { readonly type: "groups" }>;

/** Of a composition that has `unchallenged` and `panel` side by side. */
export interface ChallengeRule {
  readonly windowMs: number;
  readonly seats: number;
  /** So many of the panel have to say the same: more than half. */
  readonly acceptedMin: number;
}

/** A market's composition, compiled. */
export interface Verifying {
  readonly verify: Verifier;
  /** The units that the whole reward pays for: a million where they are shares, else the most that is metered. */
  readonly wholeUnits: number;
  readonly escalate: EscalateParameters | null;
  /** When what was held back is let go; null where nothing is. */
  readonly release: Release | null;
  /** Whether a submission has to bring more than its answer. */
  readonly needsEvidence: boolean;
  /** Hashes that enough owners must agree on. */
  readonly quorums: readonly OwnersQuorum[];
  /** Hashes that the hidden answer of a control task is one of. */
  readonly canaries: readonly string[];
  /** How many submissions are executed again by the network; null where none are. */
  readonly recheck: Recheck | null;
  /** Executions that have to come out as they should, in the order in which they are asked for. */
  readonly replays: readonly ReplayParameters[];
  /** The run whose crash must be no duplicate: it has to be committed to before it is shown. Null where there is none. */
  readonly crash: string | null;
  /** What the network has to measure before a verdict, by name; null where it measures nothing. */
  readonly measures: { readonly quantities: readonly string[]; readonly digests: readonly string[] } | null;
  /** How groups have to agree; null where they are not asked. */
  readonly groups: GroupRule | null;
  /** How long everybody may object to what a task settled on, and who decides then; null where nobody may. */
  readonly challenge: ChallengeRule | null;
  /** Whether a submission has to bring the code of its assignment. */
  readonly hasCode: boolean;
  /** What it wants to know of places, pictures and devices; null where nothing. */
  readonly witnessing: Witnessing | null;
  /** Whether accepted submissions are counted by owner. */
  readonly hasCap: boolean;
}

export interface OwnersQuorum {
  readonly name: string;
  readonly ownersMin: number;
}

const compiled = new WeakMap<NonNullable<MarketSpec["verification"]>, Verifying>();

/** Null where the market goes by agreement alone, by the rules of `ruling.ts`. */
export function verifyingOf({ verification }: MarketSpec): Verifying | null {
  if (verification === undefined) return null;
  const known = compiled.get(verification);
  if (known !== undefined) return known;
  const { composition } = verification;
  const nodes = [...nodesOf(composition)].map(({ node }) => node);
  const verifying: Verifying = {
    verify: compile(verification),
    wholeUnits: unitOf(composition) === "ppm" ? millionPpm : unitsMax(composition),
    escalate: nodes.find((node) => "escalate" in node)?.escalate ?? null,
    release: nodes.find((node) => "holdback" in node)?.holdback.until ?? null,
    needsEvidence: nodes.some(usesEvidence),
    quorums: nodes.flatMap((node) => ("agree" in node && node.agree.type === "quorum" ? [node.agree] : [])),
    canaries: nodes.flatMap((node) => ("audit" in node && node.audit.type === "canary" ? [node.audit.name] : [])),
    recheck: nodes.flatMap((node) => ("audit" in node && node.audit.type === "recheck" ? [node.audit] : []))[0] ?? null,
    replays: nodes.flatMap((node) => ("replay" in node ? [node.replay] : [])),
    crash:
      nodes.flatMap((node) => ("match" in node && node.match.type === "crash" ? [node.match.name] : []))[0] ?? null,
    measures: measuresOf(nodes),
    groups: nodes.flatMap((node) => ("agree" in node && node.agree.type === "groups" ? [node.agree] : []))[0] ?? null,
    challenge: challengeRuleOf(nodes),
    hasCode: nodes.some((node) => "attest" in node && node.attest.isNonceNeeded),
    witnessing: witnessingOf(nodes),
    hasCap: nodes.some((node) => "attest" in node && node.attest.acceptedMax !== null),
  };
  compiled.set(verification, verifying);
  return verifying;
}

function measuresOf(nodes: readonly Composition[]): Verifying["measures"] {
  const quantities = nodes.flatMap((node) =>
    "meter" in node && node.meter.type === "lesser" ? [node.meter.name] : [],
  );
  if (quantities.length === 0) return null;
  const digests = nodes.flatMap((node) => ("match" in node && node.match.type === "digest" ? [node.match.name] : []));
  return { quantities, digests };
}

function challengeRuleOf(nodes: readonly Composition[]): ChallengeRule | null {
  const agreed = nodes.flatMap((node) => ("agree" in node ? [node.agree] : []));
  const window = agreed.find((each) => each.type === "unchallenged");
  const panel = agreed.find((each) => each.type === "panel");
  if (window === undefined || panel === undefined) return null;
  return { windowMs: window.windowMs, seats: panel.seats, acceptedMin: panel.acceptedMin };
}

function usesEvidence(node: Composition): boolean {
  if ("attest" in node) return node.attest.clockSkewMsMax !== null || node.attest.isNonceNeeded;
  if ("match" in node) return node.match.type === "digest";
  if ("agree" in node) return node.agree.type === "quorum";
  return "meter" in node || "witness" in node || "audit" in node;
}

/** What of a submission's evidence others are compared with, once it has its own verdict. */
export function evidenceKept({ quorums, witnessing }: Verifying, evidence: Evidence): Evidence {
  const { digests } = evidence;
  const kept = quorums.length === 0 ? emptyEvidence : { ...emptyEvidence, digests };
  return witnessing === null ? kept : { ...kept, ...witnessedKept(witnessing, evidence) };
}

/** What a submission brings beside its answer stays in the state until its verdict. */
export const evidenceBytesMax = 49_152;

/**
 * The field `evidence` of a body `{"answer": …, "evidence": {…}, "salt": "…"}`: whatever of it is left out is not there,
 * which is for the composition to judge. The answer has a field of its own.
 *
 * @throws MALFORMED_ANSWER, LIMIT_EXCEEDED
 */
export function readBodyEvidence(verifying: Verifying, body: Uint8Array, hash: Hash): Evidence {
  if (!verifying.needsEvidence) return emptyEvidence;
  if (last?.body === body && last.verifying === verifying) return last.evidence;
  const evidence = readNew(body, hash);
  last = { verifying, body, evidence };
  return evidence;
}

/** A submission is read once to be admitted, and once more in the next moment to be applied: pictures take time. */
let last: { readonly verifying: Verifying; readonly body: Uint8Array; readonly evidence: Evidence } | null = null;

function readNew(body: Uint8Array, hash: Hash): Evidence {
  const { evidence } = (parseJson(body) ?? {}) as { readonly evidence?: Json };
  if (evidence === undefined) return emptyEvidence;
  const field = new Field(evidence, "evidence", malformedAnswer);
  if (field.get("answer").value !== undefined) field.get("answer").fail("has its place in the body itself");
  const read = readEvidence(withPicturesRead(hash, field));
  if (canonicalJson(evidenceJson(read)).length > evidenceBytesMax)
    throw earnestError("LIMIT_EXCEEDED", { what: "bytes of evidence", max: evidenceBytesMax });
  return read;
}

const picturesPerSubmission = 4;

/** Pictures come as `{"data": base64}`; a verdict looks at what was read in them. */
function withPicturesRead(hash: Hash, field: Field): Field {
  const pictures = field.get("pictures");
  if (pictures.value === undefined) return field;
  const names = Object.keys(pictures.object());
  if (names.length > picturesPerSubmission) pictures.fail(`must be at most ${picturesPerSubmission}`);
  const read = names.map((name) => [name, pictureAt(hash, pictures.get(name))]);
  const evidence = { ...field.object(), pictures: Object.fromEntries(read) as Json };
  return new Field(evidence, "evidence", malformedAnswer);
}

function pictureAt(hash: Hash, field: Field): Json {
  const { data } = field.fields("data");
  const bytes = decodeBase64(data.text(2 * pictureBytesMax));
  if (bytes === null) return data.fail("must be base64");
  const picture = readPicture(hash, bytes);
  return "problem" in picture
    ? data.fail(`is no picture that can be looked at: ${picture.problem}`)
    : ({ ...picture } as unknown as Json);
}

/** Evidence is JSON as it stands. */
export const evidenceJson = (evidence: Evidence): Json => evidence as unknown as Json;

/** Verdicts on what was answered; whatever else rejects looks at how it was done, before anybody compares answers. */
export const onAnswers: ReadonlySet<Reason> = new Set([
  "CONTROL_MISSED",
  "DISAGREES",
  "SCORE_LOW",
  "UNPROVEN",
  "UNINFORMATIVE",
  "COPIED",
  "QUORUM_DIFFERS",
  "CANARY_MISSED",
  "RECHECK_DIFFERS",
]);
