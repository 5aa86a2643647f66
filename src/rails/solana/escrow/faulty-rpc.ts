import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import { setTimeout as sleep } from "node:timers/promises";

/**
 * What can go wrong between a client and a node:
 * `none`, nothing; `lost`, the call never arrives and the connection breaks; `answerLost`, the call is carried out and
 * the connection breaks; `twice`, the call is carried out twice; `busy`, 429 with Retry-After; `behind`, the node says
 * that it is unhealthy; `late`, the answer takes longer than the client waits; `swallowed`, a transaction is taken with
 * thanks and dropped; `hoarded`, it is taken with thanks, and reaches the chain some calls later.
 */
export const faults = [
  "none",
  "lost",
  "answerLost",
  "twice",
  "busy",
  "behind",
  "late",
  "swallowed",
  "hoarded",
] as const;
export type Fault = (typeof faults)[number];

export interface FaultyRpc {
  readonly url: string;
  /** How often each fault was met. */
  readonly met: ReadonlyMap<Fault, number>;
  close(): Promise<void>;
}

export interface FaultyRpcOptions {
  readonly target: string;
  /** What befalls the next call. */
  readonly next: (method: string) => Fault;
  /** How much later than the client waits. */
  readonly lateMs?: number;
}

/** A hoarded transaction is let go at one of this many calls. */
const hoardedCalls = 5;

/** A proxy before a node that does to calls what networks do. For tests. */
export async function startFaultyRpc({ target, next, lateMs = 200 }: FaultyRpcOptions): Promise<FaultyRpc> {
  const met = new Map<Fault, number>();
  const hoard: string[] = [];
  let calls = 0;
  const server = createServer((request, response) => {
    answer(request, response).catch(() => response.destroy());
  });
  const forward = async (body: string): Promise<string> => {
    const headers = { "content-type": "application/json" };
    return await (await fetch(target, { method: "POST", headers, body })).text();
  };
  const answer = async (request: IncomingMessage, response: ServerResponse): Promise<void> => {
    const body = await bodyOf(request);
    const { method, id } = JSON.parse(body) as { method: string; id: unknown };
    if (hoard.length > 0 && ++calls % hoardedCalls === 0) await forward(hoard.shift() as string);
    const fault = next(method);
    met.set(fault, (met.get(fault) ?? 0) + 1);
    if (fault === "lost") return void request.socket.destroy();
    if (fault === "busy") return void response.writeHead(429, { "retry-after": "1" }).end("slow down");
    if (fault === "behind") return reply(response, failure(id, -32005, "Node is behind by 42 slots"));
    if ((fault === "swallowed" || fault === "hoarded") && method === "sendTransaction") {
      if (fault === "hoarded") hoard.push(body);
      return reply(response, taken(id));
    }
    const text = await forward(body);
    if (fault === "twice") return reply(response, await forward(body));
    if (fault === "answerLost") return void request.socket.destroy();
    if (fault === "late") await sleep(lateMs);
    reply(response, text);
  };
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const { port } = server.address() as { port: number };
  return {
    url: `http://127.0.0.1:${port}`,
    met,
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}

async function bodyOf(request: IncomingMessage): Promise<string> {
  const chunks: Buffer[] = [];
  for await (const chunk of request as AsyncIterable<Buffer>) chunks.push(chunk);
  return Buffer.concat(chunks).toString("utf8");
}

function reply(response: ServerResponse, text: string): void {
  response.writeHead(200, { "content-type": "application/json" });
  response.end(text);
}

const failure = (id: unknown, code: number, message: string): string =>
  JSON.stringify({ jsonrpc: "2.0", id, error: { code, message, data: { numSlotsBehind: 42 } } });

/** The answer of a node that keeps nothing: some signature, which no client of ours looks at. */
const taken = (id: unknown): string => JSON.stringify({ jsonrpc: "2.0", id, result: "1".repeat(64) });
