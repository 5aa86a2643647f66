import type { Amount } from "../../core/amount.ts";
import type { Bytes32 } from "../../core/bytes.ts";
import { canonicalJson } from "../../core/json.ts";
import { type MarketId, marketIdToBytes } from "../../core/market-id.ts";
import { termsOfTask } from "../../market/admit.ts";
import { controlOf } from "../../market/state.ts";
import { readEntryTimes } from "../../store/insight/entry-times.ts";
import { readLabels } from "../../store/insight/read-labels.ts";
import { readLatestVerdicts, readTimeline, readTimelineSpan } from "../../store/insight/timeline.ts";
import { answerJson } from "../../verification/answers/answer-schema.ts";
import type { EngineContext } from "../context.ts";
import { firstLane, type Lanes } from "../lanes.ts";

export interface TimelineView {
  readonly stepMs: number;
  readonly points: readonly {
    readonly atMs: number;
    readonly accepted: number;
    readonly rejected: number;
    readonly settled: number;
    readonly earned: Amount;
  }[];
  readonly verdictMs: { readonly p50: number; readonly p95: number } | null;
  readonly calibration: readonly { readonly confidence: number; readonly tasks: number; readonly right: number }[];
}

export interface Timelines {
  timeline(owner: Bytes32, market: MarketId): Promise<TimelineView>;
}

interface Parts {
  readonly lanes: Lanes;
  readonly markets: { owned(owner: Bytes32, market: MarketId): Promise<unknown> };
}

/** As many as a page can show apart: the database counts, however many verdicts there are. */
const pointsMax = 240;
const stepMsLeast = 1_000;
const latestVerdicts = 500;
const controlsLooked = 2_000;
const calibrationParts = 5;

export function createTimelines({ pool }: EngineContext, { lanes, markets }: Parts): Timelines {
  const points = async (key: Uint8Array): Promise<Pick<TimelineView, "stepMs" | "points">> => {
    const span = await readTimelineSpan(pool, key);
    if (span === null) return { stepMs: stepMsLeast, points: [] };
    const [first, last] = span;
    const stepMs = Math.max(stepMsLeast, Math.ceil((last - first + 1) / pointsMax));
    const rows = await readTimeline(pool, key, first, stepMs);
    return { stepMs, points: rows.map(({ bucket, ...row }) => ({ atMs: first + bucket * stepMs, ...row })) };
  };

  const verdictMs = async (key: Uint8Array): Promise<TimelineView["verdictMs"]> => {
    const latest = await readLatestVerdicts(pool, key, latestVerdicts);
    const times = await readEntryTimes(
      pool,
      key,
      firstLane,
      latest.map(({ submittedSequence }) => submittedSequence),
    );
    const took = latest
      .map(({ submittedSequence, decidedAtMs }) => decidedAtMs - (times.get(submittedSequence) ?? decidedAtMs))
      .map((ms) => Math.max(0, ms))
      .sort((a, b) => a - b);
    const at = (share: number): number => took[Math.min(took.length - 1, Math.floor(share * took.length))] ?? 0;
    return took.length === 0 ? null : { p50: at(0.5), p95: at(0.95) };
  };

  /** Labels of control tasks, by how certain they were: a label is trusted as far as these were right. */
  const calibration = async (market: MarketId, key: Uint8Array): Promise<TimelineView["calibration"]> => {
    const known = await lanes.get(market).read((state) => {
      const tasks = [...state.controls.keys()].slice(-controlsLooked);
      return new Map(
        tasks.flatMap((task) => {
          const control = controlOf(state, task);
          if (control === undefined) return [];
          return [[task, canonicalJson(answerJson(termsOfTask(state, task).answer, control.answer))] as const];
        }),
      );
    });
    const labels = await readLabels(pool, key, firstLane, [...known.keys()]);
    const groups = Array.from({ length: calibrationParts }, () => ({ sum: 0, tasks: 0, right: 0 }));
    for (const [task, { label, confidencePpm }] of labels) {
      const group = groups[Math.min(calibrationParts - 1, Math.floor((confidencePpm / 1e6) * calibrationParts))];
      if (group === undefined) continue;
      group.sum += confidencePpm / 1e6;
      group.tasks++;
      if (canonicalJson(label) === known.get(task)) group.right++;
    }
    return groups
      .filter(({ tasks }) => tasks > 0)
      .map(({ sum, tasks, right }) => ({ confidence: sum / tasks, tasks, right }));
  };

  return {
    async timeline(owner, market) {
      await markets.owned(owner, market);
      const key = marketIdToBytes(market);
      const [counted, latency, calibrated] = await Promise.all([points(key), verdictMs(key), calibration(market, key)]);
      return { ...counted, verdictMs: latency, calibration: calibrated };
    },
  };
}
