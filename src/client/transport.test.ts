import { getEventListeners } from "node:events";
import { describe, expect, it } from "vitest";
import { problem } from "../contract/problems.ts";
import { routes } from "../contract/routes.ts";
import { EarnestApiError, EarnestConnectionError } from "./errors.ts";
import { backoffMs } from "./pause.ts";
import { Transport } from "./transport.ts";

interface Sent {
  readonly url: string;
  readonly method: string;
  readonly headers: Record<string, string>;
  readonly body: string | null;
}

/** A fetch that answers from a script, and remembers what it was asked. The last answer repeats. */
function scripted(...answers: readonly (() => Response)[]) {
  const sent: Sent[] = [];
  const fetch = async (url: unknown, init: RequestInit = {}): Promise<Response> => {
    const { method = "GET", headers, body } = init;
    sent.push({
      url: String(url),
      method,
      headers: headers as Record<string, string>,
      body: typeof body === "string" ? body : null,
    });
    const answer = answers[Math.min(sent.length, answers.length) - 1] as () => Response;
    return answer();
  };
  return { sent, fetch: fetch as typeof globalThis.fetch };
}

const json =
  (value: unknown, status = 200) =>
  () =>
    new Response(JSON.stringify(value), { status });
const refusal =
  (status: number, code: string, headers: Record<string, string> = {}) =>
  () =>
    new Response(
      JSON.stringify(
        problem.parse({
          type: `urn:earnest:problem:${code}`,
          title: code,
          status,
          code,
          detail: "No.",
          next: "Do.",
          requestId: "r1",
          context: { slot: "1.0" },
        }),
      ),
      { status, headers: { "content-type": "application/problem+json", ...headers } },
    );
const broken = (): never => {
  throw new TypeError("fetch failed", { cause: Object.assign(new Error("refused"), { code: "ECONNREFUSED" }) });
};

const market = "ab".repeat(16);
const wanted = { title: "t", answer: { choices: ["a", "b"] }, reward: "0.02" };
const transportOf = (fetch: typeof globalThis.fetch, retriesMax = 3): Transport =>
  new Transport({ server: "http://server/", apiKey: "earnest_test_k", fetch, retriesMax });

describe("what is sent", () => {
  it("is the operation of the table, with key, token and body", async () => {
    const { fetch, sent } = scripted(json({}));
    await transportOf(fetch).call(routes.fundMarket, { params: { market }, body: { signature: "s" } });
    expect(sent[0]).toMatchObject({
      url: `http://server/v1/markets/${market}/fund`,
      method: "POST",
      body: '{"signature":"s"}',
      headers: { authorization: "Bearer earnest_test_k", "content-type": "application/json" },
    });
    expect(sent[0]?.headers["idempotency-key"]).toMatch(/^[0-9a-f]{32}$/);
  });

  it("leaves out what was not given", async () => {
    const { fetch, sent } = scripted(json({ items: [], next: null }));
    await transportOf(fetch).call(routes.listMarkets, { query: { owner: undefined, after: null, limit: 5 } });
    expect(sent[0]?.url).toBe("http://server/v1/markets?limit=5");
    expect(sent[0]?.headers).not.toHaveProperty("idempotency-key");
    expect(sent[0]?.body).toBeNull();
  });

  it("carries another token where one is given, and no key where none is wanted", async () => {
    const { fetch, sent } = scripted(json({ offers: [] }));
    const input = { params: { market }, body: {}, token: "earnest_session_s" };
    await transportOf(fetch).call(routes.assign, input, { idempotencyKey: null });
    expect(sent[0]?.headers).toMatchObject({ authorization: "Bearer earnest_session_s" });
    expect(sent[0]?.headers).not.toHaveProperty("idempotency-key");
  });

  it("answers nothing where there is nothing", async () => {
    const { fetch } = scripted(() => new Response(null, { status: 204 }));
    expect(await transportOf(fetch).call(routes.endSession)).toBeUndefined();
  });
});

