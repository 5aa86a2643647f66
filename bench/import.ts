import { randomBytes, randomUUID } from "node:crypto";
import { chmod, mkdtemp, rm } from "node:fs/promises";
import { request } from "node:http";
import { cpus, tmpdir } from "node:os";
import { join } from "node:path";
import { Readable } from "node:stream";
import { pipeline } from "node:stream/promises";
import pg from "pg";
import { Earnest } from "#src/client/earnest";
import { signerFromSeed } from "#src/client/keys";
import { startEmbedded } from "#src/store/embedded";
import { layoutOf } from "#src/store/embedded/layout";
import { processesIn } from "#src/store/embedded/processes";
import { type Copied, copyAlone, hashesAlone } from "./import/limits.ts";
import { bodyOf, type Format, formats, typeOf } from "./import/rows.ts";
import { spreadOf } from "./load/median.ts";
import { LoadProcess, mainThreadSeconds, processorSeconds, residentMiB } from "./load/process.ts";
import { type Parts, partsEach } from "./load/profile.ts";
import { defineBench, roundOptions, roundsOf, type Say, sayMachine, type ValuesOf } from "./options.ts";

const goalPerSecond = 300_000;

interface Round {
  readonly rowsPerSecond: number;
  readonly rssMiB: number;
  /** Between the last byte of the request and the answer. */
  readonly afterLastByteMs: number;
  /** Microseconds of processor time of each process for a row: what sends the rows, the server, PostgreSQL. */
  readonly microsecondsOf: { readonly load: number; readonly server: number; readonly postgres: number };
}

const options = { ...roundOptions, rows: { type: "count", about: "rows (1000000)" } } as const;

/**
 * Tasks streamed into a market as CSV and as JSON lines, each round into a market of its own, all or nothing, durable
 * when it is answered. Beside it what nothing can do without: PostgreSQL's COPY of the same rows into a table with the same
 * indexes, and their hashes. An import whose connection breaks halfway comes first in every run: it must leave nothing, and
 * go on when it comes again.
 */
export const benchImport = defineBench(options, bench);

async function bench(values: ValuesOf<typeof options>, say: Say): Promise<object> {
  const rows = values.rows ?? (values.short ? 50_000 : 1_000_000);
  const rounds = roundsOf(values);
  const syncs = sayMachine(say);
  const side = await openSide();
  try {
    const restMiB = residentMiB(side.server.pid);
    const { leftByBroken, broughtAgain } = await breakOff(side, rows);
    say(
      `an import that breaks off after half of ${rows} rows leaves ${leftByBroken} tasks, and goes on: when it is sent again, ` +
        `${broughtAgain} rows are staged; the server at rest takes ${Math.round(restMiB)} MiB`,
    );
    const found: Record<Format, Round[]> = { csv: [], jsonl: [] };
    const copied: Copied[] = [];
    for (let i = 0; i < rounds; i++) {
      for (const format of formats) {
        const round = await importOnce(side, format, rows);
        found[format].push(round);
        say(`round ${i + 1}, ${format}: ${describe(round)}`);
      }
      const copy = await copyAlone(side.database, rows);
      copied.push(copy);
      say(`round ${i + 1}, COPY alone: ${Math.round(copy.rowsPerSecond)} rows/s, ${copy.microseconds.toFixed(1)} µs`);
    }
    const spentOn: Record<Format, Parts> = { csv: {}, jsonl: {} };
    for (const format of formats) {
      spentOn[format] = await profileOnce(side, format, rows);
      say(`where the server's µs of a row of ${format} go: ${JSON.stringify(spentOn[format])}`);
    }
    const [csv, jsonl] = formats.map((format) => ({ ...summary(found[format]), spentOn: spentOn[format] }));
    const rowsPerSecond = Math.min(csv?.rowsPerSecond ?? 0, jsonl?.rowsPerSecond ?? 0);
    const limits = limitsOf(copied, csv?.microsecondsOf.load ?? 0);
    const allowed = Math.min(csv?.processorBoundPerSecond ?? 0, jsonl?.processorBoundPerSecond ?? 0);
    say(
      `${rowsPerSecond} rows/s, ${percent(rowsPerSecond, goalPerSecond)} of the goal and ` +
        `${percent(rowsPerSecond, limits.copyRowsPerSecond)} of COPY alone; the processors allow ${allowed} at this price. ` +
        `COPY (${limits.copyMicroseconds.toFixed(1)} µs), hashes (${limits.hashMicroseconds.toFixed(1)} µs) and sending ` +
        `(${(csv?.microsecondsOf.load ?? 0).toFixed(1)} µs) alone would leave ${limits.withoutServerPerSecond} rows/s`,
    );
    return {
      rowsPerSecond,
      rssMiB: Math.max(csv?.rssMiB ?? 0, jsonl?.rssMiB ?? 0),
      restMiB: Math.round(restMiB),
      ofGoal: rowsPerSecond / goalPerSecond,
      csv,
      jsonl,
      leftByBroken,
      broughtAgain,
      limits,
      fdatasyncPerSecond: syncs,
      rows,
      rounds,
    };
  } finally {
    await side.close();
  }
}

