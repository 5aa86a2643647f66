import type { FastifyReply, FastifyRequest } from "fastify";
import { problemMediaType } from "../contract/problems.ts";
import type { Route } from "../contract/route.ts";
import { earnestError } from "../core/errors.ts";
import type { ApiContext } from "./context.ts";
import { problemOf } from "./problem.ts";
import { ReadDelay } from "./read-delay.ts";
import { routeOf } from "./register.ts";
import { Room, type Visit } from "./room.ts";

const secondsToRetry = 1;
/** One for all: to trace where an error was made takes longer than the rest of an answer that turns somebody away. */
const tooMany = earnestError("RATE_EXCEEDED", { retryAfterSeconds: secondsToRetry });
const tooManyProblem = problemOf(tooMany, "");

/** Of what stands in no line. */
const outside: Visit = { isLate: () => false, leave: () => undefined };

/**
 * Turns requests away that would wait too long, before they cost anything. Each operation of each market has a line of its
 * own: a market that stands still holds nobody up elsewhere. What operators ask is always let in. Streams and imports
 * have limits of their own. Null: `turnAway` is left to do.
 */
export function doorOf({ limits }: ApiContext): (request: FastifyRequest) => Visit | null {
  const room = new Room(() => performance.now());
  const delay = new ReadDelay();
  return (request) => {
    const delayMs = delay.ms;
    const route = routeOf(request);
    if (route === null || !hasLine(route)) return outside;
    const { market = "" } = (request.params ?? {}) as { readonly market?: string };
    return room.enter(`${route.id} ${market}`, limits.waitMsMax, delayMs);
  };
}

/**
 * Answers that there are too many requests, past all that an answer goes through else: the more are turned away, the less
 * is left for those who are let in.
 */
export function turnAway(request: FastifyRequest, { raw }: FastifyReply, requestIdHeader: string): void {
  request.problemCode = tooMany.code;
  const text = JSON.stringify({ ...tooManyProblem, requestId: request.id });
  raw.writeHead(tooManyProblem.status, {
    "content-type": `${problemMediaType}; charset=utf-8`,
    "content-length": Buffer.byteLength(text),
    "cache-control": "no-store",
    "retry-after": `${secondsToRetry}`,
    [requestIdHeader]: request.id,
  });
  raw.end(text);
}

const hasLine = ({ path, responseKind, bodyKind }: Route): boolean =>
  path.startsWith("/v1/") && bodyKind !== "rows" && (responseKind === "json" || responseKind === "empty");
