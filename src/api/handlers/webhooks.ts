import type { ApiContext } from "../context.ts";
import type { Handlers } from "../handler.ts";
import { readCount, writeBytes } from "../values.ts";

type Ids =
  | "listWebhooks"
  | "createWebhook"
  | "removeWebhook"
  | "resumeWebhook"
  | "tryWebhook"
  | "listWebhookMessages"
  | "repeatWebhookMessage"
  | "listRequests";

export function webhookHandlers({ engine }: ApiContext): Handlers<Ids> {
  return {
    listWebhooks: async ({ caller }) => ({
      items: (await engine.listWebhooks(caller.owner)).map((each) => ({ ...each, kinds: [...each.kinds] })),
    }),
    createWebhook: async ({ caller, body: { url, kinds } }) => {
      const { webhook, secret } = await engine.createWebhook(caller.owner, { url, kinds });
      return { ...webhook, kinds, secret: `whsec_${writeBytes(secret)}` };
    },
    removeWebhook: async ({ caller, params }) => {
      await engine.removeWebhook(caller.owner, params.webhook);
    },
    resumeWebhook: async ({ caller, params }) => {
      await engine.resumeWebhook(caller.owner, params.webhook);
    },
    tryWebhook: async ({ caller, params }) => {
      await engine.tryWebhook(caller.owner, params.webhook);
    },
    listWebhookMessages: async ({ caller, params, query }) => {
      const limit = readCount(query.limit, 100);
      const page = await engine.listWebhookMessages(caller.owner, params.webhook, query.after ?? null, limit);
      return { items: page.items.map((each) => ({ ...each, tries: [...each.tries] })), next: page.next };
    },
    repeatWebhookMessage: async ({ caller, params }) => {
      await engine.repeatWebhookMessage(caller.owner, params.webhook, params.message);
    },
    listRequests: async ({ caller, query }) => {
      const limit = readCount(query.limit, 100);
      const page = await engine.listRequests(caller.owner, query.only === "failed", query.after ?? null, limit);
      return { items: [...page.items], next: page.next };
    },
  };
}
