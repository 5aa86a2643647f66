import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http";
import { earnestError } from "../../core/errors.ts";
import { dispatch, errorReply } from "./dispatcher.ts";
import type { RpcContext } from "./methods.ts";
import { RpcError, rpcCodes } from "./rpc-error.ts";
import { writeJson } from "./wire-json.ts";

export const bodyBytesMax = 1 << 20;
const drainedMax = 64;

const corsHeaders = {
  "access-control-allow-origin": "*",
  "access-control-allow-methods": "POST, GET, OPTIONS",
  "access-control-allow-headers": "*",
  "access-control-max-age": "86400",
};

export function createHttpServer(context: RpcContext): Server {
  return createServer({ requestTimeout: 30_000 }, (request, response) => {
    serve(context, request, response).catch(() => response.destroy());
  });
}

async function serve(context: RpcContext, request: IncomingMessage, response: ServerResponse): Promise<void> {
  if (request.method === "OPTIONS") return reply(response, 204, null);
  if (request.method === "GET" && request.url === "/health") return reply(response, 200, "ok", "text/plain");
  if (request.method !== "POST") return reply(response, 405, "Used HTTP Method is not allowed. POST is required");
  if (!/^application\/json\b/i.test(request.headers["content-type"] ?? "")) {
    return reply(response, 415, "Supplied content type is not allowed. Content-Type: application/json is required");
  }
  const body = await readBody(request);
  if (body === null) {
    response.setHeader("connection", "close");
    const error = new RpcError(rpcCodes.invalidRequest, `Request is larger than ${bodyBytesMax} bytes`);
    return reply(response, 413, writeJson(errorReply(null, error)), "application/json");
  }
  const answer = await dispatch(context, body);
  return reply(response, 200, answer ?? "", "application/json");
}

function reply(response: ServerResponse, status: number, body: string | null, type = "text/plain"): void {
  response.writeHead(status, { ...corsHeaders, ...(body === null ? {} : { "content-type": type }) });
  response.end(body ?? undefined);
}

/** The body as text, or null where it is too large. Invalid UTF-8 becomes text that is not JSON. */
async function readBody(request: IncomingMessage): Promise<string | null> {
  const chunks: Buffer[] = [];
  let size = 0;
  for await (const chunk of request as AsyncIterable<Buffer>) {
    size += chunk.length;
    // Read to its end all the same: a client hears no answer while it is still sending.
    if (size <= bodyBytesMax) chunks.push(chunk);
    else if (size > bodyBytesMax * drainedMax) throw new RangeError("body is endless");
  }
  if (size > bodyBytesMax) return null;
  try {
    return new TextDecoder("utf-8", { fatal: true }).decode(Buffer.concat(chunks));
  } catch {
    return "";
  }
}

/** @throws PORT_UNAVAILABLE */
export function listen(server: Server, host: string, port: number): Promise<number> {
  return new Promise((resolve, reject) => {
    server.once("error", (error) => {
      reject(earnestError("PORT_UNAVAILABLE", { port, problem: error.message }, { cause: error }));
    });
    server.listen(port, host, () => {
      server.removeAllListeners("error");
      const address = server.address();
      resolve(typeof address === "object" && address !== null ? address.port : port);
    });
  });
}
