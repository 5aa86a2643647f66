import { z } from "zod";
import { apiKeyPage, createdApiKey, newApiKey } from "./api-keys.ts";
import { archiveRoutes } from "./archive-routes.ts";
import { answer, question } from "./ask.ts";
import { challengeRoutes } from "./challenge-routes.ts";
import { commitRoutes } from "./commit-routes.ts";
import { coverageRoutes } from "./coverage.ts";
import { depositRoutes } from "./deposit-routes.ts";
import { event } from "./events.ts";
import { insightRoutes } from "./insight-routes.ts";
import { itemRoutes } from "./item-routes.ts";
import { deposit, market, marketPage, newBalance, newBonus, newMarket, newQualification } from "./markets.ts";
import { messageRoutes } from "./message-routes.ts";
import { health, network, solvency, totals } from "./network.ts";
import { noticeRoutes } from "./notice-routes.ts";
import { placeRoutes } from "./place-routes.ts";
import { programRoutes } from "./program-routes.ts";
import { qualifyingRoutes } from "./qualifying-routes.ts";
import { acknowledgement, log, slotReceipt } from "./receipts.ts";
import { reputationRoutes } from "./reputation-routes.ts";
import { result } from "./results.ts";
import { type Route, route } from "./route.ts";
import { challenge, me, payingWish, session, signIn } from "./sessions.ts";
import { addedTasks, newTasks, task, taskPage } from "./tasks.ts";
import { ofToken, tokenRoutes } from "./tokens.ts";
import { walletRoutes } from "./wallet-routes.ts";
import { webhookRoutes } from "./webhook-routes.ts";
import { countText, cursor, json, limitText, marketRef, publicKey, slotRef, text } from "./wire.ts";
import { withdrawalRoutes } from "./withdrawal-routes.ts";
import {
  assignmentWish,
  decision,
  newReserve,
  newSubmissions,
  offers,
  reviews,
  submission,
  turn,
  verdictPage,
} from "./work.ts";

const ofMarket = z.strictObject({ market: marketRef });
const ofTask = z.strictObject({ market: marketRef, task: countText });
const ofSlot = z.strictObject({ market: marketRef, slot: slotRef });
const paging = { after: cursor.optional(), limit: limitText.optional() };

const moveMarket = { tag: "markets", method: "POST", auth: "either", params: ofMarket, response: market } as const;
const moveErrors = ["MARKET_NOT_FOUND", "OWNER_MISMATCH", "MARKET_STATE"] as const;

/** Columns and fields of an import: `id=name`, `control=name`, `map=field=column,…`. */
const columnName = text(200);
const importQuery = z.strictObject({
  id: columnName.optional().meta({ description: 'The column with the task\'s id. Default: "id".' }),
  control: columnName.optional().meta({ description: 'The column with known answers, if any. Default: "control".' }),
  map: text(4_000)
    .optional()
    .meta({
      description: "What contributors see: `field=column,…`. Default: all other columns.",
      examples: ["text=q"],
    }),
});

