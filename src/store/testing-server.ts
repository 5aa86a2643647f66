import { lstat, mkdir, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import pg from "pg";
import { earnestError } from "../core/errors.ts";
import { isRunning } from "./embedded/processes.ts";
import { type Embedded, startEmbedded } from "./embedded.ts";

export interface TestServer {
  /** Its role may create databases. */
  readonly url: string;
  stop(): Promise<void>;
}

interface TestServerOptions {
  /** An external server, where the runner names one. */
  readonly databaseUrl: string | undefined;
  readonly log: (line: string) => void;
}

/**
 * The one server of a test run. It is kept between runs (starting it takes 50 ms, making it anew a second), shared by
 * runs at the same time, and careless about power cuts; tests that kill a server start one of their own.
 */
export async function startTestServer({ databaseUrl, log }: TestServerOptions): Promise<TestServer> {
  if (databaseUrl !== undefined) return { url: databaseUrl, stop: async () => undefined };
  const folder = join(tmpdir(), `earnest-test-${process.getuid?.() ?? "user"}`);
  await claim(folder);
  const server = await startOrRenew(folder, log);
  await dropLeftovers(server.url);
  return server;
}

/** The name can be guessed, so somebody else may have made it first. */
async function claim(folder: string): Promise<void> {
  await mkdir(folder, { recursive: true, mode: 0o700 });
  const facts = await lstat(folder);
  if (facts.isDirectory() && (process.getuid === undefined || facts.uid === process.getuid())) return;
  throw earnestError("DATA_FOLDER_UNAVAILABLE", {
    path: folder,
    problem: "it belongs to somebody else",
    mend: `Remove it, or set DATABASE_URL for the tests.`,
  });
}

/** What was written without fsync, or half cleaned up by the system, is worth nothing: begin again. */
async function startOrRenew(folder: string, log: (line: string) => void): Promise<Embedded> {
  const quiet = { folder, log: () => undefined, durable: false };
  try {
    return await startEmbedded(quiet);
  } catch (error) {
    log(`renewing the test server: ${error instanceof Error ? error.message : String(error)}`);
    await rm(join(folder, "postgres"), { recursive: true, force: true });
    await rm(join(folder, "postgres.password"), { force: true });
    return startEmbedded(quiet);
  }
}

/** Databases of test processes that were killed before they could drop theirs. */
async function dropLeftovers(url: string): Promise<void> {
  const client = new pg.Client({ connectionString: url });
  await client.connect();
  try {
    const { rows } = await client.query<{ datname: string }>(
      "select datname from pg_database where datname like 'earnest\\_test\\_%'",
    );
    for (const { datname } of rows) {
      if (isRunning(Number(datname.split("_")[2]))) continue;
      await client.query(`drop database if exists ${client.escapeIdentifier(datname)} with (force)`);
    }
  } finally {
    await client.end();
  }
}
