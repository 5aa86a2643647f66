import { connect } from "node:net";
import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { startTestApi, type TestAnswer, type TestApi } from "./testing.ts";
import { apiKeyOfOwner, fakeEngine, sessionToken, testMarket } from "./testing-engine.ts";

let api: TestApi;
const engine = fakeEngine();
const market = `/v1/markets/${testMarket}`;
const token = apiKeyOfOwner;

beforeAll(async () => {
  api = await startTestApi(engine, { limits: { bodyBytesMax: 20_000 } });
});
afterAll(() => api.close());
beforeEach(() => {
  engine.calls.length = 0;
});

/** Whoever is refused for the shape of a request learns a code and gets no trace; the engine is not troubled. */
function expectRefused(answer: TestAnswer, status: number, code: string): void {
  expect([answer.status, answer.body?.code], answer.text).toEqual([status, code]);
  expect(answer.headers.get("content-type")).toBe("application/problem+json; charset=utf-8");
  expect(answer.body.requestId).toBe(answer.headers.get("earnest-request-id"));
  expect(answer.text).not.toMatch(/\bat .*\.(?:ts|js):\d/);
  // What a program asked is noted some time later, whatever was said to it; amounts are read in the token of their market.
  const isTrouble = (name: string): boolean => !/^(?:authenticate.*|logRequests|tokenOf)$/.test(name);
  expect(engine.calls.filter(isTrouble)).toEqual([]);
}

const raw = (operation: string, body: string | Uint8Array, type = "application/json"): Promise<TestAnswer> =>
  api.ask(operation, { body: body as string, token, headers: { "content-type": type } });

const createMarket = "POST /v1/markets";
const fitting = { title: "t", answer: { type: "choice", choices: ["a", "b"] }, reward: "0.02" };

describe("a composition that no market can keep", () => {
  it.each([
    [{ all: [{ match: { type: "control" } }, { agree: { type: "lable" } }] }, "/verification/all/1/agree/type"],
    [{ any: [{ attest: { isSignatureNeeded: 1 } }] }, "/verification/any/0/attest/isSignatureNeeded"],
    [{ all: [{ audit: { type: "recheck", sharePpm: 5, faultsMax: 1 } }] }, "/verification/all/0/audit/type"],
    [{ match: { type: "shape", shape: { type: "boolean" } } }, "/verification/match/shape/type"],
  ])("is refused with a JSON pointer: %j", async (verification, pointer) => {
    const answer = await raw(createMarket, JSON.stringify({ ...fitting, verification }));
    expect([answer.status, answer.body.code]).toEqual([400, "MALFORMED_SPEC"]);
    expect(answer.body.context.path).toBe(pointer);
    expect(answer.body.detail).toContain(`wrong at ${pointer}: `);
    expect(engine.calls).not.toContain("createMarket");
  });

  it("is refused by its schema where it is no object, or nested without end", async () => {
    expectRefused(await raw(createMarket, JSON.stringify({ ...fitting, verification: [] })), 400, "MALFORMED_REQUEST");
    const deep = `${'{"all":['.repeat(100)}1${"]}".repeat(100)}`;
    const answer = await raw(createMarket, `${JSON.stringify(fitting).slice(0, -1)},"verification":${deep}}`);
    expect([answer.status, answer.body.code]).toEqual([400, "MALFORMED_REQUEST"]);
    expect(answer.body.detail).toContain("nested more than");
  });
});

