import { randomUUID } from "node:crypto";
import Fastify, { type FastifyInstance, type FastifyReply, type FastifyRequest } from "fastify";
import { problemMediaType } from "../contract/problems.ts";
import { allRoutes } from "../contract/routes.ts";
import { type EarnestError, earnestError } from "../core/errors.ts";
import { noArchives } from "../engine/gateway/archives.ts";
import { onAnswerEnd } from "./answer-end.ts";
import { Aside } from "./aside.ts";
import { addBodyTimer } from "./body-timer.ts";
import { onBrokenRequest } from "./broken-request.ts";
import type { ApiContext } from "./context.ts";
import { addCors } from "./cors.ts";
import { doorOf, turnAway } from "./door.ts";
import { guardEventSockets } from "./event-socket.ts";
import { allHandlers } from "./handlers/all.ts";
import { OnceByKey } from "./idempotency.ts";
import { addJsonParser } from "./json-body.ts";
import { checkLate } from "./late-checks.ts";
import { createMetrics } from "./metrics.ts";
import { moneysOf } from "./moneys.ts";
import { type ApiOptions, defaultLimits } from "./options.ts";
import { problemOf, retryAfterSeconds, toEarnestError } from "./problem.ts";
import { registerRoutes, routeOf } from "./register.ts";
import { RequestLog } from "./request-log.ts";
import { Streams } from "./streams.ts";

const requestIdHeader = "earnest-request-id";

/**
 * The HTTP API over an engine. `listen` on what it returns, and `close` it to stop: it takes no further requests,
 * finishes those in flight and ends the event streams.
 */
export function createApi(options: ApiOptions): FastifyInstance {
  const context = contextOf(options);
  const app = createServer(options, context);
  guardEventSockets(app.server);
  addJsonParser(app);
  addLifecycle(app, context);
  addCors(app, options.corsOrigins ?? []);
  addBodyTimer(app, context.limits.bodySeconds);
  app.setErrorHandler((error, request, reply) => sendProblem(context, request, reply, error));
  app.setNotFoundHandler((request) => {
    throw notFound(request);
  });
  registerRoutes(app, context, allHandlers(context));
  return app;
}

function contextOf({
  engine,
  archives = noArchives,
  idempotency,
  log,
  limits,
  registry,
  version = "1",
}: ApiOptions): ApiContext {
  const metrics = createMetrics(registry);
  const filled = { ...defaultLimits, ...limits };
  return {
    engine,
    archives,
    once: new OnceByKey(idempotency),
    moneys: moneysOf(engine),
    limits: filled,
    log,
    streams: new Streams(filled, metrics),
    metrics,
    requests: new RequestLog(engine),
    version,
  };
}

function createServer({ trustProxy = false }: ApiOptions, context: ApiContext): FastifyInstance {
  const { limits } = context;
  return Fastify({
    logger: false,
    trustProxy,
    bodyLimit: limits.bodyBytesMax,
    connectionTimeout: limits.idleSeconds * 1_000,
    keepAliveTimeout: limits.idleSeconds * 1_000,
    requestTimeout: limits.requestSeconds * 1_000,
    http: { headersTimeout: limits.headersSeconds * 1_000 },
    // A busy machine may take its time to start: that is no failure.
    pluginTimeout: 0,
    // Closing answers in our own form (addLifecycle), and waits for what is in flight.
    return503OnClosing: false,
    forceCloseConnections: "idle",
    exposeHeadRoutes: false,
    routerOptions: { maxParamLength: 2_000 },
    genReqId: (raw) => requestIdOf(raw.headers[requestIdHeader]),
    ajv: {
      customOptions: { coerceTypes: false, removeAdditional: false, useDefaults: true, allowUnionTypes: true },
      onCreate: checkLate,
    },
    frameworkErrors: (error, request, reply) => {
      sendProblem(context, request, reply, error);
    },
    clientErrorHandler: (error, socket) => onBrokenRequest(error, socket),
  });
}

/** The caller's own request id where it is a decent one, so that both sides find the same line in their logs. */
const requestIdOf = (given: unknown): string =>
  typeof given === "string" && /^[\w.:-]{1,100}$/.test(given) ? given : randomUUID();

