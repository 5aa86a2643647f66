import { z } from "zod";
import { catalogue, type ErrorCode } from "../core/error-catalogue.ts";
import type { Json } from "../core/json.ts";
import { apiKey } from "./api-keys.ts";
import { askEvents, posted } from "./ask.ts";
import { event, eventMediaType } from "./events.ts";
import { escrow, market } from "./markets.ts";
import { problem, problemMediaType, statusOf } from "./problems.ts";
import { acknowledgement, signedHead } from "./receipts.ts";
import { result, resultMediaTypes } from "./results.ts";
import type { Route } from "./route.ts";
import { allRoutes } from "./routes.ts";
import { newTask, task } from "./tasks.ts";
import { requirement, terms } from "./terms.ts";
import { offer, submission, turn, verdict } from "./work.ts";

type JsonObject = { [key: string]: Json };

/** Parts that several answers share: they get a name in the document, and with it in generated clients. */
const responseParts = {
  ApiKey: apiKey,
  Market: market,
  Escrow: escrow,
  Terms: terms,
  Task: task,
  Offer: offer,
  Submission: submission,
  Turn: turn,
  Verdict: verdict,
  Result: result,
  Event: event,
  SignedHead: signedHead,
  Acknowledgement: acknowledgement,
  Posted: posted,
  Problem: problem,
} as const;
const requestParts = { NewTask: newTask, Requirement: requirement } as const;

/** Errors that any operation may answer with, beside its own. */
const everywhere: readonly ErrorCode[] = ["MALFORMED_REQUEST", "RATE_EXCEEDED", "DATABASE_UNAVAILABLE", "INTERNAL"];
const withCredentials: readonly ErrorCode[] = ["CREDENTIALS_NOT_FOUND", "API_KEY_NOT_FOUND", "SESSION_NOT_FOUND"];

/** The OpenAPI 3.1 document of all operations: the same value each time, made from the table alone. */
export function openApiDocument(version = "1"): JsonObject {
  const schemas = new Schemas();
  const paths: { [path: string]: JsonObject } = {};
  for (const route of allRoutes) {
    const path = route.path.replace(/:(\w+)/g, "{$1}");
    paths[path] = { ...paths[path], [route.method.toLowerCase()]: operation(route, schemas) };
  }
  return {
    openapi: "3.1.0",
    info: {
      title: "Earnest",
      version,
      description: "Post work, verify it, pay for it at once. Errors are explained in docs/errors.md.",
      license: { name: "MIT", identifier: "MIT" },
    },
    servers: [{ url: "/" }],
    tags: [...new Set(allRoutes.map((route) => route.tag))].map((name) => ({ name })),
    paths,
    components: {
      securitySchemes: {
        apiKey: { type: "http", scheme: "bearer", description: "earnest_test_… or earnest_live_…" },
        session: { type: "http", scheme: "bearer", description: "earnest_session_…" },
      },
      schemas: schemas.components(),
    },
  };
}

function operation(route: Route, schemas: Schemas): JsonObject {
  const parameters = [...inPath(route), ...inQuery(route), ...inHeader(route)];
  return {
    operationId: route.id,
    tags: [route.tag],
    summary: route.summary,
    ...(parameters.length > 0 && { parameters }),
    ...(route.bodyKind !== "none" && { requestBody: requestBody(route, schemas) }),
    responses: { [`${route.status}`]: success(route, schemas), ...later(route), ...failures(route) },
    security: security(route),
  };
}

const security = ({ auth }: Route): Json => {
  if (auth === "none") return [];
  if (auth === "session") return [{ session: [] }];
  return [...(auth === "optional" ? [{}] : []), { apiKey: [] }, { session: [] }];
};

const inPath = (route: Route): Json[] => parametersOf("path", route.params);
const inQuery = (route: Route): Json[] => parametersOf("query", route.query);

function parametersOf(place: "path" | "query", object: z.ZodObject | null): Json[] {
  if (object === null) return [];
  return Object.entries(object.shape).map(([name, schema]) => {
    const { description, ...plain } = plainSchema(schema as z.ZodType);
    const required = place === "path";
    return { name, in: place, required, ...(description !== undefined && { description }), schema: plain };
  });
}

function inHeader(route: Route): Json[] {
  const headers: Json[] = [];
  const add = (name: string, description: string, schema: Json): void => {
    headers.push({ name, in: "header", required: false, description, schema });
  };
  if (route.idempotent) {
    add("Idempotency-Key", "Repeated with the same key and body, the request does nothing twice.", {
      type: "string",
      minLength: 1,
      maxLength: 200,
    });
  }
  if (route.responseKind === "events") {
    add("Last-Event-ID", "Where the last stream ended.", { type: "string", pattern: "^\\d{1,15}$" });
  }
  return headers;
}