/** Every operation. The server serves exactly these; a test compares. */
export const routes = {
  getNetwork: route("getNetwork", {
    tag: "network",
    method: "GET",
    path: "/v1/network",
    auth: "none",
    summary: "What this network is: chain, token, vault, fee, signer, time",
    response: network,
  }),
  getTotals: route("getTotals", {
    tag: "network",
    method: "GET",
    path: "/v1/totals",
    auth: "none",
    summary: "What was earned, charged, refunded and settled in all markets that pay in a token",
    query: ofToken,
    response: totals,
    errors: ["TOKEN_NOT_FOUND"],
  }),

  getSolvency: route("getSolvency", {
    tag: "network",
    method: "GET",
    path: "/v1/solvency",
    auth: "none",
    summary: "What lies in the vault, by the chain, against what of the deposits is unearned; some seconds old at most",
    query: ofToken,
    response: solvency,
    errors: ["TOKEN_NOT_FOUND", "CHAIN_UNAVAILABLE"],
  }),

  createChallenge: route("createChallenge", {
    tag: "sessions",
    method: "POST",
    path: "/v1/challenges",
    auth: "none",
    summary: "A nonce to sign in with, used once",
    status: 201,
    response: challenge,
  }),
  createSession: route("createSession", {
    tag: "sessions",
    method: "POST",
    path: "/v1/sessions",
    auth: "none",
    summary: "Sign in with Solana: the wallet authorises a session key",
    body: signIn,
    status: 201,
    response: session,
    errors: ["CHALLENGE_MISMATCH", "SIGNATURE_MISMATCH"],
  }),
  endSession: route("endSession", {
    tag: "sessions",
    method: "DELETE",
    path: "/v1/sessions/current",
    auth: "session",
    summary: "Sign out",
  }),
  getMe: route("getMe", {
    tag: "sessions",
    method: "GET",
    path: "/v1/me",
    auth: "session",
    summary: "The signed-in contributor and its balance",
    response: me,
  }),
  payTo: route("payTo", {
    tag: "identity",
    method: "PUT",
    path: "/v1/me/paying-address",
    auth: "session",
    summary: "Be paid at another wallet from the next commit on",
    body: payingWish,
    errors: ["SIGNATURE_MISMATCH", "REQUEST_TIME_MISMATCH", "PAYING_ADDRESS_STATE", "TOKEN_NOT_FOUND"],
    idempotent: true,
  }),
  listVerdicts: route("listVerdicts", {
    tag: "sessions",
    method: "GET",
    path: "/v1/me/verdicts",
    auth: "session",
    summary: "The contributor's verdicts, newest first",
    query: z.strictObject(paging),
    response: verdictPage,
  }),

  ...withdrawalRoutes,
  ...tokenRoutes,
  ...walletRoutes,
  ...noticeRoutes,

  listApiKeys: route("listApiKeys", {
    tag: "api keys",
    method: "GET",
    path: "/v1/api-keys",
    auth: "either",
    summary: "The owner's API keys, without their secrets, the newest first",
    query: z.strictObject(paging),
    response: apiKeyPage,
  }),
  createApiKey: route("createApiKey", {
    tag: "api keys",
    method: "POST",
    path: "/v1/api-keys",
    auth: "either",
    summary: "Create an API key; its secret is shown once",
    body: newApiKey,
    status: 201,
    response: createdApiKey,
  }),
  revokeApiKey: route("revokeApiKey", {
    tag: "api keys",
    method: "DELETE",
    path: "/v1/api-keys/:id",
    auth: "either",
    summary: "Revoke an API key",
    params: z.strictObject({ id: text(64) }),
    errors: ["API_KEY_NOT_FOUND"],
  }),

  ...webhookRoutes,
  ...messageRoutes,
  ...reputationRoutes,

  createMarket: route("createMarket", {
    tag: "markets",
    method: "POST",
    path: "/v1/markets",
    auth: "either",
    summary: "Create a market, as a draft",
    body: newMarket,
    status: 201,
    response: market,
    errors: ["MALFORMED_SPEC", "MALFORMED_AMOUNT", "REWARD_MISMATCH", "TOKEN_NOT_FOUND"],
    idempotent: true,
  }),
  listMarkets: route("listMarkets", {
    tag: "markets",
    method: "GET",
    path: "/v1/markets",
    auth: "optional",
    summary: "Markets, the newest first; drafts to their owner alone",
    query: z.strictObject({ ...paging, owner: publicKey.optional() }),
    response: marketPage,
  }),
  getMarket: route("getMarket", {
    tag: "markets",
    method: "GET",
    path: "/v1/markets/:market",
    auth: "optional",
    summary:
      "A market: its terms, status, escrow and log heads; with warnings for its owner, to whom alone drafts are shown",
    params: ofMarket,
    response: market,
    errors: ["MARKET_NOT_FOUND"],
  }),
  fundMarket: route("fundMarket", {
    ...moveMarket,
    path: "/v1/markets/:market/fund",
    summary: "Credit a finalized deposit to the market's escrow; what comes after its closing goes to the refund",
    body: deposit,
    errors: [...moveErrors, "DEPOSIT_NOT_FOUND", "DEPOSIT_STATE"],
    idempotent: true,
  }),
  ...depositRoutes,
  openMarket: route("openMarket", {
    ...moveMarket,
    path: "/v1/markets/:market/open",
    summary: "Begin to offer work; appeal and newcomer budgets are locked",
    errors: [...moveErrors, "ESCROW_INSUFFICIENT"],
    idempotent: true,
  }),
  pauseMarket: route("pauseMarket", {
    ...moveMarket,
    path: "/v1/markets/:market/pause",
    summary: "Offer no further work for now",
    errors: moveErrors,
    idempotent: true,
  }),
  resumeMarket: route("resumeMarket", {
    ...moveMarket,
    path: "/v1/markets/:market/resume",
    summary: "Offer work again",
    errors: moveErrors,
    idempotent: true,
  }),
  closeMarket: route("closeMarket", {
    ...moveMarket,
    path: "/v1/markets/:market/close",
    summary: "End the market; what is left is refunded once every slot has ended",
    errors: moveErrors,
    idempotent: true,
  }),

  addTasks: route("addTasks", {
    tag: "tasks",
    method: "POST",
    path: "/v1/markets/:market/tasks",
    auth: "either",
    summary: "Add up to 1,000 tasks, all or none",
    params: ofMarket,
    body: newTasks,
    status: 201,
    response: addedTasks,
    errors: [...moveErrors, "MALFORMED_SPEC", "REWARD_MISMATCH", "LIMIT_EXCEEDED"],
    idempotent: true,
  }),
  importTasks: route("importTasks", {
    tag: "tasks",
    method: "POST",
    path: "/v1/markets/:market/imports",
    auth: "either",
    summary: "Stream tasks as CSV or JSON lines, all or none, however many",
    params: ofMarket,
    query: importQuery,
    bodyKind: "rows",
    status: 201,
    response: addedTasks,
    errors: [...moveErrors, "MALFORMED_ROWS", "CONTENT_TYPE_MISMATCH"],
    idempotent: true,
  }),
  listTasks: route("listTasks", {
    tag: "tasks",
    method: "GET",
    path: "/v1/markets/:market/tasks",
    auth: "optional",
    summary: "A market's tasks in order; with `id`, the one with the requester's own id",
    params: ofMarket,
    query: z.strictObject({ after: countText.optional(), limit: limitText.optional(), id: text(200).optional() }),
    response: taskPage,
    errors: ["MARKET_NOT_FOUND", "TASK_NOT_FOUND"],
  }),
  getTask: route("getTask", {
    tag: "tasks",
    method: "GET",
    path: "/v1/markets/:market/tasks/:task",
    auth: "optional",
    summary: "A task by its number",
    params: ofTask,
    response: task,
    errors: ["MARKET_NOT_FOUND", "TASK_NOT_FOUND"],
  }),

  getResults: route("getResults", {
    tag: "results",
    method: "GET",
    path: "/v1/markets/:market/results",
    auth: "either",
    summary:
      "Settled labels with confidence, votes and receipt, streamed as JSON lines, CSV, Parquet or tasks of Label Studio",
    params: ofMarket,
    query: z.strictObject({
      format: z.enum(["jsonl", "csv", "labelstudio", "parquet"]).optional(),
      task: countText.optional(),
    }),
    responseKind: "rows",
    response: result,
    errors: ["MARKET_NOT_FOUND", "OWNER_MISMATCH", "ACCEPT_MISMATCH"],
  }),
  getLog: route("getLog", {
    tag: "log",
    method: "GET",
    path: "/v1/markets/:market/log",
    auth: "none",
    summary: "Entries of a lane's log as they were hashed, with the newest signed head; whole to attestors",
    params: ofMarket,
    query: z.strictObject({ lane: countText.optional(), from: countText.optional(), limit: limitText.optional() }),
    response: log,
    errors: ["MARKET_NOT_FOUND", "ENTRY_NOT_FOUND"],
  }),
  getSlotReceipt: route("getSlotReceipt", {
    tag: "log",
    method: "GET",
    path: "/v1/markets/:market/slots/:slot/receipt",
    auth: "none",
    summary: "Portable proof of what became of a submission; complete once a commit covers it",
    params: ofSlot,
    response: slotReceipt,
    errors: ["MARKET_NOT_FOUND", "SLOT_STATE"],
  }),
  listSlotReceipts: route("listSlotReceipts", {
    tag: "log",
    method: "GET",
    path: "/v1/markets/:market/receipts",
    auth: "none",
    summary: "Portable receipts of all submissions with a verdict, streamed as JSON lines",
    params: ofMarket,
    query: z.strictObject({
      after: slotRef.optional().meta({ description: "The last submission that somebody has already." }),
    }),
    responseKind: "rows",
    response: slotReceipt,
    errors: ["MARKET_NOT_FOUND"],
  }),
  ...commitRoutes,
  getEvents: route("getEvents", {
    tag: "log",
    method: "GET",
    path: "/v1/markets/:market/events",
    auth: "none",
    summary: "Entries as they are committed, as server-sent events; Last-Event-ID resumes",
    params: ofMarket,
    query: z.strictObject({ after: countText.optional(), task: countText.optional() }),
    responseKind: "events",
    response: event,
    errors: ["MARKET_NOT_FOUND", "RATE_EXCEEDED"],
  }),
  getReceipt: route("getReceipt", {
    tag: "log",
    method: "GET",
    path: "/v1/receipts/:market/:lane/:sequence",
    auth: "none",
    summary: "Proof that entries stand in the log under a signed head; several sequences with commas",
    params: z.strictObject({
      market: marketRef,
      lane: countText,
      sequence: z.string().regex(/^[1-9]\d{0,14}(,[1-9]\d{0,14}){0,99}$/),
    }),
    response: acknowledgement,
    errors: ["MARKET_NOT_FOUND", "ENTRY_NOT_FOUND"],
  }),

  assign: route("assign", {
    tag: "work",
    method: "POST",
    path: "/v1/markets/:market/assignments",
    auth: "session",
    summary: "Take slots: of a named task, or of whatever there is",
    params: ofMarket,
    body: assignmentWish,
    status: 201,
    response: offers,
    errors: [
      "MARKET_NOT_FOUND",
      "MARKET_STATE",
      "TASK_NOT_FOUND",
      "TASK_STATE",
      "WORK_NOT_FOUND",
      "NOT_ELIGIBLE",
      "OWN_MARKET_WORK",
      "DUPLICATE_ANSWER",
      "OVERLAP_EXCEEDED",
      "ESCROW_INSUFFICIENT",
      "LIMIT_EXCEEDED",
    ],
    idempotent: true,
  }),
  submit: route("submit", {
    tag: "work",
    method: "POST",
    path: "/v1/markets/:market/submissions",
    auth: "session",
    summary: "Submit 1 to 100 answers, signed or by token; with `next`, take further slots in the same breath",
    params: ofMarket,
    body: newSubmissions,
    response: turn,
    errors: [
      "MARKET_NOT_FOUND",
      "SIGNATURE_MISMATCH",
      "REQUEST_TIME_MISMATCH",
      "UNCOVERED_EXCEEDED",
      "SLOT_NOT_FOUND",
      "SLOT_STATE",
      "OWNER_MISMATCH",
      "ANSWER_MISMATCH",
      "MALFORMED_ANSWER",
      "LIMIT_EXCEEDED",
    ],
  }),
  getSlot: route("getSlot", {
    tag: "work",
    method: "GET",
    path: "/v1/markets/:market/slots/:slot",
    auth: "none",
    summary: "What became of a slot",
    params: ofSlot,
    response: submission,
    errors: ["MARKET_NOT_FOUND", "SLOT_NOT_FOUND"],
  }),
  appeal: route("appeal", {
    tag: "work",
    method: "POST",
    path: "/v1/markets/:market/slots/:slot/appeal",
    auth: "session",
    summary: "Ask for a second verdict on a rejection",
    params: ofSlot,
    response: submission,
    errors: ["MARKET_NOT_FOUND", "SLOT_NOT_FOUND", "OWNER_MISMATCH", "APPEAL_STATE", "BUDGET_EXCEEDED"],
    idempotent: true,
  }),
  setReserve: route("setReserve", {
    tag: "work",
    method: "POST",
    path: "/v1/markets/:market/reserve",
    auth: "session",
    summary: "How much of the next earnings here stays in reserve",
    params: ofMarket,
    body: newReserve,
    errors: ["MARKET_NOT_FOUND", "CONTRIBUTOR_NOT_FOUND"],
    idempotent: true,
  }),

  listReviews: route("listReviews", {
    tag: "review",
    method: "GET",
    path: "/v1/markets/:market/reviews",
    auth: "either",
    summary: "Submissions that wait for the requester's decision",
    params: ofMarket,
    response: reviews,
    errors: ["MARKET_NOT_FOUND", "OWNER_MISMATCH"],
  }),
  review: route("review", {
    tag: "review",
    method: "POST",
    path: "/v1/markets/:market/slots/:slot/review",
    auth: "either",
    summary: "Decide on a submission that waits for review",
    params: ofSlot,
    body: decision,
    response: submission,
    errors: ["MARKET_NOT_FOUND", "OWNER_MISMATCH", "SLOT_NOT_FOUND", "REVIEW_STATE"],
    idempotent: true,
  }),
  payBonus: route("payBonus", {
    tag: "review",
    method: "POST",
    path: "/v1/markets/:market/bonuses",
    auth: "either",
    summary: "Pay a contributor a bonus from the market's escrow",
    params: ofMarket,
    body: newBonus,
    errors: [...moveErrors, "CONTRIBUTOR_NOT_FOUND", "ESCROW_INSUFFICIENT"],
    idempotent: true,
  }),
  qualify: route("qualify", {
    tag: "review",
    method: "POST",
    path: "/v1/markets/:market/qualifications",
    auth: "either",
    summary: "Grant a contributor a qualification in this market",
    params: ofMarket,
    body: newQualification,
    errors: [...moveErrors, "CONTRIBUTOR_NOT_FOUND"],
    idempotent: true,
  }),

  ...coverageRoutes,
  ...qualifyingRoutes,
  ...programRoutes,
  ...archiveRoutes,
  ...placeRoutes,
  ...challengeRoutes,

  ...insightRoutes,

  ...itemRoutes,

  ask: route("ask", {
    tag: "ask",
    method: "POST",
    path: "/v1/ask",
    auth: "either",
    summary: "Ask people one question from a prepaid balance and get the answer",
    body: question,
    responseKind: "jsonOrEvents",
    response: answer,
    errors: ["MARKET_NOT_FOUND", "ESCROW_INSUFFICIENT", "RATE_EXCEEDED"],
    idempotent: true,
  }),

  openBalance: route("openBalance", {
    tag: "ask",
    method: "POST",
    path: "/v1/balance",
    auth: "either",
    summary: "The owner's prepaid balance, made where there is none: a standing market to fund and open",
    body: newBalance,
    response: market,
  }),

  checkHealth: route("checkHealth", {
    tag: "operation",
    method: "GET",
    path: "/healthz",
    auth: "none",
    summary: "The process runs",
    response: health,
  }),
  checkReady: route("checkReady", {
    tag: "operation",
    method: "GET",
    path: "/readyz",
    auth: "none",
    summary: "The process can serve: database and chain answer",
    response: health,
    errors: ["DATABASE_UNAVAILABLE", "CHAIN_UNAVAILABLE", "SERVER_UNAVAILABLE"],
  }),
  getMetrics: route("getMetrics", {
    tag: "operation",
    method: "GET",
    path: "/metrics",
    auth: "none",
    summary: "Metrics in Prometheus' text format",
    responseKind: "text",
  }),
  getOpenApi: route("getOpenApi", {
    tag: "operation",
    method: "GET",
    path: "/openapi.json",
    auth: "none",
    summary: "This document",
    response: json,
  }),
} as const;

export type Routes = typeof routes;
export type RouteId = keyof Routes;
export const allRoutes: readonly Route[] = Object.values(routes);
