import { once } from "node:events";
import { connect, type Socket } from "node:net";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { EventView } from "../engine/types.ts";
import { startTestApi, type TestApi } from "./testing.ts";
import { eventOf, fakeEngine, testMarket } from "./testing-engine.ts";

/** What happens in the market, and then nothing any more until the caller leaves, or a failure. */
let log: readonly EventView[] = [];
let fails = false;
let api: TestApi;
beforeAll(async () => {
  const engine = fakeEngine({
    events: async function* (_market, _after, signal) {
      yield* log;
      if (fails) throw new Error("the database is gone");
      if (!signal.aborted) await once(signal, "abort");
    },
  });
  api = await startTestApi(engine, { limits: { heartbeatSeconds: 60 } });
});
afterAll(() => api.close());

const head = (version: string): string =>
  `GET /v1/markets/${testMarket}/events HTTP/${version}\r\nhost: earnest.example\r\n\r\n`;

/** Bytes as they come over the wire. */
function speak(said: string): { readonly socket: Socket; readonly until: (pattern: RegExp) => Promise<string> } {
  const { hostname, port } = new URL(api.url);
  const socket = connect({ host: hostname, port: Number(port) });
  let text = "";
  let look: () => void = () => undefined;
  socket.setEncoding("latin1");
  socket.on("data", (piece: string) => {
    text += piece;
    look();
  });
  socket.on("error", () => undefined);
  socket.on("close", () => look());
  socket.write(said);
  return {
    socket,
    until: async (pattern) => {
      while (!socket.closed && !pattern.test(text)) await new Promise<void>((resolve) => (look = resolve));
      return text;
    },
  };
}

const nothingMore = /(?!)/;

describe("the connection of an event stream", () => {
  it("gets each event as a chunk of HTTP/1.1, whatever its characters take", async () => {
    log = [eventOf(1, { data: { text: "ägypten" } })];
    const { socket, until } = speak(head("1.1"));
    const text = await until(/gypten[\s\S]*\n\n\r\n/);
    expect(text).toMatch(/^HTTP\/1\.1 200 OK\r\n/);
    expect(text).toMatch(/\r\ntransfer-encoding: chunked\r\n/);
    expect(text).toMatch(/\r\nearnest-request-id: \S+\r\n/);
    const body = text.slice(text.indexOf("\r\n\r\n") + 4);
    const [, length = "", chunk = ""] = /^d\r\n: connected\n\n\r\n([0-9a-f]+)\r\n([\s\S]*)\r\n$/.exec(body) ?? [];
    expect(Number.parseInt(length, 16)).toBe(chunk.length);
    socket.destroy();
  });

  it("gets its bytes as they are in HTTP/1.0, which has no chunks", async () => {
    log = [eventOf(1)];
    const { socket, until } = speak(head("1.0"));
    const text = await until(/id: 1\n[\s\S]*\n\n/);
    expect(text).not.toMatch(/chunked/);
    expect(text.slice(text.indexOf("\r\n\r\n") + 4)).toMatch(/^: connected\n\nid: 1\n/);
    socket.destroy();
  });

  it("breaks so that it is not taken for whole", async () => {
    log = [];
    fails = true;
    expect(await speak(head("1.1")).until(nothingMore)).not.toMatch(/0\r\n\r\n$/);
    fails = false;
  });

  it("ends where somebody asks for more behind it, before or after it began", async () => {
    log = [];
    const info = "GET /v1/network HTTP/1.1\r\nhost: earnest.example\r\n\r\n";
    const atOnce = speak(`${head("1.1")}${info}`);
    expect(await atOnce.until(/200 OK/)).toMatch(/^HTTP\/1\.1 400 /);
    atOnce.socket.destroy();
    const later = speak(head("1.1"));
    await later.until(/: connected/);
    later.socket.write(info);
    expect(await later.until(nothingMore)).not.toMatch(/application\/json/);
    const noise = speak(head("1.1"));
    await noise.until(/: connected/);
    noise.socket.write("what is this\r\n\r\n");
    expect(await noise.until(nothingMore)).not.toMatch(/400/);
  });

  it("lets the request go when it begins", async () => {
    log = [];
    const { socket, until } = speak(head("1.1"));
    await until(/: connected/);
    const { text } = await api.ask("GET /metrics");
    expect(text).toMatch(/earnest_http_open_streams\{operation="getEvents"\} 1/);
    expect(text).toMatch(/earnest_http_requests_in_flight 1/);
    socket.destroy();
  });
});
