import { z } from "zod";
import { route } from "./route.ts";
import { count, json, marketRef, timeMs, tokenAmount } from "./wire.ts";

const ofMarket = z.strictObject({ market: marketRef });

export const challengeable = z.strictObject({
  task: count,
  label: json.meta({ description: "What the task settled on, or what its panel found." }),
  decided: z.boolean().meta({ description: "False where the answers split." }),
  endsAtMs: timeMs.meta({ description: "Until then somebody may object." }),
  stake: tokenAmount.meta({
    description: "Of one's reserve in this market: lost where the panel finds the label right.",
  }),
  challenge: z
    .strictObject({
      atMs: timeMs,
      endsAtMs: timeMs.meta({ description: "The panel is heard until then." }),
      seats: count,
      votes: count,
      outcome: z.enum(["upheld", "overturned", "lapsed"]).nullable(),
    })
    .nullable()
    .meta({ description: "Null while nobody objected." }),
});
export type Challengeable = z.output<typeof challengeable>;

export const newObjection = z.strictObject({ task: count });

/** Objecting to what tasks settled on, in markets whose composition lets everybody do so for a while. */
export const challengeRoutes = {
  listChallenges: route("listChallenges", {
    tag: "work",
    method: "GET",
    path: "/v1/markets/:market/challenges",
    auth: "none",
    summary: "Settled tasks that can be challenged, or whose challenge is heard: those that end first come first",
    params: ofMarket,
    response: z.strictObject({ items: z.array(challengeable) }),
    errors: ["MARKET_NOT_FOUND"],
  }),
  challengeTask: route("challengeTask", {
    tag: "work",
    method: "POST",
    path: "/v1/markets/:market/challenges",
    auth: "session",
    summary: "Object to what a task settled on, with reserve at stake; a panel that is drawn decides",
    params: ofMarket,
    body: newObjection,
    status: 201,
    response: challengeable,
    errors: [
      "MARKET_NOT_FOUND",
      "MARKET_STATE",
      "TASK_NOT_FOUND",
      "CONTRIBUTOR_NOT_FOUND",
      "OWN_MARKET_WORK",
      "CHALLENGE_STATE",
    ],
    idempotent: true,
  }),
} as const;
