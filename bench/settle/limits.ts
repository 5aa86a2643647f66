import { verifyEd25519 } from "#src/main/crypto";
import { createSolanaClient } from "#src/rails/solana/client";
import { createPool } from "#src/store/pool";
import { newKey } from "../load/keys.ts";

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

/** A wallet and a session; each signs once. */
const keysEach = 2;
/** The server checks both signatures, and so do attestors, of one machine together. */
const checksEach = 4;
const rounds = 2_000;

/** Milliseconds of a processor that the signatures of one newcomer cost, as this machine makes and checks them now. */
export function signatureMsEach(): number {
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
