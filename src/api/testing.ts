import type { AddressInfo } from "node:net";
import type { FastifyInstance } from "fastify";
import { problem } from "../contract/problems.ts";
import { allRoutes } from "../contract/routes.ts";
import { toHex } from "../core/bytes.ts";
import type { Engine } from "../engine/engine.ts";
import { createApi } from "./create-api.ts";
import type { IdempotencyStore, StoredResponse } from "./idempotency.ts";
import type { ApiLimits, ApiOptions, LogLevel } from "./options.ts";

export interface TestAnswer {
  readonly status: number;
  readonly headers: Headers;
  readonly text: string;
  /** The JSON of the body, or null. */
  // biome-ignore lint/suspicious/noExplicitAny: tests look into answers of every shape
  readonly body: any;
}

export interface TestRequest {
  readonly json?: unknown;
  readonly body?: RequestInit["body"];
  readonly token?: string;
  readonly headers?: Readonly<Record<string, string>>;
}

export interface TestApi {
  readonly app: FastifyInstance;
  readonly url: string;
  readonly logged: { readonly level: LogLevel; readonly message: string; readonly fields: object }[];
  readonly stored: Map<string, StoredResponse>;
  /** "POST /v1/markets" and what to send; the answer is checked against its schema. */
  ask(operation: string, request?: TestRequest): Promise<TestAnswer>;
  close(): Promise<void>;
}

type Options = Partial<Omit<ApiOptions, "engine" | "limits">> & { readonly limits?: Partial<ApiLimits> };

/** An API on a port of its own. */
export async function startTestApi(engine: Engine, options: Options = {}): Promise<TestApi> {
  const logged: TestApi["logged"] = [];
  const stored = new Map<string, StoredResponse>();
  const app = createApi({
    engine,
    idempotency: memoryIdempotency(stored),
    log: (level, message, fields) => logged.push({ level, message, fields }),
    ...options,
  });
  await app.listen({ host: "127.0.0.1", port: 0 });
  const { port } = app.server.address() as AddressInfo;
  const url = `http://127.0.0.1:${port}`;
  return {
    app,
    url,
    logged,
    stored,
    ask: (operation, request = {}) => ask(url, operation, request),
    close: () => app.close(),
  };
}

export const memoryIdempotency = (stored: Map<string, StoredResponse>): IdempotencyStore => ({
  find: async (scope, key) => stored.get(`${toHex(scope)} ${key}`) ?? null,
  save: async (scope, key, requestHash, status, response) => {
    const place = `${toHex(scope)} ${key}`;
    if (!stored.has(place)) stored.set(place, { requestHash, status, response });
  },
  once: () => ({ claim: () => Promise.resolve(), note: () => Promise.resolve() }),
});

async function ask(url: string, operation: string, { json, body, token, headers }: TestRequest): Promise<TestAnswer> {
  const [method = "GET", path = "/"] = operation.split(" ");
  const init: RequestInit & { duplex?: "half" } = {
    method,
    headers: {
      ...(json !== undefined && { "content-type": "application/json" }),
      ...(token !== undefined && { authorization: `Bearer ${token}` }),
      ...headers,
    },
    duplex: "half",
  };
  const sent = json === undefined ? body : JSON.stringify(json);
  if (sent !== undefined) init.body = sent;
  const response = await fetch(`${url}${path}`, init);
  const text = await response.text();
  const isJson = /\/(?:problem\+)?json(?:;|$)/.test(response.headers.get("content-type") ?? "");
  const parsed = isJson && text !== "" ? JSON.parse(text) : null;
  if (isJson && method !== "HEAD") checkShape(method, path, response.status, parsed);
  return { status: response.status, headers: response.headers, text, body: parsed };
}

/** Answers are part of the contract: whatever a test asks for, its answer has to fit its schema. */
function checkShape(method: string, path: string, status: number, body: unknown): void {
  if (status >= 400) return void problem.parse(body);
  const bare = path.split("?")[0] ?? path;
  const route = allRoutes.find((each) => {
    const pattern = new RegExp(`^${each.path.replace(/:\w+/g, "[^/]+")}$`);
    return each.method === method && pattern.test(bare);
  });
  if (status === route?.status && route.response !== null) route.response.parse(body);
}
