import { createHmac } from "node:crypto";
import { Agent } from "node:https";
import type { WebhookSender } from "../engine/context.ts";
import { refusalOf } from "../verification/web/target.ts";
import { post, publicOnly, type Resolve } from "./public-post.ts";

export interface WebhookSenderOptions {
  /** Addresses of this machine are taken too: of a network that nobody else reaches. */
  readonly toOwnMachine: boolean;
  readonly resolve?: Resolve;
  readonly agent?: Agent;
}

const msMax = 15_000;
const ownHosts = ["localhost", "127.0.0.1", "[::1]"];

/**
 * Signs and sends messages as Standard Webhooks has it. Requesters say where to, so that it may be anywhere on the public
 * internet, over TLS, and nowhere else: names are resolved once, and every address must be public.
 */
export function createWebhookSender(options: WebhookSenderOptions): WebhookSender {
  const agent = options.agent ?? new Agent({ maxSockets: 32, autoSelectFamily: true });
  const lookup = publicOnly(options.resolve);
  const isOwn = ({ hostname }: URL): boolean => options.toOwnMachine && ownHosts.includes(hostname);

  const refusal = (text: string): string | null => {
    if (!URL.canParse(text)) return "is no address";
    const url = new URL(text);
    if (isOwn(url)) return null;
    if (url.protocol !== "https:") return "must begin with https://";
    const found = refusalOf(url);
    return found === null ? null : `its ${found} is not one of the public internet`;
  };

  return {
    refusal,
    async send({ url, secret }, { id, timeMs, body }) {
      const problem = refusal(url);
      if (problem !== null) return { status: null, problem };
      const seconds = `${Math.floor(timeMs / 1_000)}`;
      const headers = {
        "content-type": "application/json",
        "user-agent": "Earnest",
        "webhook-id": id,
        "webhook-timestamp": seconds,
        "webhook-signature": `v1,${createHmac("sha256", secret).update(`${id}.${seconds}.${body}`).digest("base64")}`,
      };
      const way = isOwn(new URL(url)) ? {} : { agent, lookup };
      try {
        return { status: await post(url, { ...way, headers, msMax }, body), problem: null };
      } catch (error) {
        return { status: null, problem: error instanceof Error ? error.message : String(error) };
      }
    },
  };
}
