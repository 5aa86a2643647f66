import { z } from "zod";
import { newAttempt, newTest, retiredControls, score, test, tests } from "./qualifying.ts";
import { route } from "./route.ts";
import { marketRef, text } from "./wire.ts";

const ofMarket = z.strictObject({ market: marketRef });
const ofTest = z.strictObject({ market: marketRef, name: text(64) });
const moveErrors = ["MARKET_NOT_FOUND", "OWNER_MISMATCH", "MARKET_STATE"] as const;

/** Tests that contributors take, and control tasks that are shown to everybody. */
export const qualifyingRoutes = {
  retireControls: route("retireControls", {
    tag: "review",
    method: "POST",
    path: "/v1/markets/:market/controls/retire",
    auth: "either",
    summary: "Show everybody the answers of the market's control tasks, which then take no more answers",
    params: ofMarket,
    response: retiredControls,
    errors: ["MARKET_NOT_FOUND", "OWNER_MISMATCH"],
    idempotent: true,
  }),

  putTest: route("putTest", {
    tag: "tests",
    method: "PUT",
    path: "/v1/markets/:market/tests/:name",
    auth: "either",
    summary: "Add a qualification test to a market, or replace it",
    params: ofTest,
    body: newTest,
    response: test,
    errors: [...moveErrors, "LIMIT_EXCEEDED"],
    idempotent: true,
  }),
  listTests: route("listTests", {
    tag: "tests",
    method: "GET",
    path: "/v1/markets/:market/tests",
    auth: "none",
    summary: "The market's qualification tests",
    params: ofMarket,
    response: tests,
    errors: ["MARKET_NOT_FOUND"],
  }),
  getTest: route("getTest", {
    tag: "tests",
    method: "GET",
    path: "/v1/markets/:market/tests/:name",
    auth: "none",
    summary: "A qualification test, without its answers",
    params: ofTest,
    response: test,
    errors: ["MARKET_NOT_FOUND", "TEST_NOT_FOUND"],
  }),
  takeTest: route("takeTest", {
    tag: "tests",
    method: "POST",
    path: "/v1/markets/:market/tests/:name/attempts",
    auth: "session",
    summary: "Take a qualification test, once while the score stands",
    params: ofTest,
    body: newAttempt,
    response: score,
    errors: ["MARKET_NOT_FOUND", "TEST_NOT_FOUND", "TEST_STATE", "MALFORMED_ANSWER", "OWN_MARKET_WORK"],
    idempotent: true,
  }),
} as const;
