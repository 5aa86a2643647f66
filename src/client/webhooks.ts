import { routes } from "../contract/routes.ts";
import type {
  ApiRequest,
  CreatedWebhook,
  NewWebhook,
  Webhook,
  WebhookBody,
  WebhookMessage,
} from "../contract/webhook-routes.ts";
import { fromBase64 } from "../core/bytes.ts";
import { type Pages, pagesOf } from "./pages.ts";
import type { Transport } from "./transport.ts";

/** Being told of what happens in one's markets. */
export class Webhooks {
  readonly #transport: Transport;

  constructor(transport: Transport) {
    this.#transport = transport;
  }

  /** From now on. The secret is told this once. */
  create(wanted: NewWebhook): Promise<CreatedWebhook> {
    return this.#transport.call(routes.createWebhook, { body: wanted });
  }

  async list(): Promise<readonly Webhook[]> {
    return (await this.#transport.call(routes.listWebhooks)).items;
  }

  async remove(webhook: string): Promise<void> {
    await this.#transport.call(routes.removeWebhook, { params: { webhook } });
  }

  /** Tries now what failed, also where it had stopped. */
  async resume(webhook: string): Promise<void> {
    await this.#transport.call(routes.resumeWebhook, { params: { webhook } });
  }

  /** Sends a message that tells of nothing. */
  async try(webhook: string): Promise<void> {
    await this.#transport.call(routes.tryWebhook, { params: { webhook } });
  }

  /** What was sent, and how each try went, the newest first. */
  messages(webhook: string, { limit = 100 }: { readonly limit?: number } = {}): Pages<WebhookMessage> {
    return pagesOf((after) =>
      this.#transport.call(routes.listWebhookMessages, { params: { webhook }, query: { after, limit } }),
    );
  }

  /** Sends a message once more, with the same id and the same text. */
  async repeat(webhook: string, message: string): Promise<void> {
    await this.#transport.call(routes.repeatWebhookMessage, { params: { webhook, message } });
  }

  /** What programs asked with the owner's API keys, the newest first. */
  requests({ only, limit = 100 }: { readonly only?: "failed"; readonly limit?: number } = {}): Pages<ApiRequest> {
    return pagesOf((after) => this.#transport.call(routes.listRequests, { query: { only, after, limit } }));
  }
}

/** The request is not one of ours, or somebody sent an old one again: answer with a status of 400. */
export class UnsignedWebhook extends Error {
  override readonly name = "UnsignedWebhook";
}

interface WebhookOptions {
  /** How far the sender's clock may be away, and how old a message may be. */
  readonly toleranceMs?: number;
  readonly nowMs?: number;
}

/**
 * Reads a webhook's request after checking who signed it (Standard Webhooks). A message can come more than once: its
 * `webhook-id` stays the same.
 *
 * @param body as it came, before anything parsed it
 * @throws UnsignedWebhook
 */
export async function readWebhook(
  body: string,
  headers: Headers | Readonly<Record<string, string | readonly string[] | undefined>>,
  secret: string,
  { toleranceMs = 300_000, nowMs = Date.now() }: WebhookOptions = {},
): Promise<WebhookBody> {
  const header = (name: string): string => {
    const value = headers instanceof Headers ? headers.get(name) : headers[name];
    return typeof value === "string" ? value : "";
  };
  const [id, seconds] = [header("webhook-id"), header("webhook-timestamp")];
  if (!(Math.abs(Number(seconds) * 1_000 - nowMs) <= toleranceMs))
    throw new UnsignedWebhook("it is too old, or not yet");
  const secretBytes = Uint8Array.from(fromBase64(secret.replace(/^whsec_/, "")));
  const algorithm = { name: "HMAC", hash: "SHA-256" };
  const key = await crypto.subtle.importKey("raw", secretBytes, algorithm, false, ["verify"]);
  const signed = new TextEncoder().encode(`${id}.${seconds}.${body}`);
  for (const each of header("webhook-signature").split(" ")) {
    const signature = /^v1,([A-Za-z0-9+/]{43}=)$/.exec(each)?.[1];
    if (signature === undefined) continue;
    // WebCrypto compares in a time that does not depend on what is compared.
    if (await crypto.subtle.verify("HMAC", key, Uint8Array.from(fromBase64(signature)), signed)) {
      return JSON.parse(body) as WebhookBody;
    }
  }
  throw new UnsignedWebhook("no signature of it is by this secret");
}
