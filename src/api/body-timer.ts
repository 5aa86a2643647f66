import type { FastifyInstance } from "fastify";
import { earnestError } from "../core/errors.ts";
import { routeOf } from "./register.ts";

/**
 * A JSON body has to arrive in time, or slow senders hold connections for nothing. Most are there before anybody looks,
 * and cost no timer.
 */
export function addBodyTimer(app: FastifyInstance, seconds: number): void {
  app.addHook("preParsing", (request, reply, payload, done) => {
    if (routeOf(request)?.bodyKind === "json" && !request.raw.complete) {
      const timer = setTimeout(() => {
        if (reply.sent) return;
        reply.header("connection", "close").send(earnestError("REQUEST_TIME_EXCEEDED", { seconds }));
      }, seconds * 1_000);
      const stop = (): void => clearTimeout(timer);
      request.raw.once("end", stop).once("close", stop);
    }
    done(null, payload);
  });
}
