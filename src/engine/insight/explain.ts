import { earnestError } from "../../core/errors.ts";
import { type MarketId, marketIdFromBytes } from "../../core/market-id.ts";
import { termsOfTask } from "../../market/admit.ts";
import { decodeEntry, type Entry, type EntryOf, type Reason } from "../../market/entries.ts";
import { standingOf } from "../../market/learned.ts";
import { type LaneState, specOf } from "../../market/state.ts";
import { readLabels } from "../../store/insight/read-labels.ts";
import { readBatches, readModelBefore } from "../../store/log/landmarks.ts";
import { readEntriesAt } from "../../store/log/read-entries.ts";
import type { StoredVerdict } from "../../store/tasks/read-verdicts.ts";
import type { ResultRow } from "../../store/tasks/result-row.ts";
import { answerJson } from "../../verification/answers/answer-schema.ts";
import type { EngineContext } from "../context.ts";
import { firstLane, type Lanes } from "../lanes.ts";
import type { FaultReason } from "../types.ts";
import { appealOf } from "./appeals.ts";
import type { Explanation } from "./insight.ts";
import { byControl, byLabel, byStanding, findingsOf, ruleText } from "./rules.ts";

/** A batch of tasks, and the entry that added it. */
interface AddedBatch {
  readonly first: number;
  readonly sequence: number;
}

/** What is known of a verdict without asking the database. */
type FromState = Pick<Explanation, "appeal" | "record"> & {
  readonly control: Omit<NonNullable<Explanation["control"]>, "committedSequence"> | null;
  readonly panel: (entry: EntryOf<"appealSettled" | "challengeSettled">) => Explanation["panel"];
  readonly model: Explanation["model"];
};

/** Why verdicts are what they are, with what proves it. One question a market, not one a verdict. */
export function createExplaining({ pool, clock }: EngineContext, lanes: Lanes) {
  /** The batches that control tasks came with. */
  const batchesOf = async (key: Uint8Array, tasks: readonly number[]): Promise<readonly AddedBatch[]> =>
    tasks.length === 0 ? [] : await readBatches(pool, key, firstLane, Math.min(...tasks), Math.max(...tasks));

  /** The model that was adopted last before an entry. */
  const modelBefore = async (key: Uint8Array, sequence: number): Promise<Explanation["model"]> => {
    const found = await readModelBefore(pool, key, firstLane, sequence);
    return found === null ? null : { ...found, standing: null };
  };

  /** The verdicts of one contributor in one market. */
  const inMarket = async (verdicts: readonly StoredVerdict[]): Promise<Map<StoredVerdict, Explanation>> => {
    const [{ market: key }] = verdicts as [StoredVerdict];
    const market = marketIdFromBytes(key);
    const nowMs = clock();
    const known = await lanes
      .get(market)
      .read((state) => new Map(verdicts.map((verdict) => [verdict, fromState(state, verdict, nowMs)])));
    const [labels, entries, added] = await Promise.all([
      readLabels(pool, key, firstLane, tasksWhere(verdicts, byLabel)),
      decidingEntries(key, verdicts),
      batchesOf(key, tasksWhere(verdicts, byControl)),
    ]);
    const explained = verdicts.map(async (verdict): Promise<readonly [StoredVerdict, Explanation]> => {
      const { control, panel, model, ...rest } = known.get(verdict) as FromState;
      const entry = entries.get(verdict.decidedSequence) ?? null;
      const findings = entry?.kind === "verified" ? findingsOf(entry.findings) : [];
      const needsModel = byStanding.has(verdict.reason ?? "") && model === null;
      return [
        verdict,
        {
          ...rest,
          rule: ruleText(verdict.reason as Reason | FaultReason | null, findings),
          findings,
          control: control === null ? null : { ...control, committedSequence: batchWith(added, verdict.task) },
          label: byLabel.has(verdict.reason ?? "") ? labelOf(labels.get(verdict.task)) : null,
          model: needsModel ? await modelBefore(key, verdict.decidedSequence) : model,
          panel: entry?.kind === "appealSettled" || entry?.kind === "challengeSettled" ? panel(entry) : null,
          note: entry?.kind === "reviewed" ? entry.note : null,
        },
      ];
    });
    return new Map(await Promise.all(explained));
  };

  const decidingEntries = async (
    key: Uint8Array,
    verdicts: readonly StoredVerdict[],
  ): Promise<ReadonlyMap<number, Entry>> => {
    const sequences = verdicts.map(({ decidedSequence }) => decidedSequence);
    const entries = await readEntriesAt(pool, key, firstLane, sequences);
    return new Map(entries.map(({ sequence, encoded }) => [sequence, decodeEntry(encoded)]));
  };

  return {
    /** An explanation for each verdict, in their order. */
    async explain(verdicts: readonly StoredVerdict[]): Promise<readonly Explanation[]> {
      const maps = await Promise.all(byMarket(verdicts).map(inMarket));
      return verdicts.map((verdict) => {
        const found = maps.find((map) => map.has(verdict))?.get(verdict);
        if (found === undefined) throw earnestError("INVARIANT_MISMATCH", { what: "a verdict has no explanation" });
        return found;
      });
    },
  };
}

