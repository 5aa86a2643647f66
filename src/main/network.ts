import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { fileURLToPath } from "node:url";
import { type Amount, amount } from "../core/amount.ts";
import { isEarnestError } from "../core/errors.ts";
import type { EngineContext } from "../engine/context.ts";
import { createEngine } from "../engine/create-engine.ts";
import type { Engine } from "../engine/engine.ts";
import { fillFirst } from "../market/propose.ts";
import { type Localnet, startLocalnet } from "../rails/localnet/localnet.ts";
import type { Rail } from "../rails/rail.ts";
import { createSolanaClient, type SolanaClient } from "../rails/solana/client.ts";
import { openSolanaRail } from "../rails/solana/solana-rail.ts";
import { ensureMint, ensureSol, type Mint, mintTo, signerFromSecret } from "../rails/solana/tokens.ts";
import { type Embedded, startEmbedded } from "../store/embedded.ts";
import { migrate } from "../store/migrate.ts";
import { createPool, type Pool } from "../store/pool.ts";
import { waitForDatabase } from "../store/pool-wait.ts";
import { randomFill, sha256, signerFromSeed, verifyEd25519 } from "./crypto.ts";
import { type DataFolder, keptSeed, writePrivately } from "./folder.ts";

export type Log = (message: string, fields?: Readonly<Record<string, unknown>>) => void;

export interface NetworkOptions {
  readonly folder: DataFolder;
  /** An external PostgreSQL instead of the embedded one. */
  readonly databaseUrl: string | null;
  readonly localnetPort: number;
  /** Host and port that sign-in messages must name: known once the front listens. */
  readonly domain: () => string;
  readonly log: Log;
  /** Says what is being done, for people. */
  readonly say: (line: string) => void;
}

type Signer = Awaited<ReturnType<typeof signerFromSecret>>;

/** A running network without its front: database, chain, engine. */
export interface Network {
  readonly engine: Engine;
  readonly context: EngineContext;
  readonly rail: Rail;
  readonly client: SolanaClient;
  readonly mint: Mint;
  readonly operator: Signer;
  readonly rpcUrl: string;
  readonly wsUrl: string;
  close(): Promise<void>;
}

const sqlFolder = fileURLToPath(new URL("../../sql", import.meta.url));
const decimals = 6;
const operatorLamports = 1_000_000_000_000n;
const walletLamports = 1_000_000_000n;
const feeBasisPoints = 200;
const databaseMsMax = 30_000;
/** For a chain that another process is just starting to answer. */
const chainMsMax = 20_000;

