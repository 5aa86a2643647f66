import { z } from "zod";
import { seconds } from "./terms.ts";

const millinats = z.int().min(-1_000_000).max(1_000_000);
const ppm = z.int().min(0).max(1_000_000);

/**
 * How answers become labels and pay in a market that has control tasks, where its tasks share one closed set of answers.
 * Thousandths of a nat are log-odds that somebody looks at the tasks.
 */
export const policy = z.strictObject({
  answersWorth: z
    .int()
    .min(1)
    .max(1_000_000)
    .optional()
    .meta({ description: "How many answers' prices a right label is worth: a task that needs more is given up (40)." }),
  holdSeconds: seconds.optional().meta({ description: "How long an answer may wait for a better model (a day)." }),
  windowAnswers: z.int().min(50).max(262_144).optional().meta({ description: "Latest answers to learn from (16384)." }),
  provenMillinats: millinats.optional().meta({ description: "From here on paid as tasks settle (4000)." }),
  controlsMin: z
    .int()
    .min(0)
    .max(1_000)
    .optional()
    .meta({ description: "And with so many control tasks answered (2)." }),
  uninformativeMillinats: millinats
    .optional()
    .meta({ description: "From here down not paid, and not heard (-10000)." }),
  closingMillinats: millinats.optional().meta({ description: "Paid from here on when no more evidence can come (0)." }),
  groundPpm: ppm.optional().meta({ description: "What the proven alone must say of a label (500000)." }),
  doubtPpm: ppm
    .optional()
    .meta({ description: "An answer against its label is paid from this probability on (10000)." }),
});
export type Policy = z.output<typeof policy>;
