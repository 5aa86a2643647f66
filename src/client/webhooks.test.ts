import { readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import * as library from "./library.ts";
import { readWebhook, UnsignedWebhook } from "./webhooks.ts";

/** The example of the Standard Webhooks specification. */
const secret = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw";
const body = '{"test": 2432232314}';
const headers = {
  "webhook-id": "msg_p5jXN8AQM9LWM0D4loKWxJek",
  "webhook-timestamp": "1614265330",
  "webhook-signature": "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=",
};
const nowMs = 1_614_265_330_000;

describe("a webhook's request", () => {
  it("is read where its signature is by the secret", async () => {
    expect(await readWebhook(body, headers, secret, { nowMs })).toEqual({ test: 2432232314 });
    expect(await readWebhook(body, new Headers(headers), secret, { nowMs: nowMs + 299_000 })).toBeDefined();
    // While a secret is replaced there are two signatures.
    const both = `v1a,AAAA v1,${"A".repeat(43)}= ${headers["webhook-signature"]}`;
    expect(await readWebhook(body, { ...headers, "webhook-signature": both }, secret, { nowMs })).toBeDefined();
  });

  it.each([
    ["another text", `${body} `, {}, nowMs],
    ["another id", body, { "webhook-id": "msg_other" }, nowMs],
    ["another time", body, { "webhook-timestamp": "1614265331" }, nowMs],
    ["no time", body, { "webhook-timestamp": undefined }, nowMs],
    ["no signature", body, { "webhook-signature": undefined }, nowMs],
    ["an old one", body, {}, nowMs + 301_000],
    ["one of later", body, {}, nowMs - 301_000],
  ])("is refused with %s", async (_, text, changed, at) => {
    await expect(readWebhook(text, { ...headers, ...changed }, secret, { nowMs: at })).rejects.toThrow(UnsignedWebhook);
  });

  it("is refused by another secret", async () => {
    await expect(readWebhook(body, headers, `whsec_${btoa("another secret of ours")}`, { nowMs })).rejects.toThrow(
      UnsignedWebhook,
    );
  });
});

describe("earnest/client", () => {
  it("is what package.json exports", () => {
    const text = readFileSync(join(import.meta.dirname, "../../package.json"), "utf8");
    const { exports } = JSON.parse(text) as { exports: Record<string, unknown> };
    expect(exports["./client"]).toEqual({
      types: "./dist/client/library.d.ts",
      default: "./dist/client/library.js",
    });
    expect(Object.keys(library)).toEqual(expect.arrayContaining(["Contributor", "Earnest", "readWebhook"]));
  });
});
