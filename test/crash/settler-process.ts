import { setTimeout as sleep } from "node:timers/promises";
import type { Address } from "@solana/kit";
import pg from "pg";
import { zero } from "#src/core/amount";
import type { EngineContext } from "#src/engine/context";
import { Lanes } from "#src/engine/lanes";
import { placeKeysInMemory } from "#src/engine/places/place-keys";
import { Pools } from "#src/engine/pools";
import { Settler } from "#src/engine/settlement/settle";
import { randomFill, sha256, signerFromSeed, verifyEd25519Aside } from "#src/main/crypto";
import { fillFirst } from "#src/market/propose";
import { createSolanaClient } from "#src/rails/solana/client";
import { readNetwork } from "#src/rails/solana/escrow/accounts";
import { openEscrow } from "#src/rails/solana/escrow/escrow";
import { ensurePool } from "#src/rails/solana/escrow/pools";
import { createEscrowRail } from "#src/rails/solana/escrow-rail";
import { localnetProgram, readProgramFile } from "#src/rails/solana/program/program-file";
import { createTokenDesk } from "#src/rails/solana/token-desk";
import { signerFromSecret } from "#src/rails/solana/tokens";
import { Sandbox } from "#src/sandbox/sandbox";
import { createPool } from "#src/store/pool";

/** What the process that a test kills has to know. */
export interface SettlerOrders {
  readonly databaseUrl: string;
  readonly rpcUrl: string;
  readonly network: string;
  /** Of the home token. */
  readonly mint: string;
  /** The token whose pool it settles: the home token, or a further one. */
  readonly settles: string;
  readonly operator: string;
  /** Of the wallet that pays, in hexadecimal. */
  readonly seed: string;
  readonly aheadMs: number;
  /** Which write is the last one that it makes. */
  readonly killAfter: number;
}

/**
 * Settles once, and is killed as soon as the write with that number has had its effect, before this process hears of it.
 * Writes are what the world outside can see: statements that PostgreSQL makes durable, transactions that the chain gets.
 * Says each of them on standard output.
 */
const orders = JSON.parse(process.argv[2] ?? "") as SettlerOrders;
let writes = 0;

async function counted<T>(what: string, write: Promise<T>): Promise<T> {
  const result = await write;
  writes++;
  const isLast = writes === orders.killAfter;
  await new Promise((resolve) => process.stdout.write(`${what}\n`, resolve));
  if (isLast) process.kill(process.pid, "SIGKILL");
  while (isLast) await sleep(1_000);
  return result;
}

type Query = (this: object, ...args: unknown[]) => unknown;
const textOf = (config: unknown): string =>
  typeof config === "string" ? config : ((config as { readonly text?: string }).text ?? "");

function watchDatabase(): void {
  const client = pg.Client.prototype as unknown as { query: Query };
  const { query } = client;
  const inTransaction = new WeakSet<object>();
  client.query = function (...args) {
    const text = textOf(args[0]);
    const [verb = "", second = "", third = ""] = text.split(/[\s(]+/);
    if (verb === "begin") inTransaction.add(this);
    // Within a transaction nothing is durable before its end.
    const isWrite = verb === "commit" || (/^(insert|update|delete)$/.test(verb) && !inTransaction.has(this));
    if (verb === "commit" || verb === "rollback") inTransaction.delete(this);
    if (!isWrite) return query.apply(this, args);
    const what = verb === "commit" ? verb : `${verb} ${verb === "update" ? second : third}`;
    const callback = args.at(-1);
    if (typeof callback !== "function") return counted(what, query.apply(this, args) as Promise<unknown>);
    const answer = async (...results: readonly unknown[]): Promise<void> => {
      await counted(what, Promise.resolve());
      (callback as (...answer: readonly unknown[]) => void)(...results);
    };
    return query.apply(this, [...args.slice(0, -1), answer]);
  };
}

function watchChain(): void {
  const { fetch } = globalThis;
  globalThis.fetch = (input, init) => {
    const answer = fetch(input, init);
    const isSent = typeof init?.body === "string" && init.body.includes('"sendTransaction"');
    return isSent ? counted("sendTransaction", answer) : answer;
  };
}

async function contextOf(): Promise<EngineContext> {
  const { databaseUrl, rpcUrl, network, mint, operator, seed, aheadMs } = orders;
  const client = createSolanaClient({ rpcUrl });
  const payer = await signerFromSecret(Buffer.from(seed, "hex"));
  const { sha256: hash } = readProgramFile();
  const escrow = await openEscrow({ client, program: localnetProgram, cluster: null, sha256: hash, payer });
  const account = await readNetwork(escrow, network as Address, "finalized");
  const sponsor = { dueMin: zero, perDayMax: 1_000_000, lamportsMax: 10n ** 15n };
  const pool = await ensurePool(escrow, { network: network as Address, mint: mint as Address, number: 0 });
  return {
    pool: createPool({ url: databaseUrl, log: () => undefined }),
    rail: createEscrowRail(escrow, account, pool),
    tokens: createTokenDesk({
      escrow,
      operator: payer,
      network: { address: network as Address, account },
      permits: () => false,
      limits: { perDayMax: 0, allPerDayMax: 0, poolsMax: 0 },
      allowsFreezing: false,
      sponsorOf: () => sponsor,
    }),
    sandbox: new Sandbox(),
    rules: { hash: sha256, propose: fillFirst },
    clock: () => Date.now() + aheadMs,
    random: randomFill,
    signer: signerFromSeed(new Uint8Array(32).fill(7)),
    verify: verifyEd25519Aside,
    placeKeys: placeKeysInMemory(randomFill),
    webhooks: { refusal: () => null, send: async () => ({ status: null, problem: "" }) },
    notices: { publicKey: new Uint8Array(65), send: async () => "failed" },
    log: (message, fields) => console.error(message, fields),
    settings: {
      feeBasisPoints: 200,
      operator,
      domain: "earnest.test",
      sweepMs: 3_600_000,
      epochMs: 3_600_000,
      signaturesMs: 30_000,
      sponsor,
      withdrawals: { amountMin: zero, perDayMax: 0, accountsMax: 0, lamportsPerDayMax: 0n },
      commandsPerBatchMax: 512,
      entriesPerCheckpoint: 200,
      entriesPerCheckpointMember: 1,
      entriesPerLastCheckpoint: 50,
      lanesCachedMax: 64,
    },
  };
}

const context = await contextOf();
const settled = await new Pools(context).byMint(orders.settles);
watchDatabase();
watchChain();
await new Settler(settled, new Lanes(context)).once();
await context.pool.end();