describe("bodies that are not what they should be", () => {
  const bodies: Record<string, [body: string | Uint8Array, problem: RegExp]> = {
    "no JSON": ["{", /is not JSON/],
    "half a document": ['{"title":"t"', /is not JSON/],
    "trailing text": [`${JSON.stringify(fitting)}x`, /is not JSON/],
    "single quotes": ["{'title':'t'}", /is not JSON/],
    NaN: ['{"leaseSeconds":NaN}', /is not JSON/],
    "an empty body": ["", /must be object/],
    null: ["null", /must be object/],
    "a list": ["[]", /must be object/],
    "a text": ['"title"', /must be object/],
    "invalid UTF-8": [Buffer.from('{"title":"\xff\xfe"}', "latin1"), /not valid UTF-8/],
    "an overlong encoding": [Buffer.from('{"title":"\xc0\xaf"}', "latin1"), /not valid UTF-8/],
    "a lone surrogate": ['{"title":"\\ud800"}', /lone surrogate/],
    "a lone surrogate in a name": ['{"title":"t","\\udfff":1}', /lone surrogate/],
    "the name __proto__": ['{"title":"t","__proto__":{"reward":"9"}}', /__proto__/],
    "the name __proto__ in disguise": ['{"title":"t","\\u005f_proto__":{"reward":"9"}}', /__proto__/],
    "an integer beyond 2^53": ['{"leaseSeconds":9007199254740993}', /9007199254740993/],
    "a negative integer beyond 2^53": ['{"leaseSeconds":-90071992547409930}', /cannot be kept exactly/],
    "a number beyond all doubles": ['{"leaseSeconds":1e999}', /cannot be kept exactly/],
  };
  for (const [name, [body, problem]] of Object.entries(bodies)) {
    it(name, async () => {
      const answer = await raw(createMarket, body);
      expectRefused(answer, 400, "MALFORMED_REQUEST");
      expect(answer.body.detail).toMatch(problem);
    });
  }

  it("takes digits in texts and numbers that are exact", async () => {
    const body = { tasks: [{ id: "12345678901234567890", content: [1.5e300, 9007199254740991, "1e999"] }] };
    expect((await raw(`POST ${market}/tasks`, JSON.stringify(body))).status).toBe(201);
  });

  it("an integer beyond 2^53 deep in a task's content", async () => {
    const body = '{"tasks":[{"id":"a","content":{"user":[12345678901234567890]}}]}';
    expectRefused(await raw(`POST ${market}/tasks`, body), 400, "MALFORMED_REQUEST");
  });

  it("content nested too deeply", async () => {
    const content = "[".repeat(1_000) + "]".repeat(1_000);
    const answer = await raw(`POST ${market}/tasks`, `{"tasks":[{"id":"a","content":${content}}]}`);
    expectRefused(answer, 400, "MALFORMED_REQUEST");
    expect(answer.body.detail).toMatch(/levels deep/);
  });

  it("a body that is too large", async () => {
    const answer = await raw(createMarket, JSON.stringify({ ...fitting, title: "x".repeat(30_000) }));
    expectRefused(answer, 413, "REQUEST_TOO_LARGE_EXCEEDED");
    expect(answer.body.context).toEqual({ bytesMax: 20_000 });
  });

  it("a body of another type", async () => {
    for (const type of ["text/plain", "application/xml", "multipart/form-data; boundary=x", "text/csv"]) {
      expectRefused(await raw(createMarket, JSON.stringify(fitting), type), 415, "CONTENT_TYPE_MISMATCH");
    }
  });

  it("a compressed body", async () => {
    const headers = { "content-type": "application/json", "content-encoding": "gzip" };
    expectRefused(await api.ask(createMarket, { token, body: "{}", headers }), 415, "CONTENT_TYPE_MISMATCH");
  });

  it("a body where none belongs", async () => {
    expectRefused(await raw(`POST ${market}/open`, '{"force":true}'), 400, "MALFORMED_REQUEST");
    expect((await raw(`POST ${market}/open`, "{}")).status).toBe(200);
  });
});

