import { Readable } from "node:stream";
import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { startTestApi, type TestApi, type TestRequest } from "./testing.ts";
import { apiKeyOfOther, apiKeyOfOwner, fakeEngine, testMarket } from "./testing-engine.ts";

let api: TestApi;
const engine = fakeEngine();
const path = `/v1/markets/${testMarket}/imports`;

beforeAll(async () => {
  api = await startTestApi(engine, { limits: { rowBytesMax: 10_000, badRowsMax: 5 } });
});
afterAll(() => api.close());
beforeEach(() => {
  engine.imported.length = 0;
  engine.calls.length = 0;
});

const send = (type: string, body: TestRequest["body"], query = "", token = apiKeyOfOwner) =>
  api.ask(`POST ${path}${query}`, { body, token, headers: { "content-type": type } });
const csv = (body: TestRequest["body"], query = "") => send("text/csv", body, query);
const jsonl = (body: TestRequest["body"], query = "") => send("application/x-ndjson", body, query);
const imported = () => engine.imported.map(({ externalId, content, control }) => [externalId, content, control]);

describe("importing CSV", () => {
  it("takes all columns but id and control as the content", async () => {
    const answer = await csv('id,q,r,control\n1,"one, ""two""",x,\n2,"multi\nline",ü,a\r\n\n3,,,b');
    expect([answer.status, answer.body]).toEqual([201, { first: 3, count: 3 }]);
    expect(imported()).toEqual([
      ["1", { q: 'one, "two"', r: "x" }, null],
      ["2", { q: "multi\nline", r: "ü" }, "a"],
      ["3", { q: "", r: "" }, "b"],
    ]);
  });

  it("maps columns", async () => {
    const query = "?id=nr&control=known&map=prompt%3Dq%2Ca%3Dr1";
    await csv("\ufeffnr,q,r1,r2,known\n7,what,x,y,b\n", query);
    expect(imported()).toEqual([["7", { prompt: "what", a: "x" }, "b"]]);
  });

  it("names a mapping that makes no sense", async () => {
    for (const map of ["prompt", "prompt=", "=q", "a=q,a=r", "__proto__=q"]) {
      const answer = await csv("id,q\n1,x\n", `?map=${encodeURIComponent(map)}`);
      expect(answer.body.code, map).toBe("MALFORMED_REQUEST");
    }
  });

  it("groups what is wrong, gives the bad rows back, and imports nothing", async () => {
    const rows = ["id,q,control", "1,ok,", "2,short", "3,ok,c", "1,again,", "5,a,b,c", "6,ok,a", ",no id,"];
    const answer = await csv(rows.join("\n"));
    expect([answer.status, answer.body.code]).toEqual([400, "MALFORMED_ROWS"]);
    expect(answer.body.context).toMatchObject({ rows: 5, firstRow: 2 });
    expect(answer.body.context.groups).toEqual([
      { problem: "has 2 fields instead of 3", rows: 1, first: [2] },
      { problem: "control: answer must be one of a, b", rows: 1, first: [3] },
      { problem: "has the id of an earlier row", rows: 1, first: [4] },
      { problem: "has 4 fields instead of 3", rows: 1, first: [5] },
      { problem: expect.stringMatching(/^id: /), rows: 1, first: [7] },
    ]);
    expect(answer.body.context.badRows[0]).toEqual({ row: 2, problem: "has 2 fields instead of 3", text: "2,short" });
    expect(engine.imported).toEqual([]);
  });

  it("lists only the first bad rows, and counts all", async () => {
    const rows = Array.from({ length: 1_000 }, (_, i) => `${i},only two`);
    const { context } = (await csv(["id,q,r", ...rows].join("\n"))).body;
    expect(context.rows).toBe(1_000);
    expect(context.badRows).toHaveLength(5);
    expect(context.groups[0].first).toHaveLength(10);
  });

  it("stops where a quote is out of place: what follows has no certain rows", async () => {
    const answer = await csv('id,q\n1,fine\n2,fo"o\n3,fine\n');
    expect(answer.body.code).toBe("MALFORMED_ROWS");
    expect(answer.body.context.groups[0].problem).toMatch(/quote out of place \(line 3\)/);
    expect(answer.body.context.firstRow).toBe(2);
    const open = await csv('id,q\n1,"never closed\n2,x\n');
    expect(open.body.code).toBe("MALFORMED_ROWS");
    expect(engine.imported).toEqual([]);
  });

  it("refuses a row without end", async () => {
    const answer = await csv(`id,q\n1,${"x".repeat(30_000)}\n`);
    expect(answer.body.context.groups[0].problem).toMatch(/longer than 10000 bytes/);
  });

  const odd: Record<string, [body: string, detail: RegExp]> = {
    "no header": ["", /no header row/],
    "no rows": ["id,q\n", /holds no rows/],
    "a column twice": ["id,q,q\n1,2,3\n", /column "q" twice/],
  };
  for (const [name, [body, detail]] of Object.entries(odd)) {
    it(`refuses a file with ${name}`, async () => {
      const answer = await csv(body);
      expect(answer.body.code).toBe("MALFORMED_REQUEST");
      expect(answer.body.detail).toMatch(detail);
    });
  }

  it("says which column is missing", async () => {
    const answer = await csv("nr,q\n1,x\n2,y\n");
    expect(answer.body.context.groups).toEqual([{ problem: 'has no "id"', rows: 2, first: [1, 2] }]);
  });

  it("refuses what is not UTF-8, and says where", async () => {
    const answer = await csv(Buffer.concat([Buffer.from("id,q\n1,x\n2,"), Buffer.from([0xff]), Buffer.from("\n")]));
    expect(answer.body.code).toBe("MALFORMED_REQUEST");
    expect(answer.body.detail).toMatch(/not valid UTF-8 near byte 11/);
    expect((await send("text/csv; charset=iso-8859-1", "id,q\n1,x\n")).body.code).toBe("CONTENT_TYPE_MISMATCH");
    expect((await send("text/csv; charset=UTF-8", "id,q\n1,x\n")).status).toBe(201);
  });

  it("keeps characters whole that fall between two pieces", async () => {
    const bytes = Buffer.from("id,q\n1,a€😀b\n");
    const pieces = Readable.toWeb(Readable.from(Array.from(bytes, (byte) => Buffer.from([byte]))));
    expect((await csv(pieces as ReadableStream)).status).toBe(201);
    expect(imported()).toEqual([["1", { q: "a€😀b" }, null]]);
  });
});

