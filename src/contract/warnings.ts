import { z } from "zod";
import { count, share, tokenAmount } from "./wire.ts";

const said = {
  what: z.string().meta({ description: "In English, for whoever has no words of its own for the code." }),
  next: z.string().meta({ description: "What can be done about it." }),
};

/**
 * What its owner should know of a market while something can still be done: no error, and nothing was refused. The
 * numbers come as `context`, so that each page and program can say it in its own language.
 */
export const warning = z.discriminatedUnion("code", [
  z.strictObject({
    code: z.literal("TARGET_OUT_OF_REACH"),
    context: z.strictObject({
      target: share,
      accuracy: share.meta({ description: "Of labels, at any price." }),
    }),
    ...said,
  }),
  z.strictObject({
    code: z.literal("TARGET_SELDOM_REACHED"),
    context: z.strictObject({
      target: share,
      reached: share.meta({ description: "Of tasks." }),
      answersMax: count,
    }),
    ...said,
  }),
  z.strictObject({ code: z.literal("CONTROLS_MISSING"), context: z.strictObject({}), ...said }),
  z.strictObject({
    code: z.literal("CONTRIBUTORS_UNPROVEN"),
    context: z.strictObject({ contributors: count }),
    ...said,
  }),
  z.strictObject({
    code: z.literal("ESCROW_SHORT"),
    context: z.strictObject({
      tasks: count.meta({ description: "That nobody has begun." }),
      needed: tokenAmount.meta({ description: "For these, with fee." }),
      free: tokenAmount,
    }),
    ...said,
  }),
]);
export type Warning = z.output<typeof warning>;
