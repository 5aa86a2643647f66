import { createServer, type IncomingHttpHeaders, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { readWebhook } from "../client/webhooks.ts";
import { createWebhookSender } from "./webhooks.ts";

const secret = new Uint8Array(32).fill(5);
const message = { id: "msg_1", timeMs: 1_800_000_000_999, body: '{"type":"trial"}' };
let server: Server;
let own: string;
let received: { readonly headers: IncomingHttpHeaders; readonly body: string }[] = [];
let status = 204;

beforeAll(async () => {
  server = createServer((request, response) => {
    let body = "";
    request.setEncoding("utf8").on("data", (piece) => {
      body += piece;
    });
    request.on("end", () => {
      received.push({ headers: request.headers, body });
      response.writeHead(status, { location: own }).end();
    });
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  own = `http://127.0.0.1:${(server.address() as AddressInfo).port}/hook`;
});
afterAll(() => server.close());
beforeEach(() => {
  [received, status] = [[], 204];
});

const here = createWebhookSender({ toOwnMachine: true });

describe("a webhook's message", () => {
  it("comes signed, so that the SDK reads it", async () => {
    expect(await here.send({ url: own, secret }, message)).toEqual({ status: 204, problem: null });
    const [{ headers, body } = { headers: {}, body: "" }] = received;
    expect(headers).toMatchObject({ "webhook-id": "msg_1", "webhook-timestamp": "1800000000" });
    const options = { nowMs: message.timeMs };
    expect(await readWebhook(body, headers, `whsec_${Buffer.from(secret).toString("base64")}`, options)).toEqual({
      type: "trial",
    });
  });

  it.each([200, 301, 404, 500])("tells of the status %i, and follows nothing", async (answer) => {
    status = answer;
    expect(await here.send({ url: own, secret }, message)).toEqual({ status: answer, problem: null });
    expect(received).toHaveLength(1);
  });

  it("says why nobody answers, without rejecting", async () => {
    const { status: none, problem } = await here.send({ url: "http://127.0.0.1:1/", secret }, message);
    expect(none).toBeNull();
    expect(problem).toContain("ECONNREFUSED");
  });

  it.each([
    ["http://example.com/", "must begin with https"],
    ["https://10.0.0.8/", "private"],
    ["https://169.254.169.254/", "private"],
    ["https://[::1]/", "private"],
    ["https://localhost/", "private"],
    ["https://2130706433/", "private"],
    ["https://example.com:8443/", "port"],
    ["https://a@example.com/", "credentials"],
    ["nothing", "no address"],
  ])("goes to the public internet alone: not to %s", async (url, why) => {
    const sender = createWebhookSender({ toOwnMachine: false });
    expect(sender.refusal(url)).toContain(why);
    expect(await sender.send({ url, secret }, message)).toMatchObject({ status: null });
    expect(sender.refusal(own)).not.toBeNull();
    expect(sender.refusal("https://example.com/hook")).toBeNull();
  });

  it("does not go where a public name leads to a private address", async () => {
    const resolve = async () => [
      { address: "93.184.215.14", family: 4 },
      { address: "127.0.0.1", family: 4 },
    ];
    const sender = createWebhookSender({ toOwnMachine: false, resolve });
    expect(await sender.send({ url: "https://example.com/", secret }, message)).toMatchObject({
      status: null,
      problem: expect.stringContaining("not one of the public internet"),
    });
  });
});
