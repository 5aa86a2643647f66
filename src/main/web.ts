import type { FastifyInstance, FastifyReply, FastifyRequest } from "fastify";
import { encodingFor, readWebFiles, type WebFile, webFolder } from "./web-files.ts";
import { framePath, framePolicyOf } from "./web-frame.ts";

/**
 * Nothing but our own files and what the page itself makes of a task's drawing (`blob:`). Work that is shown comes from
 * strangers: whatever of it should get past the page's own care finds nothing to run and nowhere to call.
 */
const contentPolicy = [
  "default-src 'none'",
  "script-src 'self'",
  "style-src 'self'",
  "img-src 'self' blob:",
  "font-src 'self'",
  "connect-src 'self'",
  "manifest-src 'self'",
  "worker-src 'self'",
  "frame-src 'self'",
  "base-uri 'none'",
  "form-action 'none'",
  "frame-ancestors 'none'",
].join("; ");

/** The node's screen asks the node of the same computer, at the one address where it shows itself, and nobody else. */
const nodePolicy = contentPolicy.replace("connect-src 'self'", "connect-src 'self' http://127.0.0.1:4800");

const headers = {
  "content-security-policy": contentPolicy,
  "permissions-policy": "camera=(), microphone=(), geolocation=(self), payment=(), usb=()",
  "referrer-policy": "no-referrer",
  "x-content-type-options": "nosniff",
} as const;

/** The first page needs a task, and asks for it before its scripts are there: `work/first-task.ts` then finds it. */
const firstTaskAhead = "</v1/work/first>; rel=preload; as=fetch; crossorigin";

/** What is said where nothing was built: `npm run build`, or any other script, builds it. */
const notBuilt = "Earnest's API is here. The pages are not built: run `npm run build`.\n";

export interface WebOptions {
  readonly folder?: string;
  /** A node of the chain that the explorer may ask. */
  readonly rpcUrl?: string | null;
}

/**
 * Serves the web application beside the API: its files by name, and one of its two pages for every other address that a
 * browser may open, because the page itself knows what to show there.
 */
export function addWeb(api: FastifyInstance, { folder = webFolder, rpcUrl = null }: WebOptions = {}): void {
  const policyOf = policies(rpcUrl);
  const files = readWebFiles(folder);
  const frame = files.get(framePath);
  const framePolicy = framePolicyOf(frame?.bodies.identity.toString("utf8") ?? "");
  api.get("/*", (request, reply) => {
    const path = request.url.split("?")[0] as string;
    if (path === "/") reply.header("link", firstTaskAhead);
    if (path === framePath && frame !== undefined) {
      reply.headers({ ...headers, "content-security-policy": framePolicy(request.url.split("?")[1] ?? "") });
      return sendFile(request, reply, frame, "public, max-age=86400");
    }
    const sendPage = (file: WebFile): FastifyReply => {
      reply.headers({ ...headers, "content-security-policy": policyOf(request.url) });
      return sendFile(request, reply, file, file.isImmutable ? "public, max-age=31536000, immutable" : "no-cache");
    };
    const file = files.get(path === "/" ? "/index.html" : path);
    if (file !== undefined) return sendPage(file);
    if (!isPage(request, path)) return reply.callNotFound();
    const page = files.get(/^\/(?:console|explorer)(?:\/|$)/.test(path) ? "/console.html" : "/index.html");
    if (page !== undefined) return sendPage(page);
    return reply.headers(headers).type("text/plain; charset=utf-8").send(notBuilt);
  });
}

/** An address somebody opens: not an operation's, and not a file's that is gone. */
const isPage = ({ headers: { accept = "" } }: FastifyRequest, path: string): boolean =>
  path === "/" || (accept.includes("text/html") && !/^\/(?:v\d+|assets)\//.test(path));

/** Pages by address; the explorer holds what this server says against the chain, which it asks itself. */
function policies(rpcUrl: string | null): (url: string) => string {
  const chain = rpcUrl === null ? "" : ` ${new URL(rpcUrl).origin}`;
  const explorerPolicy = contentPolicy.replace("connect-src 'self'", `connect-src 'self'${chain}`);
  return (url) => {
    const path = url.split("?")[0] as string;
    if (path === "/node") return nodePolicy;
    return /^\/explorer(?:\/|$)/.test(path) ? explorerPolicy : contentPolicy;
  };
}

function sendFile(request: FastifyRequest, reply: FastifyReply, file: WebFile, kept: string): FastifyReply {
  const encoding = encodingFor(file, String(request.headers["accept-encoding"] ?? ""));
  reply.header("cache-control", kept).header("etag", file.etag).header("vary", "accept-encoding");
  if (request.headers["if-none-match"]?.includes(file.etag) === true) return reply.code(304).send();
  if (encoding !== "identity") reply.header("content-encoding", encoding);
  return reply.type(file.type).send(file.bodies[encoding]);
}
