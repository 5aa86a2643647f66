import type { Field } from "../core/field.ts";
import { readBeacon, readPlace, readSeason, readWindow } from "../verification/algebra/read-case.ts";
import { hash, name, named, number, oneOf } from "../verification/algebra/read-values.ts";
import type { Season } from "../verification/baseline/season.ts";
import type { Beacon, Named, Place, TimeWindow } from "../verification/primitives/evidence.ts";

/**
 * What is known of a task before anybody does it, for everybody to see in the log. What is public can be copied: digests
 * and values keep out mistakes, not lies; what must stay hidden is the answer of a control task.
 */
export interface Known {
  /** When it has to be done; null: between assignment and the end of the lease. */
  readonly window: TimeWindow | null;
  readonly place: Place | null;
  /** Hashes of content, in hexadecimal. */
  readonly digests: Named<string>;
  readonly values: Named<number>;
  /** What the network executes to judge a submission, by the names that the composition has; left out where there is nothing. */
  readonly runs?: Named<KnownRun>;
  /** Absent where no meter is looked at. */
  readonly season?: Season;
  /** What devices are to hear; left out where there is nothing. */
  readonly beacon?: KnownBeacon;
}

export type KnownBeacon = Omit<Beacon, "firstReceivedAtMs">;

/** Where a composition looks for crashes, the digest of that name is their signature. */
export const signatureName = "signature";

export const languages = ["javascript", "webassembly"] as const;
export type Language = (typeof languages)[number];

/** Bytes that are known by their hash in hexadecimal, or that a submission brings under a name. */
export type BytesSource = { readonly hash: string } | { readonly content: string };

/** A program over an input: neither can change once the task is there. */
export interface KnownRun {
  /** One of the market's programs, or what a submission brings, such as a fix. */
  readonly program: { readonly hash: string } | { readonly content: string; readonly language: Language };
  /** What stands in the task's content, or what a submission brings, such as the proof of a fault. */
  readonly input: BytesSource;
  /** What it has to give; null where nothing is said of it. */
  readonly output: BytesSource | null;
  readonly limits: RunLimits;
}

/** Of an execution, where no `replay` of the composition has its own. */
export interface RunLimits {
  readonly fuelMax: number;
  readonly memoryBytesMax: number;
  readonly outputBytesMax: number;
}

/** About a second, and what fits into a submission. */
export const usualLimits: RunLimits = {
  fuelMax: 2_000_000_000,
  memoryBytesMax: 67_108_864,
  outputBytesMax: 32_768,
};

export const nothingKnown: Known = { window: null, place: null, digests: {}, values: {} };

export function readKnown(field: Field): Known {
  const { window, place, digests, values, runs, season, beacon } = field.fields(
    "window",
    "place",
    "digests",
    "values",
    "runs",
    "season",
    "beacon",
  );
  return {
    window: window.orNull(readWindow),
    place: place.orNull(readPlace),
    digests: named(digests, hash),
    values: named(values, (value) => number(value)),
    // One that is left out stays so: a specification keeps the bytes, and the hash, that it had before there were any.
    ...(runs.value !== undefined && { runs: named(runs, readRun) }),
    ...(season.value !== undefined && season.value !== null && { season: readSeason(season) }),
    ...(beacon.value !== undefined && beacon.value !== null && { beacon: readKnownBeacon(beacon) }),
  };
}

/** When it was first heard is for the log to say. */
function readKnownBeacon(field: Field): KnownBeacon {
  const { firstReceivedAtMs, ...beacon } = readBeacon(field);
  if (firstReceivedAtMs !== null) field.get("firstReceivedAtMs").fail("cannot be known before");
  return beacon;
}

function readRun(field: Field): KnownRun {
  const { program, input, output, limits } = field.fields("program", "input", "output", "limits");
  return {
    program: readProgram(program),
    input: readSource(input),
    output: output.orNull(readSource),
    limits: limits.orNull(readLimits) ?? usualLimits,
  };
}

function readProgram(field: Field): KnownRun["program"] {
  if (field.get("content").value === undefined) return { hash: hash(field.fields("hash").hash) };
  const { content, language } = field.fields("content", "language");
  return { content: name(content), language: oneOf(language, languages) };
}

function readSource(field: Field): BytesSource {
  if (field.get("content").value === undefined) return { hash: hash(field.fields("hash").hash) };
  return { content: name(field.fields("content").content) };
}

function readLimits(field: Field): RunLimits {
  const { fuelMax, memoryBytesMax, outputBytesMax } = field.fields("fuelMax", "memoryBytesMax", "outputBytesMax");
  return {
    fuelMax: fuelMax.integer(1_000, 1_000_000_000_000),
    memoryBytesMax: memoryBytesMax.integer(65_536, 536_870_912),
    outputBytesMax: outputBytesMax.integer(0, 67_108_864),
  };
}
