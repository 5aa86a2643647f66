import { marketIdFromBytes } from "../../core/market-id.ts";
import { readEntries } from "../../store/log/read-entries.ts";
import { readTasks } from "../../store/tasks/read-tasks.ts";
import {
  insertMessage,
  insertTry,
  type MessageRow,
  putTaken,
  readWaitingMessage,
} from "../../store/webhooks/messages.ts";
import {
  marketsBehind,
  moveWebhook,
  putWebhookState,
  takeWebhooks,
  type WebhookRow,
} from "../../store/webhooks/webhooks.ts";
import type { EngineContext } from "../context.ts";
import { toEvent } from "../events.ts";
import { firstLane } from "../lanes.ts";
import { inTransaction } from "../transaction.ts";
import type { EventView } from "../types.ts";
import { messageId } from "./webhooks.ts";

const eventsPerMessageMax = 100;
const entriesPerRead = 500;
const marketsPerRead = 50;
const atOnce = 32;
/** Whoever takes a webhook has it so long, and again with each message. */
const turnMs = 60_000;
/** Then it is the turn of others. */
const messagesPerTurn = 200;
const triesKept = 20;

/** From one try to the next, as Standard Webhooks proposes; after the last a webhook stops. */
const pausesMs = [5, 300, 1_800, 7_200, 18_000, 36_000, 50_400, 72_000, 86_400].map((seconds) => seconds * 1_000);

/**
 * Tells of the logs: one message of a webhook after the other, so that they arrive in order, and at least once. While
 * one fails the others wait in the log, where they cost nothing.
 */
export class Deliveries {
  readonly #context: EngineContext;
  readonly #underWay = new Map<string, Promise<void>>();
  #isStopped = false;

  constructor(context: EngineContext) {
    this.#context = context;
  }

  /** Begins with those whose turn it is. It does not wait for their ends: a slow address holds up its own messages. */
  async begin(): Promise<void> {
    const { pool, clock, log } = this.#context;
    const room = atOnce - this.#underWay.size;
    if (room <= 0 || this.#isStopped) return;
    for (const webhook of await takeWebhooks(pool, clock(), clock() + turnMs, room)) {
      // Somebody woke it while it is under way: its run finds what there is to do.
      if (this.#underWay.has(webhook.id)) continue;
      const run = this.#deliver(webhook)
        .catch((error: unknown) => log("a webhook failed", { webhook: webhook.id, error: String(error) }))
        .finally(() => this.#underWay.delete(webhook.id));
      this.#underWay.set(webhook.id, run);
    }
  }

  /** Everything that was begun has ended. */
  async idle(): Promise<void> {
    await Promise.all(this.#underWay.values());
  }

  async stop(): Promise<void> {
    this.#isStopped = true;
    await this.idle();
  }

  async #deliver(webhook: WebhookRow): Promise<void> {
    const { pool, clock } = this.#context;
    let { failures } = webhook;
    for (let sent = 0; sent < messagesPerTurn && !this.#isStopped; sent++) {
      const message = (await readWaitingMessage(pool, webhook.id)) ?? (await this.#next(webhook));
      if (message === null) break;
      await putWebhookState(pool, webhook.id, { failures, nextTryAtMs: clock() + turnMs, stoppedAtMs: null });
      if (await this.#send(webhook, message)) failures = 0;
      else return await this.#putOff(webhook, failures);
    }
    await putWebhookState(pool, webhook.id, { failures, nextTryAtMs: clock(), stoppedAtMs: null });
  }

  async #send(webhook: WebhookRow, message: MessageRow): Promise<boolean> {
    const { pool, clock, webhooks } = this.#context;
    const body = await this.#bodyOf(webhook, message);
    const atMs = clock();
    const { status, problem } = await webhooks.send(webhook, { id: message.id, timeMs: atMs, body });
    await insertTry(pool, message.number, { atMs, durationMs: clock() - atMs, status, problem }, triesKept);
    const isTaken = status !== null && status >= 200 && status < 300;
    if (isTaken) await putTaken(pool, message.number, clock());
    return isTaken;
  }

  /** Up to a tenth later than planned, so that whoever comes back is not met by everybody at once. */
  async #putOff({ id }: WebhookRow, failures: number): Promise<void> {
    const { pool, clock, random } = this.#context;
    const pauseMs = pausesMs[failures];
    const state = { failures: failures + 1, nextTryAtMs: clock(), stoppedAtMs: null };
    if (pauseMs === undefined) return await putWebhookState(pool, id, { ...state, stoppedAtMs: clock() });
    const laterMs = Math.floor((pauseMs * (random(1)[0] ?? 0)) / 2_560);
    await putWebhookState(pool, id, { ...state, nextTryAtMs: clock() + pauseMs + laterMs });
  }

  /** Makes messages of what logs have since the last ones, until there is one that waits; null where there is no more. */
  async #next(webhook: WebhookRow): Promise<MessageRow | null> {
    const { pool } = this.#context;
    while (!this.#isStopped) {
      const behind = await marketsBehind(pool, webhook, marketsPerRead);
      if (behind.length === 0) return null;
      for (const { market, sequence } of behind) await this.#prepare(webhook, market, sequence);
      const message = await readWaitingMessage(pool, webhook.id);
      if (message !== null) return message;
    }
    return null;
  }

  async #prepare(webhook: WebhookRow, market: Uint8Array, after: number): Promise<void> {
    const { pool, clock, random } = this.#context;
    const events = (await readEntries(pool, market, firstLane, after + 1, entriesPerRead)).map(toEvent);
    const newest = events.at(-1)?.sequence ?? after;
    const wanted = events.filter(({ kind }) => webhook.kinds.includes(kind));
    await inTransaction(pool, async (dbTx) => {
      for (let from = 0; from < wanted.length; from += eventsPerMessageMax) {
        const told = wanted.slice(from, from + eventsPerMessageMax);
        const [first, last] = [told[0]?.sequence ?? 0, told.at(-1)?.sequence ?? 0];
        await insertMessage(dbTx, webhook.id, {
          id: messageId(random),
          range: { market, first, last },
          createdAtMs: clock(),
        });
      }
      await moveWebhook(dbTx, webhook.id, market, newest);
    });
  }

  /** The same each time: a log never changes. */
  async #bodyOf({ kinds }: WebhookRow, { range, createdAtMs }: MessageRow): Promise<string> {
    const timestamp = new Date(createdAtMs).toISOString();
    if (range === null) return JSON.stringify({ type: "trial", timestamp, data: {} });
    const { pool } = this.#context;
    const { market, first, last } = range;
    const entries = await readEntries(pool, market, firstLane, first, last - first + 1);
    const events = entries.map(toEvent).filter(({ kind }) => kinds.includes(kind));
    const ids = await this.#idsOf(market, events);
    return JSON.stringify({
      type: "market.events",
      timestamp,
      data: {
        market: marketIdFromBytes(market),
        events: events.map((event) => ({ ...event, id: ids.get(event.task ?? -1) ?? null })),
      },
    });
  }

  /** By what names the requester knows the tasks. */
  async #idsOf(market: Uint8Array, events: readonly EventView[]): Promise<ReadonlyMap<number, string>> {
    const tasks = [...new Set(events.flatMap(({ task }) => (task === null ? [] : [task])))];
    const rows = await readTasks(this.#context.pool, market, firstLane, tasks);
    return new Map(rows.map(({ task, externalId }) => [task, externalId]));
  }
}
