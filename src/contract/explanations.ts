import { z } from "zod";
import { standing } from "./contributors.ts";
import { count, hash32, json, share, timeMs, tokenAmount } from "./wire.ts";

/** Why a verdict is what it is: the rule, and whatever of the evidence may be shown. Each entry can be proven. */
export const explanation = z.strictObject({
  rule: z.string().meta({ description: "The rule that decided, in a sentence." }),
  findings: z
    .array(z.strictObject({ code: z.string(), what: z.string(), next: z.string() }))
    .meta({ description: "What the market's composition found. Empty where it has none." }),
  control: z
    .strictObject({
      commitment: hash32.meta({ description: "Salted hash of the right answer, made before anybody answered." }),
      committedSequence: count.meta({ description: "The entry that has the commitment." }),
      openedSequence: count.nullable().meta({ description: "The entry that shows answer and salt. Null until then." }),
      answer: json.meta({ description: "The right answer. Null until it is shown to everybody." }),
    })
    .nullable()
    .meta({ description: "Where a control task decided." }),
  label: z
    .strictObject({ label: json, confidence: share, decided: z.boolean(), sequence: count })
    .nullable()
    .meta({ description: "What the task settled on, and by which entry." }),
  record: z
    .strictObject({ answered: count, right: count, answeredMin: count, accuracyMin: share })
    .nullable()
    .meta({ description: "Where the record on control tasks decided: as it is now, and what the market asks for." }),
  model: z.strictObject({ version: count, sequence: count, standing: standing.nullable() }).nullable().meta({
    description:
      "Where the market's model decided: the one adopted last before the verdict. `standing` is null where another has been adopted since.",
  }),
  panel: z
    .strictObject({ votes: count, label: json.meta({ description: "What the panel says is right." }) })
    .nullable()
    .meta({ description: "Where the panel of an appeal decided." }),
  note: z.string().nullable().meta({ description: "What the requester said." }),
  appeal: z
    .strictObject({
      isOpen: z.boolean(),
      untilMs: timeMs.nullable(),
      cost: tokenAmount.nullable().meta({ description: "Of the reserve, and given back where the appeal is won." }),
      problem: z.string().nullable().meta({ description: "Why it is not open." }),
    })
    .nullable()
    .meta({ description: "Null where nothing was rejected." }),
});
export type Explanation = z.output<typeof explanation>;
