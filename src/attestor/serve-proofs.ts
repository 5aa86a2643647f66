import { createReadStream } from "node:fs";
import { stat } from "node:fs/promises";
import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { problemMediaType, statusOf } from "../contract/problems.ts";
import { bytes32, fromHex } from "../core/bytes.ts";
import { earnestError, isEarnestError } from "../core/errors.ts";
import type { AttestorFolder } from "./folder.ts";
import type { Proofs } from "./proofs.ts";

/** What is kept of a pool. */
export interface ServedPool {
  readonly proofs: Proofs;
  readonly folder: AttestorFolder;
}

export interface ServeProofsOptions {
  /** Of a token by its mint, of the home token where null. */
  readonly poolOf: (mint: string | null) => ServedPool | undefined;
  readonly pools: () => Iterable<ServedPool>;
  readonly host: string;
  readonly port: number;
}

export interface ServedProofs {
  readonly url: string;
  close(): Promise<void>;
}

/**
 * Shows everybody what an attestor keeps, so that contributors can be paid and other attestors can go on without the
 * operator's server. Everything here is public, and only read.
 *
 * @throws PORT_UNAVAILABLE
 */
export async function serveProofs({ host, port, ...parts }: ServeProofsOptions): Promise<ServedProofs> {
  const server = createServer((request, response) => {
    answer(parts, request, response).catch((error: unknown) => refuse(response, error));
  });
  await listen(server, host, port);
  const { address, port: bound, family } = server.address() as AddressInfo;
  const shown = family === "IPv6" ? `[${address}]` : address;
  return {
    url: `http://${shown}:${bound}`,
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}

const listen = (server: Server, host: string, port: number): Promise<void> =>
  new Promise((resolve, reject) => {
    server.once("error", (error: Error) => {
      reject(earnestError("PORT_UNAVAILABLE", { port, problem: error.message }, { cause: error }));
    });
    server.listen(port, host, () => resolve());
  });

type Parts = Pick<ServeProofsOptions, "poolOf" | "pools">;

const commitsMax = 100;

async function answer({ poolOf, pools }: Parts, request: IncomingMessage, response: ServerResponse): Promise<void> {
  const url = new URL(request.url ?? "/", "http://attestor");
  const path = url.pathname;
  if (request.method !== "GET") {
    throw earnestError("METHOD_MISMATCH", { method: request.method ?? "", path, allowed: "GET" });
  }
  const [, commit = "", isFile] = /^\/v1\/commits\/([0-9a-f]{64})(\/leaves)?$/.exec(path) ?? [];
  const [, who = ""] = /^\/v1\/claims\/([0-9A-Za-z]{1,44})$/.exec(path) ?? [];
  const asked = (): ServedPool => {
    const mint = url.searchParams.get("mint");
    const found = poolOf(mint);
    if (found === undefined) throw earnestError("TOKEN_NOT_FOUND", { mint: (mint ?? "").slice(0, 44) });
    return found;
  };
  const holding = (): ServedPool => [...pools()].find(({ proofs }) => proofs.has(commit)) ?? asked();
  if (path === "/v1/commits") json(response, asked().proofs.commits(limitOf(url), url.searchParams.get("after")));
  else if (isFile !== undefined) await sendLeafFile(holding().folder, commit, response);
  else if (commit !== "") json(response, holding().proofs.commit(commit));
  else if (who !== "") json(response, await asked().proofs.claim(who));
  else if (path === "/healthz") json(response, { status: "ok" });
  else throw earnestError("ROUTE_NOT_FOUND", { method: "GET", path: path.slice(0, 200) });
}

function limitOf(url: URL): number {
  const asked = Number(url.searchParams.get("limit") ?? "10");
  return Number.isSafeInteger(asked) && asked > 0 ? Math.min(asked, commitsMax) : 10;
}

const shared = { "access-control-allow-origin": "*", "x-content-type-options": "nosniff" } as const;

function json(response: ServerResponse, body: object): void {
  response.writeHead(200, { ...shared, "content-type": "application/json" });
  response.end(JSON.stringify(body));
}

async function sendLeafFile(folder: AttestorFolder, digest: string, response: ServerResponse): Promise<void> {
  const path = folder.leafFilePath(bytes32(fromHex(digest)));
  const found = await stat(path).catch(() => null);
  if (found === null) throw earnestError("COMMIT_NOT_FOUND", { digest });
  const type = "application/octet-stream";
  response.writeHead(200, { ...shared, "content-type": type, "content-length": String(found.size) });
  const file = createReadStream(path);
  file.on("error", () => response.destroy());
  file.pipe(response);
}

/** As the operator's server says it (RFC 9457). */
function refuse(response: ServerResponse, error: unknown): void {
  const known = isEarnestError(error) ? error : earnestError("INTERNAL", { requestId: "-" });
  const { code, kind, message: detail, next, context } = known;
  const status = statusOf(code, kind);
  if (response.headersSent) {
    response.destroy();
    return;
  }
  response.writeHead(status, { ...shared, "content-type": problemMediaType });
  const type = `urn:earnest:problem:${code}`;
  response.end(JSON.stringify({ type, title: detail, status, code, detail, next, requestId: "-", context }));
}
