import { readdir } from "node:fs/promises";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { Earnest } from "../client/earnest.ts";
import { signerFromSeed } from "../client/keys.ts";
import type { ClientOptions } from "../client/options.ts";
import { bytes32, fromBase58, toBase58 } from "../core/bytes.ts";
import type { VerifySignature } from "../core/commit/attestors.ts";
import { isEarnestError } from "../core/errors.ts";
import type { Hash } from "../core/hash.ts";
import { createSolanaClient } from "../rails/solana/client.ts";
import { readPool } from "../rails/solana/escrow/accounts.ts";
import type { Escrow } from "../rails/solana/escrow/escrow.ts";
import type { PoolAddresses } from "../rails/solana/program/instructions.ts";
import { signerFromSecret } from "../rails/solana/tokens.ts";
import type { Sandbox } from "../sandbox/sandbox.ts";
import { Attestor } from "./attestor.ts";
import { addressesOfPool, type ChainSource, type PoolSight, solanaChain } from "./chain-source.ts";
import { SignedMessages } from "./delivery.ts";
import type { AttestorEvent } from "./events.ts";
import { AttestorFolder } from "./folder.ts";
import { httpCommitSource, httpLogSource } from "./http-log-source.ts";
import { KeptCommits } from "./kept-commits.ts";
import { checkPins, type Pins } from "./pins.ts";
import { Proofs } from "./proofs.ts";
import { type ServedPool, type ServedProofs, serveProofs } from "./serve-proofs.ts";
import { type ExpectedPins, type SetUp, setUp } from "./set-up.ts";
import type { SharedReads } from "./shared-reads.ts";

export interface AttestOptions {
  /** The operator's server. */
  readonly server: string;
  /** One's own node. */
  readonly rpcUrl: string;
  /** 32 bytes (RFC 8032): of the key that signs, and pays where it sends a commit itself. */
  readonly seed: Uint8Array;
  /** What must not be lost; used by one process at a time. */
  readonly folder: string;
  /** What is known of the network already. Default: the first start takes what server and node say. */
  readonly expected?: ExpectedPins;
  /** Where everybody may read what is kept; null: nowhere. Port 0 takes any. */
  readonly listen: { readonly host: string; readonly port: number } | null;
  /** Other attestors' addresses. */
  readonly peers?: readonly string[];
  /** Between two looks. Default: 1,000. */
  readonly pollMs?: number;
  /** How long the operator has to send a signed message. Default: 60,000. */
  readonly graceMs?: number;
  /** Leaf files that are kept. Default: 100. */
  readonly keep?: number;
  /** Where what the log says was executed is executed again. */
  readonly sandbox: Pick<Sandbox, "execute">;
  readonly hash: Hash;
  readonly verify: VerifySignature;
  readonly clock: () => number;
  /** Another implementation, for instance one with its own connection pool. */
  readonly fetch?: typeof fetch;
  /** With other attestors of this process, which read the same server and node. Default: none. */
  readonly shared?: SharedReads;
  readonly tell: (event: AttestorEvent) => void;
  /** Says what is being done, for people. */
  readonly say: (line: string) => void;
  /** Ends it, also while it starts. */
  readonly signal: AbortSignal;
}

export interface Attesting {
  readonly pins: Pins;
  /** Where it serves proofs; null: nowhere. */
  readonly url: string | null;
  /** Resolves when it has ended, which it does only when it is closed. */
  readonly ended: Promise<void>;
  close(): Promise<void>;
}

/**
 * Runs an attestor until it is closed. While server or node are away it waits and says so; it returns once it was set
 * up, for which it needs its node, and at the first start the server.
 *
 * @throws DATA_FOLDER_UNAVAILABLE, PIN_MISMATCH, PROGRAM_NOT_FOUND, ESCROW_TERMS_MISMATCH, PORT_UNAVAILABLE; the signal's
 * reason where it was aborted meanwhile
 */
export async function attest(options: AttestOptions): Promise<Attesting> {
  const closing = new AbortController();
  const signal = AbortSignal.any([options.signal, closing.signal]);
  const folder = await AttestorFolder.open(options.folder);
  try {
    const running = await start(options, folder, signal);
    const ended = untilEnded(running, folder);
    return {
      pins: running.pins,
      url: running.served?.url ?? null,
      ended,
      close: () => {
        closing.abort();
        return ended;
      },
    };
  } catch (error) {
    folder.close();
    throw error;
  }
}

interface Running {
  readonly pins: Pins;
  readonly served: ServedProofs | null;
  readonly loop: Promise<void>;
}

