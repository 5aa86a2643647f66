import { z } from "zod";
import { warning } from "./warnings.ts";
import { count, json, marketRef, publicKey, share, tokenAmount } from "./wire.ts";

/** Answers to control tasks by one contributor, or by several together. */
export const measured = z.strictObject({
  tasks: count,
  right: count,
  accuracy: share.nullable(),
  interval: z.tuple([share, share]).meta({ description: "Where the accuracy lies in 95 of 100 cases." }),
});

export const machine = z.strictObject({
  contributor: publicKey,
  answers: count.meta({ description: "To tasks that are no control tasks." }),
  measured: measured.extend({
    errors: z
      .array(z.strictObject({ truth: json, answer: json, count }))
      .meta({ description: "Its error matrix on control tasks: how often it gave what where what was right." }),
  }),
  judged: count.meta({ description: "Of its answers: those whose task has a label." }),
  agreed: count.meta({ description: "Of these: those that say the same as the label." }),
  earned: tokenAmount,
});
export type Machine = z.output<typeof machine>;

/** What a market came to, and what machines and people gave to it. */
export const marketReport = z.strictObject({
  market: marketRef,
  title: z.string(),
  tasks: z.strictObject({
    asked: count.meta({ description: "Tasks that are no control tasks." }),
    controls: count,
    settled: count,
    decided: count.meta({ description: "Of the settled: those as certain as wanted." }),
  }),
  answers: z.strictObject({
    machines: count,
    people: count,
    perTask: z.number().nullable().meta({ description: "Answers to a settled task, on the mean." }),
  }),
  confidence: share.nullable().meta({ description: "Of the settled labels, on the mean." }),
  agreement: z
    .strictObject({ judged: count, agreed: count })
    .meta({ description: "Answers of all compared with a settled label, and how many agreed." }),
  machines: z.array(machine),
  people: z.strictObject({ contributors: count, measured }),
  settledBy: z
    .strictObject({ machines: count, people: count, both: count })
    .meta({ description: "Settled tasks by whose answers they have." }),
  added: z
    .strictObject({
      confirmed: count.meta({ description: "The label is what the machines said." }),
      corrected: count.meta({ description: "The label is another than the machines said." }),
      helped: count.meta({ description: "Machines disagreed with each other; the label is one of theirs." }),
    })
    .meta({ description: "What people added, on settled tasks that both answered." }),
  saved: z
    .strictObject({
      peopleAlone: z.number().meta({ description: "Answers of people that the settled tasks would have taken." }),
      answers: z.number().meta({ description: "Of these: not needed. Below zero where it took more." }),
      share: z.number(),
      isEstimate: z.literal(true),
    })
    .nullable()
    .meta({
      description:
        "What machines saved: by the forecast for people as accurate as the model knows them. Null where there is no model, or no machine.",
    }),
  rings: z.array(z.strictObject({ devices: z.array(z.string()), reports: count })).meta({
    description: "Devices that hear each other and nobody else, with the reports that were paid between them.",
  }),
  cost: tokenAmount.meta({ description: "What was earned in the market, fee excluded." }),
  warnings: z.array(warning),
});
export type MarketReport = z.output<typeof marketReport>;
