import { z } from "zod";
import { count, json, share, text, timeMs } from "./wire.ts";

const choices = z.array(text(200)).min(2).max(100);

const newQuestion = z.strictObject({
  content: json.meta({ description: "What contributors see." }),
  choices,
  answer: text(200).meta({ description: "The right choice; it stays hidden." }),
});

/** A qualification test. Tasks ask for its score by their eligibility, in parts per million. */
export const newTest = z.strictObject({
  questions: z.array(newQuestion).min(1).max(100),
  passingShare: share.default(1).meta({ description: "What is called passed." }),
  validDays: z
    .int()
    .min(1)
    .max(366)
    .default(365)
    .meta({ description: "How long a score stands, and keeps from another attempt." }),
});
export type NewTest = z.input<typeof newTest>;
export type NewTestFilled = z.output<typeof newTest>;

export const test = z.strictObject({
  name: z.string(),
  questions: z.array(z.strictObject({ content: json, choices: z.array(z.string()) })),
  passingShare: share,
  validDays: z.number(),
  sequence: count.meta({ description: "The entry of the log that commits to it." }),
});
export type Test = z.output<typeof test>;

export const tests = z.strictObject({ items: z.array(test) });

/** One choice for each question, in order. */
export const newAttempt = z.strictObject({ answers: z.array(text(200)).min(1).max(100) });
export type NewAttempt = z.input<typeof newAttempt>;

export const score = z.strictObject({
  score: share.meta({ description: "The share of right answers." }),
  value: count.meta({ description: "The same as eligibility asks for it: in parts per million." }),
  passed: z.boolean(),
  expiresAtMs: timeMs,
});
export type Score = z.output<typeof score>;

export const retiredControls = z.strictObject({
  retired: count,
  left: count.meta({ description: "Not yet, because somebody is about to answer them." }),
});
export type RetiredControls = z.output<typeof retiredControls>;
