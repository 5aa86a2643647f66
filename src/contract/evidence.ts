import { z } from "zod";
import { h3Cell } from "./nearby.ts";
import { place } from "./verification.ts";
import { count, timeMs } from "./wire.ts";

/** Where a submission was, as everybody may know it. */
export const publicCell = z.strictObject({
  cell: h3Cell.nullable().meta({ description: "A cell of resolution 9, a tenth of a square kilometre." }),
});

/** What came with a submission beside its answer, for its requester. */
export const evidence = z.strictObject({
  cell: h3Cell.nullable(),
  exact: place.extend({ timeMs, accuracyMm: count }).nullable().meta({ description: "Null once it has expired." }),
  expiresAtMs: timeMs.nullable(),
  pictures: z
    .record(z.string(), z.strictObject({ type: z.literal("image/jpeg"), data: z.string() }))
    .meta({ description: "By name, in base64, without anything that the camera wrote into them." }),
});
export type Evidence = z.output<typeof evidence>;
