import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http";
import type { Json } from "../core/json.ts";
import type { Caps } from "./caps.ts";
import type { NodeFolder } from "./node-folder.ts";
import type { NodeStatus, SessionLine } from "./run-node.ts";

export interface StatusPageOptions {
  readonly port: number;
  readonly status: () => NodeStatus;
  readonly caps: Caps;
  readonly folder: NodeFolder;
  readonly isPaused: () => boolean;
}

const linesShown = 50;

/** What a node does, for its owner alone: on this machine's own address, to read and nothing else. */
export async function openStatusPage(options: StatusPageOptions): Promise<{ readonly url: string; close(): void }> {
  const server = createServer((request, response) => {
    answer(options, request, response).catch(() => response.destroy());
  });
  const port = await listen(server, options.port);
  return {
    url: `http://127.0.0.1:${port}/`,
    close: () => {
      server.close();
      server.closeAllConnections();
    },
  };
}

function listen(server: Server, port: number): Promise<number> {
  return new Promise((resolve, reject) => {
    server.once("error", reject);
    server.listen({ host: "127.0.0.1", port }, () => {
      const address = server.address();
      resolve(typeof address === "object" && address !== null ? address.port : port);
    });
  });
}

async function answer(options: StatusPageOptions, request: IncomingMessage, response: ServerResponse): Promise<void> {
  const { status, caps, folder, isPaused } = options;
  // A page elsewhere whose name was turned to this address must not read it.
  const isOurs = /^(?:127\.0\.0\.1|localhost)(?::\d+)?$/.test(request.headers.host ?? "");
  if (!isOurs || request.method !== "GET") {
    response.writeHead(403).end();
    return;
  }
  const log = await folder.newest(linesShown);
  const facts = { ...status(), isPaused: isPaused(), caps, log };
  const headers = {
    "cache-control": "no-store",
    "content-security-policy": "default-src 'none'; style-src 'unsafe-inline'",
    "x-content-type-options": "nosniff",
  };
  if (request.url === "/status.json") {
    response.writeHead(200, { ...headers, "content-type": "application/json" }).end(JSON.stringify(facts));
  } else if (request.url === "/") {
    response.writeHead(200, { ...headers, "content-type": "text/html; charset=utf-8" }).end(pageOf(facts));
  } else response.writeHead(404, headers).end();
}

interface Facts extends NodeStatus {
  readonly isPaused: boolean;
  readonly caps: Caps;
  readonly log: readonly Json[];
}

function pageOf(facts: Facts): string {
  const { address, isConnected, idle, today, connectedMs, busyMs, paid, unpaid, earned, caps, log } = facts;
  const dot = isConnected ? "connected" : "not connected";
  const why = idle ?? (isConnected ? "working" : "connecting");
  const rows = [
    ["Key", address],
    ["Connected since the start", hours(connectedMs)],
    ["In paid use since the start", hours(busyMs)],
    ["Now", why],
    [
      "Today",
      `${today.sessions} sessions, ${today.pages} pages, ${megabytes(today.bytes)} of ${megabytes(caps.bytesPerDayMax)}`,
    ],
    ["Since the start", `${paid} paid, ${unpaid} not, ${earned} earned`],
    ["At most", `${megabytes(caps.bytesPerSecondMax)} a second`],
  ];
  const table = rows.map(([name, value]) => `<tr><th scope="row">${escaped(name)}</th><td>${escaped(value)}</td></tr>`);
  const lines = log.map((line) => `<li>${escaped(lineOf(line))}</li>`);
  return `<!doctype html><html lang="en"><meta charset="utf-8"><meta name="viewport" content="width=device-width">
<title>Node: ${dot}</title><style>body{font:16px/1.5 system-ui;max-width:60rem;margin:2rem auto;padding:0 1rem}
th{text-align:start;padding-inline-end:2rem}ol{padding:0;list-style:none}</style>
<h1><span aria-hidden="true">${isConnected ? "●" : "○"}</span> ${dot}</h1><table>${table.join("")}</table>
<h2>What was done, for whom</h2><ol>${lines.join("")}</ol></html>`;
}

function lineOf(line: Json): string {
  const { timeMs, title, pages, bytes, state, reason, reward } = line as unknown as SessionLine;
  const why = reason === null ? "" : ` (${reason})`;
  return `${new Date(timeMs).toISOString()} ${title}: ${pages} pages, ${megabytes(bytes)}, ${state}${why}, ${reward}`;
}

const hours = (ms: number): string => `${(ms / 3_600_000).toFixed(1)} h`;
const megabytes = (bytes: number): string => `${(bytes / 1_000_000).toFixed(1)} MB`;

const entities: Readonly<Record<string, string>> = {
  "&": "&amp;",
  "<": "&lt;",
  ">": "&gt;",
  '"': "&quot;",
  "'": "&#39;",
};
const escaped = (text = ""): string => text.replace(/[&<>"']/g, (each) => entities[each] as string);