async function untilEnded({ loop, served }: Running, folder: AttestorFolder): Promise<void> {
  await loop;
  await served?.close();
  folder.close();
}

/** A pool that is followed. */
interface Followed extends ServedPool {
  /** Of its token. */
  readonly mint: string;
  readonly loop: Promise<void>;
}

async function start(options: AttestOptions, folder: AttestorFolder, signal: AbortSignal): Promise<Running> {
  const { listen } = options;
  const { pins, escrow } = await patiently(options, signal, () => tryToSetUp(options, folder, signal));
  const home = await patiently(options, signal, () =>
    followPool(options, { folder, pins, escrow, home: pins }, signal),
  );
  const pools = new Map<string | null, Followed>([[null, home]]);
  const poolOf = (mint: string | null) => pools.get(mint === home.mint ? null : mint);
  const parts = { poolOf, pools: () => pools.values() };
  const served = listen === null ? null : await serveProofs({ ...parts, ...listen });
  return { pins, served, loop: followAll(options, { pools, pins, escrow }, signal) };
}

interface Place {
  readonly folder: AttestorFolder;
  readonly pins: Pins;
  readonly escrow: Escrow;
  /** Those of the home pool, which names the network. */
  readonly home: Pins;
  /** Absent for the home pool. */
  readonly mint?: string;
}

async function followPool(options: AttestOptions, place: Place, signal: AbortSignal): Promise<Followed> {
  const { seed, sandbox, hash, verify, clock, peers: addresses = [], keep = 100, graceMs = 60_000 } = options;
  const { folder, pins, escrow, home, mint } = place;
  const { shared: reads } = options;
  const signer = await signerFromSeed(seed);
  const at = await addressesOfPool(escrow, toBase58(pins.pool));
  const ownChain = solanaChain({ escrow, at, sends: true });
  const ownSource = httpLogSource({
    ...clientOptions(options, options.server, signal),
    hash,
    signer,
    pool: home.pool,
    mint,
    clock,
  });
  const chain = reads?.chain(at.pool, ownChain) ?? ownChain;
  const source = reads?.source(at.pool, ownSource) ?? ownSource;
  const peers = addresses.map((server) => httpCommitSource(clientOptions(options, server, signal), hash, mint));
  const readLeaves = reads === undefined ? undefined : (leafFile: Uint8Array) => reads.leaves(leafFile);
  const kept = await KeptCommits.open({ folder, hash, verify, readLeaves, pool: pins.pool, keep });
  const tell = onlyNews(options.tell);
  const shared = { chain, kept, peers, clock, tell };
  const attestor = await Attestor.open({ ...shared, source, sandbox, folder, pins, mint, signer, hash, verify });
  const messages = new SignedMessages({ ...shared, graceMs });
  const seen: { now: PoolSight | null } = { now: null };
  const proofs = new Proofs({
    kept,
    hash,
    pool: pins.pool,
    tokenAccountOf: chain.tokenAccountOf,
    poolNow: () => seen.now,
  });
  return { mint: at.mint, proofs, folder, loop: follow({ attestor, messages, chain, seen, tell, signal, options }) };
}

/** How often the server is asked for pools that were opened since. */
const poolsMs = 2_000;

interface Network {
  readonly pools: Map<string | null, Followed>;
  readonly pins: Pins;
  readonly escrow: Escrow;
}

/** Follows further pools of the network as they come: those that the server names, and those that were followed before. */
async function followAll(options: AttestOptions, network: Network, signal: AbortSignal): Promise<void> {
  const { pools, pins } = network;
  const tell = onlyNews(options.tell);
  const client = new Earnest(clientOptions(options, options.server, signal));
  const followOne = async (pool: string): Promise<void> => {
    const followed = await followFurther(options, network, pool, signal);
    if (followed !== null) pools.set(followed.mint, followed);
  };
  const before = await readdir(join(options.folder, "pools")).catch(() => []);
  const known = new Set([toBase58(pins.pool)]);
  for (let named: readonly string[] = before; !signal.aborted; ) {
    for (const pool of named.filter((each) => !known.has(each))) {
      try {
        await followOne(pool);
        known.add(pool);
      } catch (error) {
        if (!signal.aborted) tell({ type: "waiting", problem: problemOf(error) });
      }
    }
    await sleep(poolsMs, undefined, { signal }).catch(() => undefined);
    // Where it is away, that is said by those who follow it.
    named = await client.network().then(
      ({ tokens }) => tokens.map(({ pool }) => pool),
      () => [...before],
    );
  }
  await Promise.all([...pools.values()].map(({ loop }) => loop));
  for (const [mint, { folder }] of pools) if (mint !== null) folder.close();
}