describe("importing JSON lines", () => {
  it("takes whole tasks", async () => {
    const rows = [
      { id: "1", content: { deep: [1, null] }, terms: { reward: "0.03", overlap: { min: 1, max: 1, target: 0.5 } } },
      { id: "2", content: "text", control: "b" },
    ];
    const answer = await jsonl(`${rows.map((row) => JSON.stringify(row)).join("\r\n")}\n\n`);
    expect(answer.body).toEqual({ first: 3, count: 2 });
    expect(engine.imported).toEqual([
      {
        externalId: "1",
        content: { deep: [1, null] },
        terms: { reward: "30000", overlap: { min: 1, max: 1, targetPpm: 500_000 } },
        control: null,
      },
      { externalId: "2", content: "text", terms: null, control: "b" },
    ]);
  });

  it("maps fields of any kind", async () => {
    await jsonl('{"nr":7,"q":{"a":1},"x":[2]}\n', "?id=nr&map=prompt%3Dq");
    expect(imported()).toEqual([["7", { prompt: { a: 1 } }, null]]);
  });

  it("groups what is wrong", async () => {
    const lines = [
      "{",
      "[]",
      '{"id":"3"}',
      '{"id":"4","content":1,"color":"red"}',
      '{"id":"5","content":12345678901234567890}',
      '{"id":"6","content":1,"terms":{"reward":"9"}}',
      '{"id":"7","content":{"__proto__":1}}',
      `{"id":"8","content":"${"x".repeat(20_000)}"}`,
      '{"id":"9","content":1}',
      "nonsense",
    ];
    const { context, code } = (await jsonl(lines.join("\n"))).body;
    expect(code).toBe("MALFORMED_ROWS");
    expect(context.rows).toBe(9);
    expect(context.groups[0]).toEqual({ problem: "is not JSON", rows: 2, first: [1, 10] });
    expect((context.groups as { problem: string }[]).slice(1).map(({ problem }) => problem)).toEqual([
      "is not a JSON object",
      "has no content",
      expect.stringMatching(/color/),
      expect.stringMatching(/cannot be kept exactly/),
      "The reward 9 is outside the market's bounds 0.01 to 0.05.",
      expect.stringMatching(/__proto__/),
      "is longer than 10000 bytes",
    ]);
    expect(engine.imported).toEqual([]);
  });

  it("refuses a line that is not UTF-8 without losing count of the others", async () => {
    const body = Buffer.concat([Buffer.from('{"id":"1","content":1}\n{"id":"'), Buffer.from([0xc3, 0x28, 0x0a])]);
    const { context } = (await jsonl(body)).body;
    expect(context.groups).toEqual([{ problem: "is not valid UTF-8", rows: 1, first: [2] }]);
  });
});

