import { createHash, randomBytes, randomUUID } from "node:crypto";
import { chmod, mkdtemp, rm } from "node:fs/promises";
import { request } from "node:http";
import { cpus, tmpdir } from "node:os";
import { join } from "node:path";
import { Readable } from "node:stream";
import { pipeline } from "node:stream/promises";
import { parseArgs } from "node:util";
import pg from "pg";
import { from as copyFrom } from "pg-copy-streams";
import { Earnest } from "#src/client/earnest";
import { signerFromSeed } from "#src/client/keys";
import { sha256 } from "#src/main/crypto";
import { startEmbedded } from "#src/store/embedded";
import { layoutOf } from "#src/store/embedded/layout";
import { processesIn } from "#src/store/embedded/processes";
import { spreadOf } from "./load/median.ts";
import { roundOptions, roundsOf, sayMachine, sayTo } from "./load/options.ts";
import { LoadProcess, processorSeconds, residentMiB } from "./load/process.ts";

const formats = ["csv", "jsonl"] as const;
type Format = (typeof formats)[number];

interface Round {
  readonly rowsPerSecond: number;
  readonly rssMiB: number;
  readonly serverMicroseconds: number;
  readonly postgresMicroseconds: number;
}

/**
 * Tasks streamed into a market as CSV and as JSON lines, each round into a market of its own, all or nothing, durable
 * when it is answered. Beside it what PostgreSQL alone does: COPY of the same rows into a table with the same indexes. An
 * import whose connection breaks halfway comes first in every run: it must leave nothing, and go on when it comes again.
 */
export async function benchImport(args: readonly string[]): Promise<object> {
  const { values } = parseArgs({
    args: [...args],
    options: {
      ...roundOptions,
      rows: { type: "string" },
    },
  });
  const rows = Number(values.rows ?? (values.short ? 50_000 : 1_000_000));
  const rounds = roundsOf(values);
  const say = sayTo(values);
  const syncs = sayMachine(say);
  const side = await openSide();
  try {
    const restMiB = residentMiB(side.serverPid);
    const { leftByBroken, broughtAgain } = await breakOff(side, rows);
    say(
      `an import that breaks off after half of ${rows} rows leaves ${leftByBroken} tasks, and goes on: when it is sent again, ` +
        `${broughtAgain} rows are staged; the server at rest takes ${Math.round(restMiB)} MiB`,
    );
    const found: Record<Format, Round[]> = { csv: [], jsonl: [] };
    const copied: number[] = [];
    for (let i = 0; i < rounds; i++) {
      for (const format of formats) {
        const round = await importOnce(side, format, rows);
        found[format].push(round);
        say(`round ${i + 1}, ${format}: ${describe(round)}`);
      }
      copied.push(await copyOnce(side, rows));
      say(`round ${i + 1}, COPY alone: ${Math.round(copied.at(-1) as number)} rows/s`);
    }
    const [csv, jsonl] = formats.map((format) => summary(found[format]));
    const copyRowsPerSecond = Math.round(spreadOf(copied).median);
    const rowsPerSecond = Math.min(csv?.rowsPerSecond ?? 0, jsonl?.rowsPerSecond ?? 0);
    const { server, postgres } = {
      server: Math.max(csv?.serverMicroseconds ?? 0, jsonl?.serverMicroseconds ?? 0),
      postgres: Math.max(csv?.postgresMicroseconds ?? 0, jsonl?.postgresMicroseconds ?? 0),
    };
    // Parsing and staging go on together, then PostgreSQL moves and indexes alone.
    const processorBoundPerSecond = Math.round((cpus().length * 1e6) / (server + postgres));
    const hashedRowsPerSecond = hashRows();
    say(
      `${rowsPerSecond} rows/s, ${((rowsPerSecond * 100) / copyRowsPerSecond).toFixed(0)} % of COPY alone; the processors ` +
        `allow ${processorBoundPerSecond} at this price; one thread can hash ${hashedRowsPerSecond} rows/s and do nothing else`,
    );
    return {
      rowsPerSecond,
      rssMiB: Math.max(csv?.rssMiB ?? 0, jsonl?.rssMiB ?? 0),
      restMiB: Math.round(restMiB),
      csv,
      jsonl,
      leftByBroken,
      broughtAgain,
      processorBoundPerSecond,
      limits: { copyRowsPerSecond, hashedRowsPerSecond },
      fdatasyncPerSecond: syncs,
      rows,
      rounds,
    };
  } finally {
    await side.close();
  }
}

interface ImportSide {
  readonly url: URL;
  readonly secret: string;
  readonly client: Earnest;
  readonly serverPid: number;
  readonly database: pg.Client;
  readonly databaseFolder: string;
  close(): Promise<void>;
}