/** In a folder of its own. Null where it is no pool of this network's: nobody follows that. */
async function followFurther(
  options: AttestOptions,
  { pins: home, escrow }: Network,
  pool: string,
  signal: AbortSignal,
): Promise<Followed | null> {
  const { network, mint, number } = await readPool(escrow, pool as PoolAddresses["pool"], "finalized");
  if (network !== toBase58(home.network) || number !== 0) return null;
  const folder = await AttestorFolder.open(join(options.folder, "pools", pool));
  try {
    const pins = { ...home, pool: bytes32(fromBase58(pool)) };
    const before = await folder.pins();
    if (before === null) await folder.storePins(pins);
    else checkPins(folder.path, before, pins);
    return await followPool(options, { folder, pins, escrow, home, mint }, signal);
  } catch (error) {
    folder.close();
    throw error;
  }
}

/** An answer that does not come is asked for again by the next step, which may see that it is not needed any more. */
const clientOptions = (
  { fetch: given = fetch }: AttestOptions,
  server: string,
  signal: AbortSignal,
): ClientOptions => ({
  server,
  retriesMax: 0,
  timeoutMs: 20_000,
  fetch: (input, init) => {
    const signals = [signal, ...(init?.signal instanceof AbortSignal ? [init.signal] : [])];
    return given(input, { ...init, signal: AbortSignal.any(signals) });
  },
});

async function tryToSetUp(options: AttestOptions, folder: AttestorFolder, signal: AbortSignal): Promise<SetUp> {
  const { seed, expected = {}, rpcUrl, server, say } = options;
  const payer = await signerFromSecret(seed);
  const { publicKey: key } = await signerFromSeed(seed);
  const client = createSolanaClient({
    rpcUrl,
    attempts: 2,
    callTimeoutMs: 10_000,
    sleep: (ms) => sleep(ms, undefined, { signal }),
  });
  return await setUp({ folder, key, expected, client, payer, server: clientOptions(options, server, signal), say });
}

/** Failures of the way: they pass. */
const mayPass = (error: unknown): boolean =>
  isEarnestError(error, "CHAIN_UNAVAILABLE") || (error as { code?: unknown }).code === "SERVER_UNAVAILABLE";

const startPauseMs = 1_000;

async function patiently<T>({ tell }: AttestOptions, signal: AbortSignal, step: () => Promise<T>): Promise<T> {
  for (let last = ""; ; ) {
    signal.throwIfAborted();
    try {
      return await step();
    } catch (error) {
      signal.throwIfAborted();
      if (!mayPass(error)) throw error;
      const problem = (error as Error).message;
      if (problem !== last) tell({ type: "waiting", problem });
      last = problem;
      await sleep(startPauseMs, undefined, { signal });
    }
  }
}

interface Following {
  readonly attestor: Attestor;
  readonly messages: SignedMessages;
  readonly chain: ChainSource;
  readonly seen: { now: PoolSight | null };
  readonly tell: (event: AttestorEvent) => void;
  readonly signal: AbortSignal;
  readonly options: AttestOptions;
}

const pauseMsMax = 10_000;

async function follow({ attestor, messages, chain, seen, tell, signal, options }: Following): Promise<void> {
  const { pollMs = 1_000 } = options;
  let pauseMs = pollMs;
  /** Null where it went well. */
  const attempt = async (work: () => Promise<void>): Promise<boolean> => {
    try {
      await work();
      return true;
    } catch (error) {
      if (!signal.aborted) tell({ type: "waiting", problem: problemOf(error) });
      return false;
    }
  };
  while (!signal.aborted) {
    const isFollowing = await attempt(async () => {
      seen.now = await attestor.step();
    });
    // What was signed is brought onto the chain, also where there is no server any more.
    const isDelivered = await attempt(async () => {
      seen.now = isFollowing && seen.now !== null ? seen.now : await chain.poolNow();
      await messages.step(seen.now);
    });
    pauseMs = isFollowing && isDelivered ? pollMs : Math.min(2 * pauseMs, Math.max(pollMs, pauseMsMax));
    await sleep(pauseMs, undefined, { signal }).catch(() => undefined);
  }
  await attempt(() => attestor.replay.storeLanes(true));
}

const problemOf = (error: unknown): string => (error instanceof Error ? error.message : String(error));

/** What is said again and again while somebody is away is said once. */
function onlyNews(tell: AttestOptions["tell"]): AttestOptions["tell"] {
  let last = "";
  return (event) => {
    const text = event.type === "waiting" ? event.problem : "";
    if (text !== "" && text === last) return;
    last = text;
    tell(event);
  };
}
