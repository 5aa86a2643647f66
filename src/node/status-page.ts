import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http";
import { earnestError } from "../core/errors.ts";
import type { Json } from "../core/json.ts";
import type { Caps } from "./caps.ts";
import { doneText, type SlotLine } from "./events.ts";
import type { NodeFolder } from "./node-folder.ts";
import type { NodeStatus } from "./run-node.ts";
import type { LendingStatus } from "./tally.ts";

export interface StatusPageOptions {
  readonly port: number;
  readonly status: () => NodeStatus;
  readonly caps: Caps;
  readonly folder: NodeFolder;
  readonly isPaused: () => boolean;
  /** The network's own page may read it as well, in the browser of this machine. */
  readonly pageOrigin: string;
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
    server.once("error", ({ message }) =>
      reject(earnestError("PORT_UNAVAILABLE", { port, problem: message, flag: "--status-port" })),
    );
    server.listen({ host: "127.0.0.1", port }, () => {
      const address = server.address();
      resolve(typeof address === "object" && address !== null ? address.port : port);
    });
  });
}

async function answer(options: StatusPageOptions, request: IncomingMessage, response: ServerResponse): Promise<void> {
  const { status, caps, folder, isPaused, pageOrigin } = options;
  // A page elsewhere whose name was turned to this address must not read it.
  const isOurs = /^(?:127\.0\.0\.1|localhost)(?::\d+)?$/.test(request.headers.host ?? "");
  const access = accessOf(request, pageOrigin);
  if (isOurs && request.method === "OPTIONS") {
    response.writeHead(access === null ? 403 : 204, access ?? {}).end();
    return;
  }
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
    vary: "origin",
    ...access,
  };
  if (request.url === "/status.json") {
    response.writeHead(200, { ...headers, "content-type": "application/json" }).end(JSON.stringify(facts));
  } else if (request.url === "/") {
    response.writeHead(200, { ...headers, "content-type": "text/html; charset=utf-8" }).end(pageOf(facts));
  } else response.writeHead(404, headers).end();
}

/** Null for every page but that one. */
function accessOf({ headers: { origin } }: IncomingMessage, pageOrigin: string): Record<string, string> | null {
  if (origin === undefined || origin !== pageOrigin) return null;
  return {
    "access-control-allow-origin": origin,
    "access-control-allow-methods": "GET",
    // Browsers ask before a page of the internet may reach this machine.
    "access-control-allow-private-network": "true",
  };
}

interface Facts extends NodeStatus {
  readonly isPaused: boolean;
  readonly caps: Caps;
  readonly log: readonly Json[];
}

function pageOf({ address, lendings, today, caps, log }: Facts): string {
  const rows = [
    ["Key", address],
    ["Bytes today", `${megabytes(today.bytes)} of ${megabytes(caps.bytesPerDayMax)}`],
    ["Bytes a second", `at most ${megabytes(caps.bytesPerSecondMax)}`],
    ["Computed today", `${hours(today.computedMs)}, at most ${caps.processorPpm / 10_000} % of one processor`],
    ["Hours", caps.hours === null ? "all" : `${timeOf(caps.hours.from)} to ${timeOf(caps.hours.to)}`],
    ["Where the network costs by the byte", caps.isMeteredAllowed ? "it works as well" : "it rests"],
  ];
  const table = rows.map(([name, value]) => `<tr><th scope="row">${escaped(name)}</th><td>${escaped(value)}</td></tr>`);
  const lines = log.map((line) => `<li>${escaped(lineOf(line))}</li>`);
  const isConnected = lendings.some((each) => each.isConnected);
  return `<!doctype html><html lang="en"><meta charset="utf-8"><meta name="viewport" content="width=device-width, initial-scale=1">
<title>Node: ${isConnected ? "connected" : "not connected"}</title>
<style>:root{color-scheme:light dark}body{font:16px/1.5 system-ui;max-width:60rem;margin:2rem auto;padding:0 1rem}
th{text-align:start;vertical-align:top;padding-inline-end:1rem;font-weight:600}td{vertical-align:top}td,li,p{overflow-wrap:anywhere}ol{padding:0;list-style:none}</style>
<h1>Node</h1>${lendings.map(partOf).join("")}<h2>Caps</h2><table>${table.join("")}</table>
<h2>What was done, for whom</h2>${lines.length === 0 ? "<p>Nothing yet.</p>" : `<ol>${lines.join("")}</ol>`}</html>`;
}

function partOf(status: LendingStatus): string {
  const { lending, isConnected, connectedMs, busyMs, paid, unpaid, earned } = status;
  const now = `${isConnected ? "connected" : "not connected"}, ${whatOf(status)}`;
  const use = `connected ${hours(connectedMs)}, in paid use ${hours(busyMs)} since the start`;
  return `<h2><span aria-hidden="true">${isConnected ? "●" : "○"}</span> ${lending}: ${escaped(now)}</h2>
<p>${escaped(`${use}; ${paid} paid, ${unpaid} not, ${earned} earned`)}</p>`;
}

function whatOf({ isConnected, problem, standsBehindBy, idle }: LendingStatus): string {
  if (!isConnected) return problem ?? "connecting";
  const what = idle ?? "working";
  return standsBehindBy === null ? what : `${what}; others come first (${standsBehindBy})`;
}

function lineOf(line: Json): string {
  const { timeMs, lending, title, state, reason, reward, ...done } = line as unknown as SlotLine;
  const why = reason === null ? "" : ` (${reason})`;
  return `${new Date(timeMs).toISOString()} ${lending}: ${title}: ${doneText(done)}, ${state}${why}, ${reward}`;
}

const timeOf = (minute: number): string => `${Math.floor(minute / 60)}:${`${minute % 60}`.padStart(2, "0")}`;
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
