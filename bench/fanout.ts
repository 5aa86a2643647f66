import { randomBytes } from "node:crypto";
import { once } from "node:events";
import { chmod, mkdtemp, rm } from "node:fs/promises";
import { connect, type Socket } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { Earnest } from "#src/client/earnest";
import { signerFromSeed } from "#src/client/keys";
import { percentile, spreadOf } from "./load/median.ts";
import { LoadProcess, processorSeconds, residentMiB } from "./load/process.ts";
import { defineBench, roundOptions, roundsOf, type Say, sayMachine, type ValuesOf } from "./options.ts";

const messageMs = 1_000;
const messagesPerRound = 5;
const requestsBefore = 20_000;
const openedAtATime = 100;

interface Round {
  readonly p50Ms: number;
  readonly p99Ms: number;
  /** From the request until the first stream has its message. */
  readonly firstMs: number;
  /** From then on until the last one has. */
  readonly spreadMs: number;
  readonly messages: number;
  readonly processorShare: number;
  /** Microseconds of the server's processor for each message. */
  readonly microseconds: number;
  /** And of the processor of who reads it. */
  readonly loadMicroseconds: number;
}

/** A server with its streams open. */
interface Opened {
  readonly pid: number;
  readonly listeners: readonly Listener[];
  readonly kilobytesPerStream: number;
  /** Has something happen that all are told of. */
  readonly say: (number: string) => Promise<unknown>;
  readonly close: () => Promise<void>;
}

const options = { ...roundOptions, streams: { type: "count", about: "streams (10000)" } } as const;

/**
 * Event streams of one market, to each of which everything that happens there is told: once a second a task is added. A
 * message's time is from the moment before its request is sent until it has arrived on a stream, so that the durable
 * commit that it tells of is part of it. Beside it Node's own server, which tells as many the same and does nothing else.
 */
export const benchFanout = defineBench(options, bench);

async function bench(values: ValuesOf<typeof options>, say: Say): Promise<object> {
  const streams = values.streams ?? (values.short ? 1_000 : 10_000);
  const rounds = roundsOf(values);
  const syncs = sayMachine(say);
  const ours = await measure("earnest", await openOurs(streams), rounds, say);
  const bare = await measure("bare node:http", await openBare(streams), rounds, say);
  for (const [name, side] of [
    ["earnest", ours],
    ["bare node:http", bare],
  ] as const) {
    const allMs = (side.microseconds * streams) / 1_000;
    say(
      `${name}: ${side.firstMs.toFixed(0)} ms until the first stream has a message, ${side.spreadMs.toFixed(0)} ms more until ` +
        `the last has; to write all takes ${allMs.toFixed(0)} ms of a processor (${((allMs * 100) / messageMs).toFixed(0)} %), ` +
        `to read them ${((side.loadMicroseconds * streams) / 1_000).toFixed(0)} ms of another`,
    );
  }
  say(
    `a stream takes ${(ours.kilobytesPerStream / bare.kilobytesPerStream).toFixed(2)} × the memory of bare node:http's, a ` +
      `message ${(ours.microseconds / bare.microseconds).toFixed(2)} × its processor time, and p99 ` +
      `${(ours.p99Ms / bare.p99Ms).toFixed(2)} × its own`,
  );
  return { streams, ...ours, limits: { bareNodeHttp: bare }, fdatasyncPerSecond: syncs, rounds };
}

async function measure(name: string, side: Opened, rounds: number, say: Say) {
  const { kilobytesPerStream, listeners } = side;
  say(`${name}: ${listeners.length} streams, ${kilobytesPerStream.toFixed(1)} KB each`);
  const found: Round[] = [];
  for (let i = 0; i < rounds; i++) {
    found.push(await runRound(side, i));
    say(`${name}, round ${i + 1}: ${JSON.stringify(found.at(-1))}`);
  }
  for (const { socket } of listeners) socket.destroy();
  await side.close();
  const p99 = spreadOf(found.map(({ p99Ms }) => p99Ms));
  const median = (of: (round: Round) => number): number => spreadOf(found.map(of)).median;
  return {
    kilobytesPerStream,
    p50Ms: median(({ p50Ms }) => p50Ms),
    p99Ms: p99.median,
    p99,
    firstMs: median(({ firstMs }) => firstMs),
    spreadMs: median(({ spreadMs }) => spreadMs),
    processorShare: median(({ processorShare }) => processorShare),
    microseconds: median(({ microseconds }) => microseconds),
    loadMicroseconds: median(({ loadMicroseconds }) => loadMicroseconds),
  };
}

async function openOurs(streams: number): Promise<Opened> {
  const folder = await mkdtemp(join(tmpdir(), "earnest-fanout-"));
  // PostgreSQL may run as another account, which has to pass through.
  await chmod(folder, 0o755);
  const dataFolder = join(folder, "data");
  // The local chain belongs to the first, which does nothing else; a network's server asks somebody else's.
  const chain = await LoadProcess.start(new URL("./turn/serve.js", import.meta.url), [dataFolder]);
  const program = new URL("./fanout/serve.js", import.meta.url);
  const server = await LoadProcess.start<{ url: string }>(program, [`${streams}`, dataFolder]);
  const close = async (): Promise<void> => {
    await server.stop();
    await chain.stop();
    await rm(folder, { recursive: true, force: true });
  };
  try {
    const { url } = server.said;
    const { client, secret, market } = await newMarket(url);
    const path = `/v1/markets/${market}/events`;
    await askOften(() => fetch(`${url}/v1/network`));
    return {
      ...(await openAll(server, path, secret, streams)),
      say: (id) => client.markets.addTasks(market, [{ id, content: id }]),
      close,
    };
  } catch (error) {
    await close();
    throw error;
  }
}