describe("fields that are not what they should be", () => {
  const changed: Record<string, [change: object, where: string]> = {
    "an unknown field": [{ color: "red" }, 'body: has an unknown field "color"'],
    "an unknown field inside": [{ overlap: { min: 1, max: 2, maximum: 3 } }, 'body.overlap: has an unknown field "max'],
    "a number as a text": [{ leaseSeconds: "600" }, "body.leaseSeconds: must be integer"],
    "a text as a number": [{ title: 7 }, "body.title: must be string"],
    "a boolean as a number": [{ leaseSeconds: true }, "body.leaseSeconds: must be integer"],
    "null where nothing may be null": [{ reward: null }, "body.reward: must be string"],
    "money as a number": [{ reward: 0.02 }, "body.reward: must be string"],
    "money with an exponent": [{ reward: "2e-2" }, "body.reward: must match pattern"],
    "negative money": [{ reward: "-1" }, "body.reward: must match pattern"],
    "money with a comma": [{ reward: "0,02" }, "body.reward: must match pattern"],
    "a share above one": [{ overlap: { target: 1.5 } }, "body.overlap.target: must be <= 1"],
    "a fraction of a second": [{ leaseSeconds: 1.5 }, "body.leaseSeconds: must be integer"],
    "a control character": [{ title: "a\u0000b" }, "body.title: must match pattern"],
    "a title that is too long": [{ title: "x".repeat(201) }, "body.title: must NOT have more than 200 characters"],
    "no title": [{ title: undefined }, "body: must have required property 'title'"],
    "one choice": [{ answer: { choices: ["a"] } }, "body.answer.choices: must NOT have fewer than 2 items"],
    "a key that is none": [{ refundTo: "0OIl" }, "body.refundTo: must match pattern"],
  };
  for (const [name, [change, detail]] of Object.entries(changed)) {
    it(name, async () => {
      const answer = await api.ask(createMarket, { token, json: { ...fitting, ...change } });
      expectRefused(answer, 400, "MALFORMED_REQUEST");
      expect(answer.body.detail).toContain(detail);
    });
  }

  it("money with more decimals than the token has", async () => {
    const answer = await api.ask(createMarket, { token, json: { ...fitting, reward: "0.0000001" } });
    expect(answer.body.code).toBe("MALFORMED_AMOUNT");
    expect(engine.calls).not.toContain("createMarket");
  });

  it("a task id that stands in a request twice", async () => {
    const tasks = [
      { id: "a", content: 1 },
      { id: "a", content: 2 },
    ];
    expectRefused(await api.ask(`POST ${market}/tasks`, { token, json: { tasks } }), 400, "MALFORMED_REQUEST");
  });

  it("more tasks than a request may have", async () => {
    const tasks = Array.from({ length: 1_001 }, (_, i) => ({ id: `${i}`, content: 1 }));
    expectRefused(await api.ask(`POST ${market}/tasks`, { token, json: { tasks } }), 400, "MALFORMED_REQUEST");
  });

  it("a signature of the wrong length, or with text around it", async () => {
    const body = { timeMs: 1, submissions: [{ slot: "1.0", body: 1 }] };
    for (const signature of ["", "AA==", `${"A".repeat(85)}==`, `${"A".repeat(86)}==\n`, `${"-".repeat(86)}==`]) {
      const answer = await api.ask(`POST ${market}/submissions`, { token: sessionToken, json: { ...body, signature } });
      expectRefused(answer, 400, "MALFORMED_REQUEST");
    }
  });

  it("a signature that is not the one encoding of its bytes", async () => {
    const json = { timeMs: 1, submissions: [{ slot: "1.0", body: 1 }], signature: `${"A".repeat(85)}B==` };
    const answer = await api.ask(`POST ${market}/submissions`, { token: sessionToken, json });
    expectRefused(answer, 400, "MALFORMED_TEXT_ENCODING");
  });

  it("no submissions, or more than a hundred", async () => {
    for (const length of [0, 101]) {
      const submissions = Array.from({ length }, (_, i) => ({ slot: `${i}.0`, body: 1 }));
      const json = { timeMs: 1, signature: `${"A".repeat(86)}==`, submissions };
      const answer = await api.ask(`POST ${market}/submissions`, { token: sessionToken, json });
      expectRefused(answer, 400, "MALFORMED_REQUEST");
    }
  });
});

