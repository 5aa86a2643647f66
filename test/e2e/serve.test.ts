import { chmodSync, existsSync } from "node:fs";
import { mkdtemp, readFile, realpath, rm } from "node:fs/promises";
import { createServer, type Server } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { fileURLToPath } from "node:url";
import { afterEach, describe, expect, it } from "vitest";
import { runningPostmaster } from "../../src/store/embedded/postmaster-file.ts";
import { stopEmbedded } from "../../src/store/embedded.ts";
import { ApiProcess } from "../crash/api-process.ts";
import { Worker } from "../crash/crowd.ts";
import { Fleet } from "../crash/fleet.ts";
import { Journal } from "../crash/journal.ts";
import { freePorts } from "../crash/ports.ts";
import { isPostgresRunning, killPostgres, postgresFolder, postgresLeft } from "../crash/postgres.ts";
import { Random } from "../crash/random.ts";
import { newWallets, Requester } from "../crash/requester.ts";

const program = fileURLToPath(new URL("../../dist/main/earnest.js", import.meta.url));
const startMsMax = 90_000;

const cleanups: (() => Promise<void>)[] = [];
afterEach(async () => {
  for (const clean of cleanups.splice(0).reverse()) await clean();
});

interface Served {
  readonly api: ApiProcess;
  readonly port: number;
  readonly dataFolder: string;
  readonly logPath: string;
}

/** `earnest serve` on a data folder of its own; all of it is gone after the test. */
async function served(port?: number): Promise<Served> {
  if (!existsSync(program)) throw new Error(`${program} is missing: run npm run build`);
  const folder = await realpath(await mkdtemp(join(tmpdir(), "earnest serve ")));
  chmodSync(folder, 0o755);
  const dataFolder = join(folder, "data");
  const logPath = join(folder, "api.log");
  const chosen = port ?? (await freePorts(3));
  const api = new ApiProcess({ program, dataFolder, port: chosen, logPath });
  cleanups.push(async () => {
    await api.kill();
    for (let tries = 0; tries < 100 && killPostgres(dataFolder) > 0; tries++) await sleep(20);
    await rm(folder, { recursive: true, force: true });
  });
  api.start();
  await api.ready(startMsMax);
  return { api, port: chosen, dataFolder, logPath };
}

/** The chain's identity; null where nothing answers. */
async function genesisOf(rpcUrl: string): Promise<string | null> {
  const body = JSON.stringify({ jsonrpc: "2.0", id: 1, method: "getGenesisHash" });
  try {
    const answer = await fetch(rpcUrl, { method: "POST", headers: { "content-type": "application/json" }, body });
    return ((await answer.json()) as { result: string }).result;
  } catch {
    return null;
  }
}

async function eventually(holds: () => Promise<boolean>): Promise<void> {
  for (const deadline = Date.now() + 20_000; !(await holds()); await sleep(50)) {
    expect(Date.now(), "it never comes to hold").toBeLessThan(deadline);
  }
}

function listening(port: number): Promise<Server> {
  const server = createServer();
  cleanups.push(() => new Promise((resolve) => server.close(() => resolve())));
  return new Promise((resolve, reject) => {
    server.once("error", reject);
    server.listen(port, "127.0.0.1", () => resolve(server));
  });
}

