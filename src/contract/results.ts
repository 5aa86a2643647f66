import { z } from "zod";
import { acknowledgement } from "./receipts.ts";
import { count, json, publicKey, share, slotRef, tokenAmount } from "./wire.ts";

export const resultMediaTypes = {
  jsonl: "application/x-ndjson",
  csv: "text/csv",
  labelstudio: "application/json",
  parquet: "application/vnd.apache.parquet",
} as const;
export type ResultFormat = keyof typeof resultMediaTypes;

/** One row of a market's results. Only paid answers are delivered. */
export const result = z.strictObject({
  id: z.string(),
  task: count,
  lane: count,
  label: json.meta({ description: "The answer that was settled on, as contributors give it." }),
  confidence: share,
  decided: z.boolean().meta({ description: "False where the label stayed below the margin." }),
  control: z.boolean(),
  votes: z
    .record(z.string(), count)
    .meta({ description: "Answers by what they say; those that are no text, as JSON." }),
  cost: tokenAmount,
  paid: z.array(
    z.strictObject({
      slot: slotRef,
      contributor: publicKey,
      reward: tokenAmount,
      reason: z.string(),
      submittedSequence: count,
      decidedSequence: count,
    }),
  ),
  receipt: acknowledgement,
});
export type Result = z.output<typeof result>;