describe("addresses that are not what they should be", () => {
  const refused: readonly (readonly [operation: string, status: number, code: string])[] = [
    ["GET /v1/nothing", 404, "ROUTE_NOT_FOUND"],
    ["GET /", 404, "ROUTE_NOT_FOUND"],
    ["GET /v1/markets/", 400, "MALFORMED_REQUEST"],
    ["DELETE /v1/markets", 405, "METHOD_MISMATCH"],
    ["PUT /v1/markets", 405, "METHOD_MISMATCH"],
    ["GET /v1/ask", 405, "METHOD_MISMATCH"],
    ["GET /v1/markets/xyz", 400, "MALFORMED_REQUEST"],
    [`GET /v1/markets/${testMarket.toUpperCase()}`, 400, "MALFORMED_REQUEST"],
    [`GET ${market}/tasks/-1`, 400, "MALFORMED_REQUEST"],
    [`GET ${market}/tasks/1.5`, 400, "MALFORMED_REQUEST"],
    [`GET ${market}/tasks/9007199254740993`, 400, "MALFORMED_REQUEST"],
    [`GET ${market}/slots/1`, 400, "MALFORMED_REQUEST"],
    [`GET ${market}/slots/1.4096`, 404, "SLOT_NOT_FOUND"],
    [`GET ${market}/slots/01.0`, 404, "SLOT_NOT_FOUND"],
    [`GET ${market}/tasks?limit=0`, 400, "MALFORMED_REQUEST"],
    [`GET ${market}/tasks?limit=1001`, 400, "MALFORMED_REQUEST"],
    [`GET ${market}/tasks?limit=ten`, 400, "MALFORMED_REQUEST"],
    [`GET ${market}/tasks?colour=red`, 400, "MALFORMED_REQUEST"],
    [`GET ${market}/tasks?limit=1&limit=2`, 400, "MALFORMED_REQUEST"],
    ["GET /v1/network?x=1", 400, "MALFORMED_REQUEST"],
    ["GET /v1/markets?after=%00", 400, "MALFORMED_REQUEST"],
    ["GET /v1/markets?owner=me", 400, "MALFORMED_REQUEST"],
    [`GET ${market}/log?lane=40000`, 400, "MALFORMED_REQUEST"],
    [`GET /v1/receipts/${testMarket}/0/0`, 400, "MALFORMED_REQUEST"],
    [`GET /v1/receipts/${testMarket}/0/1,,2`, 400, "MALFORMED_REQUEST"],
    ["GET /v1/markets/%ff", 400, "MALFORMED_REQUEST"],
    [`GET /v1/markets/${"a".repeat(3_000)}`, 400, "MALFORMED_REQUEST"],
  ];
  for (const [operation, status, code] of refused) {
    it(`${operation.slice(0, 80)} is ${status}`, async () => {
      expectRefused(await api.ask(operation, { token }), status, code);
    });
  }

  it("a method that a path does not take is told which it takes", async () => {
    const answer = await api.ask("DELETE /v1/markets", { token });
    expect(answer.headers.get("allow")).toBe("POST, GET");
  });
});

describe("what is not even HTTP", () => {
  it("bytes that make no request", async () => {
    const text = await rawAnswer("HELLO\r\n\r\n");
    expect(text).toMatch(/^HTTP\/1\.1 400 /);
    expect(text).toMatch(/"code":"MALFORMED_REQUEST"/);
  });

  it("headers without end", async () => {
    const text = await rawAnswer(`GET /healthz HTTP/1.1\r\nhost: a\r\nx: ${"y".repeat(20_000)}\r\n\r\n`);
    expect(text).toMatch(/^HTTP\/1\.1 431 /);
    expect(text).toMatch(/"code":"HEADERS_EXCEEDED"/);
  });

  it("a body that is shorter or longer than it says", async () => {
    const head = `POST /v1/sessions HTTP/1.1\r\nhost: a\r\ncontent-type: application/json\r\n`;
    expect(await rawAnswer(`${head}content-length: 2\r\ncontent-length: 3\r\n\r\n{}`)).toMatch(/^HTTP\/1\.1 400 /);
    expect(await rawAnswer(`${head}content-length: abc\r\n\r\n{}`)).toMatch(/^HTTP\/1\.1 400 /);
  });
});

function rawAnswer(request: string): Promise<string> {
  const { port, hostname } = new URL(api.url);
  return new Promise((resolve, reject) => {
    let text = "";
    const socket = connect(Number(port), hostname, () => socket.write(request));
    socket.setEncoding("utf8");
    socket.on("data", (chunk) => {
      text += String(chunk);
    });
    socket.on("error", reject);
    socket.on("close", () => resolve(text));
  });
}
