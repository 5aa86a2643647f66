import { zero } from "../core/amount.ts";
import { earnestError } from "../core/errors.ts";
import { type Json, jsonText } from "../core/json.ts";
import { jsonPointer } from "../core/json-pointer.ts";
import type { Composition, EscalateParameters, Spec as Verification } from "../verification/algebra/composition.ts";
import { partsOf, unitsMax } from "../verification/algebra/units.ts";
import { readComposition, verificationVersion } from "../verification/algebra/verify.ts";
import type { AnswerSchema } from "../verification/answers/answer-schema.ts";
import type { AgreeParameters } from "../verification/primitives/agree.ts";
import { type Named, own } from "../verification/primitives/evidence.ts";
import { deniedAt } from "../verification/primitives/guard.ts";
import type { MatchParameters } from "../verification/primitives/match.ts";
import type { Shape } from "../verification/primitives/shape.ts";
import type { WitnessParameters } from "../verification/primitives/witness.ts";
import { type KnownRun, nothingKnown, signatureName } from "./known.ts";
import type { MarketSpec, Terms } from "./spec.ts";

/** A node of a composition and where it stands in the file. */
export interface Node {
  readonly node: Composition;
  readonly path: string;
}

/** Where a specification has it: what is wrong in it is told by a path that begins so. */
export const compositionPath = "spec.verification.composition";

/** Where a file that has the composition in that field is wrong: a JSON pointer such as `/verification/all/1`. */
export const pointerInto = (field: string, path: string): string =>
  jsonPointer(`${field}${path.slice(compositionPath.length)}`);

/**
 * A composition as a new market takes it: with the version of today's rules, by which it is verified for ever.
 *
 * @throws MALFORMED_SPEC that points at the node
 */
export const newVerification = (json: Json): Verification => ({
  version: verificationVersion,
  composition: readComposition(json, compositionPath),
});

/** Every node, a combinator before its parts. */
export function* nodesOf(node: Composition, path: string = compositionPath): Iterable<Node> {
  yield { node, path };
  const [name] = Object.keys(node) as [string];
  const isList = "all" in node || "any" in node || "min" in node;
  for (const [i, part] of partsOf(node).entries()) {
    yield* nodesOf(part, isList ? `${path}.${name}[${i}]` : `${path}.${name}.of`);
  }
}

const refuse = (path: string, problem: string): never => {
  throw earnestError("MALFORMED_SPEC", { path, problem });
};

/**
 * Refuses a composition that a market cannot keep: one that waits for what no log of it will ever say, that compares
 * answers of a type which it cannot compare, or that asks one answer to agree with others.
 *
 * @throws MALFORMED_SPEC that points at the node
 */
export function checkComposition(spec: MarketSpec, terms: Terms): void {
  if (spec.verification === undefined) return;
  const { composition } = spec.verification;
  const fires = [...nodesOf(composition)].flatMap(({ node }) =>
    "replay" in node && node.replay.expect === "fires" ? [node.replay.name] : [],
  );
  if (unitsMax(composition) === 0) refuse(compositionPath, "never pays anything");
  checkChallenges(spec, terms);
  let escalated: string | null = null;
  let heldBack: string | null = null;
  for (const { node, path } of nodesOf(composition)) {
    if ("escalate" in node) {
      if (escalated !== null) refuse(path, `asks the requester a second time, after ${escalated}`);
      escalated = path;
      checkEscalate(spec, node.escalate, `${path}.escalate`);
    } else if ("holdback" in node) {
      if (heldBack !== null) refuse(path, `holds back a second time, after ${heldBack}`);
      heldBack = path;
      if (node.holdback.until.type === "events")
        refuse(`${path}.holdback.until.type`, "must be delay or checked: a market counts no events");
    } else if ("match" in node && node.match.type === "crash" && !fires.includes(node.match.name))
      refuse(`${path}.match.name`, `must be that of a replay that expects "fires"`);
    else if ("audit" in node && node.audit.type === "recheck") {
      const others = [...nodesOf(composition)].filter(({ path: other }) => other !== path);
      checkRecheck(others, `${path}.audit.type`);
    } else checkNode(node, path, terms);
  }
  if (escalated === null && spec.review !== null)
    refuse("spec.review", "must be null where the composition never escalates to a review");
}

/** What is executed again is what owners have to agree on; by which hash it is drawn is the same for all. */
function checkRecheck(others: readonly Node[], path: string): void {
  if (others.some(({ node }) => "audit" in node && node.audit.type === "recheck"))
    refuse(path, "can be recheck only once");
  if (!others.some(({ node }) => "agree" in node && node.agree.type === "quorum"))
    refuse(path, "can be recheck only beside an agree of type quorum: what is executed again is what owners agree on");
}

