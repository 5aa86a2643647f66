import { describe, expect, it } from "vitest";
import { z } from "zod";
import { catalogue } from "../core/error-catalogue.ts";
import { newMarket } from "./markets.ts";
import { openApiDocument } from "./open-api.ts";
import { openApiText } from "./open-api-text.ts";
import { statusOf } from "./problems.ts";
import { pathOf } from "./route.ts";
import { allRoutes, routes } from "./routes.ts";
import { newTask } from "./tasks.ts";
import { tokenAmount } from "./wire.ts";

interface Parameter {
  readonly name: string;
  readonly in: string;
  readonly required: boolean;
  readonly schema?: object;
}
interface Operation {
  readonly operationId: string;
  readonly parameters?: readonly Parameter[];
  readonly responses: Readonly<Record<string, { readonly description: string; readonly content?: object }>>;
  readonly security: readonly object[];
}
interface Document {
  readonly openapi: string;
  readonly paths: Readonly<Record<string, Readonly<Record<string, Operation>>>>;
  readonly components: { readonly schemas: Readonly<Record<string, { readonly properties: object }>> };
}
const document = openApiDocument() as unknown as Document;

/** Every value below another, with where it stands. */
function* below(value: unknown, path = "#"): Generator<[path: string, value: unknown]> {
  yield [path, value];
  if (value === null || typeof value !== "object") return;
  for (const [name, each] of Object.entries(value)) yield* below(each, `${path}/${name}`);
}

describe("the table of operations", () => {
  it("has no two operations of one name or one place", () => {
    expect(new Set(allRoutes.map(({ id }) => id)).size).toBe(allRoutes.length);
    expect(new Set(allRoutes.map(({ method, path }) => `${method} ${path}`)).size).toBe(allRoutes.length);
    for (const [id, route] of Object.entries(routes)) expect(route.id).toBe(id);
  });

  for (const route of allRoutes) {
    it(`${route.id} is of one piece`, () => {
      const inPath = [...route.path.matchAll(/:(\w+)/g)].map((match) => match[1]);
      expect(Object.keys(route.params?.shape ?? {})).toEqual(inPath);
      expect(route.bodyKind === "json").toBe(route.body !== null);
      if (route.method !== "POST" && route.method !== "PUT") expect(route.bodyKind).toBe("none");
      if (route.responseKind === "empty") expect([route.status, route.response]).toEqual([204, null]);
      for (const code of route.errors) expect(catalogue[code], code).toBeDefined();
      expect(new Set(route.errors).size).toBe(route.errors.length);
    });
  }

  it("gives every POST that creates something a key, but where a natural one does better or a secret would be kept", () => {
    const without = allRoutes.filter(({ method, idempotent }) => method === "POST" && !idempotent).map(({ id }) => id);
    expect(without.sort()).toEqual([
      // A commitment is the same however often it comes.
      "commitTo",
      "cover",
      "createApiKey",
      "createChallenge",
      "createSession",
      "createWebhook",
      // Tokens that are worth nothing may come twice.
      "giveTestTokens",
      "openBalance",
      "planClosing",
      "planDeposit",
      // A signature is the same however often it comes.
      "refuseCommit",
      "removeNoticeAddress",
      // A webhook is told at least once anyway: once more does no harm.
      "repeatWebhookMessage",
      "resumeWebhook",
      "sendClosing",
      "sendDeposit",
      "sendWithdrawal",
      "signCommit",
      "submit",
      // Said twice is said once more.
      "tellContributor",
      "tryWebhook",
    ]);
  });

  it("refuses unknown fields everywhere", () => {
    const documentText = openApiText();
    expect(documentText).not.toContain('"additionalProperties": true');
    for (const [path, value] of below(document.components.schemas)) {
      const schema = value as { readonly properties?: object; readonly additionalProperties?: unknown } | null;
      if (!path.endsWith("/properties") && schema?.properties !== undefined) {
        expect(schema.additionalProperties, path).toBe(false);
      }
    }
  });

  it("fills in addresses", () => {
    expect(pathOf("/v1/markets/:market/tasks/:task", { market: "a/b", task: 7 })).toBe("/v1/markets/a%2Fb/tasks/7");
  });
});

describe("statuses", () => {
  it("are errors for every code of the catalogue", () => {
    for (const [code, { kind }] of Object.entries(catalogue)) {
      const status = statusOf(code, kind);
      expect(status >= 400 && status <= 599, code).toBe(true);
      if (kind === "internal") expect(status).toBe(500);
    }
  });
});

