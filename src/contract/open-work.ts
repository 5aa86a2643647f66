import { z } from "zod";
import { answerSchema } from "./answers.ts";
import { template } from "./guide.ts";
import { task } from "./tasks.ts";
import { eligibility, requirement } from "./terms.ts";
import { token } from "./tokens.ts";
import { count, marketRef, page, publicKey, share, tokenAmount } from "./wire.ts";

/** What a contributor lacks for a market's work, and how to come by it. */
export const lack = z.strictObject({
  what: z.string(),
  next: z.string(),
  requirement: requirement.nullable().meta({ description: "What is not met. Null: it is the caller's own market." }),
  test: z
    .string()
    .nullable()
    .meta({ description: "The market's test that gives it: POST /v1/markets/{market}/tests/{test}/attempts." }),
});
export type Lack = z.output<typeof lack>;

/** A market that has work, for those who look for some. */
export const openWork = z.strictObject({
  market: marketRef,
  title: z.string(),
  kind: z.string(),
  requester: publicKey,
  token,
  reward: tokenAmount.meta({ description: "What an accepted answer is paid; single tasks may differ." }),
  payPerHour: tokenAmount
    .nullable()
    .meta({ description: "The reward by the seconds an answer takes people. Null where that is not known yet." }),
  secondsPerAnswer: z
    .number()
    .nullable()
    .meta({ description: "From assignment to submission: the median of people's recently accepted answers." }),
  measuredAnswers: count.meta({ description: "How many answers that rests on." }),
  rejected: share.nullable().meta({ description: "The share of recent answers that were rejected." }),
  answer: answerSchema,
  template,
  hasGuide: z.boolean(),
  examples: count,
  eligibility,
  tasksLeft: count.meta({ description: "Tasks that may still want answers, control tasks apart." }),
  automatedAllowed: z.boolean(),
  hasPlaces: z
    .boolean()
    .meta({ description: "Whether tasks have a place: GET /v1/markets/{market}/nearby finds them." }),
  qualifies: z.boolean().nullable().meta({ description: "Whether the caller may work here. Null without a session." }),
  missing: z.array(lack).meta({ description: "What the caller lacks. Empty without a session." }),
});
export type OpenWork = z.output<typeof openWork>;
export const openWorkPage = page(openWork);

/** What somebody sees who was never here: one task of a market that pays newcomers, all that it takes to show it. */
export const firstWork = z.strictObject({
  first: z
    .strictObject({ work: openWork, task })
    .nullable()
    .meta({ description: "Null where no open market has money for newcomers." }),
});
export type FirstWork = z.output<typeof firstWork>;
