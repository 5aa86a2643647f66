import { z } from "zod";
import { standing } from "./contributors.ts";
import { explanation } from "./explanations.ts";
import { count, json, page, publicKey, share, slotRef, timeMs, tokenAmount } from "./wire.ts";
import { slotState } from "./work.ts";

/** A task as its requester looks at it while it is worked on. */
export const item = z.strictObject({
  task: count,
  id: z.string(),
  control: z.boolean(),
  answers: count.meta({ description: "Submitted so far; those that were void are none." }),
  label: json.meta({ description: "What it settled on; null before that." }),
  confidence: share.nullable(),
  decided: z.boolean().nullable().meta({ description: "False where the label stayed below the margin." }),
});
export type Item = z.output<typeof item>;
export const itemPage = page(item);

/** One answer to a task, with all that decided on it. */
export const itemSlot = z.strictObject({
  slot: slotRef,
  contributor: publicKey,
  automated: z.boolean(),
  state: slotState,
  reason: z.string().nullable(),
  reward: tokenAmount,
  answer: json.meta({ description: "Of paid answers, and of those that the requester reviews; of others null." }),
  decidedAtMs: timeMs.nullable(),
  weight: z
    .strictObject({
      accuracy: share.nullable().meta({ description: "How often right, by the market's model." }),
      standing: standing.nullable(),
      controls: z.strictObject({ answered: count, right: count }),
      agreement: z.strictObject({ judged: count, agreed: count }),
    })
    .meta({ description: "What the market knows of the contributor now: by it the answer counts." }),
  explanation: explanation.nullable().meta({ description: "Null before the verdict." }),
});
export type ItemSlot = z.output<typeof itemSlot>;

export const itemDetail = item.extend({
  content: json,
  known: json.meta({ description: "Of a control task: the answer that was known beforehand. Of others null." }),
  slots: z.array(itemSlot),
});
export type ItemDetail = z.output<typeof itemDetail>;

/** What was decided in a stretch of time. */
export const timelinePoint = z.strictObject({
  atMs: timeMs,
  accepted: count,
  rejected: count,
  settled: count.meta({ description: "Tasks that got their label." }),
  earned: tokenAmount,
});

export const timeline = z.strictObject({
  stepMs: count,
  points: z.array(timelinePoint),
  verdictMs: z
    .strictObject({ p50: count, p95: count })
    .nullable()
    .meta({ description: "From submission to verdict, of the latest verdicts." }),
  calibration: z
    .array(z.strictObject({ confidence: share, tasks: count, right: count }))
    .meta({ description: "Control tasks by how certain their label was: as many should be right as it said." }),
});
export type Timeline = z.output<typeof timeline>;
