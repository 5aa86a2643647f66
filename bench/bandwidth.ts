import { execFile } from "node:child_process";
import { chmod, mkdtemp, readdir, readFile, rm } from "node:fs/promises";
import { createServer } from "node:net";
import { cpus, tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { parseArgs, promisify } from "node:util";
import { gunzipSync } from "node:zlib";
import { Earnest } from "#src/client/earnest";
import type { Json } from "#src/core/json";
import { compositionOf } from "#src/verification/kinds/compose";
import { readKind } from "#src/verification/kinds/read-kind";
import { readWarc } from "#src/verification/web/warc";
import { fetchPlainly } from "./bandwidth/plain.ts";
import { LoadProcess } from "./load/process.ts";
import { openFundedMarket } from "./settle/market.ts";

const pagesPerSession = 50;
const fetchedAtOnce = 64;

interface Lent {
  readonly paid: number;
  readonly pages: number;
  readonly bytes: number;
  readonly seconds: number;
}

/**
 * Small pages over TLS through nodes on loopback, from the first session begun to the last one paid: fetched through the
 * tunnel, verified, metered, written as WARC and paid by verdicts in the log. Beside it the same URLs fetched plainly.
 */
export async function benchBandwidth(args: readonly string[]): Promise<object> {
  const { values } = parseArgs({
    args: [...args],
    options: { json: { type: "boolean" }, short: { type: "boolean" }, nodes: { type: "string", default: "50" } },
  });
  const nodes = Number(values.nodes);
  const sessions = values.short ? nodes : 4 * nodes;
  const say = values.json ? console.error : console.log;
  say(`machine: ${cpus().length} × ${cpus()[0]?.model}, Node ${process.version}`);
  const folder = await mkdtemp(join(tmpdir(), "earnest-bandwidth-"));
  await chmod(folder, 0o755);
  const dataFolder = join(folder, "data");
  const gatewayPort = await freePort();
  const site = await LoadProcess.start<{ port: number }>(new URL("./bandwidth/site.js", import.meta.url), []);
  const server = await LoadProcess.start<{ url: string; rpcUrl: string }>(
    new URL("./bandwidth/serve.js", import.meta.url),
    [dataFolder, `${gatewayPort}`],
  );
  try {
    const { url, rpcUrl } = server.said;
    const tasks = Array.from({ length: sessions }, (_, i) => urlsOf(i));
    const plainBefore = await fetchPlainly(tasks.flat(), site.said.port, fetchedAtOnce);
    const market = await openMarket({ url, rpcUrl, dataFolder }, tasks);
    const lent = await lend([url, `${gatewayPort}`, `${site.said.port}`, `${nodes}`, `${sessions}`, folder]);
    const plainAfter = await fetchPlainly(tasks.flat(), site.said.port, fetchedAtOnce);
    const archived = await countArchived(join(dataFolder, "gateway", market));
    const pagesPerSecond = lent.pages / lent.seconds;
    const plainPagesPerSecond = (2 * tasks.flat().length) / (plainBefore + plainAfter);
    const figures = {
      pagesPerSecond,
      mbitPerSecond: (lent.bytes * 8) / lent.seconds / 1e6,
      relativeToPlainFetch: pagesPerSecond / plainPagesPerSecond,
      sessionsPaid: lent.paid,
      plainPagesPerSecond,
      pages: lent.pages,
      archived,
      nodes,
      seconds: lent.seconds,
    };
    say(`${lent.pages} pages in ${lent.seconds.toFixed(1)} s through ${nodes} nodes, ${archived} in WARC files`);
    return figures;
  } finally {
    await server.stop();
    await site.stop();
    await rm(folder, { recursive: true, force: true });
  }
}

const urlsOf = (session: number): string[] =>
  Array.from({ length: pagesPerSession }, (_, i) => `https://site-${session % 20}.under-test.org/${session}/${i}`);

async function openMarket(
  where: { url: string; rpcUrl: string; dataFolder: string },
  tasks: readonly string[][],
): Promise<string> {
  const text = await readFile(new URL("../../kinds/bandwidth.json", import.meta.url), "utf8");
  const kind = readKind(JSON.parse(text) as Json);
  const description = { ...(kind.template as object), verification: compositionOf(kind, {}) };
  const { id, apiKey } = await openFundedMarket(where, description as never, 3 * tasks.length);
  const client = new Earnest({ server: where.url, apiKey });
  await client.markets.addTasks(
    id,
    tasks.map((urls, i) => ({ id: `t${i}`, content: { urls } })),
  );
  return id;
}

async function lend(args: readonly string[]): Promise<Lent> {
  const program = fileURLToPath(new URL("./bandwidth/lend.js", import.meta.url));
  const { stdout, stderr } = await promisify(execFile)(process.execPath, [program, ...args]);
  if (stderr !== "") console.error(stderr);
  return JSON.parse(stdout) as Lent;
}

/** Responses in the files, read as any reader would. */
async function countArchived(folder: string): Promise<number> {
  let count = 0;
  for (const name of await readdir(folder)) {
    if (!name.endsWith(".warc.gz")) continue;
    for (const { headers } of readWarc(gunzipSync(await readFile(join(folder, name)))))
      if (headers.some(([header, value]) => header === "WARC-Type" && value === "response")) count++;
  }
  return count;
}

async function freePort(): Promise<number> {
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const address = server.address();
  await new Promise((resolve) => server.close(resolve));
  return typeof address === "object" && address !== null ? address.port : 0;
}
