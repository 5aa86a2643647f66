import { z } from "zod";
import { place } from "./verification.ts";
import { count, tokenAmount } from "./wire.ts";

/** A cell of H3 in its hexadecimal text. */
export const h3Cell = z
  .string()
  .regex(/^8[0-9a-f]{14}$/)
  .meta({ description: "An H3 cell, such as 8a2a1072b59ffff.", examples: ["871e15b71ffffff"] });

export const nearTask = z.strictObject({
  task: count,
  place,
  distanceMm: count.meta({ description: "From the middle of the cell, in millimetres." }),
  reward: tokenAmount,
});
export type NearTask = z.output<typeof nearTask>;

export const nearby = z.strictObject({ items: z.array(nearTask) });
