import { z } from "zod";
import { hash32, json, text, timeMs } from "./wire.ts";

/**
 * How submissions are verified, as primitives and combinators: docs/verification.md has them all. One field a node; what
 * is wrong in it is answered with a JSON pointer to the place.
 */
export const composition = z.record(text(40), json).meta({
  description:
    "How each submission is verified, and what of its reward is paid: see docs/verification.md. Null: by agreement alone.",
  examples: [{ all: [{ match: { type: "control" } }, { agree: { type: "label" } }] }],
});
export type WireComposition = z.output<typeof composition>;

export const place = z.strictObject({
  latitudeE7: z.int().min(-900_000_000).max(900_000_000),
  longitudeE7: z.int().min(-1_800_000_000).max(1_800_000_000),
});
const name = z.string().regex(/^[a-z][A-Za-z0-9]{0,39}$/);

/** Events in which a meter should count less, in order, at most one a local day. */
const season = z
  .strictObject({
    utcOffsetMinutes: z.int().min(-840).max(840).meta({ description: "Of the place's standard time, all year." }),
    holidays: z.array(z.string().regex(/^\d{4}-\d{2}-\d{2}$/)).max(366),
    events: z
      .array(z.strictObject({ noticeMs: timeMs, startMs: timeMs, endMs: timeMs, isOptedOut: z.boolean().optional() }))
      .max(40),
  })
  .meta({ description: "Events in which a meter should count less, and the calendar of its place: docs/energy.md." });

const device = text(100);
const gainDdb = z.int().min(-3_000).max(3_000).meta({ description: "Of its antenna, in tenths of a decibel." });

const beacon = z.strictObject({
  device: device.meta({ description: "The key of who sent it." }),
  cell: z
    .string()
    .regex(/^8[0-9a-f]{14}$/)
    .meta({ description: "Where it stands: an H3 cell." }),
  gainDdb,
  powerDbm: z.int().min(-100).max(100),
  region: text(100),
  frequencyHz: z.int().min(1).max(1_000_000_000_000),
  payload: text(1_024).meta({ description: "What it said, in hexadecimal." }),
  sentAtMs: timeMs,
  lastSentAtMs: timeMs.nullable().optional().meta({ description: "Of the same device." }),
  denied: z.array(device).max(1_000).optional(),
  deniedEdges: z
    .array(z.tuple([device, device]))
    .max(1_000)
    .optional(),
});

export const language = z.enum(["javascript", "webassembly"]);

const byHash = z.strictObject({ hash: hash32 });
const brought = z.strictObject({ content: name });
const source = z.union([byHash, brought]);

/** A program over an input, both pinned by their hash or brought by the submission under a name. */
const knownRun = z.strictObject({
  program: z.union([byHash, z.strictObject({ content: name, language })]),
  input: source,
  output: source
    .nullable()
    .optional()
    .meta({ description: "What it has to give: known by its hash, or what the submission brings." }),
  limits: z.strictObject({ fuelMax: z.int(), memoryBytesMax: z.int(), outputBytesMax: z.int() }).nullable().optional(),
});

/** What is known of a task beforehand. Everybody sees it: it keeps out mistakes, not lies. */
export const known = z
  .strictObject({
    window: z
      .strictObject({ startMs: timeMs, endMs: timeMs })
      .nullable()
      .optional()
      .meta({ description: "When it has to be done. Default: between assignment and the end of the lease." }),
    place: place.nullable().optional().meta({ description: "Where, in ten-millionths of a degree." }),
    beacon: beacon.nullable().optional().meta({ description: "What devices are to hear." }),
    digests: z.record(name, hash32).optional().meta({ description: "Hashes of content that submissions must have." }),
    values: z.record(name, z.number()).optional().meta({ description: "Numbers that answers must be near." }),
    season: season.nullable().optional(),
    runs: z.record(name, knownRun).optional().meta({
      description:
        'What the network executes to judge a submission. Inputs known by their hash stand in the task\'s content: `{"inputs": {"name": "base64"}}`.',
    }),
  })
  .meta({ description: "What the market's composition compares submissions with; public, as all of the log." });
export type WireKnown = z.output<typeof known>;
