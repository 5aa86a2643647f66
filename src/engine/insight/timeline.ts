import type { Amount } from "../../core/amount.ts";
import type { Bytes32 } from "../../core/bytes.ts";
import { canonicalJson } from "../../core/json.ts";
import { type MarketId, marketIdToBytes } from "../../core/market-id.ts";
import { termsOfTask } from "../../market/admit.ts";
import { controlOf } from "../../market/state.ts";
import { readEntryTimes } from "../../store/insight/entry-times.ts";
import { readLabels } from "../../store/insight/read-labels.ts";
import { readFirstDecision, readLatestVerdicts, readTimeline } from "../../store/insight/timeline.ts";
import { answerJson } from "../../verification/answers/answer-schema.ts";
import { Cache } from "../cache.ts";
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

/** Up to here a curve is counted for everybody who asks. */
const freshAnswersMax = 50_000;
/** Beyond, one that was counted is shown for this long, so that whoever watches takes the same share of the database. */
const keptMsPerAnswer = 0.005;
const keptCurvesMax = 100;

export function createTimelines({ pool, clock }: EngineContext, { lanes, markets }: Parts): Timelines {
  /** The first decision of a market stays its first. */
  const firsts = new Cache<number>({ max: 10_000, ttlMs: 86_400_000, clock });
  const curves = new Cache<{ readonly counted: Promise<TimelineView>; readonly untilMs: number }>({
    max: keptCurvesMax,
    ttlMs: 3_600_000,
    clock,
  });

  const points = async (market: MarketId, key: Uint8Array): Promise<Pick<TimelineView, "stepMs" | "points">> => {
    const first = firsts.get(market) ?? (await readFirstDecision(pool, key));
    if (first === null) return { stepMs: stepMsLeast, points: [] };
    firsts.set(market, first);
    const last = await lanes.get(market).read((state) => state.timeMs);
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

  const count = async (market: MarketId): Promise<TimelineView> => {
    const key = marketIdToBytes(market);
    const [counted, latency, calibrated] = await Promise.all([
      points(market, key),
      verdictMs(key),
      calibration(market, key),
    ]);
    return { ...counted, verdictMs: latency, calibration: calibrated };
  };

  return {
    async timeline(owner, market) {
      await markets.owned(owner, market);
      const answers = await lanes.get(market).read((state) => state.answers);
      if (answers <= freshAnswersMax) return await count(market);
      const known = curves.get(market);
      if (known !== undefined && clock() < known.untilMs) return await known.counted;
      const counted = count(market);
      curves.set(market, { counted, untilMs: clock() + answers * keptMsPerAnswer });
      counted.catch(() => curves.delete(market));
      return await counted;
    },
  };
}
