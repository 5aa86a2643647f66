import { z } from "zod";
import { count, json, marketRef, page, publicKey, share, timeMs, tokenAmount } from "./wire.ts";

/** What a market knows of those who work in it. */

export const standing = z.enum(["unproven", "proven", "uninformative", "copying"]);
export type Standing = z.output<typeof standing>;

/** How often somebody says what where something is true, as the window of the model shows it. */
export const errorCell = z.strictObject({
  truth: json.meta({ description: "What was right, as contributors give it." }),
  answer: json.meta({ description: "What was answered." }),
  answers: count.meta({ description: "How often." }),
  probability: share,
  low: share.meta({ description: "With `high`: where the probability lies in 95 of 100 cases." }),
  high: share,
});
export type ErrorCell = z.output<typeof errorCell>;

const judgedBy = {
  controls: z
    .strictObject({ answered: count, right: count })
    .meta({ description: "Answers to control tasks, and how many of them were right." }),
  agreement: z
    .strictObject({ judged: count, agreed: count })
    .meta({ description: "Answers compared with a settled label, and how many agreed." }),
};

/** A contributor of a market, for its owner. `answers` is the sum of accepted, rejected and held. */
export const contributorRecord = z.strictObject({
  contributor: publicKey,
  automated: z.boolean(),
  isBlocked: z.boolean().meta({ description: "The requester gives this contributor no more work." }),
  answers: count,
  accepted: count,
  rejected: count.meta({ description: "Also those that may still be appealed, or are." }),
  held: count.meta({ description: "Without a verdict yet, or waiting for the requester's review." }),
  earned: tokenAmount.meta({ description: "In this market, bonuses included and fee excluded." }),
  ...judgedBy,
  standing: z
    .strictObject({
      standing,
      informative: share.meta({ description: "How likely the model holds it that they look at the tasks." }),
      model: count.meta({ description: "The version of the model that says so." }),
    })
    .nullable()
    .meta({ description: "Null before the first model, and where the market has no policy." }),
  errors: z.array(errorCell).nullable().meta({
    description: "The error matrix, row by row of what they met. Null where answers are more than 16 classes or none.",
  }),
});
export type ContributorRecord = z.output<typeof contributorRecord>;
export const contributorPage = page(contributorRecord);

/** Why answers are held. It says nothing of single ones: that would tell which tasks are control tasks. */
export const heldBecause = z.enum(["LABELS_AWAITED", "STANDING_AWAITED"]);

/** A contributor's own record in a market: nothing in it tells more of control tasks than its verdicts did. */
export const ownRecord = z.strictObject({
  market: marketRef,
  title: z.string(),
  answers: count,
  accepted: count,
  rejected: count,
  appealable: count.meta({ description: "Of the rejected: an appeal is still possible." }),
  appealed: count.meta({ description: "Of the rejected: an appeal is under way." }),
  held: z.strictObject({
    count,
    review: count.meta({ description: "Of these: the requester decides." }),
    because: heldBecause.nullable().meta({ description: "Null where nothing is held." }),
    next: z.string().nullable().meta({ description: "What ends the waiting." }),
  }),
  earned: tokenAmount,
  reserve: tokenAmount.meta({ description: "Of the earned: held back as reserve or put behind an appeal." }),
  controls: z
    .strictObject({ met: count, missed: count })
    .meta({ description: "Verdicts on control tasks: only what these verdicts said already." }),
  standing: standing.nullable(),
  firstAtMs: timeMs.nullable().meta({ description: "When the first answer with a verdict was submitted." }),
  lastAtMs: timeMs.nullable(),
  pace: z
    .strictObject({
      answers: count.meta({ description: "How many answers it rests on: the latest with a verdict, at most 1000." }),
      activeSeconds: z.number().meta({
        description: "Time between these answers, where less than ten minutes lie between two of them.",
      }),
      earned: tokenAmount.meta({ description: "What these answers were paid." }),
      perHour: tokenAmount.nullable().meta({ description: "Null below one active minute." }),
    })
    .nullable()
    .meta({ description: "The real hourly rate. Null before two answers have a verdict." }),
});
export type OwnRecord = z.output<typeof ownRecord>;
