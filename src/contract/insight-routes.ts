import { z } from "zod";
import { contributorPage, ownRecord } from "./contributors.ts";
import { earnedDay } from "./earnings.ts";
import { firstWork, openWorkPage } from "./open-work.ts";
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
  listWork: route("listWork", {
    tag: "work",
    method: "GET",
    path: "/v1/work",
    auth: "optional",
    summary:
      "Open markets with work, the best paid by the hour first; with a session, whether the caller may take part",
    query: z.strictObject(paging),
    response: openWorkPage,
  }),
  getFirstWork: route("getFirstWork", {
    tag: "work",
    method: "GET",
    path: "/v1/work/first",
    auth: "none",
    summary: "One task for somebody who was never here, in the best paid market that has money for newcomers",
    response: firstWork,
  }),
  getEarnings: route("getEarnings", {
    tag: "sessions",
    method: "GET",
    path: "/v1/me/earnings",
    auth: "session",
    summary: "What the contributor earned on each day of a year, as JSON lines or CSV",
    query: z.strictObject({
      year: z
        .string()
        .regex(/^20\d{2}$/)
        .optional()
        .meta({ description: "Default: the current one, in UTC." }),
      format: z.enum(["jsonl", "csv"]).optional(),
    }),
    responseKind: "rows",
    response: earnedDay,
    errors: ["ACCEPT_MISMATCH"],
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