describe("the OpenAPI document", () => {
  it("is of version 3.1 and describes every operation once", () => {
    expect(document.openapi).toMatch(/^3\.1\./);
    const operations = Object.values(document.paths).flatMap((path) => Object.values(path));
    const ids = new Set(operations.map(({ operationId }) => operationId));
    expect(operations).toHaveLength(allRoutes.length);
    expect(ids).toEqual(new Set(allRoutes.map(({ id }) => id)));
  });

  it("refers to nothing that it does not hold, and holds nothing that nobody refers to", () => {
    const referred = new Set<string>();
    for (const [path, value] of below(document)) {
      if (!path.endsWith("/$ref")) continue;
      expect(value, path).toMatch(/^#\/components\/schemas\/\w+$/);
      referred.add((value as string).split("/").at(-1) as string);
    }
    expect(referred).toEqual(new Set(Object.keys(document.components.schemas)));
  });

  it("declares every parameter of its paths", () => {
    for (const [path, item] of Object.entries(document.paths)) {
      const inPath = [...path.matchAll(/\{(\w+)\}/g)].map((match) => match[1]);
      for (const operation of Object.values(item)) {
        const declared = (operation.parameters ?? []).filter((each) => each.in === "path");
        expect(declared.map((each) => each.name)).toEqual(inPath);
        expect(declared.every((each) => each.required && each.schema !== undefined)).toBe(true);
        expect(path).not.toContain(":");
      }
    }
  });

  it("says of every operation who may call it and how it can fail", () => {
    for (const route of allRoutes) {
      const path = route.path.replace(/:(\w+)/g, "{$1}");
      const operation = document.paths[path]?.[route.method.toLowerCase()] as Operation;
      const ways = { none: 0, session: 1, either: 2, optional: 3 } as const;
      expect(operation.security.length, route.id).toBe(ways[route.auth]);
      expect(operation.responses[`${route.status}`], route.id).toBeDefined();
      expect(operation.responses["500"]?.content).toHaveProperty(["application/problem+json"]);
      if (route.auth !== "none") expect(operation.responses["401"]).toBeDefined();
      for (const response of Object.values(operation.responses)) expect(response.description).not.toBe("");
    }
  });

  it("holds schemas that can be read back, and that judge like the ones they are made of", () => {
    // Requirements stand elsewhere in the document; the rest of the request is here.
    const request = document.components.schemas["CreateMarketRequest"] as { readonly properties: object };
    const schema = z.fromJSONSchema({
      ...request,
      properties: { ...request.properties, eligibility: { type: "array" } },
    });
    const fitting = { title: "t", answer: { choices: ["a", "b"] }, reward: "0.02" };
    for (const each of [
      fitting,
      { ...fitting, reward: 1 },
      { ...fitting, x: 1 },
      {},
      { ...fitting, leaseSeconds: 0 },
    ]) {
      expect(schema.safeParse(each).success).toBe(newMarket.safeParse(each).success);
    }
  });

  it("is the same text each time", () => {
    expect(openApiText()).toBe(openApiText());
    expect(JSON.parse(openApiText())).toEqual(document);
  });
});

describe("schemas", () => {
  it("fill in what a small requester leaves open", () => {
    expect(newMarket.parse({ title: "t", answer: { choices: ["a", "b"] }, reward: "0.02" })).toEqual({
      title: "t",
      kind: "judgement",
      answer: { type: "choice", choices: ["a", "b"] },
      agreement: null,
      reward: "0.02",
      overlap: { min: 2, max: 5, target: 0.9 },
      leaseSeconds: 600,
      deadlineMs: null,
      eligibility: [],
      controls: { answeredMin: 4, accuracyMin: 0.6 },
      policy: {},
      verification: null,
      known: null,
      review: null,
      appeal: { windowSeconds: 86_400, panel: 3 },
      newcomer: null,
      voidMax: 100,
      examples: [],
    });
  });

  it("take token amounts and nothing like them", () => {
    for (const text of ["0", "0.02", "18446744073709551615", "1.000000"])
      expect(tokenAmount.safeParse(text).success).toBe(true);
    for (const text of ["", ".5", "1.", "-1", "+1", "1e3", " 1", "1 ", "0x1", "1,5", "٣", "1\n"]) {
      expect(tokenAmount.safeParse(text).success, text).toBe(false);
    }
  });

  it("take every language, and no control characters", () => {
    const id = (text: string) => newTask.safeParse({ id: text, content: 1 }).success;
    for (const text of ["Übung", "日本語", "👩‍👩‍👧", "a\tb\nc", "مرحبا"]) expect(id(text), text).toBe(true);
    for (const text of ["", "a\u0000", "\u0007", "\u009f", "a\u007fb"]) expect(id(text), text).toBe(false);
  });
});