/** Everybody may object for a while, and whoever is heard then decides: one does not come without the other. */
function checkChallenges({ verification, appeal }: MarketSpec, terms: Terms): void {
  const nodes = [...nodesOf((verification as Verification).composition)];
  const named = (type: "unchallenged" | "panel") =>
    nodes.filter(({ node }) => "agree" in node && node.agree.type === type);
  const [windows, panels] = [named("unchallenged"), named("panel")];
  const [first, second] = [...windows, ...panels];
  if (first === undefined) return;
  if (windows.length !== 1 || panels.length !== 1)
    refuse(`${first.path}.agree`, "must be one unchallenged and one panel: who objects is answered by a panel");
  const siblings = (first.path.match(/^(.*\.any)\[\d+\]$/) ?? [])[1];
  if (siblings === undefined || !(second as Node).path.startsWith(`${siblings}[`))
    refuse(first.path, "must stand beside the panel in one any: either nobody objects, or a panel decides");
  const { agree } = (panels[0] as Node).node as { readonly agree: Extract<AgreeParameters, { type: "panel" }> };
  const path = `${(panels[0] as Node).path}.agree`;
  if (agree.acceptedMin * 2 <= agree.seats) refuse(`${path}.acceptedMin`, "must be more than half of the seats");
  if (appeal.cost === zero) refuse("spec.appeal.cost", "must be more than 0: it is what a challenge puts at stake");
  if (terms.reward === zero) refuse("terms.reward", "must be more than 0: it is what a seat on a panel puts at stake");
}

/** Whether the network measures what is submitted, and gives hashes of its own. */
const isMeasuring = (nodes: readonly Node[]): boolean =>
  nodes.some(({ node }) => "meter" in node && node.meter.type === "lesser");

function checkNode(node: Composition, path: string, terms: Terms): void {
  if ("attest" in node) return;
  if ("match" in node) checkMatch(node.match, `${path}.match`, terms.answer);
  else if ("agree" in node) checkAgree(node.agree, `${path}.agree`, terms);
  else if ("meter" in node) {
    const { type } = node.meter;
    if (type === "saved") refuse(`${path}.meter.type`, "must be lesser, sum or covered: a market has no baselines");
  } else if ("witness" in node) {
    if (node.witness.type === "observers" && node.witness.observersMin >= terms.overlap.max)
      refuse(`${path}.witness.observersMin`, `must be below the overlap, ${terms.overlap.max}: no more will be there`);
  }
}

function checkEscalate({ review }: MarketSpec, { of, to, windowMs }: EscalateParameters, path: string): void {
  if (to !== "review") {
    const instead = to === "answers" ? "its overlap asks for answers" : "an appeal calls a panel";
    refuse(`${path}.to`, `must be review: ${instead}`);
  }
  if (review === null) refuse(`${path}.to`, "needs a review in the market");
  else if (windowMs !== review.windowMs)
    refuse(`${path}.windowMs`, `must be the window of the market's review (${review.windowMs})`);
  const canBeUndecided = [...nodesOf(of)].some(({ node }) => "agree" in node);
  if (!canBeUndecided) refuse(`${path}.of`, "is never undecided: it has nothing that must agree with others");
}

/** Answers that are one thing: right or wrong. Others have parts, or are written in more than one way. */
const isOneThing = ({ type }: AnswerSchema): boolean =>
  type === "choice" || type === "pair" || type === "scale" || type === "number";

function checkMatch(match: MatchParameters, path: string, answer: AnswerSchema): void {
  switch (match.type) {
    case "shape":
      if (!fits(match.shape, answer))
        refuse(`${path}.shape.type`, `must be ${shapesOf(answer)}: answers are of type ${answer.type}`);
      return;
    case "control":
      if (match.scorePpmMin === undefined && !isOneThing(answer))
        refuse(path, `must have scorePpmMin: answers of type ${answer.type} are hardly ever the same to the letter`);
      return;
    case "value":
      if (answer.type !== "number" && answer.type !== "scale")
        refuse(`${path}.type`, `cannot be value: answers of type ${answer.type} are no numbers`);
      if (match.field !== null) refuse(`${path}.field`, "must be left out: the answer is the number itself");
      return;
    case "crash":
    case "controlRate":
    case "digest":
  }
}

const shapesOf = ({ type }: AnswerSchema): string => {
  if (type === "scale" || type === "number") return "number";
  return type === "choice" || type === "pair" || type === "text" ? "choice or text" : "list";
};

/** Whether an answer of that type, as people give it, may have the shape. */
const fits = ({ type }: Shape, answer: AnswerSchema): boolean => shapesOf(answer).split(" or ").includes(type);

/** The two sides of the line that divides a market's contributors most. */
const groupsOfMarket = 2;

function checkAgree(agree: AgreeParameters, path: string, { answer, overlap }: Terms): void {
  switch (agree.type) {
    case "label":
      if (!isOneThing(answer))
        refuse(`${path}.type`, `must be score or share: answers of type ${answer.type} agree more or less`);
      break;
    case "quorum":
      if (agree.ownersMin > overlap.max)
        refuse(`${path}.ownersMin`, `must be at most the overlap, ${overlap.max}: no more will answer a task`);
      break;
    case "groups":
      if (answer.type !== "choice" || answer.choices.length !== groupsOfMarket)
        refuse(`${path}.type`, "cannot be groups: answers must be a choice of two, for or against");
      if (agree.groupsMin !== groupsOfMarket) refuse(`${path}.groupsMin`, "must be 2: a market makes two groups");
      if (agree.groupRatingsMin * groupsOfMarket > overlap.max)
        refuse(`${path}.groupRatingsMin`, `must be at most half of the overlap, ${overlap.max}`);
      break;
    case "bridge":
      refuse(`${path}.type`, "cannot be bridge: what a market's answers settle are labels and groups");
      break;
    default:
      break;
  }
  if (overlap.max < 2) refuse(path, `cannot be here: with an overlap of ${overlap.max} there is nobody to agree with`);
}

