import { readdir } from "node:fs/promises";
import { join } from "node:path";
import { earnestError } from "../../core/errors.ts";
import { Field } from "../../core/field.ts";
import type { Json } from "../../core/json.ts";
import { readSeason } from "../../verification/algebra/read-case.ts";
import { endOf, type Load } from "../../verification/baseline/load.ts";
import type { LoadEvent, Season } from "../../verification/baseline/season.ts";
import { readTextFile } from "../files.ts";

const hourMs = 3_600_000;
const bytesMax = 20_000_000;
const readingsMax = 20_000;

/** Units of a meter's file: what it counted, or its mean power while it counted. */
export const meterFileUnits = ["mWh", "Wh", "kWh", "W", "kW"] as const;
export type MeterFileUnit = (typeof meterFileUnits)[number];

/** How a file is to be read: nothing of it is guessed. */
export interface MeterFile {
  readonly unit: MeterFileUnit;
  readonly intervalMs: number;
  /** Of the local times in it. */
  readonly utcOffsetMinutes: number;
}

const misfit = (path: string, problem: string) => earnestError("MALFORMED_FILE", { path, problem });

/**
 * A meter's readings in whole mWh. CSV has lines `2013-08-01 00:15:00,6.235`, a time in any order and a number, where
 * anything else (`nan`, nothing) is a gap, as is every interval without a line; JSON has a load as evidence has it.
 *
 * @throws MALFORMED_FILE
 */
export async function readMeterFile(path: string, file: MeterFile): Promise<Load> {
  const text = await readTextFile(path, bytesMax);
  return path.endsWith(".json") ? loadOfJson(path, text, file) : loadOfCsv(path, text, file);
}

/**
 * The readings of a file, or of all files of a folder one after the other by name, as meters write them: where two say
 * something of the same interval, the later one counts.
 *
 * @throws MALFORMED_FILE
 */
export async function readMeter(path: string, file: MeterFile): Promise<Load> {
  const names = await readdir(path).catch(() => null);
  if (names === null) return await readMeterFile(path, file);
  const loads: Load[] = [];
  for (const name of names.filter((each) => /\.(?:csv|json)$/.test(each)).sort())
    loads.push(await readMeterFile(join(path, name), file));
  if (loads.length === 0) throw misfit(path, "it is a folder without .csv or .json files");
  return together(path, loads, file);
}

function together(path: string, loads: readonly Load[], { intervalMs }: MeterFile): Load {
  const startMs = Math.min(...loads.map((load) => load.startMs));
  const count = (Math.max(...loads.map(endOf)) - startMs) / intervalMs;
  if (!(count <= readingsMax)) throw misfit(path, `its files have more than ${readingsMax} intervals`);
  const values = Array.from<number | null>({ length: Math.ceil(count) }).fill(null);
  for (const load of loads) {
    const first = (load.startMs - startMs) / intervalMs;
    if (!Number.isInteger(first)) throw misfit(path, `its files' times are not ${intervalMs / 60_000} minutes apart`);
    for (const [i, value] of load.values.entries()) values[first + i] = value ?? values[first + i] ?? null;
  }
  return { unit: "mWh", startMs, intervalMs, values };
}

function loadOfJson(path: string, text: string, { unit, intervalMs }: MeterFile): Load {
  let json: Json;
  try {
    json = JSON.parse(text) as Json;
  } catch (cause) {
    throw misfit(path, `it is not JSON (${(cause as Error).message})`);
  }
  const field = new Field(json, "load", (at, problem) => misfit(path, `${at} ${problem}`));
  const load = field.fields("unit", "startMs", "intervalMs", "values");
  if (load.unit.value !== unit) load.unit.fail(`must be ${unit}, as was said`);
  if (load.intervalMs.value !== intervalMs) load.intervalMs.fail(`must be ${intervalMs}, as was said`);
  const values = load.values.items(readingsMax).map(({ value }) => milliwattHours(value, unit, intervalMs));
  return { unit: "mWh", startMs: load.startMs.integer(0, Number.MAX_SAFE_INTEGER), intervalMs, values };
}

