import { connect } from "node:net";
import { afterEach, describe, expect, it } from "vitest";
import { type EarnestError, earnestError } from "../core/errors.ts";
import type { Engine } from "../engine/engine.ts";
import type { IsLate } from "../engine/types.ts";
import { startTestApi, type TestApi } from "./testing.ts";
import { apiKeyOfOwner, fakeEngine, marketViewOf, sessionToken, testMarket } from "./testing-engine.ts";

const apis: TestApi[] = [];
afterEach(async () => {
  await Promise.all(apis.splice(0).map((api) => api.close()));
});

async function start(
  changes: Partial<Engine> = {},
  options: Parameters<typeof startTestApi>[1] = {},
): Promise<TestApi> {
  const api = await startTestApi(fakeEngine(changes), options);
  apis.push(api);
  return api;
}

const path = `/v1/markets/${testMarket}`;
const pause = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms));
const failing = (error: unknown): Partial<Engine> => ({
  market: async () => {
    throw error;
  },
});

describe("errors", () => {
  const known: readonly (readonly [EarnestError, status: number])[] = [
    [earnestError("MARKET_NOT_FOUND", { market: "m" }), 404],
    [earnestError("OWNER_MISMATCH", { what: "It" }), 403],
    [earnestError("MARKET_STATE", { market: "m", status: "draft", action: "x" }), 409],
    [earnestError("ESCROW_INSUFFICIENT", { needed: "1", free: "0" }), 402],
    [earnestError("LIMIT_EXCEEDED", { what: "tasks", max: 3 }), 413],
    [earnestError("RATE_EXCEEDED", { retryAfterSeconds: 7 }), 429],
    [earnestError("MALFORMED_SPEC", { path: "spec", problem: "no" }), 400],
    [earnestError("SESSION_NOT_FOUND", { session: "s" }), 401],
    [earnestError("DATABASE_UNAVAILABLE", { retryAfterSeconds: 3 }), 503],
  ];
  for (const [error, status] of known) {
    it(`${error.code} is ${status}, with its advice and context`, async () => {
      const answer = await (await start(failing(error))).ask(`GET ${path}`);
      expect(answer.status).toBe(status);
      const { code, next, context, message } = error;
      expect(answer.body).toMatchObject({ status, code, detail: message, next, context });
      expect(answer.body.type).toBe(`urn:earnest:problem:${code}`);
    });
  }

  it("say when to come back", async () => {
    const busy = await (await start(failing(known[5]?.[0]))).ask(`GET ${path}`);
    expect(busy.headers.get("retry-after")).toBe("7");
    const away = await (await start(failing(known[8]?.[0]))).ask(`GET ${path}`);
    expect(away.headers.get("retry-after")).toBe("3");
  });

  const ours: Record<string, unknown> = {
    "an unknown error": new Error("select * from secrets where password = 'hunter2'"),
    "a broken invariant": earnestError("INVARIANT_MISMATCH", { what: "hunter2" }),
    "something that is no error": "hunter2",
    "nothing at all": undefined,
  };
  for (const [name, error] of Object.entries(ours)) {
    it(`${name} is INTERNAL to the caller, and itself in the log`, async () => {
      const api = await start(failing(error));
      const answer = await api.ask(`GET ${path}`, { headers: { "earnest-request-id": "my-id-1" } });
      expect([answer.status, answer.body.code, answer.body.requestId]).toEqual([500, "INTERNAL", "my-id-1"]);
      expect(answer.text).not.toContain("hunter2");
      expect(api.logged).toHaveLength(1);
      expect(api.logged[0]).toMatchObject({
        level: "error",
        fields: { requestId: "my-id-1", operation: "getMarket", error },
      });
    });
  }

  it("do not tell callers where the operator's machines are", async () => {
    const error = earnestError("CHAIN_UNAVAILABLE", { url: "https://rpc.example/?key=hunter2", problem: "timeout" });
    const api = await start(failing(error));
    const answer = await api.ask(`GET ${path}`);
    expect([answer.status, answer.body.code, answer.body.context]).toEqual([503, "CHAIN_UNAVAILABLE", {}]);
    expect(answer.text).not.toContain("hunter2");
    expect(answer.headers.get("retry-after")).toBe("1");
    expect(api.logged[0]?.level).toBe("warn");
  });
});

