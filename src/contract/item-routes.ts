import { z } from "zod";
import { itemDetail, itemPage, timeline } from "./items.ts";
import { route } from "./route.ts";
import { countText, cursor, limitText, marketRef } from "./wire.ts";

const ofMarket = z.strictObject({ market: marketRef });
const errors = ["MARKET_NOT_FOUND", "OWNER_MISMATCH"] as const;

/** What a requester looks at while a market runs: all of it for its owner alone. */
export const itemRoutes = {
  listItems: route("listItems", {
    tag: "results",
    method: "GET",
    path: "/v1/markets/:market/items",
    auth: "either",
    summary: "Tasks with what came of them: in order, or the disputed ones, the least certain first",
    params: ofMarket,
    query: z.strictObject({
      only: z.enum(["disputed"]).optional(),
      after: cursor.optional(),
      limit: limitText.optional(),
    }),
    response: itemPage,
    errors,
  }),
  getItem: route("getItem", {
    tag: "results",
    method: "GET",
    path: "/v1/markets/:market/items/:task",
    auth: "either",
    summary: "A task with all its answers: findings, weights, and why each was decided as it was",
    params: z.strictObject({ market: marketRef, task: countText }),
    response: itemDetail,
    errors: [...errors, "TASK_NOT_FOUND"],
  }),
  getTimeline: route("getTimeline", {
    tag: "results",
    method: "GET",
    path: "/v1/markets/:market/timeline",
    auth: "either",
    summary: "Verdicts, labels and spending over time, how soon verdicts come, and how far confidence can be trusted",
    params: ofMarket,
    response: timeline,
    errors,
  }),
} as const;
