import type { FastifyRequest } from "fastify";
import type { Route } from "../contract/route.ts";
import { earnestError } from "../core/errors.ts";
import type { ApiContext } from "./context.ts";
import { routeOf } from "./register.ts";
import { Room } from "./room.ts";

const secondsToRetry = 1;

/** To be called when a request has been answered. `isMeasure`: it went the whole way, so that its time says something. */
export type Leave = (isMeasure: boolean) => void;

const leaveNothing: Leave = () => undefined;

/**
 * Turns requests away that would wait too long, before they cost anything. Each operation of each market has a line of its
 * own: a market that stands still holds nobody up elsewhere. What operators ask is always let in. Streams and imports
 * have limits of their own.
 *
 * @throws RATE_EXCEEDED
 */
export function doorOf({ limits, metrics }: ApiContext): (request: FastifyRequest) => Leave {
  const room = new Room(() => performance.now());
  return (request) => {
    const route = routeOf(request);
    if (route === null || !hasLine(route)) return leaveNothing;
    const { market = "" } = (request.params ?? {}) as { readonly market?: string };
    const aimMs = route.method === "GET" ? limits.readWaitMsMax : limits.writeWaitMsMax;
    const leave = room.enter(`${route.id} ${market}`, aimMs);
    if (leave === null) {
      metrics.turnedAway.inc({ operation: route.id });
      throw earnestError("RATE_EXCEEDED", { retryAfterSeconds: secondsToRetry });
    }
    return leave;
  };
}

const hasLine = ({ path, responseKind, bodyKind }: Route): boolean =>
  path.startsWith("/v1/") && bodyKind !== "rows" && (responseKind === "json" || responseKind === "empty");
