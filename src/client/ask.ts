import type { Answer, AskEvent, Question } from "../contract/ask.ts";
import { eventMediaType } from "../contract/events.ts";
import { routes } from "../contract/routes.ts";
import { EarnestConnectionError } from "./errors.ts";
import { messagesOf } from "./events.ts";
import type { CallOptions } from "./options.ts";
import { backoffMs, pause } from "./pause.ts";
import { randomId } from "./random-id.ts";
import type { Transport } from "./transport.ts";

const reconnectionsMax = 100;

/** A question on its way: iterate to see what happens to it, or just wait for the answer. */
export class Asking implements AsyncIterable<AskEvent> {
  readonly #transport: Transport;
  readonly #question: Question;
  readonly #options: CallOptions;

  constructor(transport: Transport, question: Question, options: CallOptions) {
    this.#transport = transport;
    this.#question = question;
    // One key for all attempts: a broken stream is opened again on the same task.
    this.#options = { idempotencyKey: randomId(), ...options };
  }

  /** What people said, with confidence, cost and receipt; its `answer` is null where nobody answered in time. */
  async answer(): Promise<Answer> {
    for await (const { event, data } of this) if (event === "answer") return data;
    throw new EarnestConnectionError(this.#transport.server, new Error("the stream ended without an answer"));
  }

  async *[Symbol.asyncIterator](): AsyncGenerator<AskEvent> {
    const seen = new Set<string>();
    for (let attempt = 1; attempt <= reconnectionsMax; attempt++) {
      for await (const event of this.#once()) {
        const text = JSON.stringify(event);
        if (seen.has(text)) continue;
        seen.add(text);
        yield event;
        if (event.event === "answer") return;
      }
      await pause(backoffMs(attempt, null), this.#options.signal);
    }
  }

  async *#once(): AsyncGenerator<AskEvent> {
    const input = { body: this.#question, accept: eventMediaType };
    const response = await this.#transport.send(routes.ask, input, this.#options);
    try {
      for await (const { event, data } of messagesOf(response, this.#transport.server)) {
        yield { event, data: JSON.parse(data) } as AskEvent;
      }
    } catch (error) {
      if (!(error instanceof EarnestConnectionError)) throw error;
    }
  }
}
