import { z } from "zod";

export const warningCodes = [
  "TARGET_OUT_OF_REACH",
  "TARGET_SELDOM_REACHED",
  "CONTROLS_MISSING",
  "CONTRIBUTORS_UNPROVEN",
  "ESCROW_SHORT",
] as const;

/** What its owner should know of a market while something can still be done: no error, and nothing was refused. */
export const warning = z.strictObject({
  code: z.enum(warningCodes),
  what: z.string(),
  next: z.string().meta({ description: "What can be done about it." }),
});
export type Warning = z.output<typeof warning>;
