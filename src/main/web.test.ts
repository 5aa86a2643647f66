import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { brotliDecompressSync, gunzipSync } from "node:zlib";
import Fastify, { type FastifyInstance } from "fastify";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { compress } from "../../scripts/web/compress.ts";
import { addWeb } from "./web.ts";

const html = "<!doctype html><title>Earnest</title>";
const script = `export const text = "${"much the same ".repeat(500)}";`;

describe("the web application", () => {
  let folder = "";
  let app: FastifyInstance;

  beforeAll(() => {
    folder = mkdtempSync(join(tmpdir(), "earnest-web-"));
    mkdirSync(join(folder, "assets"));
    writeFileSync(join(folder, "index.html"), html);
    writeFileSync(join(folder, "console.html"), html);
    writeFileSync(join(folder, "assets", "index-abc.js"), script);
    writeFileSync(join(folder, "icon.svg"), "<svg/>");
    compress(folder);
    app = Fastify();
    app.get("/v1/network", () => ({ network: true }));
    app.setNotFoundHandler((_request, reply) => reply.code(404).send({ code: "ROUTE_NOT_FOUND" }));
    addWeb(app, { folder, rpcUrl: "https://rpc.example/with/a/path" });
  });
  afterAll(async () => {
    await app.close();
    rmSync(folder, { recursive: true });
  });

  const get = (url: string, headers: Record<string, string> = {}) => app.inject({ method: "GET", url, headers });

  it("is one page for every address that a browser opens", async () => {
    for (const url of ["/", "/desk", "/receipts/m/0/1,2?x=1"]) {
      const answer = await get(url, { accept: "text/html,*/*" });
      expect(answer).toMatchObject({ statusCode: 200, body: html });
      expect(answer.headers).toMatchObject({ "content-type": "text/html; charset=utf-8", "cache-control": "no-cache" });
    }
  });

  it("has the first page's task asked for ahead of its scripts, and nothing for other screens", async () => {
    expect((await get("/?from=here")).headers["link"]).toContain("</v1/work/first>; rel=preload");
    expect((await get("/desk", { accept: "text/html" })).headers).not.toHaveProperty("link");
  });

  it("leaves the API its addresses, and invents no files", async () => {
    expect((await get("/v1/network")).json()).toEqual({ network: true });
    for (const url of ["/v1/gone", "/assets/gone.js"]) {
      expect(await get(url, { accept: "text/html" })).toMatchObject({ statusCode: 404 });
    }
    expect(await get("/desk", { accept: "application/json" })).toMatchObject({ statusCode: 404 });
    expect(await get("/../package.json", { accept: "*/*" })).toMatchObject({ statusCode: 404 });
  });

  it("answers in the encoding that was made for it, and never again what is known", async () => {
    const url = "/assets/index-abc.js";
    const br = await get(url, { "accept-encoding": "gzip, deflate, br" });
    expect(br.headers).toMatchObject({ "content-encoding": "br", vary: "accept-encoding" });
    expect(br.headers["cache-control"]).toContain("immutable");
    expect(brotliDecompressSync(br.rawPayload).toString()).toBe(script);
    const gzip = await get(url, { "accept-encoding": "br;q=0, gzip" });
    expect(gunzipSync(gzip.rawPayload).toString()).toBe(script);
    const plain = await get(url);
    expect(plain.headers).not.toHaveProperty("content-encoding");
    expect(plain.body).toBe(script);
    const known = await get(url, { "if-none-match": String(plain.headers["etag"]) });
    expect(known).toMatchObject({ statusCode: 304, body: "" });
    expect((await get("/icon.svg", { "accept-encoding": "br" })).headers).not.toHaveProperty("content-encoding");
  });

  it("may run nothing but its own files, and load nothing from elsewhere", async () => {
    const policy = String((await get("/")).headers["content-security-policy"]);
    expect(policy).toContain("default-src 'none'");
    expect(policy).toContain("frame-ancestors 'none'");
    expect(policy).not.toMatch(/unsafe|\*|https?:|data:/);
    // The explorer asks the chain itself.
    const ofExplorer = String((await get("/explorer", { accept: "text/html" })).headers["content-security-policy"]);
    expect(ofExplorer).toBe(policy.replace("connect-src 'self'", "connect-src 'self' https://rpc.example"));
    const ofConsole = String((await get("/console", { accept: "text/html" })).headers["content-security-policy"]);
    expect(ofConsole).toBe(policy);
    // One screen asks the node of the same computer; the others, which show what strangers wrote, may not.
    const ofNode = String((await get("/node", { accept: "text/html" })).headers["content-security-policy"]);
    expect(ofNode).toBe(policy.replace("connect-src 'self'", "connect-src 'self' http://127.0.0.1:4800"));
  });

  it("says what to do where it was not built", async () => {
    const bare = Fastify();
    addWeb(bare, { folder: join(folder, "nowhere") });
    expect((await bare.inject("/")).body).toContain("npm run build");
    await bare.close();
  });
});
