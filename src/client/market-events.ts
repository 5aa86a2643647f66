import type { MarketEvent } from "../contract/events.ts";
import { eventMediaType } from "../contract/events.ts";
import { routes } from "../contract/routes.ts";
import { EarnestConnectionError } from "./errors.ts";
import { messagesOf } from "./events.ts";
import { backoffMs, pause } from "./pause.ts";
import type { Transport } from "./transport.ts";

export interface EventOptions {
  /** Begin after this sequence. Default: from the first entry. */
  readonly after?: number;
  /** Only what concerns this task. */
  readonly task?: number;
  readonly signal?: AbortSignal;
}

/**
 * Entries of a market's log, old and new, until the caller leaves the loop or aborts. A stream that ends or breaks is
 * opened again where it ended: nothing is missed and nothing comes twice.
 */
export async function* marketEvents(
  transport: Transport,
  market: string,
  { after = 0, task, signal }: EventOptions = {},
): AsyncGenerator<MarketEvent> {
  let last = after;
  for (let failures = 0; ; ) {
    const query = { after: last, task };
    const input = { params: { market }, query, accept: eventMediaType };
    const response = await transport.send(routes.getEvents, input, signal === undefined ? {} : { signal });
    try {
      for await (const { data } of messagesOf(response, transport.server)) {
        const event = JSON.parse(data) as MarketEvent;
        if (event.sequence <= last) continue;
        last = event.sequence;
        failures = 0;
        yield event;
      }
    } catch (error) {
      if (!(error instanceof EarnestConnectionError)) throw error;
    }
    signal?.throwIfAborted();
    await pause(backoffMs(++failures, null), signal);
  }
}