async function openSide(): Promise<ImportSide> {
  const folder = await mkdtemp(join(tmpdir(), "earnest-import-"));
  // PostgreSQL may run as another account, which has to pass through.
  await chmod(folder, 0o755);
  const dataFolder = join(folder, "data");
  const server = await LoadProcess.start<{ url: string }>(new URL("./turn/serve.js", import.meta.url), [dataFolder]);
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
    serverPid: server.pid,
    database,
    databaseFolder: layoutOf(postgres).data,
    async close() {
      await database.end();
      await embedded.stop();
      await server.stop();
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

const contentOf = (i: number): string => `https://images.example/${i.toString().padStart(8, "0")}.jpg`;
const lineOf: Record<Format, (i: number) => string> = {
  csv: (i) => `t${i},${contentOf(i)},Is there a crossing?\n`,
  jsonl: (i) => `{"id":"t${i}","content":{"image":"${contentOf(i)}","question":"Is there a crossing?"}}\n`,
};
const headOf: Record<Format, string> = { csv: "id,image,question\n", jsonl: "" };
const typeOf: Record<Format, string> = { csv: "text/csv", jsonl: "application/x-ndjson" };
const linesPerChunk = 500;

function* bodyOf(format: Format, rows: number): Generator<string> {
  yield headOf[format];
  for (let i = 0; i < rows; i += linesPerChunk) {
    yield Array.from({ length: Math.min(linesPerChunk, rows - i) }, (_, k) => lineOf[format](i + k)).join("");
  }
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
  const look = () => ({
    server: processorSeconds(side.serverPid),
    postgres: processesIn(side.databaseFolder).reduce((sum, pid) => sum + processorSeconds(pid), 0),
  });
  let rssMiB = residentMiB(side.serverPid);
  const watching = setInterval(() => {
    rssMiB = Math.max(rssMiB, residentMiB(side.serverPid));
  }, 50);
  const before = look();
  const begun = performance.now();
  const count = await send(side, market, format, Readable.from(bodyOf(format, rows)));
  const seconds = (performance.now() - begun) / 1_000;
  clearInterval(watching);
  const after = look();
  if (count !== rows) throw new Error(`${count} of ${rows} rows were imported`);
  const question = "select count(*) as found from tasks where market = decode($1, 'hex')";
  const { rows: stored } = await side.database.query<{ found: string }>(question, [market]);
  if (Number(stored[0]?.found) !== rows) throw new Error(`${stored[0]?.found} of ${rows} rows are there`);
  return {
    rowsPerSecond: rows / seconds,
    rssMiB,
    serverMicroseconds: ((after.server - before.server) * 1e6) / rows,
    postgresMicroseconds: ((after.postgres - before.postgres) * 1e6) / rows,
  };
}

/** Rows a second of COPY into a table like that of the tasks, from a stream that is ready. */
async function copyOnce({ database }: ImportSide, rows: number): Promise<number> {
  await database.query("drop table if exists copied");
  await database.query("create table copied (like tasks including indexes including constraints)");
  const hash = createHash("sha256").digest("hex");
  const lines = function* (): Generator<string> {
    for (let i = 0; i < rows; i += linesPerChunk) {
      const count = Math.min(linesPerChunk, rows - i);
      yield Array.from({ length: count }, (_, k) => {
        const content = `{"image":"${contentOf(i + k)}","question":"Is there a crossing?"}`;
        return `\\\\x${"00".repeat(16)}\t0\t${i + k}\tt${i + k}\t${content}\t\\\\x${hash}\n`;
      }).join("");
    }
  };
  const begun = performance.now();
  const columns = "market, lane, task, external_id, content, hash";
  await pipeline(Readable.from(lines()), database.query(copyFrom(`copy copied (${columns}) from stdin`)));
  const seconds = (performance.now() - begun) / 1_000;
  await database.query("drop table copied");
  return rows / seconds;
}

const hashed = 300_000;

/** The three hashes of a row, of the sizes that they have: of the task, of its leaf, and of a node. */
function hashRows(): number {
  const [task, leaf, node] = [130, 33, 65].map((length) => new Uint8Array(length));
  const begun = process.cpuUsage();
  for (let i = 0; i < hashed; i++) for (const each of [task, leaf, node]) sha256(each as Uint8Array);
  const { user, system } = process.cpuUsage(begun);
  return Math.round((hashed * 1e6) / (user + system));
}

const summary = (rounds: readonly Round[]) => {
  const spread = spreadOf(rounds.map(({ rowsPerSecond }) => rowsPerSecond));
  return {
    rowsPerSecond: Math.round(spread.median),
    spread,
    rssMiB: Math.round(Math.max(...rounds.map(({ rssMiB }) => rssMiB))),
    serverMicroseconds: spreadOf(rounds.map(({ serverMicroseconds }) => serverMicroseconds)).median,
    postgresMicroseconds: spreadOf(rounds.map(({ postgresMicroseconds }) => postgresMicroseconds)).median,
  };
};

const describe = ({ rowsPerSecond, rssMiB, serverMicroseconds, postgresMicroseconds }: Round): string =>
  `${Math.round(rowsPerSecond)} rows/s, at most ${Math.round(rssMiB)} MiB; a row takes ${serverMicroseconds.toFixed(1)} µs ` +
  `of the server, ${postgresMicroseconds.toFixed(1)} µs of PostgreSQL`;
