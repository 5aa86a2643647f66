import { z } from "zod";
import { count, publicKey, tokenAmount } from "./wire.ts";

/** What a contributor earned of a token on a day: in the columns of a table that a tax adviser can add up. */
export const earnedDay = z.strictObject({
  day: z
    .string()
    .regex(/^\d{4}-\d{2}-\d{2}$/)
    .meta({ description: "A day in UTC." }),
  mint: publicKey.meta({ description: "The token: a day has a row for each that was earned." }),
  answers: count.meta({ description: "Accepted answers, by the day of their verdict." }),
  rewards: tokenAmount,
  bonuses: tokenAmount,
  earned: tokenAmount.meta({ description: "Rewards and bonuses." }),
});
export type EarnedDay = z.output<typeof earnedDay>;
