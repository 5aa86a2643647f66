import { mkdtemp, readdir, readFile, rm } from "node:fs/promises";
import type { Profiler } from "node:inspector";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Earnest } from "#src/client/earnest";
import { type Parts, type Places, partsOf, serverPlaces } from "../load/profile.ts";
import { openMarket } from "./market.ts";
import { untilPaid, workAll } from "./newcomers.ts";
import { type Server, startServer } from "./server.ts";

/** Threads of the server's process that a profile tells apart: those whose work is JavaScript. */
export type Profiled = "server" | "chain" | "attestors";

/** Of a thread's time, by part of the program; together 1. */
export type Shares = Readonly<Record<string, number>>;

interface Thread {
  /** The program that it began with. */
  readonly program: RegExp;
  readonly places: Places;
}

const threads: Readonly<Record<Profiled, Thread>> = {
  server: { program: /\/dist\/main\/earnest\.js$/, places: serverPlaces },
  chain: {
    program: /\/dist\/rails\/localnet\/thread-program\.js$/,
    places: [
      ["the runtime", /\/node_modules\/litesvm\/|\/dist\/rails\/localnet\/vm\.js/],
      [
        "accounts and records",
        /\/dist\/rails\/localnet\/(accounts|chain|history|journal|meta|record|segment|storage)\.js/,
      ],
      ["JSON-RPC", /\/dist\/rails\/localnet\//],
      ["HTTP of Node", /^node:_http_/],
    ],
  },
  attestors: {
    program: /\/dist\/main\/attestors-program\.js$/,
    places: [
      ["signatures", /\/dist\/(attestor\/signature-check|main\/verified-signatures)\.js/],
      ["leaves, addresses and trees", /\/dist\/(market\/settlement|core\/(commit|merkle)|rails\/solana)\//],
      ["rules: replay", /\/dist\/(market|verification|ledger|attestor\/(lane-replay|pool-replay))/],
      ["what they read and keep", /\/dist\/(attestor|client)\/|^node:(internal\/deps\/undici|internal\/fs)/],
    ],
  },
};

/** Many enough that the compiler has done most of its work, few enough to wait for. */
const contributorsMax = 10_000;

/**
 * Where the threads' time goes while newcomers work and are paid: a run of its own with a profile of each thread, on another
 * server. What only waited is left out, and so is what was before.
 */
export async function sharesOfThreads(contributors: number): Promise<Record<Profiled, Shares>> {
  const folder = await mkdtemp(join(tmpdir(), "earnest-parts-"));
  try {
    const server = await startServer(["--cpu-prof", "--cpu-prof-dir", folder, "--cpu-prof-interval", "1000"]);
    const times = await payAllAndEnd(server, Math.min(contributors, contributorsMax));
    const profiles = await profilesIn(folder);
    const sharesOf = ({ program, places }: Thread): Shares => {
      const profile = profiles.find(({ nodes }) => nodes.some(({ callFrame }) => program.test(callFrame.url)));
      return profile === undefined ? {} : sharesIn(partsOf(within(profile, times), places));
    };
    return {
      server: sharesOf(threads.server),
      chain: sharesOf(threads.chain),
      attestors: sharesOf(threads.attestors),
    };
  } finally {
    await rm(folder, { recursive: true });
  }
}

/** Of the clock that profiles are stamped by, in microseconds. */
interface Times {
  readonly from: number;
  readonly to: number;
}

const clockMicroseconds = (): number => Number(process.hrtime.bigint() / 1_000n);

async function payAllAndEnd(server: Server, contributors: number): Promise<Times> {
  try {
    return await payAll(server, contributors);
  } finally {
    await server.close();
  }
}

async function payAll(server: Server, contributors: number): Promise<Times> {
  const market = await openMarket(server, { tasks: contributors, overlap: 1 });
  const client = new Earnest({ server: server.url });
  const { domain, decimals } = await client.network();
  const from = clockMicroseconds();
  await workAll(server.url, { domain, market, contributors });
  await untilPaid(client, decimals);
  return { from, to: clockMicroseconds() };
}

async function profilesIn(folder: string): Promise<Profiler.Profile[]> {
  const names = await readdir(folder);
  const texts = await Promise.all(names.map((name) => readFile(join(folder, name), "utf8")));
  return texts.map((text) => JSON.parse(text) as Profiler.Profile);
}

function within(profile: Profiler.Profile, { from, to }: Times): Profiler.Profile {
  const { samples = [], timeDeltas = [] } = profile;
  let at = profile.startTime;
  const isWithin = timeDeltas.map((delta) => {
    at += delta;
    return at >= from && at <= to;
  });
  return {
    ...profile,
    samples: samples.filter((_, i) => isWithin[i]),
    timeDeltas: timeDeltas.filter((_, i) => isWithin[i]),
  };
}

function sharesIn(parts: Parts): Shares {
  const all = Object.values(parts).reduce((sum, each) => sum + each, 0);
  const sorted = Object.entries(parts).sort(([, a], [, b]) => b - a);
  return Object.fromEntries(sorted.map(([name, part]) => [name, part / all]));
}
