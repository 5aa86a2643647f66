import type { FastifyInstance, FastifyReply, FastifyRequest, RouteOptions } from "fastify";
import { resultMediaTypes } from "../contract/results.ts";
import { type Route, requestSchemas } from "../contract/route.ts";
import { routes } from "../contract/routes.ts";
import { earnestError } from "../core/errors.ts";
import { authenticate, type Caller } from "./authenticate.ts";
import type { ApiContext } from "./context.ts";
import type { Call, Handlers } from "./handler.ts";
import { repeats } from "./handlers/repeats.ts";
import { idempotencyKey, requestHash } from "./idempotency.ts";
import { JsonText } from "./json-text.ts";
import type { ApiLimits } from "./options.ts";
import type { Visit } from "./room.ts";

declare module "fastify" {
  interface FastifyRequest {
    caller: Caller | null;
    /** Of the error that was answered; null where there was none. */
    problemCode: string | null;
    /** Null where it was not let in. */
    visit: Visit | null;
  }
  interface FastifyContextConfig {
    route?: Route;
  }
}

/** Requests with many tasks, or with a program, are larger than others. */
const large: ReadonlySet<string> = new Set(["addTasks", "addProgram"]);

const bodyBytesMax = (route: Route, limits: ApiLimits): number =>
  large.has(route.id) ? limits.bodyBytesMax * 8 : limits.bodyBytesMax;

/** Routes whose own handler sees to idempotency, since there is more to a repetition than the same JSON again. */
const ownIdempotency: ReadonlySet<string> = new Set(["ask", "importTasks"]);

/** Serves every operation of the table with its handler: nothing more, nothing less. */
export function registerRoutes(app: FastifyInstance, context: ApiContext, handlers: Handlers): void {
  const again = repeats(context);
  const plain = Object.values(routes).filter((route) => route.bodyKind !== "rows");
  for (const route of plain) app.route(optionsOf(context, route, handlers[route.id], again[route.id]));
  app.register((scope, _options, done) => {
    // Only here may a body be a stream that nobody holds in memory.
    scope.removeAllContentTypeParsers();
    const types = [resultMediaTypes.csv, resultMediaTypes.jsonl, "application/jsonl"];
    scope.addContentTypeParser(types, (request, payload, parsed) => {
      parsed(isOtherCharset(request) ? otherCharset(request) : null, payload);
    });
    scope.route(optionsOf(context, routes.importTasks, handlers.importTasks, undefined));
    done();
  });
}

const isOtherCharset = (request: FastifyRequest): boolean =>
  /charset=(?!"?utf-?8)/i.test(request.headers["content-type"] ?? "");

const otherCharset = (request: FastifyRequest): Error =>
  earnestError("CONTENT_TYPE_MISMATCH", { contentType: request.headers["content-type"] ?? "", expected: "UTF-8" });

function optionsOf(context: ApiContext, route: Route, handler: unknown, again: unknown): RouteOptions {
  return {
    method: route.method,
    url: route.path,
    exposeHeadRoute: route.method === "GET" && route.responseKind === "json",
    bodyLimit: bodyBytesMax(route, context.limits),
    config: { route },
    schema: schemaOf(route),
    onRequest: async (request) => {
      request.caller = await authenticate(context.engine, route.auth, request.headers.authorization);
    },
    handler: handlerOf(context, route, handler as AnyHandler, again as AnyRepeat | undefined),
  };
}

type AnyHandler = (call: Call<Route>) => Promise<unknown>;
type AnyRepeat = (call: Call<Route>, note: string) => Promise<unknown>;

/** An operation without a body takes none: whatever stood there would be dropped without a word. */
const noBody = { type: ["object", "null"], additionalProperties: false };

/** What Fastify checks before the handler. */
function schemaOf(route: Route): Record<string, unknown> {
  const { params, query, body } = requestSchemas(route);
  return {
    ...(params !== null && { params }),
    querystring: query,
    ...(body !== null && { body }),
    ...(route.bodyKind === "none" && route.method !== "GET" && { body: noBody }),
  };
}

function handlerOf(context: ApiContext, route: Route, handler: AnyHandler, again: AnyRepeat = handler) {
  return async (request: FastifyRequest, reply: FastifyReply): Promise<unknown> => {
    const call = {
      params: request.params,
      query: request.query,
      body: request.body,
      caller: request.caller,
      once: undefined,
      isLate: () => request.visit?.isLate() === true,
      request,
      reply,
    } as unknown as Call<Route>;
    const key = route.idempotent && !ownIdempotency.has(route.id) ? idempotencyKey(request) : null;
    if (key === null || request.caller === null) return answer(route, reply, await handler(call));
    const hash = requestHash(request.method, request.url, request.body);
    const answered = async (value: unknown) => ({
      status: route.status,
      response: route.responseKind === "empty" ? "" : textOf(value),
    });
    const stored = await context.once.run(request.caller.owner, key, hash, {
      work: async (once) => answered(await handler({ ...call, once })),
      again: async (note) => answered(await again(call, note)),
    });
    reply.code(stored.status);
    return stored.response === "" ? reply.send() : reply.type(jsonType).send(stored.response);
  };
}

const jsonType = "application/json; charset=utf-8";

const textOf = (value: unknown): string => (value instanceof JsonText ? value.text : JSON.stringify(value));

function answer(route: Route, reply: FastifyReply, value: unknown): unknown {
  if (route.responseKind === "empty") return reply.code(route.status).send();
  if (route.responseKind === "json") reply.code(route.status);
  return value instanceof JsonText ? reply.type(jsonType).send(value.text) : value;
}

export const routeOf = (request: FastifyRequest): Route | null => request.routeOptions.config.route ?? null;
