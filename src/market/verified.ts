import { toHex } from "../core/bytes.ts";
import { canonicalJson, type Json, jsonText } from "../core/json.ts";
import type { Slot } from "../core/slot.ts";
import { matchShare } from "../verification/agreement/agree-on.ts";
import type { Verdict } from "../verification/algebra/verdict.ts";
import type { Answer } from "../verification/answers/answer.ts";
import { answerJson } from "../verification/answers/answer-schema.ts";
import {
  type Attestation,
  type Context,
  type Evidence,
  emptyContext,
  type GroupVotes,
  type Named,
  type Quorum,
  type Vote,
} from "../verification/primitives/evidence.ts";
import { memberOf, slotOf, termsOfTask } from "./admit.ts";
import { challengeFacts, isPending } from "./challenges.ts";
import { codeOf } from "./code.ts";
import type { EntryOf, Reason } from "./entries.ts";
import { auditFacts, crashFacts, digestsOf, executionFacts, needsOwnResult, ownResult, votesOn } from "./executions.ts";
import { bridgedOn } from "./groups.ts";
import { nothingKnown } from "./known.ts";
import { recordOf } from "./model.ts";
import { agreementOf } from "./right.ts";
import { consensusOn } from "./ruling.ts";
import type { Terms } from "./spec.ts";
import {
  controlOf,
  type LaneState,
  type Member,
  type SlotCheck,
  type SlotRecord,
  specOf,
  type TaskState,
} from "./state.ts";
import { type Verifying, verifyingOf } from "./verifying.ts";
import { witnessedFacts } from "./witnessed.ts";

type Verified = EntryOf<"verified">;
type Faulted = EntryOf<"faulted">;

/**
 * What the market's composition says of a submission that is held: `verify` of what was sent and of what the lane knows.
 * Null where it waits for further answers, or for a better model.
 *
 * @param isOver whether no more evidence may be waited for
 */
export function verifySlot(state: LaneState, slot: Slot, isOver: boolean): Verified | Faulted | null {
  const verifying = verifyingOf(specOf(state)) as Verifying;
  const evidence = evidenceOf(state, slot);
  const context = contextOf(state, slot, isOver);
  const found = verifying.verify(evidence, context);
  switch (found.verdict) {
    case "accepted":
      return entryOf(slot, "accepted", mainReason(found), found, found);
    case "rejected":
      return rejection(verifying, slot, evidence, context, found);
    case "held":
      return found.needs.some((need) => need.for === "review") ? escalated(verifying, slot, evidence, context) : null;
    case "void":
      return { kind: "faulted", task: slot.task, ordinal: slot.ordinal, fault: "sandbox" };
  }
}

/** Of an acceptance; how a control task was met goes into its contributor's record. */
function mainReason({ reasons }: Verdict): Reason {
  const isMatch = reasons.some(({ code }) => code === "CONTROL_MATCHED");
  return isMatch ? "CONTROL_MATCHED" : (reasons.at(-1)?.code ?? "CHECKS_PASSED");
}

/** Asks the requester, but only where the word of the requester decides. */
function escalated(verifying: Verifying, slot: Slot, evidence: Evidence, context: Context): Verified | null {
  const { verify } = verifying;
  const reviewed = (isAccepted: boolean): Verdict =>
    verify(evidence, { ...context, review: { isAccepted, atMs: context.nowMs } });
  const [accepted, rejected] = [reviewed(true), reviewed(false)];
  if (accepted.verdict === "held" || rejected.verdict === "held") return null;
  if (accepted.verdict !== "accepted") return rejection(verifying, slot, evidence, context, accepted);
  if (rejected.verdict === "accepted") return entryOf(slot, "accepted", "CHECKS_PASSED", rejected, rejected);
  return entryOf(slot, "review", "UNDECIDED", { reasons: [{ code: "ESCALATED", expected: "review" }] }, accepted);
}

type Units = Pick<Verdict, "units" | "reserveUnits">;

function rejection(verifying: Verifying, slot: Slot, evidence: Evidence, context: Context, found: Verdict): Verified {
  const reason = found.reasons[0]?.code as Reason;
  return entryOf(slot, "rejected", reason, found, ifJudgedRight(verifying, evidence, context));
}

/** What a submission is worth where those who judge it find it right: what an appeal can win. */
function ifJudgedRight({ verify }: Verifying, evidence: Evidence, context: Context): Units {
  return verify(evidence, {
    ...context,
    consensus: null,
    control: null,
    record: emptyContext.record,
    settled: { answer: evidence.answer, isDecided: true },
    bridged: context.bridged && { ...context.bridged, groups: context.bridged.groups.map(allAgreeing) },
    scorePpm: 1_000_000,
  });
}

const allAgreeing = (each: GroupVotes): GroupVotes => ({ ...each, agreeing: each.ratings });

function entryOf(
  slot: Slot,
  verdict: Verified["verdict"],
  reason: Reason,
  { reasons }: Pick<Verdict, "reasons">,
  { units, reserveUnits }: Units,
): Verified {
  const { task, ordinal } = slot;
  const findings = canonicalJson(reasons as unknown as Json);
  return { kind: "verified", task, ordinal, verdict, reason, units, reserve: reserveUnits, findings };
}

/** What was sent, as the lane keeps it: the answer in the one form that people see it in. */
function evidenceOf(state: LaneState, at: Slot): Evidence {
  const { answer, check } = slotOf(state, at);
  return { ...(check as SlotCheck).evidence, answer: answerJson(termsOfTask(state, at.task).answer, answer) };
}

