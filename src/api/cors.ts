import type { FastifyInstance } from "fastify";

const allowedHeaders = "authorization, content-type, idempotency-key, last-event-id, earnest-request-id";
const exposedHeaders = "earnest-request-id, retry-after, date";
const preflightSeconds = 86_400;

/** Lets browsers of the given origins call. Bearer tokens only: no cookies, so no credentials mode. */
export function addCors(app: FastifyInstance, origins: readonly string[]): void {
  if (origins.length === 0) return;
  const isAllowed = (origin: string): boolean => origins.includes("*") || origins.includes(origin);
  app.addHook("onRequest", async (request, reply) => {
    const { origin } = request.headers;
    reply.header("vary", "origin");
    if (origin === undefined || !isAllowed(origin)) return;
    reply.header("access-control-allow-origin", origin).header("access-control-expose-headers", exposedHeaders);
    if (request.method !== "OPTIONS") return;
    await reply
      .code(204)
      .header("access-control-allow-methods", "GET, POST, PUT, DELETE")
      .header("access-control-allow-headers", allowedHeaders)
      .header("access-control-max-age", preflightSeconds)
      .send();
  });
}