describe("request ids", () => {
  it("are the caller's where they are decent", async () => {
    const api = await start();
    const given = await api.ask("GET /healthz", { headers: { "earnest-request-id": "order-17.a:b" } });
    expect(given.headers.get("earnest-request-id")).toBe("order-17.a:b");
    for (const id of ["", "a b", "x".repeat(101), "<script>"]) {
      const own = await api.ask("GET /healthz", { headers: { "earnest-request-id": id } });
      expect(own.headers.get("earnest-request-id"), id).toMatch(/^[0-9a-f-]{36}$/);
    }
  });
});

describe("browsers", () => {
  const headers = { origin: "https://app.example", "access-control-request-method": "POST" };

  it("of other origins are not let in by default", async () => {
    const api = await start();
    const answer = await api.ask("GET /v1/network", { headers });
    expect(answer.headers.get("access-control-allow-origin")).toBeNull();
    expect((await api.ask("OPTIONS /v1/ask", { headers })).status).toBe(405);
  });

  it("of the given origins are", async () => {
    const api = await start({}, { corsOrigins: ["https://app.example"] });
    const preflight = await api.ask("OPTIONS /v1/ask", { headers });
    expect(preflight.status).toBe(204);
    expect(preflight.headers.get("access-control-allow-headers")).toMatch(/authorization.*idempotency-key/);
    const answer = await api.ask("GET /v1/network", { headers });
    expect(answer.headers.get("access-control-allow-origin")).toBe("https://app.example");
    expect(answer.headers.get("vary")).toBe("origin");
    const stranger = await api.ask("GET /v1/network", { headers: { origin: "https://other.example" } });
    expect(stranger.headers.get("access-control-allow-origin")).toBeNull();
    // An error must be readable as well, and so must an event stream.
    const error = await api.ask("GET /v1/nothing", { headers });
    expect(error.headers.get("access-control-allow-origin")).toBe("https://app.example");
  });
});

describe("health", () => {
  it("lives while the engine cannot serve, and is not ready then", async () => {
    const api = await start({
      checkReady: async () => {
        throw earnestError("DATABASE_UNAVAILABLE", { retryAfterSeconds: 2 });
      },
    });
    expect((await api.ask("GET /healthz")).status).toBe(200);
    const ready = await api.ask("GET /readyz");
    expect([ready.status, ready.body.code]).toEqual([503, "DATABASE_UNAVAILABLE"]);
  });

  it("counts requests by operation, never by address", async () => {
    const api = await start();
    await api.ask(`GET ${path}`);
    await api.ask(`GET ${path}`);
    await api.ask("GET /v1/made/up");
    await pause(20);
    const { text, headers } = await api.ask("GET /metrics");
    expect(headers.get("content-type")).toMatch(/^text\/plain/);
    expect(text).toMatch(/earnest_http_request_seconds_count\{operation="getMarket",status="200"\} 2/);
    expect(text).toMatch(/earnest_http_request_seconds_count\{operation="none",status="404"\} 1/);
    expect(text).not.toContain("made");
    expect(text).toMatch(/earnest_http_requests_in_flight 1/);
  });
});

