import { z } from "zod";
import { event } from "./events.ts";
import { route } from "./route.ts";
import { count, cursor, limitText, marketRef, page, text, timeMs } from "./wire.ts";

/** What is told of where nothing else is asked for: each label, and what becomes of the market. */
export const defaultKinds = ["opened", "settled", "appealSettled", "paused", "resumed", "closing", "closed"];

const url = z
  .string()
  .max(2_000)
  .regex(/^https?:\/\/[\x21-\x7e]+$/)
  .meta({ description: "Over TLS, at an address of the public internet." });

const kinds = z
  .array(z.string().regex(/^[a-zA-Z]{1,40}$/))
  .min(1)
  .max(60);

export const newWebhook = z.strictObject({
  url,
  kinds: kinds.default(defaultKinds).meta({ description: "Kinds of entries, as in a market's events." }),
});
export type NewWebhook = z.input<typeof newWebhook>;

const webhook = z.strictObject({
  id: z.string(),
  url: z.string(),
  kinds,
  createdAtMs: timeMs,
  failures: count.meta({ description: "In a row, of the message that it is at." }),
  nextTryAtMs: timeMs.nullable().meta({ description: "When that one is tried again; null where nothing failed." }),
  stoppedAtMs: timeMs.nullable().meta({ description: "Failed too often. What happens meanwhile is told later." }),
});
export type Webhook = z.output<typeof webhook>;

const createdWebhook = webhook.extend({
  secret: z.string().meta({ description: "Shown once: whsec_ and 32 bytes in base64." }),
});
export type CreatedWebhook = z.output<typeof createdWebhook>;

const message = z.strictObject({
  id: z.string(),
  range: z
    .strictObject({ market: marketRef, first: count, last: count })
    .nullable()
    .meta({ description: "The entries that it tells of; null for a trial." }),
  createdAtMs: timeMs,
  takenAtMs: timeMs.nullable().meta({ description: "When it was answered by a status from 200 to 299." }),
  tries: z.array(
    z.strictObject({ atMs: timeMs, durationMs: count, status: count.nullable(), problem: z.string().nullable() }),
  ),
});
export type WebhookMessage = z.output<typeof message>;

/** What is posted. */
export const webhookBody = z.discriminatedUnion("type", [
  z.strictObject({ type: z.literal("trial"), timestamp: z.string(), data: z.strictObject({}) }),
  z.strictObject({
    type: z.literal("market.events"),
    timestamp: z.string(),
    data: z.strictObject({ market: marketRef, events: z.array(event.extend({ id: z.string().nullable() })) }),
  }),
]);
export type WebhookBody = z.output<typeof webhookBody>;

const apiRequest = z.strictObject({
  id: z.string().meta({ description: "The Earnest-Request-Id of its answer." }),
  atMs: timeMs,
  apiKey: z.string(),
  operation: z.string(),
  method: z.string(),
  path: z.string(),
  status: count,
  durationMs: count,
  code: z.string().nullable(),
});
export type ApiRequest = z.output<typeof apiRequest>;

const ofWebhook = z.strictObject({ webhook: text(64) });
const base = { tag: "webhooks", auth: "either" } as const;
const errors = ["WEBHOOK_NOT_FOUND"] as const;

/** Being told of what happens in one's markets (Standard Webhooks), and what one's programs asked. */
export const webhookRoutes = {
  listWebhooks: route("listWebhooks", {
    ...base,
    method: "GET",
    path: "/v1/webhooks",
    summary: "The owner's webhooks, without their secrets",
    response: z.strictObject({ items: z.array(webhook) }),
  }),
  createWebhook: route("createWebhook", {
    ...base,
    method: "POST",
    path: "/v1/webhooks",
    summary: "Be told of what happens in all of the owner's markets from now on; the secret is shown once",
    body: newWebhook,
    status: 201,
    response: createdWebhook,
    errors: ["LIMIT_EXCEEDED"],
  }),
  removeWebhook: route("removeWebhook", {
    ...base,
    method: "DELETE",
    path: "/v1/webhooks/:webhook",
    summary: "Be told no more; the messages are forgotten",
    params: ofWebhook,
  }),
  resumeWebhook: route("resumeWebhook", {
    ...base,
    method: "POST",
    path: "/v1/webhooks/:webhook/resume",
    summary: "Try now what failed, also where it had stopped",
    params: ofWebhook,
    errors,
  }),
  tryWebhook: route("tryWebhook", {
    ...base,
    method: "POST",
    path: "/v1/webhooks/:webhook/trial",
    summary: "Send a message that tells of nothing",
    params: ofWebhook,
    errors,
  }),
  listWebhookMessages: route("listWebhookMessages", {
    ...base,
    method: "GET",
    path: "/v1/webhooks/:webhook/messages",
    summary: "What was sent, and how each try went, the newest first; for 30 days",
    params: ofWebhook,
    query: z.strictObject({ after: cursor.optional(), limit: limitText.optional() }),
    response: page(message),
    errors,
  }),
  repeatWebhookMessage: route("repeatWebhookMessage", {
    ...base,
    method: "POST",
    path: "/v1/webhooks/:webhook/messages/:message/repeat",
    summary: "Send a message once more, with the same id and the same text",
    params: ofWebhook.extend({ message: text(64) }),
    errors,
  }),
  listRequests: route("listRequests", {
    ...base,
    tag: "api keys",
    method: "GET",
    path: "/v1/requests",
    summary: "What programs asked with the owner's API keys: the newest thousand, for 7 days",
    query: z.strictObject({
      only: z.enum(["failed"]).optional(),
      after: cursor.optional(),
      limit: limitText.optional(),
    }),
    response: page(apiRequest),
  }),
} as const;
