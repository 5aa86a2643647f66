import { type Bytes32, bytes32, equalBytes, fromHex, toHex } from "../core/bytes.ts";
import { type Slot, slotKey, slotOfKey } from "../core/slot.ts";
import { isSelected } from "../verification/primitives/audit.ts";
import {
  type AuditFacts,
  type CrashFacts,
  type Execution,
  type Named,
  own,
} from "../verification/primitives/evidence.ts";
import { type ReplayParameters, replay } from "../verification/primitives/replay.ts";
import { isPending } from "./challenges.ts";
import { hashOf } from "./contents.ts";
import type { Reason } from "./entries.ts";
import { type BytesSource, type KnownRun, type Language, type RunLimits, signatureName } from "./known.ts";
import { recordOf } from "./model.ts";
import {
  batchOf,
  controlOf,
  type FoundCrash,
  type LaneState,
  liveSlots,
  type Member,
  type Program,
  type SlotCheck,
  type SlotExecution,
  type SlotRecord,
  specOf,
  type TaskState,
} from "./state.ts";
import { type OwnersQuorum, type Verifying, verifyingOf } from "./verifying.ts";

/** Where the bytes are that a hash stands for. */
export type BytesPlace =
  /** Attached to the entry that added a program. */
  | { readonly at: "program"; readonly sequence: number }
  /** Under that name in the body attached to a submission's entry. */
  | { readonly at: "submission"; readonly sequence: number; readonly name: string }
  /** In the content of a task. */
  | { readonly at: "task"; readonly task: number };

/** An execution that the log lacks for a submission's verdict. */
export interface WantedExecution extends Slot {
  /** Of the run, in the composition. */
  readonly name: string;
  readonly language: Language;
  readonly program: { readonly hash: Bytes32; readonly place: BytesPlace };
  readonly input: { readonly hash: Bytes32; readonly place: BytesPlace };
  readonly limits: RunLimits;
  /** How many of them: they must be alike. */
  readonly times: number;
}

/** What the network runs for this task, by name. */
export const runsOf = (state: LaneState, task: number): Named<KnownRun> =>
  batchOf(state, task)?.terms.known?.runs ?? {};

const slotAt = (state: LaneState, { task, ordinal }: Slot): SlotRecord =>
  state.tasks.get(task)?.slots[ordinal] as SlotRecord;

/** Executions that verdicts wait for now, the oldest tasks first, one a submission. */
export function wantedExecutions(state: LaneState, max: number): WantedExecution[] {
  const wanted: WantedExecution[] = [];
  for (const key of state.executing.keys()) {
    if (wanted.length >= max) break;
    const each = wantedExecution(state, slotOfKey(key));
    if (each !== null) wanted.push(each);
  }
  return wanted;
}

/** The next execution that the submission's verdict waits for; null where it waits for none. */
export function wantedExecution(state: LaneState, slot: Slot): WantedExecution | null {
  if (state.executing.get(slotKey(slot)) === undefined) return null;
  const { check } = slotAt(state, slot);
  const verifying = verifyingOf(specOf(state));
  if (check === null || verifying === null) return null;
  const parameters = missingReplay(verifying, check);
  if (parameters !== undefined) return wantedRun(state, slot, { ...parameters, times: missingOf(parameters, check) });
  if (isDrawn(state, slot))
    return wantedRun(state, slot, { name: (computedBy(state, slot.task) as OwnersQuorum).name, times: 1 });
  if (!isFirstHeld(state, slot)) return null;
  for (const { name, ownersMin } of verifying.quorums) {
    if (needsOwnResult(state, slot.task, name, ownersMin)) return wantedRun(state, slot, { name, times: 1 });
  }
  return null;
}

/** The first replay of a submission for which the log has too few executions. */
function missingReplay({ replays }: Verifying, check: SlotCheck): ReplayParameters | undefined {
  if (replays.length === 0) return undefined;
  const executions = executionFacts(check);
  return replays.find((parameters) => {
    const { outcome, needs } = replay(parameters, check.evidence, { executions });
    return outcome === "waiting" && needs.some((need) => need.for === "execution" || need.for === "retry");
  });
}

