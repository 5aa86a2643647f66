import type { FastifyReply, FastifyRequest } from "fastify";
import type { BodyOf, ParamsOf, QueryOf, ResponseOf, Route } from "../contract/route.ts";
import type { RouteId, Routes } from "../contract/routes.ts";
import type { Once } from "../engine/idempotency.ts";
import type { IsLate, Session } from "../engine/types.ts";
import type { Caller } from "./authenticate.ts";
import type { JsonText } from "./json-text.ts";

type CallerOf<R extends Route> = R["auth"] extends "session"
  ? Caller & { readonly session: Session }
  : R["auth"] extends "either"
    ? Caller
    : R["auth"] extends "optional"
      ? Caller | null
      : null;

/** What a handler is given: checked by the route's schemas, from a caller the route lets in. */
export interface Call<R extends Route> {
  readonly params: ParamsOf<R>;
  readonly query: QueryOf<R>;
  readonly body: BodyOf<R>;
  readonly caller: CallerOf<R>;
  /** Makes the engine do it at most once, where the request carried an idempotency key. */
  readonly once: Once | undefined;
  /** For the engine: whether the request has waited too long by now to be begun. */
  readonly isLate: IsLate;
  readonly request: FastifyRequest;
  readonly reply: FastifyReply;
}

/** A handler that answers in another form than JSON sends its own reply. */
type Answer<R extends Route> = R["responseKind"] extends "json"
  ? ResponseOf<R> | JsonText
  : R["responseKind"] extends "empty"
    ? ResponseOf<R>
    : FastifyReply;

export type Handler<R extends Route> = (call: Call<R>) => Promise<Answer<R>>;

/** Answers again what was done: from the call, and the note that the engine made in the transaction that did it. */
export type Repeats = {
  readonly [Id in RouteId]?: (call: Call<Routes[Id]>, note: string) => Promise<Answer<Routes[Id]>>;
};

/** One handler for each of some operations: leaving one out does not compile. */
export type Handlers<Ids extends RouteId = RouteId> = { readonly [Id in Ids]: Handler<Routes[Id]> };