function loadOfCsv(path: string, text: string, { unit, intervalMs, utcOffsetMinutes }: MeterFile): Load {
  const rows = linesOf(text).flatMap((line, i) => {
    const [time = "", value = ""] = line.split(",").map((cell) => cell.trim());
    const timeMs = localMs(time, utcOffsetMinutes);
    // A first line may say what the columns are.
    if (timeMs === null && i === 0) return [];
    if (timeMs === null) throw misfit(path, `line ${i + 1}: ${JSON.stringify(time.slice(0, 40))} is no local time`);
    return [{ timeMs, value: value === "" ? null : Number(value) }];
  });
  if (rows.length === 0) throw misfit(path, "it has no readings");
  const startMs = rows.reduce((least, { timeMs }) => Math.min(least, timeMs), Number.MAX_SAFE_INTEGER);
  const endMs = rows.reduce((most, { timeMs }) => Math.max(most, timeMs), 0) + intervalMs;
  const count = (endMs - startMs) / intervalMs;
  if (!(count <= readingsMax)) throw misfit(path, `it has more than ${readingsMax} intervals`);
  const values = Array.from<number | null>({ length: Math.ceil(count) }).fill(null);
  for (const { timeMs, value } of rows) {
    const at = (timeMs - startMs) / intervalMs;
    if (!Number.isInteger(at)) throw misfit(path, `its times are not ${intervalMs / 60_000} minutes apart`);
    values[at] = milliwattHours(value, unit, intervalMs);
  }
  return { unit: "mWh", startMs, intervalMs, values };
}

const linesOf = (text: string): string[] => text.split(/\r?\n/).filter((line) => line.trim() !== "");

const perHour = { mWh: 1, Wh: 1_000, kWh: 1_000_000, W: 1_000, kW: 1_000_000 } as const;

/** Null where it is no number: a gap. */
function milliwattHours(value: unknown, unit: MeterFileUnit, intervalMs: number): number | null {
  if (typeof value !== "number" || !Number.isFinite(value)) return null;
  const factor = unit === "W" || unit === "kW" ? (perHour[unit] * intervalMs) / hourMs : perHour[unit];
  return Math.round(value * factor);
}

/** Of "2013-08-01 00:15:00" in a place's standard time; null where it is no such text. */
function localMs(text: string, utcOffsetMinutes: number): number | null {
  const match = /^(\d{4}-\d{2}-\d{2})[ T](\d{2}:\d{2})(?::(\d{2}))?$/.exec(text);
  if (match === null) return null;
  const ms = Date.parse(`${match[1]}T${match[2]}:${match[3] ?? "00"}Z`);
  return Number.isNaN(ms) ? null : ms - utcOffsetMinutes * 60_000;
}

export interface EventsFile {
  readonly utcOffsetMinutes: number;
  readonly holidays: readonly string[];
  /** Of events whose line says no time of notice. */
  readonly noticeMs: number;
}

/**
 * Events in lines `2013-09-23 14:00:00, 2013-09-23 16:00:00` with a third column for the time of notice where it is
 * another one.
 *
 * @throws MALFORMED_FILE
 */
export async function readEventsFile(path: string, file: EventsFile): Promise<Season> {
  const { utcOffsetMinutes, holidays, noticeMs } = file;
  const events = linesOf(await readTextFile(path, bytesMax)).map((line, i): LoadEvent => {
    const [startMs, endMs, told] = line.split(",").map((cell) => localMs(cell.trim(), utcOffsetMinutes));
    if (startMs === undefined || startMs === null || endMs === undefined || endMs === null)
      throw misfit(path, `line ${i + 1} must be two local times, and perhaps that of notice`);
    return { noticeMs: told ?? startMs - noticeMs, startMs, endMs, isOptedOut: false };
  });
  const json = { utcOffsetMinutes, holidays, events } as unknown as Json;
  return readSeason(new Field(json, "season", (at, problem) => misfit(path, `${at} ${problem}`)));
}