/** Whether nobody knows yet what a submission does that has to be executed: it may still make room for another. */
export const isUnexecuted = (verifying: Verifying | null, { state, check }: SlotRecord): boolean =>
  verifying !== null && state === "held" && check !== null && missingReplay(verifying, check) !== undefined;

function missingOf({ name, runsMin }: ReplayParameters, { executions }: SlotCheck): number {
  return runsMin - executions.filter((each) => each.name === name && each.outcome !== "fault").length;
}

/** One execution is enough for all who wait for the same. */
const isFirstHeld = (state: LaneState, { task, ordinal }: Slot): boolean =>
  state.tasks.get(task)?.slots.findIndex((each) => each.state === "held" && each.check !== null) === ordinal;

function wantedRun(
  state: LaneState,
  slot: Slot,
  { name, times, ...limits }: { readonly name: string; readonly times: number } & Partial<RunLimits>,
): WantedExecution | null {
  const run = own(runsOf(state, slot.task), name);
  const { check, sequence } = slotAt(state, slot);
  if (run === undefined || check === null) return null;
  const { digests } = check.evidence;
  const input = hashOf(run.input, digests);
  const program = hashOf(run.program, digests);
  if (input === null || program === null) return null;
  const added = state.programs.get(program);
  const language = "language" in run.program ? run.program.language : (added as Program).language;
  const isAdded = "hash" in run.program;
  const place = (source: BytesSource): BytesPlace =>
    "hash" in source ? { at: "task", task: slot.task } : { at: "submission", sequence, name: source.content };
  const { fuelMax, memoryBytesMax, outputBytesMax } = { ...run.limits, ...limits };
  return {
    ...slot,
    name,
    language,
    program: {
      hash: bytes32(fromHex(program)),
      place: isAdded ? { at: "program", sequence: (added as Program).sequence } : place(run.program),
    },
    input: { hash: bytes32(fromHex(input)), place: place(run.input) },
    limits: { fuelMax, memoryBytesMax, outputBytesMax },
    times,
  };
}

/** Submissions that wait for a hash by which it is drawn which of them are executed again: those of settled tasks. */
export function* undrawn(state: LaneState): Iterable<Slot> {
  if (!isAudited(state)) return;
  for (const key of state.executing.keys()) {
    const slot = slotOfKey(key);
    if (isUndrawn(state, slot)) yield slot;
  }
}

/** Where a share of nothing is drawn, nothing waits for it. */
const isAudited = (state: LaneState): boolean => (verifyingOf(specOf(state))?.recheck?.sharePpm ?? 0) > 0;

function isUndrawn(state: LaneState, slot: Slot): boolean {
  const task = state.tasks.get(slot.task);
  const check = task?.slots[slot.ordinal]?.check ?? null;
  if (!isAudited(state) || !task?.settled || check === null) return false;
  return check.draw === null && controlOf(state, slot.task) === undefined;
}

/** Whether a hash waits to be drawn. */
export function wantsDraw(state: LaneState): boolean {
  for (const _ of undrawn(state)) return true;
  return false;
}

/** What an audit goes by: null where the task has not settled. */
export function auditFacts(state: LaneState, slot: Slot): AuditFacts | null {
  const { body, check } = slotAt(state, slot);
  const task = state.tasks.get(slot.task);
  const name = computedBy(state, slot.task)?.name;
  if (!task?.settled || body === null || check === null || name === undefined) return null;
  const { draw } = check;
  const computed = ownResult(task, name);
  return {
    submissionHash: toHex(body),
    // A draw comes into the log after what it is for, with a later slot than all before it.
    submittedAtSlot: draw === null ? 0 : draw.chainSlot - 1,
    slotHash: draw === null ? null : { slot: draw.chainSlot, hash: toHex(draw.chainHash) },
    recheck: computed === null ? null : broughtDigest(check, name) === computed ? "agrees" : "differs",
    faults: executionsOf(task, name).filter(({ outcome }) => outcome === "fault").length,
  };
}