describe("earnest serve", { timeout: 120_000 }, () => {
  it("answers 503 with Retry-After while the database is gone, after a short wait, and recovers by itself", async () => {
    const { api, dataFolder, logPath } = await served();
    const market = `${api.url}/v1/markets`;
    expect((await fetch(market)).status).toBe(200);

    // Gone, and gone again each time the process starts it.
    const { pid } = runningPostmaster(postgresFolder(dataFolder)) as { pid: number };
    const downMsMax = 8_000;
    const holding = setInterval(() => killPostgres(dataFolder), 5);
    let answer: Response;
    const startedMs = performance.now();
    try {
      killPostgres(dataFolder);
      answer = await fetch(market);
    } finally {
      clearInterval(holding);
    }
    expect(performance.now() - startedMs).toBeLessThan(downMsMax);
    expect(answer.status).toBe(503);
    expect(answer.headers.get("content-type")).toContain("application/problem+json");
    expect(Number(answer.headers.get("retry-after"))).toBeGreaterThanOrEqual(1);
    expect(await answer.json()).toMatchObject({ status: 503, code: "DATABASE_UNAVAILABLE" });

    for (const deadline = Date.now() + 60_000; (await fetch(market)).status !== 200; await sleep(50)) {
      if (Date.now() > deadline) expect.fail(`it does not recover:\n${(await readFile(logPath, "utf8")).slice(-4000)}`);
    }
    expect(runningPostmaster(postgresFolder(dataFolder))?.pid).not.toBe(pid);
    expect(api.surprises).toEqual([]);
  });

  it("goes on with the chain of a process that was killed, as with its database", async () => {
    const { api, dataFolder, logPath } = await served();
    const other = new ApiProcess({ program, dataFolder, port: await freePorts(1), logPath });
    cleanups.push(() => other.kill());
    other.start();
    await other.ready(startMsMax);
    const rpcUrl = other.rpcUrl as string;
    expect(rpcUrl).toBe(api.rpcUrl);
    const genesis = await genesisOf(rpcUrl);
    expect(genesis).not.toBeNull();

    await api.kill();
    await eventually(async () => (await genesisOf(rpcUrl)) === genesis);
    await eventually(async () => (await fetch(`${other.url}/readyz`)).status === 200);
    expect(await readFile(logPath, "utf8")).toContain("this one runs it from now on");

    // Who comes back finds it where it was, and gets it again when the other one ends in order.
    api.start();
    await api.ready(startMsMax);
    expect(api.rpcUrl).toBe(rpcUrl);
    expect((await other.stop()).code).toBe(0);
    await eventually(async () => (await genesisOf(rpcUrl)) === genesis);
    expect((await api.stop()).code).toBe(0);
  });

  it("takes the next free port and says so", async () => {
    const port = await freePorts(4);
    await listening(port);
    const { api, logPath } = await served(port);
    expect(api.url).toBe(`http://127.0.0.1:${Number(new URL(api.url as string).port)}`);
    expect(Number(new URL(api.url as string).port)).toBeGreaterThan(port);
    expect(await readFile(logPath, "utf8")).toContain(`port ${port} is taken; trying ${port + 1}`);
    expect((await api.stop()).code).toBe(0);
  });

  it("ends in order in the middle of work: what it acknowledged stays, and PostgreSQL ends with it", async () => {
    const { api, dataFolder } = await served();
    const aborting = new AbortController();
    const journal = new Journal();
    const random = new Random(4);
    const fleet = new Fleet([api], random);
    const common = { fleet, journal, random, signal: aborting.signal };
    const requester = await Requester.create({ ...common, dataFolder });
    await requester.openMarket();
    const { markets } = requester;
    const workers = (await newWallets(8)).map((wallet) => new Worker({ ...common, markets }, wallet));
    const stopping = new AbortController();
    const work = Promise.allSettled(workers.map((worker) => worker.work(stopping.signal, false)));
    while (journal.acknowledged.size < 40) await sleep(5);

    const exit = await api.stop();
    expect(exit).toEqual({ code: 0, signal: null });
    expect(await postgresLeft(dataFolder, 500)).toEqual([]);
    expect(isPostgresRunning(dataFolder)).toBe(false);

    // The clients go on where they were when it is back.
    api.start();
    await api.ready(startMsMax);
    stopping.abort();
    await work;
    const slots = await Promise.all(
      [...journal.acknowledged.values()].map(async (each) => ({
        each,
        now: await requester.client.markets.slot(each.market, each.slot),
      })),
    );
    for (const { each, now } of slots) {
      expect(now.sequence, each.slot).toBe(each.sequence);
      if (each.state === "accepted") expect(now).toMatchObject({ state: "accepted", reward: each.reward });
    }
    expect(journal.failures).toEqual([]);
    expect((await api.stop()).code).toBe(0);
    expect(await stopEmbedded({ folder: join(dataFolder, "postgres"), log: () => undefined })).toBe(false);
  });
});