function addLifecycle(app: FastifyInstance, context: ApiContext): void {
  const { metrics, streams, limits } = context;
  const letIn = doorOf(context);
  // Those who were let in go before those who only wait to hear that they were not.
  const aside = new Aside(() => performance.now());
  let isClosing = false;
  let inFlight = 0;
  // Hooks with callbacks: promises for each request would say no more.
  app.decorateRequest("caller", null);
  app.decorateRequest("problemCode", null);
  app.decorateRequest("visit", null);
  app.addHook("onRequest", (request, reply, done) => {
    const startedAtMs = performance.now();
    metrics.requestsInFlight.inc();
    inFlight++;
    const operation = routeOf(request)?.id ?? "none";
    const { raw } = reply;
    onAnswerEnd(request.raw, raw, () => {
      metrics.requestsInFlight.dec();
      inFlight--;
      request.visit?.leave(raw.writableFinished && raw.statusCode < 300);
      if (raw.statusCode === 429) metrics.turnedAway.inc({ operation });
      const seconds = (performance.now() - startedAtMs) / 1_000;
      metrics.requestSeconds.observe({ operation, status: `${raw.statusCode}` }, seconds);
      logRequest(context, request, { operation, status: raw.statusCode, seconds });
    });
    reply.header(requestIdHeader, request.id);
    if (isClosing) {
      reply.header("connection", "close");
      throw earnestError("SERVER_UNAVAILABLE", { url: "", problem: "it is shutting down" });
    }
    request.visit = letIn(request);
    if (request.visit === null) {
      aside.add(() => turnAway(request, reply, requestIdHeader));
      return;
    }
    requirePlainEncoding(request);
    done();
  });
  app.addHook("onSend", (_request, reply, payload, done) => {
    if (isClosing) reply.header("connection", "close");
    done(null, payload);
  });
  app.addHook("preClose", async () => {
    isClosing = true;
    streams.endAll();
    const until = Date.now() + limits.closeSeconds * 1_000;
    while ((inFlight > 0 || streams.size > 0) && Date.now() < until)
      await new Promise((resolve) => setTimeout(resolve, 5));
    // What is left has nothing to finish: connections that browsers open in advance would hold us for long.
    app.server.closeAllConnections();
    await context.requests.flush();
  });
}

/** What programs ask with API keys; a page of ours is none. */
function logRequest(
  { requests }: ApiContext,
  { caller, headers, id, method, url, problemCode }: FastifyRequest,
  { operation, status, seconds }: { readonly operation: string; readonly status: number; readonly seconds: number },
): void {
  if (caller === null || caller.apiKey === null || headers["sec-fetch-site"] === "same-origin") return;
  requests.add({
    owner: caller.owner,
    atMs: Math.round(Date.now() - seconds * 1_000),
    id,
    apiKey: caller.apiKey,
    operation,
    method,
    path: url.slice(0, 500),
    status,
    durationMs: Math.round(seconds * 1_000),
    code: problemCode,
  });
}

function requirePlainEncoding(request: FastifyRequest): void {
  const encoding = request.headers["content-encoding"];
  if (encoding === undefined || encoding === "identity") return;
  throw earnestError("CONTENT_TYPE_MISMATCH", { contentType: encoding, expected: "the body without Content-Encoding" });
}

function sendProblem(context: ApiContext, request: FastifyRequest, reply: FastifyReply, error: unknown): FastifyReply {
  const route = routeOf(request);
  const known = toEarnestError(error, {
    requestId: request.id,
    contentType: request.headers["content-type"] ?? "",
    bodyBytesMax: request.routeOptions.bodyLimit ?? context.limits.bodyBytesMax,
    route,
  });
  logProblem(context, request, known, error);
  const problem = problemOf(known, request.id);
  request.problemCode = known.code;
  const seconds = retryAfterSeconds(known);
  if (seconds !== null) reply.header("retry-after", seconds);
  if (problem.status === 401) reply.header("www-authenticate", 'Bearer realm="earnest"');
  if (known.code === "METHOD_MISMATCH") reply.header("allow", (known.context as { allowed: string }).allowed);
  return reply
    .code(problem.status)
    .header(requestIdHeader, request.id)
    .header("cache-control", "no-store")
    .type(`${problemMediaType}; charset=utf-8`)
    .send(JSON.stringify(problem));
}

/** What callers did wrong is theirs to know; what we did wrong, or lack, is ours. */
function logProblem({ log }: ApiContext, request: FastifyRequest, known: EarnestError, error: unknown): void {
  if (known.kind !== "internal" && known.kind !== "unavailable") return;
  const level = known.kind === "internal" ? "error" : "warn";
  const operation = routeOf(request)?.id ?? "none";
  log(level, known.message, { requestId: request.id, operation, code: known.code, error });
}

const patterns = allRoutes.map(({ method, path }) => ({
  method,
  pattern: new RegExp(`^${path.replace(/:\w+/g, "[^/]+")}$`),
}));

function notFound({ method, url }: FastifyRequest): EarnestError {
  const path = url.split("?")[0] ?? url;
  const allowed = [...new Set(patterns.filter(({ pattern }) => pattern.test(path)).map((each) => each.method))];
  const shown = path.slice(0, 200);
  return allowed.length === 0
    ? earnestError("ROUTE_NOT_FOUND", { method, path: shown })
    : earnestError("METHOD_MISMATCH", { method, path: shown, allowed: allowed.join(", ") });
}
