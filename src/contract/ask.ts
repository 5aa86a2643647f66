import { z } from "zod";
import { acknowledgement } from "./receipts.ts";
import { eligibility } from "./terms.ts";
import { count, marketRef, share, slotRef, text, tokenAmount } from "./wire.ts";

/** One question to people, paid from the owner's prepaid balance. */
export const question = z.strictObject({
  question: text(4_000),
  content: z
    .array(z.strictObject({ label: text(200), text: z.string().max(100_000) }))
    .max(20)
    .default([]),
  choices: z
    .array(text(200))
    .min(2)
    .max(100)
    .optional()
    .meta({ description: "Default: the labels of the content, or yes and no where it has fewer than two." }),
  reward: tokenAmount,
  overlap: z
    .strictObject({
      min: z.int().min(1).max(1_024).default(2),
      max: z.int().min(1).max(1_024).default(3),
      target: share.default(0.9),
    })
    .prefault({}),
  eligibility: eligibility.default([]),
  deadlineSeconds: z
    .int()
    .min(1)
    .max(86_400)
    .default(600)
    .meta({ description: "No one is asked any more after that." }),
  waitSeconds: z
    .int()
    .min(0)
    .max(55)
    .default(25)
    .meta({ description: "How long a plain JSON request waits for the answer before it is told where to look." }),
});
export type Question = z.input<typeof question>;
export type QuestionFilled = z.output<typeof question>;

/** The question has become a task: `GET /v1/markets/{market}/results?task={task}` has its answer once it settles. */
export const posted = z.strictObject({ market: marketRef, task: count });
export type Posted = z.output<typeof posted>;

export const answer = z.strictObject({
  market: marketRef,
  task: count,
  answer: z.string().nullable().meta({ description: "Null where nobody answered in time." }),
  confidence: share,
  decided: z.boolean(),
  cost: tokenAmount,
  votes: z.record(z.string(), count),
  receipt: acknowledgement.nullable(),
});
export type Answer = z.output<typeof answer>;

/** What POST /v1/ask streams, in order of happening; `answer` is the last. */
export const askEvents = {
  posted,
  assigned: z.strictObject({ slot: slotRef }),
  answered: z.strictObject({ slot: slotRef }),
  settled: z.strictObject({ sequence: count }),
  answer,
} as const;
export type AskEvent = {
  [Name in keyof typeof askEvents]: { readonly event: Name; readonly data: z.output<(typeof askEvents)[Name]> };
}[keyof typeof askEvents];