/** What the lane knows of a submission that is held. */
function contextOf(state: LaneState, at: Slot, isOver: boolean): Context {
  const slot = slotOf(state, at);
  const terms = termsOfTask(state, at.task);
  const task = state.tasks.get(at.task);
  const control = controlOf(state, at.task);
  // As long as somebody may object, or a panel is heard, nobody is judged by what the task settled on.
  const isOpen = control === undefined && isPending(state, at.task);
  const settled = control === undefined && !isOpen ? (task?.settled ?? null) : null;
  const member = memberOf(state, slot.contributor);
  const attestation = attestationOf(state, at, slot, member, terms);
  const { window, place, digests, values, season } = terms.known ?? nothingKnown;
  const measured = slot.check?.measured ?? null;
  const verifying = verifyingOf(specOf(state)) as Verifying;
  const check = slot.check as SlotCheck;
  const label = control?.answer ?? settled?.label;
  return {
    ...emptyContext,
    nowMs: state.timeMs,
    attestation,
    control:
      control === undefined
        ? null
        : { answer: answerJson(terms.answer, control.answer), commitment: toHex(control.commitment), isVoid: false },
    record: { answered: member.controlsAnswered, right: member.controlsRight },
    settled: settled === null ? null : { answer: answerJson(terms.answer, settled.label), isDecided: settled.decided },
    scorePpm: label === undefined ? null : scoreOf(terms, slot.answer, label),
    consensus: isOpen ? null : consensusOn(state, at.task, slot, isOver),
    bridged: verifying.groups === null || control !== undefined || isOpen ? null : bridgedOn(state, at.task, slot),
    ...(verifying.challenge !== null && control === undefined && challengeFacts(state, at.task, slot)),
    quorums: settled === null ? emptyContext.quorums : quorumsOf(state, at.task, verifying),
    digests: measured === null ? digestsOf(verifying, digests, check) : { ...digests, ...measured.digests },
    canaries: {
      ...(control !== undefined && canariesOf(verifying, terms, control.answer)),
      ...measured?.canaries,
    },
    quantities: measured === null ? emptyContext.quantities : measured.quantities,
    values,
    executions: check.executions.length === 0 ? emptyContext.executions : executionFacts(check),
    crashes: crashesOf(state, at, verifying),
    audit: verifying.recheck === null || control !== undefined ? null : auditFacts(state, at),
    window: window ?? { startMs: attestation.assignedAtMs, endMs: attestation.expiresAtMs },
    place,
    season: season ?? null,
    ...witnessedFacts(state, at.task, slot, member, terms),
    undecidedAtMs: state.timeMs,
    standing: { acceptedAtMs: null, checked: recordOf(member).checked, events: 0 },
  };
}

/**
 * What everybody who answered says each hash is, once the task has settled: whoever is first must not be able to make a
 * quorum before others came. Where none came together the network computes the task itself, and that decides.
 */
function quorumsOf(state: LaneState, number: number, { quorums }: Verifying): Named<Quorum> {
  const task = state.tasks.get(number) as TaskState;
  return Object.fromEntries(
    quorums.flatMap(({ name, ownersMin }): [string, Quorum][] => {
      if (needsOwnResult(state, number, name, ownersMin)) return [];
      const votes: Vote[] = votesOn(state, task, name).map(({ owner, digest }) => ({ owner, digest }));
      const digest = ownResult(task, name);
      const ours =
        digest === null ? votes : Array.from({ length: ownersMin }, (_, i) => ({ owner: `own ${i}`, digest }));
      return [[name, { votes: ours, isExhausted: true }]];
    }),
  );
}

/** The hidden answer of a control task, as the hash that a hidden check expects. */
const canariesOf = ({ canaries }: Verifying, { answer }: Terms, hidden: Answer): Named<string> =>
  Object.fromEntries(canaries.map((name) => [name, jsonText(answerJson(answer, hidden))]));

/** Left out while nobody can know whether it was found before. */
function crashesOf(state: LaneState, at: Slot, { crash }: Verifying): Context["crashes"] {
  const facts = crash === null ? undefined : crashFacts(state, at, crash);
  return crash === null || facts === undefined ? emptyContext.crashes : { [crash]: facts };
}

function scoreOf(terms: Terms, answer: Answer, label: Answer): number {
  const { matchPpmMin: _, ...parameters } = agreementOf(terms);
  return matchShare(terms.answer, answer, label, parameters);
}

function attestationOf(
  state: LaneState,
  slot: Slot,
  { check, expiresAtMs }: SlotRecord,
  { key, owner }: Member,
  { leaseMs }: Terms,
): Attestation {
  const { task, ordinal } = slot;
  const { hasCode } = verifyingOf(specOf(state)) as Verifying;
  // What nobody measured in time does not keep its owner from answering again.
  const others = (state.tasks.get(task)?.slots ?? []).filter(
    (each, i) => i !== ordinal && each.body !== null && each.state !== "expired",
  );
  return {
    isSigned: true,
    // Each assignment has a code of its own, so that none can come twice.
    nonce: hasCode ? codeOf({ market: state.market, slot, expiresAtMs }, key) : null,
    isNonceUsed: false,
    assignedAtMs: expiresAtMs - leaseMs,
    expiresAtMs,
    receivedAtMs: (check as SlotCheck).receivedAtMs,
    owner: toHex(owner),
    requesterOwner: toHex(state.requester),
    taskOwners: others.map((each) => toHex(memberOf(state, each.contributor).owner)),
    acceptedOfOwner: state.accepted.get(toHex(owner)) ?? 0,
  };
}
