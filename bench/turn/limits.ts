import { closeSync, fdatasyncSync, mkdtempSync, openSync, rmSync, writeSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { verifyEd25519 } from "#src/main/crypto";
import { LoadConnection } from "../load/connection.ts";
import { newKey } from "../load/keys.ts";
import { LoadProcess, processorSeconds } from "../load/process.ts";

const measureMs = 1_500;

/** How often a written page is made durable in a second, one after the other, where the databases lie. */
export function fdatasyncPerSecond(): number {
  const folder = mkdtempSync(join(tmpdir(), "earnest-sync-"));
  const file = openSync(join(folder, "page"), "w");
  const page = Buffer.alloc(8_192, 1);
  let count = 0;
  const begun = performance.now();
  while (performance.now() - begun < measureMs) {
    writeSync(file, page, 0, page.length, 0);
    fdatasyncSync(file);
    count++;
  }
  closeSync(file);
  rmSync(folder, { recursive: true });
  return Math.round((count * 1_000) / measureMs);
}

/** Signatures of requests that one thread checks in a second, keys known, as the server does. */
export function signaturesPerSecond(): number {
  const [key, message] = [newKey(), Buffer.alloc(120, 1)];
  const signature = key.sign(message);
  let count = 0;
  const begun = performance.now();
  while (performance.now() - begun < measureMs) {
    for (let i = 0; i < 100; i++) if (!verifyEd25519(key.publicKey, message, signature)) throw new Error("it is valid");
    count += 100;
  }
  return Math.round((count * 1_000) / measureMs);
}

/** Requests a second of a Fastify that does nothing, of the same size, from as many connections. */
export const fastifyPerSecond = async (connections: number, requestBytes: number): Promise<number> =>
  Math.round(((await bareFastify(connections, requestBytes)).requests * 1_000) / measureMs);

/** Its requests, and the seconds of a processor that they took it. */
export async function bareFastify(
  connections: number,
  requestBytes: number,
): Promise<{ readonly requests: number; readonly processorSeconds: number }> {
  const server = await LoadProcess.start<{ url: string }>(new URL("./bare-fastify.js", import.meta.url), []);
  const body = JSON.stringify({ filled: "x".repeat(requestBytes) });
  const all = await Promise.all(Array.from({ length: connections }, () => LoadConnection.open(server.said.url)));
  const before = processorSeconds(server.pid);
  let requests = 0;
  const until = performance.now() + measureMs;
  await Promise.all(
    all.map(async (on) => {
      for (; performance.now() < until; requests++) await on.ask("POST", "/", body, null);
    }),
  );
  const spent = processorSeconds(server.pid) - before;
  for (const on of all) on.close();
  await server.stop();
  return { requests, processorSeconds: spent };
}
