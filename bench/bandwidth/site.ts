import { readFileSync } from "node:fs";
import { createServer } from "node:https";
import type { AddressInfo } from "node:net";

/** Sites with small pages, over TLS: says on a line of JSON at which port they all are. */
export const pageBytes = 10_000;

const certificates = new URL("../../../test/support/web-certificates/", import.meta.url);
export const readCertificate = (name: string): string => readFileSync(new URL(name, certificates), "utf8");

if (process.argv[1]?.endsWith("site.js") === true) {
  const tls = { cert: readCertificate("site.pem"), key: readCertificate("site.key") };
  const server = createServer(tls, (request, response) => {
    if (request.url === "/robots.txt") {
      response.writeHead(404).end();
      return;
    }
    // Each page has a text of its own: nothing of it can be left out because it was there before.
    const text = `${request.headers.host}${request.url} `.repeat(1_000).slice(0, pageBytes);
    response.writeHead(200, { "content-type": "text/html", "content-length": pageBytes }).end(text);
  });
  // On a busy machine a connection may rest long between two requests.
  server.keepAliveTimeout = 120_000;
  server.listen(0, "127.0.0.1", () => console.log(JSON.stringify({ port: (server.address() as AddressInfo).port })));
  process.once("SIGTERM", () => process.exit(0));
}
