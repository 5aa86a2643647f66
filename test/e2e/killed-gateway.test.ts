import { type ChildProcess, fork } from "node:child_process";
import { once } from "node:events";
import { mkdtemp, readdir, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { signerFromSeed } from "../../src/client/keys.ts";
import { gatewayMarkets, gatewayStandings } from "../../src/engine/gateway/gateway-markets.ts";
import { randomFill } from "../../src/main/crypto.ts";
import type { NodeEvent } from "../../src/node/events.ts";
import { NodeFolder } from "../../src/node/node-folder.ts";
import { RunningNode } from "../../src/node/run-node.ts";
import type { Asked, Told } from "../crash/gateway-process.ts";
import { offlineRail } from "../support/engine-world.ts";
import { type LocalWeb, openLocalWeb } from "../support/local-web.ts";
import { openPages } from "../support/pages-market.ts";
import { useWholeServer } from "../support/whole-server.ts";

/** A gateway that is killed without a word, wherever that hurts, and started again. */
const server = useWholeServer(async () => ({ rail: offlineRail, close: async () => undefined }));
const program = fileURLToPath(new URL("../../dist/test/crash/gateway-process.js", import.meta.url));
const urls = Array.from({ length: 8 }, (_, i) => `http://plain.under-test.org/page/${i}`);

/** Where it is killed: in the middle of the pages, before a measure is entered, after it was and nobody heard of it. */
const places = ["pages", "before the measure", "after the measure"] as const;

let web: LocalWeb;
let folder: string;
let gateway: ChildProcess;
let port = 0;
let killAt: (typeof places)[number] | null = null;
let kills = 0;
/** Of what goes wrong beside the test. */
let giveUp: (error: unknown) => void = () => undefined;

beforeAll(async () => {
  web = await openLocalWeb();
  folder = await mkdtemp(join(tmpdir(), "earnest-killed-gateway-"));
});

afterAll(async () => {
  gateway.removeAllListeners();
  gateway.kill("SIGKILL");
  await web.close();
  await rm(folder, { recursive: true, force: true });
});

async function startGateway(): Promise<void> {
  const child = fork(program, [join(folder, "gateway"), `${port}`], { serialization: "advanced", execArgv: [] });
  gateway = child;
  const listening = new Promise<void>((resolve) => {
    child.on("message", (message: Asked | { readonly port: number }) => {
      if ("port" in message) {
        ({ port } = message);
        resolve();
      } else answer(child, message).catch(giveUp);
    });
  });
  await listening;
}

async function answer(child: ChildProcess, asked: Asked): Promise<void> {
  if (asked.method === "measure" && killAt === "before the measure") return await kill(child);
  const told = await resultOf(asked).then(
    (value): Told => ({ id: asked.id, value }),
    (error: unknown): Told => ({ id: asked.id, problem: String(error) }),
  );
  if (asked.method === "measure" && killAt === "after the measure") return await kill(child);
  if (child.connected) child.send(told);
}

async function kill(child: ChildProcess): Promise<void> {
  if (killAt === null || child.exitCode !== null) return;
  killAt = null;
  kills++;
  const ended = once(child, "exit");
  child.kill("SIGKILL");
  await ended;
  await startGateway();
}

async function resultOf({ method, given }: Asked): Promise<unknown> {
  const parts = {
    ...gatewayMarkets(server().engine, 6),
    ...gatewayStandings(server().engine),
    resolve: web.resolve,
  } as unknown as Readonly<Record<Asked["method"], (...given: readonly unknown[]) => Promise<unknown>>>;
  return await parts[method](...given);
}

describe("a gateway that is killed", () => {
  it("in the middle of pages, before a measure and after it: each session is paid, and once", {
    timeout: 120_000,
  }, async () => {
    const tasks = places.map((place) => ({ id: place, content: { urls } }));
    const { market } = await openPages(server(), tasks);
    await startGateway();
    const stop = new AbortController();
    const events: NodeEvent[] = [];
    let allPaid: () => void = () => undefined;
    const told = new Promise<void>((resolve, reject) => {
      allPaid = resolve;
      giveUp = reject;
    });
    const wanted = [...places];
    const node = await RunningNode.open({
      server: server().url,
      signer: await signerFromSeed(randomFill(32)),
      lent: {
        line: {
          gateway: { host: "127.0.0.1", port },
          dial: (address, at) => {
            const site = web.dial(address, at);
            let pieces = 0;
            site.on("data", () => {
              pieces++;
              if (killAt === "pages" && pieces === 3) kill(gateway).catch(giveUp);
            });
            return site;
          },
        },
      },
      folder: await NodeFolder.open(join(folder, "node")),
      caps: { bytesPerDayMax: 1e9, bytesPerSecondMax: 1e9, processorPpm: 1, hours: null, isMeteredAllowed: true },
      clock: Date.now,
      minuteOf: () => 0,
      isMetered: () => Promise.resolve(false),
      onEvent: (event) => {
        events.push(event);
        // A slot that is begun again after a kill is not another session.
        if (event.kind === "begun" && kills === places.length - wanted.length) killAt = wanted.shift() ?? null;
        if (events.filter(({ kind }) => kind === "paid").length === places.length) allPaid();
      },
      stopped: stop.signal,
    });
    const running = node.run();
    await told;
    stop.abort();
    await running;
    expect(kills).toBe(places.length);
    const paid = events.flatMap((event) => (event.kind === "paid" ? [event] : []));
    expect(paid.map(({ slot }) => slot)).toEqual(["0.0", "1.0", "2.0"]);
    expect(events.filter(({ kind }) => kind === "unpaid")).toEqual([]);
    const sums = paid.map(({ reward }) => Math.round(Number(reward) * 1e6));
    // What the log paid is what the node heard of, and not a base unit more.
    const { earned } = await server().engine.totals();
    expect(earned).toBe(BigInt(sums.reduce((sum, each) => sum + each, 0)));
    for (const each of sums) expect(each).toBeGreaterThan(100);
    expect(await readdir(join(folder, "gateway", "pending"))).toEqual([]);
    expect((await readdir(join(folder, "gateway", market))).filter((name) => name.endsWith(".warc.gz"))).toHaveLength(
      3,
    );
  });
});
