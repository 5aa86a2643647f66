import { z } from "zod";
import { agreement, answerSchema } from "./answers.ts";
import { known } from "./verification.ts";
import { share, text, timeMs, tokenAmount } from "./wire.ts";

/** What one task asks for and pays. A market has terms; a task may replace some of them. */

export const overlap = z.strictObject({
  min: z.int().min(1).max(1_024),
  max: z.int().min(1).max(1_024),
  target: share.meta({ description: "A task settles as soon as its label is that certain." }),
});
export type Overlap = z.output<typeof overlap>;

const anyOf = z.array(text(200)).min(1).max(300);
export const requirement = z.discriminatedUnion("type", [
  z.strictObject({
    type: z.literal("qualification"),
    name: text(64),
    min: z.int().min(0).max(1_000_000).meta({ description: "Of the score of a test: in parts per million." }),
  }),
  z.strictObject({ type: z.literal("language"), anyOf }),
  z.strictObject({ type: z.literal("country"), anyOf }),
  z.strictObject({ type: z.literal("age"), min: z.int().min(1).max(150) }),
  z.strictObject({ type: z.literal("place"), anyOf }),
  z
    .strictObject({ type: z.literal("person") })
    .meta({ description: "No programs, by what contributors say of themselves when they sign in." }),
]);
export type Requirement = z.output<typeof requirement>;
export const eligibility = z.array(requirement).max(20);

const secondsMax = 366 * 86_400;
export const seconds = z.int().min(0).max(secondsMax);
export const leaseSeconds = z.int().min(1).max(secondsMax);

export const terms = z.strictObject({
  answer: answerSchema,
  agreement: agreement.nullable().meta({ description: "Null: what suits the type of answer." }),
  reward: tokenAmount,
  overlap,
  leaseSeconds: z.number(),
  deadlineMs: timeMs.nullable(),
  eligibility,
  known: known.nullable(),
});
export type Terms = z.output<typeof terms>;

/** What a task replaces of its market's terms. */
export const ownTerms = z.strictObject({
  answer: answerSchema.optional(),
  agreement: agreement.nullable().optional(),
  reward: tokenAmount.optional(),
  overlap: overlap.optional(),
  leaseSeconds: leaseSeconds.optional(),
  deadlineMs: timeMs.nullable().optional(),
  eligibility: eligibility.optional(),
  known: known.nullable().optional(),
});
export type OwnTerms = z.output<typeof ownTerms>;
