import { createParser, type EventSourceMessage } from "eventsource-parser";
import { EarnestConnectionError } from "./errors.ts";

/** The events of one answer, as they arrive. Ends when the server ends it; throws when the connection breaks. */
export async function* messagesOf(response: Response, server: string): AsyncGenerator<EventSourceMessage> {
  const waiting: EventSourceMessage[] = [];
  const parser = createParser({ onEvent: (message) => waiting.push(message) });
  const decoder = new TextDecoder();
  for await (const chunk of chunksOf(response, server)) {
    parser.feed(decoder.decode(chunk, { stream: true }));
    yield* waiting.splice(0);
  }
}

/** Lines of an answer, without their ends, as they arrive. */
export async function* linesOf(response: Response, server: string): AsyncGenerator<string> {
  const decoder = new TextDecoder();
  let rest = "";
  for await (const chunk of chunksOf(response, server)) {
    const lines = (rest + decoder.decode(chunk, { stream: true })).split("\n");
    rest = lines.pop() ?? "";
    yield* lines;
  }
  if (rest !== "") yield rest;
}

/** Browsers' streams are not all iterable, readers are everywhere. Leaving the loop closes the connection. */
async function* chunksOf(response: Response, server: string): AsyncGenerator<Uint8Array> {
  if (response.body === null) return;
  const reader = response.body.getReader();
  let isWhole = false;
  try {
    for (;;) {
      const { done, value } = await readFrom(reader, server);
      if (done) break;
      yield value;
    }
    isWhole = true;
  } finally {
    if (!isWhole) await reader.cancel().catch(() => undefined);
  }
}

type Reader = ReadableStreamDefaultReader<Uint8Array>;

async function readFrom(reader: Reader, server: string): Promise<ReturnType<Reader["read"]>> {
  try {
    return await reader.read();
  } catch (error) {
    if ((error as Error | undefined)?.name === "AbortError") throw error;
    throw new EarnestConnectionError(server, error);
  }
}