function byMarket(verdicts: readonly StoredVerdict[]): readonly StoredVerdict[][] {
  const groups = new Map<MarketId, StoredVerdict[]>();
  for (const verdict of verdicts) {
    const market = marketIdFromBytes(verdict.market);
    const group = groups.get(market);
    if (group === undefined) groups.set(market, [verdict]);
    else group.push(verdict);
  }
  return [...groups.values()];
}

const tasksWhere = (verdicts: readonly StoredVerdict[], reasons: ReadonlySet<string>): number[] => [
  ...new Set(verdicts.filter(({ reason }) => reasons.has(reason ?? "")).map(({ task }) => task)),
];

const batchWith = (batches: readonly AddedBatch[], task: number): number =>
  batches.findLast(({ first }) => first <= task)?.sequence ?? 0;

const labelOf = (row: ResultRow | undefined): Explanation["label"] =>
  row === undefined
    ? null
    : { label: row.label, confidencePpm: row.confidencePpm, decided: row.decided, sequence: row.sequence };

function fromState(state: LaneState, verdict: StoredVerdict, nowMs: number): FromState {
  const { task, ordinal, reason } = verdict;
  const schema = termsOfTask(state, task).answer;
  return {
    appeal: appealOf(state, task, ordinal, verdict.state, nowMs),
    control: byControl.has(reason ?? "") ? controlIn(state, task) : null,
    record: reason === "CONTROL_RATE_LOW" ? recordIn(state, verdict.contributor) : null,
    model: byStanding.has(reason ?? "") ? modelIn(state, verdict) : null,
    panel: ({ votes, label }) => ({ votes, label: answerJson(schema, label) }),
  };
}

/** A control's answer stays hidden until everybody may see it. */
function controlIn(state: LaneState, task: number): FromState["control"] {
  const control = state.controls.get(task);
  if (control === undefined) return null;
  const { commitment, openedSequence } = control;
  const answer = openedSequence === null ? null : answerJson(termsOfTask(state, task).answer, control.answer);
  return { commitment, openedSequence, answer };
}

function recordIn(state: LaneState, contributor: number): Explanation["record"] {
  const member = state.members.get(contributor);
  const { answeredMin, accuracyPpmMin } = specOf(state).controls;
  const [answered, right] = [member?.controlsAnswered ?? 0, member?.controlsRight ?? 0];
  return { answered, right, answeredMin, accuracyPpmMin };
}

/** The adopted model, where it is the one that decided. Its entry follows what it was learned from. */
function modelIn({ model }: LaneState, { contributor, decidedSequence }: StoredVerdict): Explanation["model"] {
  const sequence = model.cut + 1;
  if (model.learned === null || sequence > decidedSequence) return null;
  return { version: model.version, sequence, standing: standingOf(model.learned, contributor).standing };
}