/** Whether a submission was drawn and the network has not come to a result of its own yet. */
function isDrawn(state: LaneState, slot: Slot): boolean {
  const recheck = verifyingOf(specOf(state))?.recheck ?? null;
  const facts = recheck === null ? null : auditFacts(state, slot);
  if (recheck === null || facts === null || facts.slotHash === null || facts.recheck !== null) return false;
  return facts.faults < recheck.faultsMax && isSelected(facts.slotHash.hash, facts.submissionHash, recheck.sharePpm);
}

/**
 * Why a submission has no verdict: it waits for an execution, for a draw, or for those who may object. Null where it waits
 * for others, or has one.
 */
export const heldReason = (state: LaneState, slot: Slot): Reason | null => {
  const isAwaited = isUndrawn(state, slot) || isPending(state, slot.task);
  return wantedExecution(state, slot) === null && !isAwaited ? null : "WAITING";
};

/** What the log has of a submission's executions, by name. */
export function executionFacts({ executions }: SlotCheck): Named<readonly Execution[]> {
  const facts: Record<string, Execution[]> = {};
  for (const each of executions) {
    if (!Object.hasOwn(facts, each.name)) facts[each.name] = [];
    (facts[each.name] as Execution[]).push(factOf(each));
  }
  return facts;
}

const factOf = ({ outcome, input, fuel, output, outputBytes }: SlotExecution): Execution => ({
  inputHash: toHex(input),
  // A program that is none, or says too much, ended like others: what came of it tells.
  outcome: outcome === "refused" ? "trapped" : outcome === "outputTooLarge" ? "finished" : outcome,
  fuel,
  outputHash: toHex(output),
  outputBytes,
  hasFired: outcome === "fault" ? null : outcome === "trapped" || outcome === "refused",
});

/** Of the crash that a proof gave, with those that were committed to before; undefined while that is not known. */
export function crashFacts(state: LaneState, slot: Slot, name: string): CrashFacts | null | undefined {
  const { check, commitment } = slotAt(state, slot);
  const found = check?.executions.find((each) => each.name === name && each.outcome !== "fault");
  const program = programOf(state, slot.task, name);
  if (found === undefined || commitment === null || program === null) return undefined;
  if (found.crash === null) return null;
  if (isClaimedBefore(state, program, commitment.sequence, name)) return undefined;
  const earlier = [...state.crashes.keys()]
    .filter((sequence) => sequence < commitment.sequence)
    .sort((a, b) => a - b)
    .map((sequence) => state.crashes.get(sequence) as FoundCrash)
    .filter((each) => equalBytes(each.program, program));
  const { type, state: frames } = found.crash;
  return {
    type,
    state: frames,
    earlier: earlier.map((each) => ({ ...each, commitment: toHex(each.commitment) })),
  };
}

/** The hash of the program that is executed under this name; null where submissions bring it. */
export function programOf(state: LaneState, task: number, name: string): Bytes32 | null {
  const run = own(runsOf(state, task), name);
  return run !== undefined && "hash" in run.program ? bytes32(fromHex(run.program.hash)) : null;
}

/** Somebody else said first that there is something in this program, and may still show what. */
function isClaimedBefore(state: LaneState, program: Bytes32, sequence: number, name: string): boolean {
  return [...state.claims.keys()].some((other) => {
    if (other >= sequence) return false;
    const claimed = programOf(state, slotOfKey(state.claims.get(other) as number).task, name);
    return claimed !== null && equalBytes(claimed, program);
  });
}

/** Good results after which one owner's word is enough, apart from audits (BOINC's adaptive replication). */
const goodResultsMin = 10;

const isProven = (member: Member): boolean => {
  const { right, checked } = recordOf(member);
  return right >= goodResultsMin && right === checked;
};

