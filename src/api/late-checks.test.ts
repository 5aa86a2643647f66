import Fastify, { type FastifyInstance } from "fastify";
import { afterEach, describe, expect, it } from "vitest";
import { checkLate } from "./late-checks.ts";

const body = {
  type: "object",
  properties: { count: { type: "integer", minimum: 1, default: 3 } },
  required: ["name"],
  additionalProperties: false,
};

let app: FastifyInstance;
afterEach(() => app.close());

/** A server with two routes, and the schemas whose checks were made so far. */
async function start(): Promise<readonly unknown[]> {
  const made: unknown[] = [];
  app = Fastify({
    ajv: {
      customOptions: { coerceTypes: false },
      onCreate: (ajv) => {
        const compile = ajv.compile.bind(ajv);
        ajv.compile = ((schema: object) => {
          made.push(schema);
          return compile(schema);
        }) as typeof ajv.compile;
        checkLate(ajv);
      },
    },
  });
  const named = { ...body, properties: { ...body.properties, name: { type: "string" } } };
  app.post("/one", { schema: { body: named } }, (request) => ({ got: request.body }));
  app.post("/other", { schema: { body: named, querystring: { type: "object" } } }, () => ({}));
  app.setErrorHandler((error: { validation?: readonly { instancePath: string; message?: string }[] }, _, reply) => {
    const [first] = error.validation ?? [];
    return reply.code(400).send(first === undefined ? {} : { at: first.instancePath, problem: first.message });
  });
  await app.ready();
  return made;
}

const post = async (url: string, payload: object) => {
  const { statusCode, body: text } = await app.inject({ method: "POST", url, payload });
  return [statusCode, JSON.parse(text) as unknown];
};

describe("checks that are made late", () => {
  it("are none before a request, one for a schema that something is held to, and no second one", async () => {
    const made = await start();
    expect(made).toEqual([]);
    await post("/one", { name: "a" });
    await post("/one", { name: "b" });
    await post("/one", {});
    expect(made.map((schema) => Object.keys((schema as typeof body).properties))).toEqual([["count", "name"]]);
    await post("/other", { name: "a" });
    expect(made).toHaveLength(3);
  });

  it("say what is wrong the first time and each time after it, and let through what fits", async () => {
    await start();
    const missing = { at: "", problem: "must have required property 'name'" };
    expect(await post("/one", {})).toEqual([400, missing]);
    expect(await post("/one", { name: "a", count: 0 })).toEqual([400, { at: "/count", problem: "must be >= 1" }]);
    expect(await post("/one", { name: "a", count: 7 })).toEqual([200, { got: { name: "a", count: 7 } }]);
    expect(await post("/one", {})).toEqual([400, missing]);
  });

  it("fill in what a schema has for what is left out", async () => {
    await start();
    expect(await post("/one", { name: "a" })).toEqual([200, { got: { name: "a", count: 3 } }]);
  });
});
