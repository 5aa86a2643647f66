import { batchOfTask } from "../market/admit.ts";
import type { LaneDraft } from "../market/draft.ts";
import type { Entry, Fault } from "../market/entries.ts";
import { paidFor } from "../market/paying.ts";
import { type SlotRecord, type SlotState, specOf, type TaskState } from "../market/state.ts";
import type { Appended } from "../market/step.ts";
import type { Landmark } from "../store/log/landmarks.ts";
import type { ResultRow } from "../store/tasks/result-row.ts";
import type { VerdictRow } from "../store/tasks/verdict-row.ts";
import { answerJson } from "../verification/answers/answer-schema.ts";
import type { FaultReason } from "./types.ts";

/** A row, and whether there was none for it before this batch. */
type NewOr<Row> = Row & { readonly isNew: boolean };

/** What a batch of entries means for the tables that answer questions by task and by contributor. */
export interface Projection {
  readonly landmarks: readonly Landmark[];
  readonly verdicts: readonly NewOr<VerdictRow>[];
  readonly results: readonly NewOr<ResultRow>[];
}

const undecided: ReadonlySet<SlotState> = new Set(["assigned", "held", "expired"]);

export function project(draft: LaneDraft, appended: readonly Appended[]): Projection {
  /** Task → ordinal → the entries that touched it. */
  const touched = new Map<number, Map<number, Appended[]>>();
  const settled = new Map<number, number>();
  for (const each of appended) {
    const { entry, sequence } = each;
    for (const [task, ordinal] of slotsOf(entry, draft)) {
      const ordinals = touched.get(task) ?? new Map<number, Appended[]>();
      touched.set(task, ordinals.set(ordinal, [...(ordinals.get(ordinal) ?? []), each]));
    }
    if (entry.kind === "settled" || entry.kind === "appealSettled" || entry.kind === "challengeSettled")
      settled.set(entry.task, sequence);
  }
  const verdicts = [...touched].flatMap(([task, ordinals]) =>
    [...ordinals].flatMap(([ordinal, entries]) => verdictRow(draft, task, ordinal, entries)),
  );
  return {
    landmarks: appended.flatMap(landmark),
    verdicts,
    results: [...settled.keys()].flatMap((task) => resultRow(draft, task)),
  };
}

function landmark({ entry, sequence }: Appended): Landmark[] {
  switch (entry.kind) {
    case "joined":
      return [{ kind: "joined", number: entry.contributor, sequence }];
    case "batchAdded":
      return [{ kind: "batch", number: entry.first, sequence }];
    case "modelAdopted":
      return [{ kind: "model", number: entry.version, sequence }];
    case "bonusPaid":
      return [{ kind: "bonus", number: sequence, sequence }];
    case "blocked":
      return entry.isBlocked ? [{ kind: "block", number: sequence, sequence }] : [];
    default:
      return [];
  }
}

function slotsOf(entry: Entry, draft: LaneDraft): readonly (readonly [task: number, ordinal: number])[] {
  switch (entry.kind) {
    case "voided":
    case "faulted":
    case "judged":
    case "verified":
    case "reviewed":
    case "released":
    case "appealed":
      return [[entry.task, entry.ordinal]];
    case "settled":
    case "challengeSettled":
      return entry.rulings.map(({ ordinal }) => [entry.task, ordinal] as const);
    case "appealSettled":
      return [entry.ordinal, ...entry.rulings.map(({ ordinal }) => ordinal)].map((each) => [entry.task, each] as const);
    case "controlVoided":
      return (taskOf(draft, entry.task)?.slots ?? []).flatMap((slot, ordinal) =>
        slot.reason === "CONTROL_VOIDED" ? [[entry.task, ordinal] as const] : [],
      );
    default:
      return [];
  }
}

/** Of the draft, also where its last step finished the task and took it out of the state. */
const taskOf = (draft: LaneDraft, task: number): TaskState | undefined =>
  draft.tasks.get(task) ?? draft.tasks.removed.get(task);

function verdictRow(
  draft: LaneDraft,
  task: number,
  ordinal: number,
  entries: readonly Appended[],
): NewOr<VerdictRow>[] {
  const last = entries.at(-1) as Appended;
  const slot = taskOf(draft, task)?.slots[ordinal] as SlotRecord;
  if (!hasVerdict(slot)) return [];
  const reward = paidFor(specOf(draft), batchOfTask(draft, task).terms, slot);
  const { contributor, state, sequence: submittedSequence } = slot;
  const isFault = last.entry.kind === "voided" || last.entry.kind === "faulted";
  const reason = isFault ? faultReason(last.entry.fault) : slot.reason;
  const decidedSequence = last.sequence;
  const sequences = [...provingOf(slot, entries), ...entries.map(({ sequence }) => sequence)];
  const isNew = !hasVerdict(draft.base.tasks.get(task)?.slots[ordinal]);
  return [{ isNew, task, ordinal, contributor, state, reason, reward, submittedSequence, decidedSequence, sequences }];
}

const hasVerdict = (slot: SlotRecord | undefined): boolean =>
  slot !== undefined && !undecided.has(slot.state) && slot.body !== null;

/** What a first verdict rests on and was in the log before: the commitment, and what was executed. */
function provingOf({ commitment, check }: SlotRecord, entries: readonly Appended[]): number[] {
  if (!entries.some(({ entry }) => entry.kind === "verified" || entry.kind === "faulted")) return [];
  const executed = check?.executions.map(({ sequence }) => sequence) ?? [];
  return commitment === null ? executed : [commitment.sequence, ...executed];
}

const faultReason = (fault: Fault): FaultReason => `FAULT_${fault.toUpperCase() as Uppercase<Fault>}`;

function resultRow(draft: LaneDraft, task: number): NewOr<ResultRow>[] {
  const settlement = taskOf(draft, task)?.settled;
  if (settlement === null || settlement === undefined) return [];
  const { confidencePpm, decided, sequence } = settlement;
  const label = answerJson(batchOfTask(draft, task).terms.answer, settlement.label);
  const isNew = !draft.base.tasks.get(task)?.settled;
  return [{ isNew, task, label, confidencePpm, decided, sequence }];
}
