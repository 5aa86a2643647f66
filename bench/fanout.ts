import { randomBytes } from "node:crypto";
import { once } from "node:events";
import { chmod, mkdtemp, rm } from "node:fs/promises";
import { connect, type Socket } from "node:net";
import { cpus, tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { parseArgs } from "node:util";
import { Earnest } from "#src/client/earnest";
import { signerFromSeed } from "#src/client/keys";
import { percentile, spreadOf } from "./load/median.ts";
import { LoadProcess, processorSeconds, residentMiB } from "./load/process.ts";

const messageMs = 1_000;
const messagesPerRound = 5;
const openedAtATime = 100;

interface Round {
  readonly p50Ms: number;
  readonly p99Ms: number;
  readonly messages: number;
  readonly processorShare: number;
}

/**
 * Event streams of one market, to each of which everything that happens there is told: once a second a task is added. A
 * message's time is from the moment before its request is sent until it has arrived on a stream, so that the durable
 * commit that it tells of is part of it.
 */
export async function benchFanout(args: readonly string[]): Promise<object> {
  const { values } = parseArgs({
    args: [...args],
    options: {
      json: { type: "boolean", default: false },
      short: { type: "boolean", default: false },
      streams: { type: "string" },
    },
  });
  const streams = Number(values.streams ?? (values.short ? 1_000 : 10_000));
  const rounds = values.short ? 1 : 5;
  const say = values.json ? console.error : console.log;
  say(`machine: ${cpus().length} × ${cpus()[0]?.model}, Node ${process.version}`);
  const folder = await mkdtemp(join(tmpdir(), "earnest-fanout-"));
  // PostgreSQL may run as another account, which has to pass through.
  await chmod(folder, 0o755);
  const program = new URL("./fanout/serve.js", import.meta.url);
  const server = await LoadProcess.start<{ url: string }>(program, [`${streams}`, join(folder, "data")]);
  try {
    const { client, secret, market } = await newMarket(server.said.url);
    const restMiB = residentMiB(server.pid);
    const listeners = await openAll(server.said.url, secret, market, streams);
    await sleep(messageMs);
    const kilobytesPerStream = ((residentMiB(server.pid) - restMiB) * 1024) / streams;
    say(`${streams} streams, ${kilobytesPerStream.toFixed(1)} KB each`);
    const found: Round[] = [];
    for (let i = 0; i < rounds; i++) {
      found.push(await runRound(client, market, listeners, server.pid, i));
      say(`round ${i + 1}: ${JSON.stringify(found.at(-1))}`);
    }
    for (const { socket } of listeners) socket.destroy();
    const p99 = spreadOf(found.map(({ p99Ms }) => p99Ms));
    return {
      streams,
      kilobytesPerStream,
      p50Ms: spreadOf(found.map(({ p50Ms }) => p50Ms)).median,
      p99Ms: p99.median,
      p99,
      processorShare: spreadOf(found.map(({ processorShare }) => processorShare)).median,
      rounds,
    };
  } finally {
    await server.stop();
    await rm(folder, { recursive: true, force: true });
  }
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

async function openAll(url: string, secret: string, market: string, count: number): Promise<Listener[]> {
  const { hostname, port, host } = new URL(url);
  const listeners: Listener[] = [];
  const open = async (): Promise<void> => {
    const socket = connect({ host: hostname, port: Number(port) });
    await once(socket, "connect");
    const listener = new Listener(socket);
    const head = `GET /v1/markets/${market}/events HTTP/1.1\r\nhost: ${host}\r\nauthorization: Bearer ${secret}`;
    socket.write(`${head}\r\naccept: text/event-stream\r\n\r\n`);
    await once(socket, "data");
    listeners.push(listener);
  };
  while (listeners.length < count) {
    await Promise.all(Array.from({ length: Math.min(openedAtATime, count - listeners.length) }, open));
  }
  return listeners;
}

async function runRound(
  client: Earnest,
  market: string,
  listeners: readonly Listener[],
  pid: number,
  round: number,
): Promise<Round> {
  for (const listener of listeners) listener.arrivals = [];
  const cpu = processorSeconds(pid);
  const begun = performance.now();
  const sent: number[] = [];
  for (let i = 0; i < messagesPerRound; i++) {
    await sleep(Math.max(0, begun + i * messageMs - performance.now()));
    sent.push(performance.now());
    await client.markets.addTasks(market, [{ id: `m${round}-${i}`, content: i }]);
  }
  const isComplete = (): boolean => listeners.every(({ arrivals }) => arrivals.length >= messagesPerRound);
  const until = performance.now() + 60_000;
  while (!isComplete() && performance.now() < until) await sleep(20);
  if (!isComplete()) throw new Error("a stream missed a message");
  const seconds = (performance.now() - begun) / 1_000;
  const late = listeners.flatMap(({ arrivals }) => arrivals.map((at, i) => at - (sent[i] as number)));
  const sorted = Float64Array.from(late).sort();
  return {
    p50Ms: percentile(sorted, 50),
    p99Ms: percentile(sorted, 99),
    messages: late.length,
    processorShare: (processorSeconds(pid) - cpu) / seconds,
  };
}
