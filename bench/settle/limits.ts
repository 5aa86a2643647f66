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
import { databaseSeconds } from "./processors.ts";

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

/** Milliseconds of a processor, of what nobody can leave out or make quicker here. */
export interface Bare {
  /** Keys, signatures and their checks. */
  readonly signatures: number;
  /** Four requests to a server that does nothing, and their answers. */
  readonly requests: number;
  /** PostgreSQL alone: the rows of an answer, in transactions of many. */
  readonly rows: number;
  /** The runtime alone, with the transactions that the chain has. */
  readonly runtime: number;
}

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
    return {
      signatures: signatureMsEach(),
      requests: requestsEach * (await requestMs()),
      rows: await rowMs(databaseUrl, database),
      runtime: (1_000 * cpuSeconds) / contributors,
    };
  } finally {
    await rm(copy, { recursive: true });
  }
}

const requestsEach = 4;
const connections = 64;
const requestBytes = 300;

async function requestMs(): Promise<number> {
  const before = process.cpuUsage();
  const { requests, processorSeconds } = await bareFastify(connections, requestBytes);
  const { user, system } = process.cpuUsage(before);
  return ((user + system) / 1_000 + 1_000 * processorSeconds) / requests;
}

async function rowMs(databaseUrl: string, database: number): Promise<number> {
  const before = databaseSeconds(database);
  const { rows } = await barePostgres(databaseUrl);
  return (1_000 * (databaseSeconds(database) - before)) / rows;
}

/** A wallet and a session; each signs once. */
const keysEach = 2;
/** The server checks both signatures, and so do attestors, of one machine together. */
const checksEach = 4;
const rounds = 2_000;

/** Milliseconds of a processor that the signatures of one newcomer cost, as this machine makes and checks them now. */
function signatureMsEach(): number {
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
  return (keysEach * made + checksEach * checked) / rounds;
}

function processorMs(work: () => void): number {
  const before = process.cpuUsage();
  work();
  const { user, system } = process.cpuUsage(before);
  return (user + system) / 1_000;
}