/** Things to close, in the order opposite to that in which they were opened, also where opening the next one fails. */
class Opened {
  readonly #closers: (() => Promise<void>)[] = [];
  add<T>(thing: T, close: (thing: T) => Promise<void>): T {
    this.#closers.push(() => close(thing));
    return thing;
  }
  async close(): Promise<void> {
    for (let close = this.#closers.pop(); close !== undefined; close = this.#closers.pop()) await close();
  }
}

/** Starts PostgreSQL, the local chain with its test token, and the engine; or joins those that run. */
export async function startNetwork(options: NetworkOptions): Promise<Network> {
  const opened = new Opened();
  try {
    const pool = await openDatabase(options, opened);
    const chain = await openChain(options, opened);
    options.say("preparing the token");
    const client = createSolanaClient({ rpcUrl: chain.rpcUrl });
    const operator = await signerFromSecret(await keptSeed(options.folder, "operator"));
    const mint = await openToken(options.folder, client, operator);
    const rail = await openSolanaRail({ client, mint: mint.address, operator });
    const context: EngineContext = {
      pool,
      rail,
      rules: { hash: sha256, propose: fillFirst },
      clock: Date.now,
      random: randomFill,
      signer: signerFromSeed(await keptSeed(options.folder, "signer")),
      verify: verifyEd25519,
      log: options.log,
      settings: {
        feeBasisPoints,
        operator: operator.address,
        get domain() {
          return options.domain();
        },
        sweepMs: 1_000,
        epochMs: 2_000,
        commandsPerBatchMax: 512,
        entriesPerCheckpoint: 20_000,
        lanesCachedMax: 512,
      },
    };
    const engine = opened.add(await patiently(() => createEngine(context)), (each) => each.close());
    return { engine, context, rail, client, mint, operator, ...chain, close: () => opened.close() };
  } catch (error) {
    await opened.close();
    throw error;
  }
}

async function openDatabase({ folder, databaseUrl, log, say }: NetworkOptions, opened: Opened): Promise<Pool> {
  const url = databaseUrl ?? (await openEmbedded(folder, log, say, opened));
  await patiently(() => migrate({ url, folder: sqlFolder, log }));
  const pool = opened.add(createPool({ url, log, connectionsMax: 16 }), (each) => each.end());
  await waitForDatabase(pool, { msMax: databaseMsMax, log });
  return pool;
}

async function openEmbedded(
  folder: DataFolder,
  log: Log,
  say: (line: string) => void,
  opened: Opened,
): Promise<string> {
  say("starting PostgreSQL");
  const said = new Set<string>();
  const embedded: Embedded = await startEmbedded({
    folder: folder.postgres,
    // It speaks when the server ended on its own, and says why: whoever waits for an answer must see that, once.
    log: (line) => {
      log(line);
      if (!said.has(line)) say(line);
      said.add(line);
    },
  });
  return opened.add(embedded, (each) => each.stop()).url;
}

/** For steps of the start that can be made again: a database that restarts meanwhile is no reason to give up. */
async function patiently<T>(step: () => Promise<T>): Promise<T> {
  const deadline = Date.now() + databaseMsMax;
  for (;;) {
    try {
      return await step();
    } catch (error) {
      if (!isEarnestError(error, "DATABASE_UNAVAILABLE") || Date.now() > deadline) throw error;
      await sleep(200);
    }
  }
}

interface Chain {
  readonly rpcUrl: string;
  readonly wsUrl: string;
}

/** The local chain belongs to the first process; later ones find its address in the data folder. */
async function openChain({ folder, localnetPort, say }: NetworkOptions, opened: Opened): Promise<Chain> {
  const path = join(folder.path, "localnet.json");
  say("starting the local Solana runtime");
  const deadline = Date.now() + chainMsMax;
  for (let port = localnetPort; ; ) {
    try {
      const net: Localnet = await startLocalnet({
        folder: folder.localnet,
        rpcPort: port,
        wsPort: port === 0 ? 0 : port + 1,
        clock: Date.now,
      });
      opened.add(net, (each) => each.close());
      const chain = { rpcUrl: net.rpcUrl, wsUrl: net.wsUrl };
      await writePrivately(path, JSON.stringify(chain));
      return chain;
    } catch (error) {
      if (isEarnestError(error, "DATA_FOLDER_UNAVAILABLE")) {
        const running = await runningChain(path);
        if (running !== null) return running;
        // Its holder may be on its way up, or down: then the next attempt finds it, or takes its place.
        if (Date.now() > deadline) throw error;
        await sleep(200);
        continue;
      }
      if (!isEarnestError(error, "PORT_UNAVAILABLE") || port > localnetPort + 100) throw error;
      say(`port ${port} is taken; trying ${port + 10}`);
      port += 10;
    }
  }
}

async function runningChain(path: string): Promise<Chain | null> {
  try {
    const chain = JSON.parse(await readFile(path, "utf8")) as Chain;
    await createSolanaClient({ rpcUrl: chain.rpcUrl, attempts: 1 }).call((rpc) => rpc.getGenesisHash());
    return chain;
  } catch {
    return null;
  }
}

/** The test token EARN, at an address that stays the same for this data folder. */
async function openToken(folder: DataFolder, client: SolanaClient, operator: Signer): Promise<Mint> {
  await ensureSol(client, operator.address, operatorLamports);
  return await ensureMint(client, operator, decimals, await signerFromSecret(await keptSeed(folder, "mint")));
}

/** Gives a wallet of the local network SOL for fees, and test tokens. */
export async function fundWallet(network: Network, wallet: string, tokens: Amount): Promise<void> {
  await ensureSol(network.client, wallet, walletLamports);
  await mintTo(network.client, network.operator, network.mint, wallet, amount(tokens));
}
