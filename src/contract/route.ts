import { z } from "zod";
import type { ErrorCode } from "../core/errors.ts";

export type Auth =
  /** Anybody. */
  | "none"
  /** Anybody; whoever says who they are gets what is theirs beside. */
  | "optional"
  /** The bearer token of a session. */
  | "session"
  /** An API key or a session: either acts for its owner. */
  | "either";

/**
 * What a request's body is: JSON of the route's schema, or a stream of rows that is never held in memory as a whole.
 */
export type BodyKind = "none" | "json" | "rows";

/**
 * What an answer is: JSON of the route's schema, nothing, plain text, rows one after another (the schema is that of a
 * row), server-sent events, JSON and server-sent events by the request's Accept header, or bytes.
 */
export type ResponseKind = "json" | "empty" | "text" | "rows" | "events" | "jsonOrEvents" | "bytes";

/** One operation: the server registers it, the client calls it, the OpenAPI document describes it. */
export interface Route {
  readonly id: string;
  readonly tag: string;
  readonly method: "GET" | "POST" | "PUT" | "DELETE";
  /** With parameters as `:name`. */
  readonly path: string;
  readonly auth: Auth;
  readonly summary: string;
  readonly params: z.ZodObject | null;
  /** All values are texts, as they are in an address. */
  readonly query: z.ZodObject | null;
  readonly bodyKind: BodyKind;
  readonly body: z.ZodType | null;
  readonly status: number;
  readonly responseKind: ResponseKind;
  readonly response: z.ZodType | null;
  /** What can go wrong here beyond what can go wrong everywhere. */
  readonly errors: readonly ErrorCode[];
  /** Takes an Idempotency-Key: repeated with it, the request does nothing twice. */
  readonly idempotent: boolean;
}

type Wanted = Pick<Route, "tag" | "method" | "path" | "auth" | "summary"> & Partial<Route>;

type KindOf<Given extends Wanted> = Given extends { readonly responseKind: infer Kind }
  ? Kind
  : Given extends { readonly response: z.ZodType }
    ? "json"
    : "empty";

type Filled<Id extends string, Given extends Wanted> = Omit<Route, keyof Given | "id" | "responseKind"> &
  Given & { readonly id: Id; readonly responseKind: KindOf<Given> } & {
    readonly [Name in "params" | "query" | "body" | "response"]: Name extends keyof Given
      ? Exclude<Given[Name], undefined>
      : null;
  };

/** Fills in what most routes have in common, and keeps the exact types of the schemas. */
export function route<const Id extends string, const Given extends Wanted>(id: Id, given: Given): Filled<Id, Given> {
  const hasBody = given.body !== undefined && given.body !== null;
  const hasResponse = given.response !== undefined && given.response !== null;
  return {
    params: null,
    query: null,
    bodyKind: hasBody ? "json" : "none",
    body: null,
    status: hasResponse || given.responseKind !== undefined ? 200 : 204,
    responseKind: hasResponse ? "json" : "empty",
    response: null,
    errors: [],
    idempotent: false,
    ...given,
    id,
  } as unknown as Filled<Id, Given>;
}

/** What a caller gives, and gets, in the types of the schemas. */
export type ParamsOf<R extends Route> = R["params"] extends z.ZodType ? z.output<R["params"]> : Record<never, never>;
export type QueryOf<R extends Route> = R["query"] extends z.ZodType ? z.output<R["query"]> : Record<never, never>;
export type BodyInputOf<R extends Route> = R["body"] extends z.ZodType ? z.input<R["body"]> : undefined;
export type BodyOf<R extends Route> = R["body"] extends z.ZodType ? z.output<R["body"]> : undefined;
export type ResponseOf<R extends Route> = R["response"] extends z.ZodType ? z.output<R["response"]> : undefined;

/** What a validator that reads draft 7 of JSON Schema needs to check a request; an operation without a query takes none. */
export function requestSchemas({ params, query, body }: Route): Record<"params" | "query" | "body", object | null> {
  const plain = (schema: z.ZodType): object => z.toJSONSchema(schema, { target: "draft-7", io: "input" });
  return {
    params: params === null ? null : plain(params),
    query: plain(query ?? z.strictObject({})),
    body: body === null ? null : plain(body),
  };
}

/** The path with its parameters filled in. */
export const pathOf = (path: string, params: Readonly<Record<string, string | number>>): string =>
  path.replace(/:(\w+)/g, (_, name: string) => encodeURIComponent(String(params[name])));