describe("too much at once", () => {
  it("is turned away before it costs anything", async () => {
    let release: () => void = () => undefined;
    const held = new Promise<void>((resolve) => {
      release = resolve;
    });
    const engine = fakeEngine({
      market: async () => {
        await held;
        return marketViewOf();
      },
    });
    const api = await startTestApi(engine);
    apis.push(api);
    const asked = Array.from({ length: 150 }, () => api.ask(`GET ${path}`));
    const first = await Promise.race(asked);
    expect([first.status, first.body.code, first.headers.get("retry-after")]).toEqual([429, "RATE_EXCEEDED", "1"]);
    expect((await api.ask("GET /healthz")).status).toBe(200);
    expect((await api.ask("GET /v1/network")).status).toBe(200);
    release();
    const statuses = (await Promise.all(asked)).map(({ status }) => status);
    expect(statuses.filter((status) => status === 200).length).toBe(112);
    expect((await api.ask(`GET ${path}`)).status).toBe(200);
    const { text } = await api.ask("GET /metrics");
    expect(text).toMatch(/earnest_http_turned_away_total\{operation="getMarket"\} 38/);
  });

  it("is told to the engine, which turns away who waited too long inside", async () => {
    const inside: IsLate[] = [];
    let release: () => void = () => undefined;
    const held = new Promise<void>((resolve) => {
      release = resolve;
    });
    const assign: Engine["assign"] = async (_session, _market, _wish, isLate = () => false) => {
      inside.push(isLate);
      await held;
      if (isLate()) throw earnestError("RATE_EXCEEDED", { retryAfterSeconds: 1 });
      return [];
    };
    const api = await start({ assign });
    const ask = () => api.ask(`POST ${path}/assignments`, { token: sessionToken, json: {} });
    const first = ask();
    await expect.poll(() => inside.length).toBe(1);
    await pause(100);
    // So far nobody was turned away.
    expect(inside.map((isLate) => isLate())).toEqual([false]);
    const others = Array.from({ length: 120 }, ask);
    await expect.poll(() => inside.length).toBe(112);
    // Late is only who stands behind while others are turned away: one more is, each time.
    const askAgain = (): boolean | undefined => {
      others.push(ask());
      return inside[0]?.();
    };
    await expect.poll(askAgain).toBe(true);
    release();
    expect((await first).status).toBe(429);
    const statuses = (await Promise.all([first, ...others])).map(({ status }) => status);
    const turnedAway = statuses.filter((status) => status === 429).length;
    expect(turnedAway).toBeGreaterThanOrEqual(10);
    const counted = `earnest_http_turned_away_total{operation="assign"} ${turnedAway}`;
    await expect.poll(async () => (await api.ask("GET /metrics")).text).toContain(counted);
  });

  it("lets go of what waited on a connection behind an answer that nobody can get any more", async () => {
    let release: () => void = () => undefined;
    const held = new Promise<void>((resolve) => {
      release = resolve;
    });
    let arrived = 0;
    const api = await start({
      market: async () => {
        arrived++;
        await held;
        return marketViewOf();
      },
    });
    const { port, hostname } = new URL(api.url);
    const get = `GET ${path} HTTP/1.1\r\nhost: a\r\n\r\n`;
    const socket = connect(Number(port), hostname, () => socket.write(get.repeat(3)));
    socket.on("error", () => undefined);
    await expect.poll(() => arrived).toBe(3);
    socket.destroy();
    await expect.poll(async () => (await api.ask("GET /metrics")).text).toMatch(/earnest_http_requests_in_flight 1\n/);
    release();
  });

  it("a body that does not come in time is not waited for", async () => {
    const api = await start({}, { limits: { bodySeconds: 0.1 } });
    const { port, hostname } = new URL(api.url);
    const text = await new Promise<string>((resolve) => {
      let answer = "";
      const socket = connect(Number(port), hostname, () =>
        socket.write(
          `POST /v1/markets HTTP/1.1\r\nhost: a\r\nauthorization: Bearer ${apiKeyOfOwner}\r\n` +
            'content-type: application/json\r\ncontent-length: 100\r\n\r\n{"title":',
        ),
      );
      socket.setEncoding("utf8").on("data", (chunk) => {
        answer += String(chunk);
      });
      socket.on("close", () => resolve(answer));
    });
    expect(text).toMatch(/^HTTP\/1\.1 408 /);
    expect(text).toMatch(/"code":"REQUEST_TIME_EXCEEDED"/);
    expect((await api.ask("GET /healthz")).status).toBe(200);
  });
});

describe("stopping", () => {
  it("finishes what is in flight and takes nothing more", async () => {
    let release: () => void = () => undefined;
    let arrive: () => void = () => undefined;
    const isThere = new Promise<void>((resolve) => {
      arrive = resolve;
    });
    const api = await start({
      market: async () => {
        arrive();
        await new Promise<void>((resolve) => {
          release = resolve;
        });
        return marketViewOf();
      },
    });
    const slow = api.ask(`GET ${path}`);
    await isThere;
    const closed = api.close();
    await pause(20);
    const late = await api.ask("GET /healthz");
    expect([late.status, late.body.code]).toEqual([503, "SERVER_UNAVAILABLE"]);
    expect(late.headers.get("connection")).toBe("close");
    expect(late.headers.get("retry-after")).toBe("1");
    release();
    expect((await slow).status).toBe(200);
    await closed;
    await expect(api.ask("GET /healthz")).rejects.toThrow();
  });

  it("does not wait for connections that never asked anything", async () => {
    const api = await start();
    const { port, hostname } = new URL(api.url);
    const socket = connect(Number(port), hostname);
    await new Promise((resolve) => socket.once("connect", resolve));
    const before = Date.now();
    await api.close();
    expect(Date.now() - before).toBeLessThan(1_000);
    socket.destroy();
  });

  it("does not wait for ever for what does not end", async () => {
    const api = await start({ market: () => new Promise(() => undefined) }, { limits: { closeSeconds: 0.2 } });
    const stuck = api.ask(`GET ${path}`);
    const outcome = expect(stuck).rejects.toThrow();
    await pause(50);
    const before = Date.now();
    await api.close();
    expect(Date.now() - before).toBeLessThan(1_500);
    await outcome;
  });
});
