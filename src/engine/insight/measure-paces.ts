import type { Json } from "../../core/json.ts";
import { decodeEntry } from "../../market/entries.ts";
import { parseSpec } from "../../market/spec.ts";
import { automatedAmong } from "../../store/identity/contributors.ts";
import { findStalePaces, upsertPace } from "../../store/insight/paces.ts";
import { readEncodedEntries } from "../../store/log/read-entries.ts";
import type { EngineContext } from "../context.ts";
import { firstLane } from "../lanes.ts";
import { DurationReader, type Durations, median } from "./durations.ts";
import { perHour } from "./pace.ts";

/** A market is measured no more often than that, by whichever process comes first. */
const pauseMs = 30_000;
/** Markets measured in one run. */
const marketsMax = 200;
/** First a few entries; further back where these show too few answers from beginning to end. */
const stretches = [2_000, 20_000] as const;
const portion = 2_000;
/** The latest so many answers make the median, and fewer than these few none. */
const answersMax = 200;
const answersMin = 5;

/**
 * Measures what people's answers take and pay by the hour in markets where something happened: how fast a program is
 * says nothing to somebody who looks for work. Nobody waits for it.
 */
export async function measurePaces({ pool, clock }: EngineContext): Promise<void> {
  for (const { market, spec, sequence } of await findStalePaces(pool, clock() - pauseMs, marketsMax)) {
    const { peopleMs, ...counts } = await durationsOf(pool, market, sequence);
    const latest = peopleMs.slice(-answersMax);
    const medianMs = latest.length < answersMin ? null : median(latest);
    const { reward } = parseSpec(JSON.parse(spec) as Json).terms;
    await upsertPace(pool, market, {
      sequence,
      measuredAtMs: clock(),
      answers: latest.length,
      secondsMedian: medianMs === null ? null : medianMs / 1_000,
      payPerHour: medianMs === null ? null : perHour(reward, medianMs),
      ...counts,
    });
  }
}

interface Measured extends Omit<Durations, "accepted"> {
  /** What accepted answers of people took, the latest last. */
  readonly peopleMs: readonly number[];
}

async function durationsOf(pool: EngineContext["pool"], market: Uint8Array, sequence: number): Promise<Measured> {
  let found: Measured = { peopleMs: [], judged: 0, rejected: 0, appeals: 0, appealsWon: 0 };
  for (const length of stretches) {
    const { accepted, ...counts } = await readStretch(pool, market, Math.max(sequence - length, 0), sequence);
    const automated = await automatedAmong(pool, [...new Set(accepted.map(({ contributor }) => contributor))]);
    const byPeople = accepted.filter(({ contributor }) => !automated.has(contributor));
    found = { ...counts, peopleMs: byPeople.map(({ tookMs }) => tookMs) };
    if (found.peopleMs.length >= answersMax || length >= sequence) break;
  }
  return found;
}

async function readStretch(
  pool: EngineContext["pool"],
  market: Uint8Array,
  after: number,
  to: number,
): Promise<Durations> {
  const reader = new DurationReader();
  for (let from = after; from < to; from += portion) {
    const entries = await readEncodedEntries(pool, market, firstLane, from, Math.min(portion, to - from));
    for (const encoded of entries) reader.read(decodeEntry(encoded));
  }
  return reader.found;
}
