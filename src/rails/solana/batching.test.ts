import { createServer, type Server } from "node:http";
import type { Base64EncodedWireTransaction } from "@solana/kit";
import { afterEach, describe, expect, it } from "vitest";
import { createSolanaClient } from "./client.ts";

interface Call {
  readonly id: string;
  readonly method: string;
  readonly params: readonly unknown[];
}

type Answer = (calls: readonly Call[], isBatch: boolean) => { readonly status?: number; readonly json: unknown };

const result = ({ id, params }: Call) => ({
  jsonrpc: "2.0",
  id,
  result: `signature of ${String(params[0]).slice(0, 4)}`,
});
/** Every call at once, in the reverse order, as JSON-RPC allows. */
const good: Answer = (calls, isBatch) => ({ json: isBatch ? calls.map(result).reverse() : result(calls[0] as Call) });

let server: Server | null = null;
afterEach(() => {
  server?.closeAllConnections();
  server?.close();
});

/** A node of which each answer is used once, and then `good` ones, and the requests that it got. */
async function nodeOf(...answers: readonly Answer[]) {
  const requests: Call[][] = [];
  const left = answers.values();
  server = createServer((request, response) => {
    const chunks: Buffer[] = [];
    request.on("data", (chunk: Buffer) => chunks.push(chunk));
    request.on("end", () => {
      const body = JSON.parse(Buffer.concat(chunks).toString()) as Call | Call[];
      const calls = Array.isArray(body) ? body : [body];
      requests.push(calls);
      const { status = 200, json } = (left.next().value ?? good)(calls, Array.isArray(body));
      response.writeHead(status, { "content-type": "application/json" }).end(JSON.stringify(json));
    });
  });
  await new Promise<void>((resolve) => server?.listen(0, "127.0.0.1", resolve));
  const { port } = server.address() as { port: number };
  const client = createSolanaClient({ rpcUrl: `http://127.0.0.1:${port}`, sleep: () => Promise.resolve() });
  const send = (text: string): Promise<string> =>
    client.call((rpc) => rpc.sendTransaction(text as Base64EncodedWireTransaction, { encoding: "base64" }));
  return { send, client, sizes: () => requests.map((calls) => calls.length) };
}

const texts = ["AAAA", "BBBB", "CCCC"];
const signatures = texts.map((text) => `signature of ${text}`);

describe("transactions sent at the same moment", () => {
  it("travel together, and each gets its own answer", async () => {
    const { send, sizes } = await nodeOf();
    expect(await Promise.all(texts.map(send))).toEqual(signatures);
    expect(sizes()).toEqual([3]);
  });

  it("go singly where there is one, and apart from other calls", async () => {
    const { send, client, sizes } = await nodeOf();
    await Promise.all([send("AAAA"), client.call((rpc) => rpc.getHealth())]);
    expect(sizes()).toEqual([1, 1]);
  });

  it("are as many as fit the request a node takes", async () => {
    const { send, sizes } = await nodeOf();
    await Promise.all(Array.from({ length: 20 }, () => send("A".repeat(5_000))));
    expect(sizes()).toEqual([9, 9, 2]);
  });

  it.each<[string, Answer]>([
    ["refuses the request", () => ({ status: 413, json: {} })],
    ["answers with one error", () => ({ json: { jsonrpc: "2.0", id: null, error: { code: -32600, message: "no" } } })],
  ])("go singly from then on where a node %s", async (_, answer) => {
    const { send, sizes } = await nodeOf(answer);
    expect(await Promise.all(texts.map(send))).toEqual(signatures);
    expect(await Promise.all(texts.map(send))).toEqual(signatures);
    expect(sizes()).toEqual([3, 1, 1, 1, 1, 1, 1]);
  });

  it.each<[string, Answer]>([
    ["the node is busy", () => ({ status: 429, json: {} })],
    ["one call is left unanswered", (calls) => ({ json: calls.slice(1).map(result) })],
  ])("are sent again, together, where %s", async (_, answer) => {
    const { send, sizes } = await nodeOf(answer);
    expect(await Promise.all(texts.map(send))).toEqual(signatures);
    expect(sizes()).toContain(3);
    expect(sizes().reduce((sum, size) => sum + size)).toBeGreaterThan(3);
  });

  it("are refused each by itself, with kit's errors", async () => {
    const error = { code: -32002, message: "no", data: { err: { InstructionError: [1, { Custom: 7075 }] }, logs: [] } };
    const { send } = await nodeOf((calls) => ({
      json: calls.map((call, i) => (i === 1 ? { jsonrpc: "2.0", id: call.id, error } : result(call))),
    }));
    const outcomes = await Promise.allSettled(texts.map(send));
    expect(outcomes.map((each) => each.status)).toEqual(["fulfilled", "rejected", "fulfilled"]);
    expect(outcomes[1]).toMatchObject({ reason: { cause: { context: { index: 1 } } } });
  });
});
