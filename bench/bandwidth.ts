import { execFile } from "node:child_process";
import { chmod, mkdtemp, readdir, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { gunzipSync } from "node:zlib";
import { Earnest } from "#src/client/earnest";
import type { Json } from "#src/core/json";
import { compositionOf } from "#src/verification/kinds/compose";
import { readKind } from "#src/verification/kinds/read-kind";
import { readWarc } from "#src/verification/web/warc";
import { fetchPlainly } from "./bandwidth/plain.ts";
import { LoadProcess, processorSeconds } from "./load/process.ts";
import { defineBench, type Say, sayMachine, shortOption, type ValuesOf } from "./options.ts";
import { openFundedMarket } from "./settle/market.ts";

const pagesPerSession = 50;
const fetchedAtOnce = 50;
const tasksPerRequest = 500;

interface Lent {
  readonly paid: number;
  readonly pages: number;
  readonly bytes: number;
  readonly seconds: number;
  readonly processorSeconds: number;
}

const options = {
  ...shortOption,
  nodes: { type: "count", default: 50, about: "nodes" },
} as const;

/**
 * Small pages over TLS through nodes on loopback, from the first session begun to the last one paid: fetched through the
 * tunnel, verified, metered, written as WARC and paid by verdicts in the log. Beside it the same URLs fetched plainly.
 */
export const benchBandwidth = defineBench(options, bench);

async function bench(values: ValuesOf<typeof options>, say: Say): Promise<object> {
  const nodes = values.nodes;
  const sessions = values.short ? nodes : 4 * nodes;
  sayMachine(say);
  const folder = await mkdtemp(join(tmpdir(), "earnest-bandwidth-"));
  await chmod(folder, 0o755);
  const dataFolder = join(folder, "data");
  const site = await LoadProcess.start<{ port: number }>(new URL("./bandwidth/site.js", import.meta.url), []);
  const server = await LoadProcess.start<{ url: string; rpcUrl: string }>(new URL("./turn/serve.js", import.meta.url), [
    dataFolder,
  ]);
  const gateway = await LoadProcess.start<{ url: string }>(new URL("./bandwidth/gateway.js", import.meta.url), [
    dataFolder,
  ]);
  const spentBy = (...processes: readonly { readonly pid: number }[]): number =>
    processes.reduce((sum, { pid }) => sum + processorSeconds(pid), 0);
  try {
    const { url, rpcUrl } = server.said;
    const tasks = Array.from({ length: sessions }, (_, i) => urlsOf(i));
    const pages = tasks.flat();
    const plain = await fetchPlainly(tasks, site.said.port, fetchedAtOnce);
    const spentPlainly = processorSecondsOfOurs() + spentBy(site);
    const market = await openBandwidthMarket({ url, rpcUrl, dataFolder }, tasks);
    const spentBefore = spentBy(site, server, gateway);
    const gatewayBefore = spentBy(gateway);
    const { port } = new URL(gateway.said.url);
    const lent = await lend([url, port, `${site.said.port}`, `${nodes}`, `${sessions}`, folder]);
    const spent = spentBy(site, server, gateway) - spentBefore + lent.processorSeconds;
    const spentByGateway = spentBy(gateway) - gatewayBefore;
    const archived = await countArchived(join(dataFolder, "gateway", market));
    const pagesPerSecond = lent.pages / lent.seconds;
    const plainPagesPerSecond = pages.length / plain;
    const figures = {
      pagesPerSecond,
      mbitPerSecond: (lent.bytes * 8) / lent.seconds / 1e6,
      relativeToPlainFetch: pagesPerSecond / plainPagesPerSecond,
      sessionsPaid: lent.paid,
      plainPagesPerSecond,
      // On a machine that does much else the clock says little: what both spend of the processors.
      processorMsPerPage: (spent * 1_000) / lent.pages,
      gatewayMsPerPage: (spentByGateway * 1_000) / lent.pages,
      plainProcessorMsPerPage: (spentPlainly * 1_000) / pages.length,
      pages: lent.pages,
      archived,
      nodes,
      seconds: lent.seconds,
    };
    say(`${lent.pages} pages in ${lent.seconds.toFixed(1)} s through ${nodes} nodes, ${archived} in WARC files`);
    return figures;
  } finally {
    await gateway.stop();
    await server.stop();
    await site.stop();
    await rm(folder, { recursive: true, force: true });
  }
}

const urlsOf = (session: number): string[] =>
  Array.from({ length: pagesPerSession }, (_, i) => `https://site-${session % 20}.under-test.org/${session}/${i}`);

/** A market with a task for each of these lists of URLs, and money for all of them. */
export async function openBandwidthMarket(
  where: { url: string; rpcUrl: string; dataFolder: string },
  tasks: readonly string[][],
): Promise<string> {
  const text = await readFile(new URL("../../kinds/bandwidth.json", import.meta.url), "utf8");
  const kind = readKind(JSON.parse(text) as Json);
  const description = { ...(kind.template as object), verification: compositionOf(kind, {}) };
  const { id, apiKey } = await openFundedMarket(where, description as never, 3 * tasks.length);
  const client = new Earnest({ server: where.url, apiKey });
  for (let first = 0; first < tasks.length; first += tasksPerRequest) {
    const part = tasks.slice(first, first + tasksPerRequest);
    await client.markets.addTasks(
      id,
      part.map((urls, i) => ({ id: `t${first + i}`, content: { urls } })),
    );
  }
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

/** Of this process, which has done nothing but fetch. */
function processorSecondsOfOurs(): number {
  const { user, system } = process.cpuUsage();
  return (user + system) / 1e6;
}
