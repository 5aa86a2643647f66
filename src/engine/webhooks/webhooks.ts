import { type Bytes32, toBase58 } from "../../core/bytes.ts";
import { earnestError } from "../../core/errors.ts";
import { type MarketId, marketIdFromBytes } from "../../core/market-id.ts";
import { entryKinds } from "../../market/entries.ts";
import {
  insertMessage,
  listMessages,
  type MessageRow,
  readTries,
  type WebhookTry,
  waitAgain,
} from "../../store/webhooks/messages.ts";
import {
  insertWebhook,
  listWebhooks,
  putWebhookState,
  removeWebhook,
  type WebhookRow,
} from "../../store/webhooks/webhooks.ts";
import type { EngineContext } from "../context.ts";
import { pageOf } from "../page.ts";
import type { Page } from "../types.ts";

export interface WebhookView {
  readonly id: string;
  readonly url: string;
  readonly kinds: readonly string[];
  readonly createdAtMs: number;
  /** In a row, of the message that it is at. */
  readonly failures: number;
  /** When that is tried again; null where nothing failed. */
  readonly nextTryAtMs: number | null;
  readonly stoppedAtMs: number | null;
}

export interface WebhookMessageView {
  readonly id: string;
  /** Entries of a market's log; null for a trial. */
  readonly range: { readonly market: MarketId; readonly first: number; readonly last: number } | null;
  readonly createdAtMs: number;
  readonly takenAtMs: number | null;
  /** The newest first. */
  readonly tries: readonly WebhookTry[];
}

export interface Webhooks {
  /** Tells an address of what happens in all of the owner's markets from now on. The secret is told this once. */
  createWebhook(
    owner: Bytes32,
    wanted: { readonly url: string; readonly kinds: readonly string[] },
  ): Promise<{ readonly webhook: WebhookView; readonly secret: Uint8Array }>;
  listWebhooks(owner: Bytes32): Promise<readonly WebhookView[]>;
  removeWebhook(owner: Bytes32, id: string): Promise<void>;
  /** Tries now what failed, also where it had stopped. */
  resumeWebhook(owner: Bytes32, id: string): Promise<void>;
  /** Sends a message that tells of nothing. */
  tryWebhook(owner: Bytes32, id: string): Promise<void>;
  listWebhookMessages(
    owner: Bytes32,
    id: string,
    after: string | null,
    limit: number,
  ): Promise<Page<WebhookMessageView>>;
  /** Sends a message once more, as it was. */
  repeatWebhookMessage(owner: Bytes32, id: string, message: string): Promise<void>;
}

const perOwnerMax = 20;
const secretBytes = 32;

/** What requesters want to be told of, and what became of it. */
export function createWebhooks({ pool, clock, random, webhooks }: EngineContext): Webhooks {
  const owned = async (owner: Bytes32, id: string): Promise<WebhookRow> => {
    const found = (await listWebhooks(pool, owner)).find((each) => each.id === id);
    if (found === undefined) throw earnestError("WEBHOOK_NOT_FOUND", { webhook: id });
    return found;
  };
  const wake = (id: string): Promise<void> =>
    putWebhookState(pool, id, { failures: 0, nextTryAtMs: clock(), stoppedAtMs: null });

  return {
    async createWebhook(owner, { url, kinds }) {
      const problem = webhooks.refusal(url);
      if (problem !== null) throw earnestError("MALFORMED_REQUEST", { where: "url", problem });
      const unknown = kinds.find((kind) => !(entryKinds as readonly string[]).includes(kind));
      if (unknown !== undefined) {
        throw earnestError("MALFORMED_REQUEST", {
          where: "kinds",
          problem: `there is no entry of the kind ${unknown}`,
        });
      }
      if ((await listWebhooks(pool, owner)).length >= perOwnerMax) {
        throw earnestError("LIMIT_EXCEEDED", { what: "webhooks of an owner", max: perOwnerMax });
      }
      const secret = random(secretBytes);
      const row = { id: `wh_${toBase58(random(12))}`, owner, url, secret, kinds, createdAtMs: clock() };
      await insertWebhook(pool, row);
      return {
        webhook: viewOf({ ...row, failures: 0, nextTryAtMs: row.createdAtMs, stoppedAtMs: null }),
        secret,
      };
    },

    listWebhooks: async (owner) => (await listWebhooks(pool, owner)).map(viewOf),

    removeWebhook: (owner, id) => removeWebhook(pool, owner, id),

    async resumeWebhook(owner, id) {
      await owned(owner, id);
      await wake(id);
    },

    async tryWebhook(owner, id) {
      await owned(owner, id);
      await insertMessage(pool, id, { id: messageId(random), range: null, createdAtMs: clock() });
      await wake(id);
    },

    async listWebhookMessages(owner, id, after, limit) {
      await owned(owner, id);
      const rows = await listMessages(
        pool,
        id,
        after === null ? Number.MAX_SAFE_INTEGER : readCursor(after),
        limit + 1,
      );
      const { items: shown, next } = pageOf(rows, limit, ({ number }) => `${number}`);
      const tries = await readTries(
        pool,
        shown.map(({ number }) => number),
      );
      const items = shown.map((row) => messageView(row, tries.get(row.number) ?? []));
      return { items, next };
    },

    async repeatWebhookMessage(owner, id, message) {
      await owned(owner, id);
      if ((await waitAgain(pool, id, message)) === null) throw earnestError("WEBHOOK_NOT_FOUND", { webhook: message });
      await wake(id);
    },
  };
}

export const messageId = (random: EngineContext["random"]): string => `msg_${toBase58(random(16))}`;

const viewOf = ({ id, url, kinds, createdAtMs, failures, nextTryAtMs, stoppedAtMs }: WebhookRow): WebhookView => ({
  id,
  url,
  kinds,
  createdAtMs,
  failures,
  nextTryAtMs: failures > 0 && stoppedAtMs === null ? nextTryAtMs : null,
  stoppedAtMs,
});

const messageView = ({ id, range, ...row }: MessageRow, tries: readonly WebhookTry[]): WebhookMessageView => ({
  id,
  range: range === null ? null : { ...range, market: marketIdFromBytes(range.market) },
  createdAtMs: row.createdAtMs,
  takenAtMs: row.takenAtMs,
  tries,
});

function readCursor(after: string): number {
  if (!/^\d{1,15}$/.test(after)) throw earnestError("MALFORMED_REQUEST", { where: "after", problem: "is no cursor" });
  return Number(after);
}
