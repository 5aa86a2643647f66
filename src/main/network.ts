import { setTimeout as sleep } from "node:timers/promises";
import { fileURLToPath } from "node:url";
import { type Amount, amount, parseAmount, zero } from "../core/amount.ts";
import { isEarnestError } from "../core/errors.ts";
import type { EngineContext } from "../engine/context.ts";
import { createEngine } from "../engine/create-engine.ts";
import type { Engine } from "../engine/engine.ts";
import { fillFirst } from "../market/propose.ts";
import type { Rail } from "../rails/rail.ts";
import { createSolanaClient, type SolanaClient } from "../rails/solana/client.ts";
import { createEscrowRail } from "../rails/solana/escrow-rail.ts";
import { createTokenDesk } from "../rails/solana/token-desk.ts";
import { ensureMint, ensureSol, type Mint, mintTo, signerFromSecret } from "../rails/solana/tokens.ts";
import { Sandbox } from "../sandbox/sandbox.ts";
import { type Embedded, startEmbedded } from "../store/embedded.ts";
import { migrate } from "../store/migrate.ts";
import { createPool, type Pool } from "../store/pool.ts";
import { waitForDatabase } from "../store/pool-wait.ts";
import type { ChainSide } from "./chain-side.ts";
import { type ClusterOptions, openClusterSide } from "./cluster.ts";
import { randomFill, sha256, signerFromSeed, verifyEd25519Aside } from "./crypto.ts";
import { type DataFolder, keptSeed } from "./folder.ts";
import { type LocalChain, openLocalChain } from "./local-chain.ts";
import type { Log } from "./log.ts";
import { createNoticeSender } from "./notices.ts";
import { placeKeysIn } from "./place-keys.ts";
import { openSettlement } from "./settlement.ts";
import { createWebhookSender } from "./webhooks.ts";

export interface NetworkOptions {
  readonly folder: DataFolder;
  /** An external PostgreSQL instead of the embedded one. */
  readonly databaseUrl: string | null;
  readonly localnetPort: number;
  /** A cluster instead of the local chain. */
  readonly cluster?: ClusterOptions;
  /** From one cut to the next, instead of what the chain's side says. */
  readonly epochMs?: number;
  /** In tokens: so much earned ends an epoch before its time. */
  readonly epochAmount?: string;
  /** False only where all of it is thrown away at its end: then the database waits for no disk. */
  readonly durable?: boolean;
  /** Nobody but this machine reaches it. */
  readonly isOfOwnMachine?: boolean;
  /** Host and port that sign-in messages must name: known once the front listens. */
  readonly domain: () => string;
  readonly log: Log;
  /** Says what is being done, for people. */
  readonly say: (line: string) => void;
}

type Signer = Awaited<ReturnType<typeof signerFromSecret>>;

/** A running network without its front: database, chain, engine. */
export interface Network extends ChainSide {
  readonly engine: Engine;
  readonly context: EngineContext;
  readonly rail: Rail;
  close(): Promise<void>;
}