/**
 * Whether the network has to compute a task itself: it has settled, and neither enough owners nor one with a long good
 * record brought the same. Garbage that nobody else has must not pass as an honest split: here somebody is right.
 */
export function needsOwnResult(state: LaneState, number: number, name: string, ownersMin: number): boolean {
  const task = state.tasks.get(number);
  if (!task?.settled || own(runsOf(state, number), name) === undefined) return false;
  const executions = executionsOf(task, name);
  if (executions.some(({ outcome }) => outcome !== "fault") || executions.length >= ownFaultsMax) return false;
  return !leadingResult(state, number, name, ownersMin).isEnough;
}

/** What most owners say a task comes to, and whether that is enough: the first of several in the order of their hashes. */
export function leadingResult(state: LaneState, number: number, name: string, ownersMin: number): LeadingResult {
  const votes = votesOn(state, state.tasks.get(number) as TaskState, name);
  const ownersOf = new Map<string, Set<string>>();
  for (const { owner, digest } of votes) ownersOf.set(digest, (ownersOf.get(digest) ?? new Set<string>()).add(owner));
  const ranked = [...ownersOf].sort(([a, one], [b, other]) => other.size - one.size || (a < b ? -1 : 1));
  const [digest, { size: owners }] = ranked[0] ?? ["", new Set<string>()];
  const isAlone = ranked.length === 1 && votes.some(({ member }) => isProven(member));
  return { digest, owners, isEnough: owners >= ownersMin || isAlone };
}

export interface LeadingResult {
  readonly digest: string;
  readonly owners: number;
  readonly isEnough: boolean;
}

/** The quorum by which a task settles whose result the network can compute itself; null where there is none. */
export function computedBy(state: LaneState, task: number): OwnersQuorum | null {
  const runs = runsOf(state, task);
  return verifyingOf(specOf(state))?.quorums.find(({ name }) => own(runs, name) !== undefined) ?? null;
}

/** Where the sandbox fails so often, what the owners brought has to do. */
const ownFaultsMax = 3;

const executionsOf = (task: TaskState, name: string): readonly SlotExecution[] =>
  task.slots.flatMap(({ check }) => check?.executions ?? []).filter((each) => each.name === name);

/** What the network itself came to for a task; zeros where nothing came out. Null where it did not execute. */
export const ownResult = (task: TaskState, name: string): string | null => {
  const found = executionsOf(task, name).find(({ outcome }) => outcome !== "fault");
  return found === undefined ? null : toHex(found.output);
};

/** What the network computed itself for a task, and under which name; null where it did not. */
export function ownComputed(
  state: LaneState,
  number: number,
): { readonly name: string; readonly digest: string } | null {
  const name = computedBy(state, number)?.name;
  const task = state.tasks.get(number);
  const digest = name === undefined || task === undefined ? null : ownResult(task, name);
  return name === undefined || digest === null ? null : { name, digest };
}

/** The hash of what a submission brought under that name. */
export const broughtDigest = ({ evidence }: SlotCheck, name: string): string | undefined => own(evidence.digests, name);

/** What everybody who answered, and was heard, says a hash is. */
export const votesOn = (
  state: LaneState,
  task: TaskState,
  name: string,
): { readonly owner: string; readonly digest: string; readonly member: Member }[] =>
  liveSlots(task).flatMap(({ contributor, check }) => {
    const digest = check === null ? undefined : own(check.evidence.digests, name);
    const member = state.members.get(contributor) as Member;
    return digest === undefined ? [] : [{ owner: toHex(member.owner), digest, member }];
  });

/** The hashes that submissions are compared with: those known before, and the signature of a crash. */
export function digestsOf(
  { crash }: Verifying,
  known: Named<string>,
  { executions }: Pick<SlotCheck, "executions">,
): Named<string> {
  if (crash === null || Object.hasOwn(known, signatureName)) return known;
  const found = executions.find((each) => each.name === crash && each.crash !== null)?.crash;
  return found === undefined || found === null ? known : { ...known, [signatureName]: toHex(found.signature) };
}
