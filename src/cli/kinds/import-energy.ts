import { existsSync } from "node:fs";
import { join } from "node:path";
import { earnestError } from "../../core/errors.ts";
import type { Json } from "../../core/json.ts";
import { calendarOf, isPlainDay } from "../../verification/baseline/baseline.ts";
import { dayOf } from "../../verification/baseline/calendar.ts";
import { endOf, type Load, readingsIn } from "../../verification/baseline/load.ts";
import { methods } from "../../verification/baseline/methods.ts";
import { placeboStretches } from "../../verification/baseline/placebo.ts";
import type { Season } from "../../verification/baseline/season.ts";
import { verifyCase } from "../../verification/kinds/cases.ts";
import { nercHolidays } from "../energy/nerc-holidays.ts";
import { readEventsFile, readMeterFile } from "../energy/read-meter.ts";
import { kindFile, loadKind } from "./find-kind.ts";
import { importedAttestation } from "./imported-attestation.ts";

/** Seasons of a public meter as vectors of `energy`. */
export interface ImportedEnergy {
  readonly file: object;
  readonly cases: number;
  readonly agreeing: number;
  readonly differing: readonly string[];
}

const hourMs = 3_600_000;
const dayMs = 24 * hourMs;
const eventsOfSeason = 5;
const meter = "5a".repeat(32);

/** Names under which LBNL's loadshape has them, and ours. */
const files = [
  ["test_kw.csv", "test_dr_days.csv"],
  ["meter.csv", "events.csv"],
] as const;

/**
 * A folder as LBNL's loadshape has it: kilowatts by the quarter of an hour in local standard time, and events. Every five
 * days on end without an event are a season in which nothing was done: once as it was, once with a tenth more use before
 * each event, both after notice on the day before; holidays are those of North American grids. None of it may be paid. The source's own events are two, too few.
 *
 * @throws MALFORMED_FILE, FILE_NOT_FOUND
 */
export async function importEnergy(folder: string): Promise<ImportedEnergy> {
  const found = files.find(([readings]) => existsSync(join(folder, readings)));
  if (found === undefined) {
    const problem = `it has neither ${files.map(([readings]) => readings).join(" nor ")}`;
    throw earnestError("MALFORMED_FILE", { path: folder, problem });
  }
  const [readings, events] = found.map((name) => join(folder, name)) as [string, string];
  const load = await readMeterFile(readings, { unit: "kW", intervalMs: hourMs / 4, utcOffsetMinutes: 0 });
  const [first, last] = [load.startMs, endOf(load)].map((ms) => new Date(ms).getUTCFullYear()) as [number, number];
  const holidays = Array.from({ length: last - first + 1 }, (_, i) => nercHolidays(first + i)).flat();
  const source = await readEventsFile(events, { utcOffsetMinutes: 0, holidays, noticeMs: dayMs });
  const { vectors, differing } = await vectorsOf(load, source);
  const evidence = { answer: "whole", digests: { meter }, loads: { meter: load } };
  const file = { evidence, context: contextOf(endOf(load)), vectors };
  return { file, cases: vectors.length, agreeing: vectors.length - differing.length, differing };
}

function contextOf(endMs: number) {
  const attestation = importedAttestation({
    assignedAtMs: endMs - dayMs,
    expiresAtMs: endMs + dayMs,
    receivedAtMs: endMs,
  });
  return { nowMs: endMs, attestation, digests: { meter } };
}

interface Wanted {
  readonly name: string;
  readonly attack: string | null;
  readonly evidence: Json;
  readonly season: Season;
}

async function vectorsOf(load: Load, source: Season): Promise<{ vectors: Json[]; differing: string[] }> {
  const kind = await loadKind(await kindFile("energy", "energy"));
  const wanted: Wanted[] = [{ name: "the source's own events", attack: null, evidence: {}, season: source }];
  for (const season of idleSeasons(load, source)) {
    const date = new Date(season.events[0]?.startMs ?? 0).toISOString().slice(0, 10);
    wanted.push({ name: `nothing done from ${date}`, attack: null, evidence: {}, season });
    wanted.push({
      name: `a tenth more before each event from ${date}`,
      attack: "Uses more before each event so that the day seems to have begun high.",
      evidence: { loads: { meter: { values: bumped(load, season) } } },
      season,
    });
  }
  const differing: string[] = [];
  const vectors = wanted.map(({ name, attack, evidence, season }): Json => {
    const base = { answer: "whole", digests: { meter }, loads: { meter: load } };
    const values = (evidence as { loads?: { meter: { values: Json } } }).loads?.meter.values ?? load.values;
    const own = { ...base, loads: { meter: { ...load, values } } };
    const json = { evidence: own, context: { ...contextOf(endOf(load)), season } } as unknown as Json;
    const { verdict, reasons } = verifyCase(kind, json);
    if (verdict !== "rejected") differing.push(`${name} is ${verdict}`);
    const codes = reasons.map(({ code }) => code);
    const context = { season } as unknown as Json;
    return { name, ...(attack !== null && { attack }), evidence, context, verdict: "rejected", reasons: codes };
  });
  return { vectors, differing };
}

/** Runs of five days that are like those of the first event and have none, at its hours. */
function idleSeasons(load: Load, source: Season): Season[] {
  const rule = { method: methods.caiso10in10, adjustmentPpmMax: 0, coveragePpmMin: 0 };
  const calendar = calendarOf(source);
  const [first] = source.events;
  if (first === undefined) return [];
  const lengthMs = first.endMs - first.startMs;
  const lookBackMs = load.startMs + 21 * dayMs;
  const idle = placeboStretches(load, calendar, rule).filter(
    ({ startMs, endMs }) =>
      endMs - startMs === lengthMs &&
      startMs >= lookBackMs &&
      isPlainDay(calendar, dayOf(startMs, 0)) &&
      (readingsIn(load, startMs, endMs) ?? [null]).every((value) => value !== null),
  );
  const seasons: Season[] = [];
  for (let at = 0; at + eventsOfSeason <= idle.length; at++) {
    const events = idle.slice(at, at + eventsOfSeason).map((stretch) => ({ ...stretch, isOptedOut: false }));
    seasons.push({ ...source, events });
  }
  return seasons;
}

/** A tenth more in the hours h−4 to h−2 before each event. */
function bumped({ startMs, intervalMs, values }: Load, { events }: Season): (number | null)[] {
  return values.map((value, i) => {
    const timeMs = startMs + i * intervalMs;
    const isBefore = events.some((event) => timeMs >= event.startMs - 4 * hourMs && timeMs < event.startMs - hourMs);
    return value === null || !isBefore ? value : Math.floor((value * 11) / 10);
  });
}
