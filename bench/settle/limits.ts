import { cp, mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { verifyEd25519 } from "#src/main/crypto";
import { createSolanaClient } from "#src/rails/solana/client";
import { createPool } from "#src/store/pool";
import { runBare } from "../claims/bare.ts";
import { newKey } from "../load/keys.ts";
import { barePostgres } from "../turn/bare-postgres.ts";
import { bareFastify } from "../turn/limits.ts";
import { requestsEach } from "./newcomers.ts";
import { databaseSeconds, type Spender } from "./processors.ts";

/** What the chain and the database have counted so far. */
export interface Counts {
  readonly transactions: number;
  readonly commits: number;
  readonly logBytes: number;
}

/** From the chain by RPC, and from PostgreSQL itself. */
export async function countsSoFar(where: { readonly rpcUrl: string; readonly databaseUrl: string }): Promise<Counts> {
  const chain = createSolanaClient({ rpcUrl: where.rpcUrl });
  const pool = createPool({ url: where.databaseUrl, log: () => undefined, connectionsMax: 1 });
  try {
    const transactions = Number(await chain.call((rpc) => rpc.getTransactionCount()));
    const { rows } = await pool.query<{ commits: string; bytes: string }>(
      `select xact_commit::text as commits, wal_bytes::text as bytes from pg_stat_database, pg_stat_wal
       where datname = current_database()`,
    );
    return { transactions, commits: Number(rows[0]?.commits), logBytes: Number(rows[0]?.bytes) };
  } finally {
    await pool.end();
  }
}

/** Milliseconds of a processor of what nobody can leave out or make quicker here, by who does it. */
export type Bare = Readonly<Record<Spender, number>>;

/** What `Bare` holds of each. */
export const bareParts: Readonly<Record<Spender, string>> = {
  clients: "two keys and signatures, three requests sent and their answers read",
  server: "three requests to a server that does nothing",
  pools: "two signatures checked",
  chain: "the same transactions in the runtime alone",
  attestors: "two signatures checked once for all three",
  database: "the rows of an answer in transactions of many, made by PostgreSQL itself",
};

export interface BareOf {
  readonly databaseUrl: string;
  /** PostgreSQL's main process. */
  readonly database: number;
  readonly chainFolder: string;
}

/** What a newcomer costs at least, on this machine as it is now. */
export async function bareMsEach({ databaseUrl, database, chainFolder }: BareOf, contributors: number): Promise<Bare> {
  const copy = await mkdtemp(join(tmpdir(), "earnest-settled-"));
  try {
    await cp(chainFolder, copy, { recursive: true });
    const { cpuSeconds } = await runBare(copy);
    const [signatures, requests] = [signatureMs(), await requestMs()];
    const checks = checksEach * signatures.check;
    return {
      clients: keysEach * signatures.make + requestsEach * requests.client,
      server: requestsEach * requests.server,
      pools: checks,
      chain: (1_000 * cpuSeconds) / contributors,
      attestors: checks,
      database: await rowMs(databaseUrl, database),
    };
  } finally {
    await rm(copy, { recursive: true });
  }
}

const connections = 64;
const requestBytes = 300;

async function requestMs(): Promise<{ readonly client: number; readonly server: number }> {
  const before = process.cpuUsage();
  const { requests, processorSeconds } = await bareFastify(connections, requestBytes);
  const { user, system } = process.cpuUsage(before);
  return { client: (user + system) / 1_000 / requests, server: (1_000 * processorSeconds) / requests };
}

async function rowMs(databaseUrl: string, database: number): Promise<number> {
  const { rows, processorSeconds } = await barePostgres(databaseUrl, () => databaseSeconds(database));
  return (1_000 * processorSeconds) / rows;
}

/** A wallet and a session; each signs once. */
const keysEach = 2;
/** Of the wallet and of the session: by the server, and by the attestors of one machine together. */
const checksEach = 2;
const rounds = 2_000;

/** Milliseconds of a processor of a new key with a signature, and of a check, as this machine makes them now. */
function signatureMs(): { readonly make: number; readonly check: number } {
  const message = Buffer.alloc(300, 1);
  const signed: { readonly publicKey: Uint8Array; readonly signature: Uint8Array }[] = [];
  const made = processorMs(() => {
    for (let i = 0; i < rounds; i++) {
      const { publicKey, sign } = newKey();
      signed.push({ publicKey, signature: sign(message) });
    }
  });
  const checked = processorMs(() => {
    for (const { publicKey, signature } of signed) {
      if (!verifyEd25519(publicKey, message, signature)) throw new Error("it is valid");
    }
  });
  return { make: made / rounds, check: checked / rounds };
}

function processorMs(work: () => void): number {
  const before = process.cpuUsage();
  work();
  const { user, system } = process.cpuUsage(before);
  return (user + system) / 1_000;
}
