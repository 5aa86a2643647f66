import { z } from "zod";
import { count, json } from "./wire.ts";

export const eventMediaType = "text/event-stream";

/** An entry of the log as the public may see it. The event's name is `kind`, its id the sequence. */
export const event = z.strictObject({
  lane: count,
  sequence: count,
  kind: z.string(),
  task: count.nullable(),
  data: json,
});
export type MarketEvent = z.output<typeof event>;
