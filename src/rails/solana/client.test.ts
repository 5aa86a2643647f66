import { createServer, type Server } from "node:http";
import { afterEach, describe, expect, it } from "vitest";
import { isEarnestError } from "../../core/errors.ts";
import { createSolanaClient } from "./client.ts";

type Answer = { readonly status?: number; readonly body: string } | "hang up" | "silence";

const ok: Answer = { body: '{"jsonrpc":"2.0","id":1,"result":42}' };
const failure = (code: number): Answer => ({
  body: `{"jsonrpc":"2.0","id":1,"error":{"code":${code},"message":"no","data":{"numSlotsBehind":3,"contextSlot":1}}}`,
});

let server: Server | null = null;
afterEach(() => {
  server?.closeAllConnections();
  server?.close();
});

/** A node that gives these answers, the last one for ever, and what a client makes of them. */
async function clientOf(answers: readonly Answer[], attempts = 6) {
  let calls = 0;
  const pauses: number[] = [];
  server = createServer((request, response) => {
    const answer = answers[Math.min(calls++, answers.length - 1)] as Answer;
    if (answer === "hang up") request.socket.destroy();
    else if (answer !== "silence") {
      response.writeHead(answer.status ?? 200, { "content-type": "application/json" });
      response.end(answer.body);
    }
  });
  await new Promise<void>((resolve) => server?.listen(0, "127.0.0.1", resolve));
  const { port } = server.address() as { port: number };
  const client = createSolanaClient({
    rpcUrl: `http://127.0.0.1:${port}/secret?api-key=hidden`,
    attempts,
    // Long enough for a busy machine, but where a test waits for it.
    callTimeoutMs: answers.includes("silence") ? 1_000 : 20_000,
    random: () => 1,
    sleep: (ms) => {
      pauses.push(ms);
      return Promise.resolve();
    },
  });
  return { slot: () => client.call((rpc) => rpc.getSlot()), calls: () => calls, pauses };
}

describe("the client", () => {
  it.each<[string, readonly Answer[]]>([
    ["rate limits", [{ status: 429, body: "" }, { status: 429, body: "" }, ok]],
    ["a failing gateway", [{ status: 502, body: "<html>" }, { status: 503, body: "" }, ok]],
    ["a connection that breaks", ["hang up", "hang up", ok]],
    ["a node that is behind", [failure(-32005), failure(-32016), ok]],
    ["an answer that is cut off", [{ body: '{"jsonrpc":' }, { body: "" }, ok]],
    ["silence", ["silence", "silence", ok]],
    ["a page instead of an answer", [{ body: '{"hello":1}' }, { body: "[]" }, ok]],
    ["a limit in the provider's own code", [failure(-32429), failure(429), ok]],
  ])("tries again after %s, with growing pauses", async (_, answers) => {
    const { slot, calls, pauses } = await clientOf(answers);
    expect(await slot()).toBe(42n);
    expect(calls()).toBe(3);
    expect(pauses).toEqual([200, 400]);
  });

  it("gives up with CHAIN_UNAVAILABLE, without the key in the URL", async () => {
    const { slot, calls, pauses } = await clientOf([{ status: 429, body: "" }], 7);
    const error = await slot().catch((caught: unknown) => caught);
    expect(isEarnestError(error, "CHAIN_UNAVAILABLE")).toBe(true);
    expect(String(error)).not.toContain("hidden");
    expect(String(error)).not.toContain("secret");
    expect(calls()).toBe(7);
    expect(pauses).toEqual([200, 400, 800, 1600, 3200, 5000]);
  });

  it.each<[string, Answer, string]>([
    ["a page", { body: "<html>" }, "what it answers is not JSON"],
    ["JSON of something else", { body: "{}" }, "what it answers is not JSON-RPC, so it may be no Solana node"],
    ["a limit in the provider's own code", failure(-32429), "no (code -32429)"],
  ])("gives the reason in words where it gets nothing but %s", async (_, answer, problem) => {
    const { slot } = await clientOf([answer], 2);
    await expect(slot()).rejects.toMatchObject({ code: "CHAIN_UNAVAILABLE", context: { problem } });
  });

  it.each([401, 404])("says at once that no node answers where there is %i", async (status) => {
    const { slot, calls } = await clientOf([{ status, body: "{}" }]);
    await expect(slot()).rejects.toMatchObject({ code: "CHAIN_UNAVAILABLE" });
    expect(calls()).toBe(1);
  });

  it.each([-32602, -32601, -32002])("does not repeat a call that the node refuses with %i", async (code) => {
    const { slot, calls } = await clientOf([failure(code)]);
    await expect(slot()).rejects.toThrow();
    expect(calls()).toBe(1);
  });
});
