import { createECDH } from "node:crypto";
import { Agent } from "node:https";
import webPush from "web-push";
import type { NoticeSender } from "../engine/context.ts";
import { refusalOf } from "../verification/web/target.ts";
import { post, publicOnly, type Resolve } from "./public-post.ts";

export interface NoticeSenderOptions {
  /** 32 bytes: the private key by which push services know us. */
  readonly seed: Uint8Array;
  /** Whom a push service may turn to: an address of this network. */
  readonly subject: () => string;
  readonly log: (message: string, fields?: Readonly<Record<string, unknown>>) => void;
  readonly resolve?: Resolve;
  readonly agent?: Agent;
}

const msMax = 10_000;
/** A push service keeps a message so long for a device that is away: who comes later finds the work anyway. */
const keptSeconds = 4 * 3_600;
const goneStatuses = [404, 410];

/**
 * Sends by the push service of each browser. Browsers say where theirs is, so that it may be anywhere on the public
 * internet, and nowhere else: names are resolved once, and every address must be public.
 */
export function createNoticeSender(options: NoticeSenderOptions): NoticeSender {
  const ecdh = createECDH("prime256v1");
  ecdh.setPrivateKey(options.seed);
  const [publicKey, privateKey] = [ecdh.getPublicKey(), ecdh.getPrivateKey()];
  const keys = { publicKey: publicKey.toString("base64url"), privateKey: privateKey.toString("base64url") };
  const agent = options.agent ?? new Agent({ maxSockets: 16, autoSelectFamily: true });
  const lookup = publicOnly(options.resolve);
  return {
    publicKey: new Uint8Array(publicKey),
    async send({ endpoint, publicKey: p256dh, secret }, text) {
      try {
        const refusal = refusalOf(new URL(endpoint));
        if (refusal !== null) throw new Error(`its ${refusal} is not one of the public internet`);
        const subscription = { endpoint, keys: { p256dh: base64url(p256dh), auth: base64url(secret) } };
        const { headers, body } = webPush.generateRequestDetails(subscription, text, {
          vapidDetails: { subject: options.subject(), ...keys },
          TTL: keptSeconds,
          contentEncoding: "aes128gcm",
        });
        const status = await post(endpoint, { agent, lookup, headers, msMax }, body);
        if (goneStatuses.includes(status)) return "gone";
        if (status >= 200 && status < 300) return "taken";
        options.log("a push service refused a notice", { host: new URL(endpoint).host, status });
      } catch (error) {
        options.log("a notice could not be sent", { host: new URL(endpoint).host, error: String(error) });
      }
      return "failed";
    },
  };
}

const base64url = (bytes: Uint8Array): string => Buffer.from(bytes).toString("base64url");