const needsPlace: ReadonlySet<WitnessParameters["type"]> = new Set(["track", "observers", "picture", "daytime"]);

function checkWitness(witness: WitnessParameters, path: string, { known }: Terms): void {
  const { place, beacon } = known ?? nothingKnown;
  if (needsPlace.has(witness.type) && place === null)
    refuse("terms.known.place", `is missing: ${path}.witness compares with it`);
  if (witness.type === "radio" && beacon === undefined)
    refuse("terms.known.beacon", `is missing: ${path}.witness compares with it`);
  const denied = witness.type === "area" && place !== null ? deniedAt(witness, place) : null;
  if (denied !== null)
    refuse("terms.known.place", `lies in ${jsonText(denied.actual)}, which ${path}.witness keeps out of`);
}

/**
 * What the tasks of a batch have to bring with them, so that no submission waits for ever.
 *
 * @throws MALFORMED_SPEC that points at what is missing
 */
export function checkBatch(
  { verification }: MarketSpec,
  terms: Terms,
  hasControls: boolean,
  programs: ReadonlyMap<string, unknown>,
): void {
  checkPrograms(terms, programs);
  if (verification === undefined) return;
  const nodes = [...nodesOf(verification.composition)];
  const { digests, values, runs = {}, season } = terms.known ?? nothingKnown;
  const crash = nodes.some(({ node }) => "match" in node && node.match.type === "crash");
  for (const { node, path } of nodes) {
    if ("witness" in node) checkWitness(node.witness, path, terms);
    if ("replay" in node && !Object.hasOwn(runs, node.replay.name))
      refuse(`terms.known.runs.${node.replay.name}`, `is missing: ${path}.replay executes it`);
    if ("agree" in node && node.agree.type === "quorum") {
      checkComputed(node.agree.name, runs, terms);
      if (
        nodes.some(({ node: other }) => "audit" in other && other.audit.type === "recheck") &&
        !Object.hasOwn(runs, node.agree.name)
      )
        refuse(`terms.known.runs.${node.agree.name}`, `is missing: an audit of type recheck executes it`);
    }
    if ("meter" in node && node.meter.type === "reduced") {
      if (season === undefined) refuse("terms.known.season", `is missing: ${path}.meter compares with it`);
      else if (season.events.length < node.meter.eventsMin)
        refuse("terms.known.season.events", `must be ${node.meter.eventsMin} or more: ${path}.meter asks for them`);
    }
    if (!("match" in node)) continue;
    const { match } = node;
    if (match.type === "crash") checkCrashed(match.name, runs);
    const isSignature = crash && match.type === "digest" && match.name === signatureName;
    if (match.type === "digest" && !isSignature && !isMeasuring(nodes) && !Object.hasOwn(digests, match.name))
      refuse(`terms.known.digests.${match.name}`, `is missing: ${path}.match compares with it`);
    if (match.type === "value" && !Object.hasOwn(values, match.name))
      refuse(`terms.known.values.${match.name}`, `is missing: ${path}.match compares with it`);
  }
  const hasMatch = nodes.some(
    ({ node }) =>
      ("match" in node && node.match.type === "control") || ("audit" in node && node.audit.type === "canary"),
  );
  if (hasControls && !hasMatch)
    refuse(compositionPath, "must have a match control or an audit canary where there are control tasks");
}

/** What is executed is there before anybody works on it, and cannot change. */
function checkPrograms({ known }: Terms, programs: ReadonlyMap<string, unknown>): void {
  for (const [name, { program }] of Object.entries(known?.runs ?? {})) {
    if ("hash" in program && !programs.has(program.hash))
      refuse(`terms.known.runs.${name}.program.hash`, "is of no program that was added to the market");
  }
}

/** Crashes are told apart by their program. */
function checkCrashed(name: string, runs: Named<KnownRun>): void {
  const run = own(runs, name);
  if (run !== undefined && "content" in run.program)
    refuse(`terms.known.runs.${name}.program`, "must be a hash: only crashes of one program can be the same");
}

/** What owners agree on, and what the network computes where they do not, must be one thing. */
function checkComputed(name: string, runs: Named<KnownRun>, { answer }: Terms): void {
  const output = own(runs, name)?.output;
  if (output === undefined) return;
  if (output === null || !("content" in output) || output.content !== name)
    refuse(`terms.known.runs.${name}.output`, `must be the content "${name}"`);
  if (answer.type !== "text" || answer.charactersMax < 64)
    refuse("terms.answer", "must be a text of at least 64 characters: the hash of what was computed");
}
