import { z } from "zod";
import { contributorPage, ownRecord } from "./contributors.ts";
import { marketReport } from "./report.ts";
import { route } from "./route.ts";
import { cursor, limitText, marketRef } from "./wire.ts";

const ofMarket = z.strictObject({ market: marketRef });
const paging = { after: cursor.optional(), limit: limitText.optional() };

/** How a market goes, for its owner; where work is, and what came of it, for contributors. */
export const insightRoutes = {
  listContributors: route("listContributors", {
    tag: "results",
    method: "GET",
    path: "/v1/markets/:market/contributors",
    auth: "either",
    summary: "Who worked in a market: answers, controls, verdicts, earnings, and what the model says of them",
    params: ofMarket,
    query: z.strictObject(paging),
    response: contributorPage,
    errors: ["MARKET_NOT_FOUND", "OWNER_MISMATCH"],
  }),
  getReport: route("getReport", {
    tag: "results",
    method: "GET",
    path: "/v1/markets/:market/report",
    auth: "either",
    summary: "What a market came to: what machines saved, and what people added",
    params: ofMarket,
    response: marketReport,
    errors: ["MARKET_NOT_FOUND", "OWNER_MISMATCH"],
  }),
  getOwnRecord: route("getOwnRecord", {
    tag: "sessions",
    method: "GET",
    path: "/v1/me/markets/:market",
    auth: "session",
    summary: "The contributor's own record in a market",
    params: ofMarket,
    response: ownRecord,
    errors: ["MARKET_NOT_FOUND"],
  }),
} as const;