/** What a row costs whoever imports it, and how many rows the processors have room for at that price. */
function limitsOf(copied: readonly Copied[], loadMicroseconds: number) {
  const median = (of: (each: Copied) => number): number => spreadOf(copied.map(of)).median;
  const copyMicroseconds = median(({ microseconds }) => microseconds);
  const hashMicroseconds = hashesAlone();
  return {
    copyRowsPerSecond: Math.round(median((each) => each.rowsPerSecond)),
    copyMicroseconds,
    hashMicroseconds,
    withoutServerPerSecond: perSecondAt(copyMicroseconds + hashMicroseconds + loadMicroseconds),
  };
}

const perSecondAt = (microseconds: number): number => Math.round((cpus().length * 1e6) / microseconds);
const percent = (part: number, whole: number): string => `${((part * 100) / whole).toFixed(0)} %`;

interface ImportSide {
  readonly url: URL;
  readonly secret: string;
  readonly client: Earnest;
  readonly server: LoadProcess<{ url: string }>;
  readonly database: pg.Client;
  readonly databaseFolder: string;
  close(): Promise<void>;
}

async function openSide(): Promise<ImportSide> {
  const folder = await mkdtemp(join(tmpdir(), "earnest-import-"));
  // PostgreSQL may run as another account, which has to pass through.
  await chmod(folder, 0o755);
  const dataFolder = join(folder, "data");
  // The local chain belongs to the first, which does nothing else; a network's server asks somebody else's.
  const chain = await LoadProcess.start(new URL("./turn/serve.js", import.meta.url), [dataFolder]);
  const server = await LoadProcess.start<{ url: string }>(new URL("./import/serve.js", import.meta.url), [dataFolder]);
  const { url } = server.said;
  const postgres = join(dataFolder, "postgres");
  const embedded = await startEmbedded({ folder: postgres, log: () => undefined });
  const database = new pg.Client({ connectionString: embedded.url });
  await database.connect();
  const session = await Earnest.signIn({ server: url, signer: await signerFromSeed(randomBytes(32)) });
  const { secret } = await session.apiKeys.create({ name: "bench" });
  return {
    url: new URL(url),
    secret,
    client: new Earnest({ server: url, apiKey: secret }),
    server,
    database,
    databaseFolder: layoutOf(postgres).data,
    async close() {
      await database.end();
      await embedded.stop();
      await server.stop();
      await chain.stop();
      await rm(folder, { recursive: true, force: true });
    },
  };
}

async function newMarket({ client }: ImportSide): Promise<string> {
  const market = await client.markets.create({
    title: "Many tasks",
    answer: { choices: ["yes", "no"] },
    reward: "0.01",
    overlap: { min: 3, max: 3, target: 0 },
    policy: null,
  });
  return market.id;
}

async function send(
  side: ImportSide,
  market: string,
  format: Format,
  body: Readable,
  key: string = randomUUID(),
): Promise<number> {
  const { hostname, port } = side.url;
  const headers = { "content-type": typeOf[format], authorization: `Bearer ${side.secret}`, "idempotency-key": key };
  const path = `/v1/markets/${market}/imports`;
  return await new Promise<number>((resolve, reject) => {
    const asked = request({ hostname, port, method: "POST", path, headers }, (response) => {
      const pieces: Buffer[] = [];
      response.on("data", (piece: Buffer) => pieces.push(piece));
      response.on("end", () => {
        const text = Buffer.concat(pieces).toString();
        if (response.statusCode === 201) resolve((JSON.parse(text) as { count: number }).count);
        else reject(new Error(`${response.statusCode} ${text}`));
      });
    });
    asked.on("error", reject);
    pipeline(body, asked).catch(reject);
  });
}

interface BrokenOff {
  /** Tasks that are there after a connection broke in the middle of an import. */
  readonly leftByBroken: number;
  /** Rows that were staged once more when all of it was sent again. */
  readonly broughtAgain: number;
}

