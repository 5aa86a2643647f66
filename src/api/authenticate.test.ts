import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { allRoutes } from "../contract/routes.ts";
import { startTestApi, type TestApi } from "./testing.ts";
import {
  apiKeyOfOther,
  apiKeyOfOwner,
  fakeEngine,
  ownerKey,
  sessionToken,
  testMarket,
  testSession,
} from "./testing-engine.ts";

let api: TestApi;
let owners: unknown[] = [];
const engine = fakeEngine({
  listApiKeys: async (owner) => {
    owners.push(owner);
    return { items: [], next: null };
  },
});

beforeAll(async () => {
  api = await startTestApi(engine);
});
afterAll(() => api.close());
beforeEach(() => {
  owners = [];
  engine.calls.length = 0;
});

const pathOf = (path: string): string =>
  path
    .replace(":market", testMarket)
    .replace(":slot", "1.0")
    .replace(":task", "1")
    .replace(":lane", "0")
    .replace(":sequence", "1")
    .replace(":id", "k1");

describe("who may call", () => {
  const guarded = allRoutes.filter(({ auth }) => auth !== "none" && auth !== "optional");

  for (const { method, path, auth } of guarded) {
    it(`${method} ${path} asks for ${auth === "session" ? "a session" : "credentials"} before it looks at anything`, async () => {
      // The body is malformed on purpose: strangers learn nothing about it.
      const request = method === "POST" ? { body: "{", headers: { "content-type": "application/json" } } : {};
      const answer = await api.ask(`${method} ${pathOf(path)}`, request);
      expect(answer.body).toMatchObject({ status: 401, code: "CREDENTIALS_NOT_FOUND" });
      expect(answer.headers.get("www-authenticate")).toMatch(/^Bearer/);
      expect(engine.calls).toEqual([]);
    });
  }

  it("operations of contributors take no API key", async () => {
    for (const { method, path } of guarded.filter(({ auth }) => auth === "session")) {
      const answer = await api.ask(`${method} ${pathOf(path)}`, { token: apiKeyOfOwner });
      expect(answer.body.code, path).toBe("CREDENTIALS_NOT_FOUND");
    }
    expect(engine.calls).toEqual([]);
  });

  it("an API key and a session both act for their owner", async () => {
    await api.ask("GET /v1/api-keys", { token: apiKeyOfOwner });
    await api.ask("GET /v1/api-keys", { token: sessionToken });
    expect(owners).toEqual([ownerKey, testSession.key]);
  });

  it("a live key works like a test key", async () => {
    expect((await api.ask("GET /v1/api-keys", { token: apiKeyOfOther })).status).toBe(200);
  });

  const bad: Record<string, [header: string, code: string]> = {
    "an unknown API key": ["Bearer earnest_test_unknown", "API_KEY_NOT_FOUND"],
    "an unknown session": ["Bearer earnest_session_unknown", "SESSION_NOT_FOUND"],
    "another scheme": ["Basic ZWFybmVzdDo=", "CREDENTIALS_NOT_FOUND"],
    "a foreign token": ["Bearer sk_live_123", "CREDENTIALS_NOT_FOUND"],
    "no token": ["Bearer ", "CREDENTIALS_NOT_FOUND"],
    "a token with white space": [`Bearer ${apiKeyOfOwner} x`, "CREDENTIALS_NOT_FOUND"],
    "a token without end": [`Bearer earnest_test_${"x".repeat(300)}`, "CREDENTIALS_NOT_FOUND"],
  };
  for (const [name, [authorization, code]] of Object.entries(bad)) {
    it(`${name} is refused`, async () => {
      const answer = await api.ask("GET /v1/api-keys", { headers: { authorization } });
      expect([answer.status, answer.body.code]).toEqual([401, code]);
      expect(owners).toEqual([]);
      // A secret is never given back, not even a wrong one.
      expect(answer.text).not.toContain("x".repeat(50));
    });
  }
});

describe("signing in", () => {
  it("takes only a message of the documented form", async () => {
    const signature = `${"A".repeat(86)}==`;
    const answer = await api.ask("POST /v1/sessions", { json: { message: "let me in", signature } });
    expect(answer.body).toMatchObject({ status: 401, code: "CHALLENGE_MISMATCH" });
    expect(engine.calls).toEqual([]);
  });
});