describe("who may import, and what", () => {
  it("only the market's owner, told before the rows are read", async () => {
    const answer = await send("text/csv", "id,q\n1,x\n", "", apiKeyOfOther);
    expect([answer.status, answer.body.code]).toEqual([403, "OWNER_MISMATCH"]);
    expect(engine.calls).not.toContain("importTasks");
  });

  it("only CSV and JSON lines", async () => {
    const answer = await send("application/json", "[]");
    expect([answer.status, answer.body.code]).toEqual([415, "CONTENT_TYPE_MISMATCH"]);
    expect(answer.body.next).toMatch(/text\/csv/);
  });

  it("nothing where the connection breaks half way", async () => {
    const controller = new AbortController();
    const rows = async function* () {
      yield Buffer.from("id,q\n1,x\n");
      await new Promise((resolve) => setTimeout(resolve, 50));
      controller.abort();
      await new Promise(() => undefined);
    };
    const request = fetch(`${api.url}${path}`, {
      method: "POST",
      body: Readable.toWeb(Readable.from(rows())),
      headers: { "content-type": "text/csv", authorization: `Bearer ${apiKeyOfOwner}` },
      signal: controller.signal,
      duplex: "half",
    });
    await expect(request).rejects.toThrow();
    await new Promise((resolve) => setTimeout(resolve, 100));
    expect(engine.imported).toEqual([]);
  });
});

describe("large imports", () => {
  const line = "x".repeat(980);
  const body = async function* (rows: number, sent: { bytes: number }) {
    yield Buffer.from("id,q\n");
    for (let i = 0; i < rows; i += 50) {
      const chunk = Buffer.from(Array.from({ length: 50 }, (_, at) => `${i + at},${line}\n`).join(""));
      sent.bytes += chunk.length;
      yield chunk;
    }
    yield Buffer.from("bad\n");
  };
  const request = (source: AsyncIterable<Buffer>): TestRequest => ({
    body: Readable.toWeb(Readable.from(source, { highWaterMark: 1 })) as ReadableStream,
    token: apiKeyOfOwner,
    headers: { "content-type": "text/csv" },
  });

  it("stream: tasks arrive while rows are sent, and a bad last row still undoes them", async () => {
    let tasks = 0;
    const large = await startTestApi(
      fakeEngine({
        importTasks: async (_owner, _market, rows) => {
          for await (const portion of rows) tasks += portion.length;
          return { first: 0, count: tasks };
        },
      }),
    );
    const answer = await large.ask(`POST ${path}`, request(body(40_000, { bytes: 0 })));
    await large.close();
    expect(answer.body.context).toMatchObject({ rows: 1, firstRow: 40_001 });
    // All but the piece that has the bad row.
    expect(tasks).toBeGreaterThan(30_000);
  }, 60_000);

  it("are taken no faster than the engine takes them: nothing piles up here", async () => {
    const sent = { bytes: 0 };
    let release: () => void = () => undefined;
    const stalled = await startTestApi(
      fakeEngine({
        importTasks: async (_owner, _market, rows) => {
          const iterator = rows[Symbol.asyncIterator]();
          await iterator.next();
          await new Promise<void>((resolve) => {
            release = resolve;
          });
          await iterator.return?.(undefined);
          throw new Error("enough");
        },
      }),
    );
    const answer = stalled.ask(`POST ${path}`, request(body(200_000, sent))).catch(() => null);
    await new Promise((resolve) => setTimeout(resolve, 500));
    const soon = sent.bytes;
    await new Promise((resolve) => setTimeout(resolve, 500));
    expect(sent.bytes).toBe(soon);
    // What sockets, kernel and parser hold, of 200 MB.
    expect(soon).toBeLessThan(20_000_000);
    release();
    await answer;
    await stalled.close();
  });
});