async function breakOff(side: ImportSide, rows: number): Promise<BrokenOff> {
  const market = await newMarket(side);
  const key = randomUUID();
  const half = Math.ceil(rows / 2);
  const broken = Readable.from(
    (function* () {
      yield* bodyOf("jsonl", half);
      throw new Error("the connection broke");
    })(),
  );
  await send(side, market, "jsonl", broken, key).catch(() => undefined);
  const leftByBroken = await numberOf(side, "select count(*) as found from tasks");
  const staged = await numberOf(side, "select coalesce(max(count), 0) as found from imports");
  const count = await send(side, market, "jsonl", Readable.from(bodyOf("jsonl", rows)), key);
  const there = await numberOf(side, "select count(*) as found from tasks");
  if (count !== rows || there !== rows) throw new Error(`${there} of ${rows} rows are there`);
  return { leftByBroken, broughtAgain: rows - staged };
}

async function numberOf({ database }: ImportSide, question: string): Promise<number> {
  return Number((await database.query<{ found: string }>(question)).rows[0]?.found);
}

async function importOnce(side: ImportSide, format: Format, rows: number): Promise<Round> {
  const market = await newMarket(side);
  const { pid } = side.server;
  const look = () => ({
    load: processorSeconds(process.pid),
    server: processorSeconds(pid),
    postgres: processesIn(side.databaseFolder).reduce((sum, each) => sum + processorSeconds(each), 0),
  });
  let rssMiB = residentMiB(pid);
  const watching = setInterval(() => {
    rssMiB = Math.max(rssMiB, residentMiB(pid));
  }, 50);
  const body = Readable.from(bodyOf(format, rows));
  let sentAt = 0;
  body.once("end", () => {
    sentAt = performance.now();
  });
  const before = look();
  const begun = performance.now();
  const count = await send(side, market, format, body);
  const ended = performance.now();
  clearInterval(watching);
  const after = look();
  if (count !== rows) throw new Error(`${count} of ${rows} rows were imported`);
  const question = "select count(*) as found from tasks where market = decode($1, 'hex')";
  const { rows: stored } = await side.database.query<{ found: string }>(question, [market]);
  if (Number(stored[0]?.found) !== rows) throw new Error(`${stored[0]?.found} of ${rows} rows are there`);
  const spent = (of: keyof typeof before): number => ((after[of] - before[of]) * 1e6) / rows;
  return {
    rowsPerSecond: (rows * 1_000) / (ended - begun),
    rssMiB,
    afterLastByteMs: ended - sentAt,
    microsecondsOf: { load: spent("load"), server: spent("server"), postgres: spent("postgres") },
  };
}

/** Microseconds of the server for a row, by what they are spent on. */
async function profileOnce(side: ImportSide, format: Format, rows: number): Promise<Parts> {
  const { server } = side;
  const before = { all: processorSeconds(server.pid), main: mainThreadSeconds(server.pid) };
  await server.ask("profile");
  await importOnce(side, format, rows);
  const all = processorSeconds(server.pid) - before.all;
  const main = mainThreadSeconds(server.pid) - before.main;
  return partsEach(await server.ask<Parts>("profile"), { all, main }, rows);
}

const summary = (rounds: readonly Round[]) => {
  const median = (of: (round: Round) => number): number => spreadOf(rounds.map(of)).median;
  const spread = spreadOf(rounds.map(({ rowsPerSecond }) => rowsPerSecond));
  const microsecondsOf = {
    load: median((round) => round.microsecondsOf.load),
    server: median((round) => round.microsecondsOf.server),
    postgres: median((round) => round.microsecondsOf.postgres),
  };
  const { load, server, postgres } = microsecondsOf;
  return {
    rowsPerSecond: Math.round(spread.median),
    spread,
    rssMiB: Math.round(Math.max(...rounds.map(({ rssMiB }) => rssMiB))),
    afterLastByteMs: Math.round(median(({ afterLastByteMs }) => afterLastByteMs)),
    microsecondsOf,
    processorBoundPerSecond: perSecondAt(load + server + postgres),
  };
};

const describe = ({
  rowsPerSecond,
  rssMiB,
  afterLastByteMs,
  microsecondsOf: { load, server, postgres },
}: Round): string =>
  `${Math.round(rowsPerSecond)} rows/s, ${Math.round(afterLastByteMs)} ms of it after the last byte, at most ` +
  `${Math.round(rssMiB)} MiB; a row takes ${server.toFixed(1)} µs of the server, ${postgres.toFixed(1)} µs of PostgreSQL, ` +
  `${load.toFixed(1)} µs of who sends it`;
