import { spawn } from "node:child_process";
import { once } from "node:events";
import { chmod, mkdtemp, rm } from "node:fs/promises";
import { connect, createServer, type Socket } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";
import { nodeFlags } from "#src/main/node-flags";
import { openBandwidthMarket } from "./bandwidth.ts";
import { LoadProcess } from "./load/process.ts";
import { defineBench, type Say, sayMachine, shortOption, type ValuesOf } from "./options.ts";

/** A connection that breaks so often is months of a bad line. */
const cutEveryMs = 3_000;
const logBytesMax = 40_000;

interface Sample {
  readonly sessions: number;
  readonly paid: number;
  readonly reconnects: number;
  readonly rotations: number;
  readonly heapBytes: number;
  /** What the heap holds beside compiled code; only where that is counted, which takes memory of its own. */
  readonly objectBytes: number | null;
  readonly rssBytes: number;
  readonly folderBytes: number;
}

const options = {
  ...shortOption,
  sessions: { type: "count", about: "sessions (3000)" },
  objects: { type: "flag", about: "counts what is in memory as well" },
} as const;

/** Weeks of one node in minutes: thousands of sessions, a line that breaks all the time, a log that is rotated; what grows meanwhile. */
export const benchNodeSoak = defineBench(options, bench);

async function bench(values: ValuesOf<typeof options>, say: Say): Promise<object> {
  const sessions = values.sessions ?? (values.short ? 200 : 3_000);
  sayMachine(say);
  const folder = await mkdtemp(join(tmpdir(), "earnest-node-soak-"));
  await chmod(folder, 0o755);
  const dataFolder = join(folder, "data");
  const program = (name: string): URL => new URL(name, import.meta.url);
  const site = await LoadProcess.start<{ port: number }>(program("./bandwidth/site.js"), []);
  const server = await LoadProcess.start<{ url: string; rpcUrl: string }>(program("./turn/serve.js"), [dataFolder]);
  const gateway = await LoadProcess.start<{ url: string }>(program("./bandwidth/gateway.js"), [dataFolder]);
  const line = await openBadLine(Number(new URL(gateway.said.url).port));
  try {
    const tasks = Array.from({ length: sessions }, (_, i) => [`https://site-${i % 20}.under-test.org/soak/${i}`]);
    await openBandwidthMarket({ ...server.said, dataFolder }, tasks);
    const own = join(folder, "node");
    const words = [
      server.said.url,
      `${line.port}`,
      `${site.said.port}`,
      `${sessions}`,
      own,
      `${logBytesMax}`,
      values.objects ? "yes" : "no",
    ];
    const samples = await live(words, say);
    const last = samples.at(-1) as Sample;
    // What a start brings with it is over after a fifth.
    const settled = samples[Math.min(1, samples.length - 1)] as Sample;
    const perSession = (figure: (sample: Sample) => number): number =>
      (figure(last) - figure(settled)) / Math.max(1, last.sessions - settled.sessions);
    return {
      sessions: last.sessions,
      sessionsPaid: last.paid,
      reconnects: last.reconnects,
      logRotations: last.rotations,
      heapGrowthBytesPerSession: perSession(({ heapBytes }) => heapBytes),
      ...(values.objects && { objectGrowthBytesPerSession: perSession(({ objectBytes }) => objectBytes ?? 0) }),
      residentMiBMax: Math.max(...samples.map(({ rssBytes }) => rssBytes)) / 1024 ** 2,
      folderBytesMax: Math.max(...samples.map(({ folderBytes }) => folderBytes)),
    };
  } finally {
    await line.close();
    await gateway.stop();
    await server.stop();
    await site.stop();
    await rm(folder, { recursive: true, force: true });
  }
}

const mebi = (bytes: number): string => (bytes / 1024 ** 2).toFixed(1);

async function live(args: readonly string[], say: Say): Promise<readonly Sample[]> {
  const program = fileURLToPath(new URL("./bandwidth/live.js", import.meta.url));
  const child = spawn(process.execPath, [...nodeFlags, program, ...args], { stdio: ["ignore", "pipe", "inherit"] });
  const ended = once(child, "exit");
  const samples: Sample[] = [];
  for await (const text of createInterface({ input: child.stdout })) {
    const sample = JSON.parse(text) as Sample;
    samples.push(sample);
    const { sessions, reconnects, heapBytes, rssBytes, folderBytes } = sample;
    const memory = `heap ${mebi(heapBytes)}, resident ${mebi(rssBytes)} MiB`;
    say(`${sessions} sessions, ${reconnects} reconnects: ${memory}, folder ${folderBytes} bytes`);
  }
  await ended;
  return samples;
}

/** A way to the gateway that is cut all the time. */
async function openBadLine(to: number): Promise<{ readonly port: number; close(): Promise<void> }> {
  const open = new Set<Socket>();
  const cut = (): void => {
    for (const socket of open) socket.destroy();
  };
  const proxy = createServer((down) => {
    const up = connect({ host: "127.0.0.1", port: to, noDelay: true });
    for (const [one, other] of [
      [down, up],
      [up, down],
    ] as const) {
      open.add(one);
      one.on("error", () => undefined);
      one.on("close", () => {
        open.delete(one);
        other.destroy();
      });
      one.pipe(other);
    }
  });
  await new Promise<void>((resolve) => proxy.listen(0, "127.0.0.1", resolve));
  const timer = setInterval(cut, cutEveryMs);
  const address = proxy.address();
  return {
    port: typeof address === "object" && address !== null ? address.port : 0,
    close: async () => {
      clearInterval(timer);
      cut();
      await new Promise((resolve) => proxy.close(resolve));
    },
  };
}
