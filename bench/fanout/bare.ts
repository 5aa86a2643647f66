import { createServer, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";

/**
 * Node's own server with the same load, and nothing behind it: whoever asks is told of everything that is posted. Nothing is
 * checked, stored, or read again; who is slow is not looked after.
 */
const open = new Set<ServerResponse>();
const headers = { "content-type": "text/event-stream; charset=utf-8", "cache-control": "no-store, no-transform" };

let sequence = 0;
const server = createServer((request, response) => {
  if (request.method === "GET") {
    response.writeHead(200, headers);
    response.write(": connected\n\n");
    open.add(response);
    response.once("close", () => open.delete(response));
    return;
  }
  request.resume();
  const data = {
    lane: 0,
    sequence: ++sequence,
    kind: "batchAdded",
    task: null,
    data: { count: 1, root: "0".repeat(64) },
  };
  const text = Buffer.from(`id: ${sequence}\nevent: batchAdded\ndata: ${JSON.stringify(data)}\n\n`);
  for (const each of open) each.write(text);
  response.end();
});
server.listen(0, "127.0.0.1", () => {
  console.log(JSON.stringify({ url: `http://127.0.0.1:${(server.address() as AddressInfo).port}` }));
});
process.once("SIGTERM", () => process.exit(0));
