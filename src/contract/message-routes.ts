import { z } from "zod";
import { route } from "./route.ts";
import { limitText, marketRef, note, publicKey, text, timeMs } from "./wire.ts";

const ofMarket = z.strictObject({ market: marketRef });
const shared = {
  tag: "review",
  method: "POST",
  auth: "either",
  params: ofMarket,
} as const;
const errors = ["MARKET_NOT_FOUND", "OWNER_MISMATCH", "CONTRIBUTOR_NOT_FOUND"] as const;

export const newBlock = z.strictObject({
  contributor: publicKey,
  isBlocked: z.boolean().default(true).meta({ description: "False gives work again." }),
  note: note.default("").meta({ description: "Why. The contributor is told, and the log says it to everybody." }),
});
export type NewBlock = z.input<typeof newBlock>;

const message = z.strictObject({
  market: marketRef,
  title: z.string().meta({ description: "The market's." }),
  text: z.string(),
  blocks: z.boolean().meta({ description: "It says why the contributor gets no more work there." }),
  sentAtMs: timeMs,
});
export type Message = z.output<typeof message>;

/** What requesters tell contributors, and whom they give no more work. */
export const messageRoutes = {
  blockContributor: route("blockContributor", {
    ...shared,
    path: "/v1/markets/:market/blocks",
    summary:
      "Give a contributor no more work, or again; what was begun is judged, and everybody sees how often that is",
    body: newBlock,
    errors: [...errors, "MALFORMED_SPEC"],
    idempotent: true,
  }),
  tellContributor: route("tellContributor", {
    ...shared,
    path: "/v1/markets/:market/messages",
    summary: "Tell something to a contributor who worked in the market, up to ten times a day",
    body: z.strictObject({ contributor: publicKey, text: text(2_000) }),
    errors: [...errors, "LIMIT_EXCEEDED"],
  }),
  listMessages: route("listMessages", {
    tag: "sessions",
    method: "GET",
    path: "/v1/me/messages",
    auth: "session",
    summary: "What requesters told the contributor, the newest first",
    query: z.strictObject({ limit: limitText.optional() }),
    response: z.strictObject({ items: z.array(message) }),
  }),
} as const;
