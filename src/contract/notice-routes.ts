import { z } from "zod";
import { route } from "./route.ts";
import { base64Bytes } from "./wire.ts";

/** RFC 8030 asks for no more; the push services of today give a quarter of it. */
const endpointLengthMax = 1_024;

const endpoint = z
  .string()
  .max(endpointLengthMax)
  .regex(/^https:\/\/[a-z0-9.-]+\/[\x21-\x7e]*$/)
  .meta({ description: "Where the browser's push service takes messages for it." });

const noticeAddress = z.strictObject({
  endpoint,
  publicKey: base64Bytes.meta({ description: "65 bytes: the browser's P-256 key for messages, `p256dh`." }),
  secret: base64Bytes.meta({ description: "16 bytes: `auth`." }),
});

export type NoticeAddress = z.infer<typeof noticeAddress>;

/** Telling contributors of work while no page is open, by the push service of their browser (RFC 8030, 8291 and 8292). */
export const noticeRoutes = {
  getNoticeKey: route("getNoticeKey", {
    tag: "identity",
    method: "GET",
    path: "/v1/notice-key",
    auth: "none",
    summary: "The key by which push services know this network: a browser's subscription names it",
    response: z.strictObject({
      publicKey: base64Bytes.meta({ description: "65 bytes: a P-256 key, uncompressed." }),
    }),
  }),
  putNoticeAddress: route("putNoticeAddress", {
    tag: "identity",
    method: "PUT",
    path: "/v1/me/notice-address",
    auth: "session",
    summary: "Tell this browser of new work, at most once an hour",
    body: noticeAddress,
    errors: ["LIMIT_EXCEEDED"],
  }),
  removeNoticeAddress: route("removeNoticeAddress", {
    tag: "identity",
    method: "POST",
    path: "/v1/me/notice-address/removal",
    auth: "session",
    summary: "Tell this browser no more",
    body: z.strictObject({ endpoint }),
  }),
};