const sqlFolder = fileURLToPath(new URL("../../sql", import.meta.url));
const decimals = 6;
const operatorLamports = 1_000_000_000_000n;
const walletLamports = 1_000_000_000n;
const feeBasisPoints = 200;
const localEpochMs = 2_000;
const databaseMsMax = 30_000;

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
    const side =
      options.cluster === undefined ? await openLocalSide(options, opened) : await openClusterSide(options.cluster);
    const { operator, settlement } = side;
    const rail = createEscrowRail(settlement.escrow, settlement.network.account, settlement.pool);
    const sandbox = opened.add(new Sandbox(), (each) => each.close());
    const context: EngineContext = {
      pool,
      sandbox,
      rail,
      tokens: side.tokens,
      rules: { hash: sha256, propose: fillFirst },
      clock: Date.now,
      random: randomFill,
      signer: signerFromSeed(await keptSeed(options.folder, "signer")),
      verify: verifyEd25519Aside,
      placeKeys: placeKeysIn(options.folder.placeKeys),
      notices: createNoticeSender({
        seed: await keptSeed(options.folder, "notices"),
        subject: () => `https://${options.domain()}`,
        log: options.log,
      }),
      webhooks: createWebhookSender({ toOwnMachine: options.isOfOwnMachine ?? false }),
      log: options.log,
      // On a cluster tokens are somebody's.
      ...(options.cluster === undefined && {
        giveTestTokens: async (wallet: string, tokens: Amount) => {
          await mintTo(side.client, operator, side.mint, wallet, tokens);
        },
      }),
      settings: {
        feeBasisPoints,
        operator: operator.address,
        get domain() {
          return options.domain();
        },
        ...(side.publicRpcUrl !== null && { publicRpcUrl: side.publicRpcUrl }),
        sweepMs: 1_000,
        epochMs: options.epochMs ?? side.epochMs,
        ...(options.epochAmount !== undefined && { epochAmount: parseAmount(options.epochAmount, rail.decimals) }),
        signaturesMs: 10_000,
        sponsor: side.sponsor,
        withdrawals: side.withdrawals,
        commandsPerBatchMax: 512,
        entriesPerCheckpoint: 20_000,
        entriesPerCheckpointMember: 1,
        entriesPerLastCheckpoint: 1_000,
        lanesCachedMax: 512,
      },
    };
    const engine = opened.add(await patiently(() => createEngine(context)), (each) => each.close());
    return { ...side, engine, context, rail, close: () => opened.close() };
  } catch (error) {
    await opened.close();
    throw error;
  }
}

async function openDatabase(options: NetworkOptions, opened: Opened): Promise<Pool> {
  const { log } = options;
  const url = options.databaseUrl ?? (await openEmbedded(options, opened));
  await patiently(() => migrate({ url, folder: sqlFolder, log }));
  const pool = opened.add(createPool({ url, log, connectionsMax: 16 }), (each) => each.end());
  await waitForDatabase(pool, { msMax: databaseMsMax, log });
  return pool;
}

async function openEmbedded({ folder, log, say, durable = true }: NetworkOptions, opened: Opened): Promise<string> {
  say("starting PostgreSQL");
  const said = new Set<string>();
  const embedded: Embedded = await startEmbedded({
    folder: folder.postgres,
    durable,
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

/** The local chain with a token, a network and a pool of its own. */
async function openLocalSide(options: NetworkOptions, opened: Opened): Promise<ChainSide> {
  const { folder, say } = options;
  const { rpcUrl, wsUrl } = await openChain(options, opened);
  say("preparing the token");
  const client = createSolanaClient({ rpcUrl });
  const operator = await signerFromSecret(await keptSeed(folder, "operator"));
  const mint = await openToken(folder, client, operator);
  const settlement = await openSettlement({ folder, client, operator, mint });
  // Accounts cost nothing here.
  const sponsor = { dueMin: zero, perDayMax: 1_000_000, lamportsMax: operatorLamports };
  const withdrawals = { amountMin: zero, perDayMax: 1_000, accountsMax: 1_000, lamportsPerDayMax: operatorLamports };
  const addresses = { rpcUrl, wsUrl, publicRpcUrl: rpcUrl };
  const tokens = createTokenDesk({
    ...settlement,
    operator,
    permits: () => true,
    limits: { perDayMax: 20, allPerDayMax: 50, poolsMax: 100 },
    allowsFreezing: false,
    sponsorOf: () => sponsor,
  });
  return { client, operator, mint, settlement, ...addresses, epochMs: localEpochMs, sponsor, tokens, withdrawals };
}

async function openChain(options: NetworkOptions, opened: Opened): Promise<LocalChain> {
  const { folder, localnetPort: port, log, say } = options;
  say("starting the local Solana runtime");
  return opened.add(await openLocalChain({ folder, port, log, say }), (each) => each.close());
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