describe("what is sent again", () => {
  it("is the same request under the same key, until there is an answer", async () => {
    const { fetch, sent } = scripted(
      broken,
      refusal(503, "DATABASE_UNAVAILABLE"),
      refusal(429, "RATE_EXCEEDED"),
      json({ id: 1 }),
    );
    expect(await transportOf(fetch).call(routes.createMarket, { body: wanted })).toEqual({ id: 1 });
    expect(sent).toHaveLength(4);
    expect(new Set(sent.map(({ headers }) => headers["idempotency-key"])).size).toBe(1);
    expect(new Set(sent.map(({ body }) => body)).size).toBe(1);
  });

  it("is given up after a while, with the reason", async () => {
    const { fetch, sent } = scripted(broken);
    const call = transportOf(fetch, 2).call(routes.getNetwork);
    await expect(call).rejects.toThrow(EarnestConnectionError);
    await expect(call).rejects.toThrow("The server at http://server does not answer: ECONNREFUSED.");
    expect(sent).toHaveLength(3);
  });

  it("is nothing that might be done twice", async () => {
    for (const [route, body] of [
      [routes.createApiKey, { name: "n" }],
      [routes.createSession, { message: "m", signature: "s" }],
    ] as const) {
      const { fetch, sent } = scripted(broken);
      await expect(
        transportOf(fetch).call(route as typeof routes.createApiKey, { body: body as never }),
      ).rejects.toThrow();
      expect(sent, route.id).toHaveLength(1);
      const away = scripted(refusal(503, "DATABASE_UNAVAILABLE"));
      await expect(
        transportOf(away.fetch).call(route as typeof routes.createApiKey, { body: body as never }),
      ).rejects.toThrow();
      expect(away.sent, route.id).toHaveLength(1);
      // Turned away before anything was looked at: that may be repeated.
      const busy = scripted(refusal(429, "RATE_EXCEEDED"), json({}));
      await transportOf(busy.fetch).call(route as typeof routes.createApiKey, { body: body as never });
      expect(busy.sent, route.id).toHaveLength(2);
    }
  });

  it("is no stream: its source has been read", async () => {
    const { fetch, sent } = scripted(broken);
    const stream = { type: "text/csv", body: "id\n" };
    await expect(transportOf(fetch).call(routes.importTasks, { params: { market }, stream })).rejects.toThrow();
    expect(sent).toHaveLength(1);
  });

  it("is nothing that was refused for good", async () => {
    for (const status of [400, 401, 402, 403, 404, 409, 413, 500]) {
      const { fetch, sent } = scripted(refusal(status, "MARKET_STATE"));
      await expect(transportOf(fetch).call(routes.getNetwork)).rejects.toMatchObject({ status });
      expect(sent).toHaveLength(1);
    }
  });

  it("waits as long as the server says, and stops waiting when the caller has enough", async () => {
    const { fetch, sent } = scripted(refusal(503, "DATABASE_UNAVAILABLE", { "retry-after": "20" }));
    const controller = new AbortController();
    const call = transportOf(fetch).call(routes.getNetwork, {}, { signal: controller.signal });
    setTimeout(() => controller.abort(new Error("enough")), 30);
    await expect(call).rejects.toThrow("enough");
    expect(sent).toHaveLength(1);
  });

  it("leaves nothing on the caller's signal, however many calls it makes", async () => {
    const { signal } = new AbortController();
    const { fetch } = scripted(refusal(404, "MARKET_NOT_FOUND"), json({}));
    for (let i = 0; i < 3; i++)
      await transportOf(fetch)
        .call(routes.getNetwork, {}, { signal })
        .catch(() => undefined);
    expect(getEventListeners(signal, "abort")).toEqual([]);
    const calledOff = transportOf(fetch).call(
      routes.getNetwork,
      {},
      { signal: AbortSignal.abort(new Error("enough")) },
    );
    await expect(calledOff).rejects.toThrow("enough");
  });

  it("waits longer each time, never long, and never all at once", () => {
    const least = [1, 2, 3, 4, 9].map((attempt) => backoffMs(attempt, null, () => 0));
    const most = [1, 2, 3, 4, 9].map((attempt) => backoffMs(attempt, null, () => 1));
    expect(least).toEqual([50, 100, 200, 400, 2_500]);
    expect(most).toEqual([100, 200, 400, 800, 5_000]);
    expect([0, 1].map((random) => backoffMs(1, "3", () => random))).toEqual([3_000, 6_000]);
    expect(backoffMs(1, "99999", () => 0)).toBe(30_000);
    expect(backoffMs(1, "Wed, 21 Oct 2026 07:28:00 GMT", () => 0)).toBe(50);
  });

  it("includes requests that got no answer in time", async () => {
    let attempts = 0;
    const fetch = ((_url: unknown, init: RequestInit) => {
      attempts++;
      return new Promise((_resolve, reject) => {
        init.signal?.addEventListener("abort", () => reject(init.signal?.reason as Error));
      });
    }) as typeof globalThis.fetch;
    const transport = new Transport({ server: "http://server", fetch, retriesMax: 1, timeoutMs: 20 });
    await expect(transport.call(routes.getNetwork)).rejects.toThrow(/no answer in time/);
    expect(attempts).toBe(2);
  });
});

describe("errors", () => {
  it("carry what the server said", async () => {
    const { fetch } = scripted(refusal(409, "SLOT_STATE", { date: "Sat, 21 Nov 2026 07:00:00 GMT" }));
    const error = await transportOf(fetch)
      .call(routes.getNetwork)
      .catch((caught: unknown) => caught);
    expect(error).toBeInstanceOf(EarnestApiError);
    expect(error).toMatchObject({
      message: "No.",
      code: "SLOT_STATE",
      next: "Do.",
      requestId: "r1",
      status: 409,
      context: { slot: "1.0" },
      serverTimeMs: Date.UTC(2026, 10, 21, 7),
    });
  });

  it("of something that stands between are told apart", async () => {
    const { fetch } = scripted(() => new Response("<html>Bad gateway</html>", { status: 400, statusText: "Bad" }));
    await expect(transportOf(fetch).call(routes.getNetwork)).rejects.toMatchObject({
      code: "HTTP_STATUS",
      status: 400,
      message: "The server answered 400 Bad",
    });
  });
});