async function openBare(streams: number): Promise<Opened> {
  const server = await LoadProcess.start<{ url: string }>(new URL("./fanout/bare.js", import.meta.url), []);
  const post = async (): Promise<void> => void (await (await fetch(server.said.url, { method: "POST" })).text());
  await askOften(() => fetch(server.said.url, { method: "POST" }));
  return { ...(await openAll(server, "/events", "0".repeat(50), streams)), say: post, close: () => server.stop() };
}

/** A process that has served nothing yet grows by its first garbage, which is none of a stream's memory. */
async function askOften(ask: () => Promise<Response>): Promise<void> {
  const hand = async (): Promise<void> => {
    for (let i = 0; i < requestsBefore / openedAtATime; i++) await (await ask()).arrayBuffer();
  };
  await Promise.all(Array.from({ length: openedAtATime }, hand));
}

async function newMarket(url: string) {
  const session = await Earnest.signIn({ server: url, signer: await signerFromSeed(randomBytes(32)) });
  const { secret } = await session.apiKeys.create({ name: "bench" });
  const client = new Earnest({ server: url, apiKey: secret });
  const market = await client.markets.create({
    title: "Followed by many",
    answer: { choices: ["yes", "no"] },
    reward: "0.01",
    overlap: { min: 3, max: 3, target: 0 },
    policy: null,
  });
  return { client, secret, market: market.id };
}

/** A stream, by hand: what the load spends is missing to the server beside it. */
class Listener {
  readonly socket: Socket;
  /** Since the round began, when each of its messages came. */
  arrivals: number[] = [];
  #tail = "";

  constructor(socket: Socket) {
    this.socket = socket;
    socket.setEncoding("latin1");
    socket.on("data", (piece: string) => this.#take(piece));
  }

  #take(piece: string): void {
    const text = this.#tail + piece;
    const arrived = text.split("event: batchAdded").length - 1;
    for (let i = 0; i < arrived; i++) this.arrivals.push(performance.now());
    this.#tail = arrived > 0 ? "" : text.slice(-20);
  }
}

async function openAll(
  { said: { url }, pid }: LoadProcess<{ url: string }>,
  path: string,
  secret: string,
  count: number,
): Promise<Pick<Opened, "pid" | "listeners" | "kilobytesPerStream">> {
  const restMiB = residentMiB(pid);
  const { hostname, port, host } = new URL(url);
  const listeners: Listener[] = [];
  const open = async (): Promise<void> => {
    const socket = connect({ host: hostname, port: Number(port) });
    await once(socket, "connect");
    const listener = new Listener(socket);
    const head = `GET ${path} HTTP/1.1\r\nhost: ${host}\r\nauthorization: Bearer ${secret}`;
    socket.write(`${head}\r\naccept: text/event-stream\r\n\r\n`);
    await once(socket, "data");
    listeners.push(listener);
  };
  while (listeners.length < count) {
    await Promise.all(Array.from({ length: Math.min(openedAtATime, count - listeners.length) }, open));
  }
  await sleep(messageMs);
  return { pid, listeners, kilobytesPerStream: ((residentMiB(pid) - restMiB) * 1024) / count };
}

async function runRound({ say, listeners, pid }: Opened, round: number): Promise<Round> {
  for (const listener of listeners) listener.arrivals = [];
  const look = () => ({ server: processorSeconds(pid), load: processorSeconds(process.pid) });
  const before = look();
  const begun = performance.now();
  const sent: number[] = [];
  for (let i = 0; i < messagesPerRound; i++) {
    await sleep(Math.max(0, begun + i * messageMs - performance.now()));
    sent.push(performance.now());
    await say(`m${round}-${i}`);
  }
  const isComplete = (): boolean => listeners.every(({ arrivals }) => arrivals.length >= messagesPerRound);
  const until = performance.now() + 60_000;
  while (!isComplete() && performance.now() < until) await sleep(20);
  if (!isComplete()) throw new Error("a stream missed a message");
  const seconds = (performance.now() - begun) / 1_000;
  const after = look();
  const [server, load] = [after.server - before.server, after.load - before.load];
  const late = listeners.flatMap(({ arrivals }) => arrivals.map((at, i) => at - (sent[i] as number)));
  const sorted = Float64Array.from(late).sort();
  const ends = sent.map((at, i) => {
    const arrived = listeners.map(({ arrivals }) => (arrivals[i] as number) - at).sort((a, b) => a - b);
    return { firstMs: arrived[0] as number, lastMs: arrived.at(-1) as number };
  });
  return {
    p50Ms: percentile(sorted, 50),
    p99Ms: percentile(sorted, 99),
    firstMs: spreadOf(ends.map(({ firstMs }) => firstMs)).median,
    spreadMs: spreadOf(ends.map(({ firstMs, lastMs }) => lastMs - firstMs)).median,
    messages: late.length,
    processorShare: server / seconds,
    microseconds: (server * 1e6) / late.length,
    loadMicroseconds: (load * 1e6) / late.length,
  };
}
