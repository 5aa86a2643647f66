import { readFileSync } from "node:fs";
import { createServer, type IncomingMessage, type RequestListener, type ServerResponse } from "node:http";
import { createSecureServer } from "node:http2";
import { createServer as createTlsServer } from "node:https";
import { type AddressInfo, connect, createServer as createTcpServer, type Server } from "node:net";
import { join } from "node:path";
import { gzipSync } from "node:zlib";
import type { Dial } from "../../src/node/relay.ts";

const certificates = join(import.meta.dirname, "web-certificates");
const read = (name: string): string => readFileSync(join(certificates, name), "utf8");
export const authority: string = read("authority.pem");
const tls = { cert: read("site.pem"), key: read("site.key") };

/** Whatever a site of the local web answers; `host` without a port. */
type Answering = (host: string, path: string, response: ServerResponse) => void;

/** Names of the web that tests stand for, with addresses that nobody here has. */
const names: Readonly<Record<string, readonly string[]>> = {
  "plain.under-test.org": ["93.184.216.1"],
  "busy.under-test.org": ["93.184.216.1"],
  "secure.under-test.org": ["93.184.216.2"],
  "modern.under-test.org": ["93.184.216.3"],
  "other-name.org": ["93.184.216.2"],
  "garbage.under-test.org": ["93.184.216.4"],
  "closed.under-test.org": ["93.184.216.5"],
  "rebinding.under-test.org": ["93.184.216.1", "10.0.0.7"],
  "inside.under-test.org": ["127.0.0.1"],
  "mapped.under-test.org": ["::ffff:127.0.0.1"],
  "nowhere.under-test.org": [],
};

/** HTTP/2 has a header of its own for it. */
function hostOf({ headers }: IncomingMessage): string {
  const { host, ":authority": authorityName } = headers;
  return host ?? (typeof authorityName === "string" ? authorityName : "");
}

export interface LocalWeb {
  readonly resolve: (name: string) => Promise<readonly string[]>;
  /** Opens connections where nodes would open them, and tells. */
  readonly dial: Dial;
  /** Every address and port that somebody connected to. */
  readonly dialled: Set<string>;
  /** Requests by path. */
  readonly asked: string[];
  close(): Promise<void>;
}

const pageOf = (path: string): string => `<html><title>${path}</title>${"words and more words ".repeat(40)}</html>`;

/** Servers that stand for the web: fast, slow, leading elsewhere, hostile, huge, packed, in pieces, HTTP/2, broken. */
export async function openLocalWeb(): Promise<LocalWeb> {
  const asked: string[] = [];
  let visits = 0;
  const answer: Answering = (host, path, response) => {
    asked.push(`${host}${path}`);
    visits++;
    const redirect = (to: string): void =>
      void response.writeHead(302, { location: Buffer.from(to).toString("latin1") }).end();
    if (path === "/robots.txt") {
      if (host === "busy.under-test.org") response.writeHead(503).end();
      else if (host === "plain.under-test.org") response.end("user-agent: EarnestBot\ndisallow: /private\n");
      else response.writeHead(404).end();
    } else if (path === "/chunked") {
      response.write("a".repeat(1_000));
      response.end("b".repeat(1_000));
    } else if (path === "/packed") {
      response.writeHead(200, { "content-encoding": "gzip" }).end(gzipSync(Buffer.alloc(20_000_000)));
    } else if (path === "/huge") {
      response.on("error", () => undefined);
      const more = (): void => {
        while (!response.destroyed && response.write(Buffer.alloc(65_536, 120)));
        if (!response.destroyed) response.once("drain", more);
      };
      more();
    } else if (path === "/slow") response.write("never ends");
    else if (path === "/broken") {
      response.writeHead(200, { "content-length": "1000" });
      response.write("only this", () => response.destroy());
    } else if (path === "/changing") response.end(`visit ${visits}`);
    else if (path === "/loop") redirect("/loop");
    else if (path.startsWith("/to?")) redirect(decodeURIComponent(path.slice(4)));
    else if (path === "/sitemap.xml") {
      const urls = [1, 2, 3].map((i) => `<url><loc>http://${host}/page/${i}?a=1&amp;b=2</loc></url>`);
      response.end(`<urlset>${urls.join("")}<url><loc>http://elsewhere.org/</loc></url></urlset>`);
    } else if (path.startsWith("/missing")) response.writeHead(404).end("not here");
    else response.writeHead(200, { "content-type": "text/html; charset=utf-8" }).end(pageOf(path.replace("/same", "")));
  };
  const listener: RequestListener = (request: IncomingMessage, response) =>
    answer(hostOf(request).replace(/:\d+$/, ""), request.url ?? "/", response);
  const plain = createServer(listener);
  const secure = createTlsServer(tls, listener);
  const modern = createSecureServer({ ...tls, allowHTTP1: false }, listener as never);
  const garbage = createTcpServer((socket) => {
    socket.on("error", () => undefined);
    // What is not read hides that the other side is gone.
    socket.resume();
    socket.end("this is no TLS, and no HTTP either\n\n");
  });
  const servers: readonly (readonly [string, Server])[] = [
    ["93.184.216.1:80", plain],
    ["93.184.216.2:443", secure],
    ["93.184.216.3:443", modern],
    ["93.184.216.4:443", garbage],
    ["93.184.216.4:80", garbage],
  ];
  const ports = new Map<string, number>();
  for (const [place, server] of servers) {
    if (!server.listening) await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
    ports.set(place, (server.address() as AddressInfo).port);
  }
  const dialled = new Set<string>();
  return {
    resolve: async (name) => {
      const found = names[name];
      if (found === undefined || found.length === 0) throw new Error(`${name} has no address`);
      return found;
    },
    dial: (address, port) => {
      dialled.add(`${address}:${port}`);
      // A port that nobody listens on, where there is no site.
      return connect({ host: "127.0.0.1", port: ports.get(`${address}:${port}`) ?? 1, noDelay: true });
    },
    dialled,
    asked,
    async close() {
      for (const server of [plain, secure]) server.closeAllConnections();
      const unique = [plain, secure, modern, garbage];
      await Promise.all(unique.map((server) => new Promise((resolve) => server.close(resolve))));
    },
  };
}