function requestBody(route: Route, schemas: Schemas): Json {
  if (route.bodyKind === "rows") {
    const rows = { schema: { type: "string", description: "A header row, then a row for each task." } };
    const lines = { schema: { type: "string", description: "A NewTask as JSON on each line." } };
    return { required: true, content: { [resultMediaTypes.csv]: rows, [resultMediaTypes.jsonl]: lines } };
  }
  return { required: true, content: { "application/json": { schema: schemas.request(route) } } };
}

function success(route: Route, schemas: Schemas): Json {
  const description = route.summary;
  switch (route.responseKind) {
    case "empty":
      return { description };
    case "text":
      return { description, content: { "text/plain": { schema: { type: "string" } } } };
    case "bytes":
      return { description, content: { "application/octet-stream": { schema: {} } } };
    case "rows": {
      const row = { schema: schemas.response(route) };
      return { description, content: { [resultMediaTypes.jsonl]: row, [resultMediaTypes.csv]: textOf("rows") } };
    }
    case "events":
      return { description, content: { [eventMediaType]: { schema: schemas.response(route) } } };
    case "jsonOrEvents": {
      const names = Object.keys(askEvents).join(", ");
      const json = { schema: schemas.response(route) };
      return { description, content: { "application/json": json, [eventMediaType]: textOf(`events ${names}`) } };
    }
    case "json":
      return { description, content: { "application/json": { schema: schemas.response(route) } } };
  }
}

/** What a question that waits too long for its answer is told in the meantime. */
const later = (route: Route): JsonObject =>
  route.responseKind !== "jsonOrEvents"
    ? {}
    : {
        "202": {
          description: "Not settled yet: where the answer will be",
          content: { "application/json": { schema: refTo("Posted") } },
        },
      };

const textOf = (description: string): Json => ({ schema: { type: "string", description } });

/** One answer for each status, naming the codes it may carry. */
function failures(route: Route): JsonObject {
  const codes = [...route.errors, ...everywhere, ...(route.auth === "none" ? [] : withCredentials)];
  const byStatus = new Map<number, Set<ErrorCode>>();
  for (const code of codes) {
    const status = statusOf(code, catalogue[code].kind);
    byStatus.set(status, (byStatus.get(status) ?? new Set()).add(code));
  }
  const content = { [problemMediaType]: { schema: { $ref: "#/components/schemas/Problem" } } };
  return Object.fromEntries(
    [...byStatus]
      .sort(([a], [b]) => a - b)
      .map(([status, each]) => [`${status}`, { description: [...each].sort().join(", "), content }]),
  );
}

const refTo = (name: string): Json => ({ $ref: `#/components/schemas/${name}` });
const nameOf = (route: Route, what: string): string => `${route.id[0]?.toUpperCase()}${route.id.slice(1)}${what}`;

/** Collects the schemas of all routes and writes them as components that refer to one another. */
class Schemas {
  readonly #requests = z.registry<{ id: string }>();
  readonly #responses = z.registry<{ id: string }>();

  constructor() {
    for (const [id, schema] of Object.entries(requestParts)) this.#requests.add(schema, { id });
    for (const [id, schema] of Object.entries(responseParts)) this.#responses.add(schema, { id });
  }

  request(route: Route): Json {
    return this.#named(this.#requests, route.body, nameOf(route, "Request"));
  }

  response(route: Route): Json {
    return this.#named(this.#responses, route.response, nameOf(route, "Response"));
  }

  #named(registry: z.core.$ZodRegistry<{ id: string }>, schema: z.ZodType | null, id: string): Json {
    if (schema === null) return {};
    const known = registry.get(schema);
    if (known === undefined) registry.add(schema, { id });
    return refTo(known?.id ?? id);
  }

  components(): Json {
    return { ...componentsOf(this.#requests, "input"), ...componentsOf(this.#responses, "output") };
  }
}

function componentsOf(registry: z.core.$ZodRegistry<{ id: string }>, io: "input" | "output"): JsonObject {
  const uri = (id: string): string => `#/components/schemas/${id}`;
  const { schemas } = z.toJSONSchema(registry, { target: "draft-2020-12", io, uri });
  return Object.fromEntries(Object.entries(schemas).map(([id, schema]) => [id, withoutIdentity(schema)]));
}

const plainSchema = (schema: z.ZodType): JsonObject =>
  withoutIdentity(z.toJSONSchema(schema, { target: "draft-2020-12", io: "input" }));

function withoutIdentity(schema: object): JsonObject {
  const { $schema: _schema, $id: _id, "~standard": _standard, ...rest } = schema as Record<string, Json>;
  return rest;
}
