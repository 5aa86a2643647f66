import { type Network, network as networkSchema } from "../../contract/network.ts";
import { type Bytes32, bytes32, fromBase58 } from "../../core/bytes.ts";
import { type AttestorSet, isAttestorSet } from "../../core/commit/attestors.ts";
import { earnestError } from "../../core/errors.ts";
import { placesOf, trustOfChain } from "../../market/settlement/chain-trust.ts";
import type { ReceiptTrust } from "../../market/settlement/verify-receipt.ts";
import { readPoolTrustAt } from "../../rails/solana/escrow/pool-trust.ts";
import type { CommandContext } from "../context.ts";
import { parsePublicKey } from "../crypto.ts";
import { readTextFile } from "../files.ts";
import { inToken } from "../network-of-market.ts";
import { readRows } from "./read-rows.ts";
import { readHeader } from "./receipts-file.ts";

export interface TrustOptions {
  readonly signer?: string;
  readonly network?: string;
  readonly rpc?: string;
}

/**
 * Who said whom to trust with commits, the best first: the chain's accounts, a file that was given, what `earnest login`
 * kept, or nobody but the receipts themselves; `none` where only a signer of heads is known.
 */
export type TrustOrigin = "chain" | "network file" | "profile" | "receipts" | "none";

/** Whom to trust with the receipts of one token, whose pool has commits of its own. */
export interface TokenTrust {
  readonly trust: ReceiptTrust;
  /** Null where no network is known. */
  readonly token: TrustedToken | null;
}

export interface TrustedToken {
  readonly mint: string;
  readonly decimals: number;
  /** Whether it is the network's home token, which specifications do not name. */
  readonly isHome: boolean;
}

export interface Trusted {
  readonly signer: Bytes32 | null;
  readonly origin: TrustOrigin;
  /**
   * By the pool that a receipt's commit names; of the home token where it names none, or none of the network's.
   *
   * @throws as `readPoolTrustAt`
   */
  readonly trustOf: (pool: string | null) => Promise<TokenTrust>;
  /** All of the network's, the home token first; empty where no network is known. */
  readonly tokens: readonly TrustedToken[];
}

/** @throws MALFORMED_COMMAND where nobody is known to trust */
export async function findTrust(
  context: CommandContext,
  options: TrustOptions,
  files: readonly string[],
): Promise<Trusted> {
  const named = await knownNetwork(context, options, files);
  const known = named === null ? null : { ...named, network: atHome(named.network) };
  const signer = signerOf(options, known?.network ?? null);
  if (known === null) {
    if (options.rpc !== undefined) throw unknown("Which network's receipts these are is not known");
    if (signer === null) throw unknown("The network's signing key is not known");
    const trust = { signer, commits: null };
    return { signer, origin: "none", trustOf: () => Promise.resolve({ trust, token: null }), tokens: [] };
  }
  const { network, origin } = known;
  if (options.rpc !== undefined && knownPlaces(network) === null)
    throw unknown("What is known of the network does not say where its commits count");
  const found = new Map<string, Promise<TokenTrust>>();
  const trustOf = (pool: string | null): Promise<TokenTrust> => {
    const own = inPool(network, pool);
    const trusted =
      found.get(own.pool) ?? trustIn(own, own.pool === network.pool, { rpc: options.rpc, signer, origin });
    found.set(own.pool, trusted);
    return trusted;
  };
  const tokens = [network, ...network.tokens.slice(1)].map(({ mint, decimals }, i) => ({
    mint,
    decimals,
    isHome: i === 0,
  }));
  return { signer, origin: options.rpc === undefined ? origin : "chain", trustOf, tokens };
}

/** A header names its market's token as the network's own: the list says which is the home token. */
function atHome(network: Network): Network {
  const [home] = network.tokens;
  return home === undefined ? network : inToken(network, home);
}

function inPool(network: Network, pool: string | null): Network {
  const token = network.tokens.find((each) => each.pool === pool);
  return token === undefined ? network : inToken(network, token);
}

interface By {
  readonly signer: Bytes32 | null;
  readonly origin: TrustOrigin;
  readonly rpc: string | undefined;
}

async function trustIn(network: Network, isHome: boolean, { signer, origin, rpc }: By): Promise<TokenTrust> {
  const { mint, decimals } = network;
  const token = { mint, decimals, isHome };
  const places = knownPlaces(network);
  const set = setOf(network);
  if (rpc === undefined) {
    // Whoever names attestors without the chain does not say since which rotation.
    const commits = set === null || places === null ? null : { ...places, sets: { get: () => set } };
    return { trust: { signer, commits }, token };
  }
  const now = await readPoolTrustAt(rpc, network);
  // Never the receipts themselves: somebody believed before says who attestors were before a rotation.
  return { trust: trustOfChain(signer, network, now, origin === "receipts" ? null : set), token };
}

interface KnownNetwork {
  readonly network: Network;
  readonly origin: TrustOrigin;
}

async function knownNetwork(
  context: CommandContext,
  { network: path }: TrustOptions,
  files: readonly string[],
): Promise<KnownNetwork | null> {
  if (path !== undefined) return { network: await readNetworkFile(context.path(path)), origin: "network file" };
  const kept = (await context.profile())?.network ?? null;
  if (kept !== null) return { network: kept, origin: "profile" };
  const [first] = files;
  if (first === undefined) return null;
  const network = await headerOf(context.path(first), first);
  return network === null ? null : { network, origin: "receipts" };
}

/** The network that the first row of a file names. */
async function headerOf(path: string, name: string): Promise<Network | null> {
  for await (const row of readRows(path, name)) return "value" in row ? (readHeader(row.value)?.network ?? null) : null;
  return null;
}

const networkBytesMax = 65_536;

/** What `GET /v1/network` answers, kept in a file. */
async function readNetworkFile(path: string): Promise<Network> {
  const text = await readTextFile(path, networkBytesMax);
  const read = networkSchema.safeParse(jsonIn(text));
  if (read.success) return read.data;
  const [issue] = read.error.issues;
  const problem = `it does not describe a network (${[...(issue?.path ?? []), issue?.message].join(": ")})`;
  throw earnestError("MALFORMED_FILE", { path, problem });
}

function jsonIn(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return null;
  }
}

function signerOf({ signer }: TrustOptions, network: Network | null): Bytes32 | null {
  if (signer !== undefined) return parsePublicKey(signer, "a signing key");
  return network === null ? null : keyOf(network.signer);
}

/** Null where it does not say where its commits count. */
function knownPlaces(network: Network) {
  try {
    return placesOf(network);
  } catch {
    return null;
  }
}

function setOf({ attestors }: Network): AttestorSet | null {
  const set = { threshold: attestors.threshold, keys: attestors.keys.map(keyOf) };
  return isAttestorSet(set) ? set : null;
}

const keyOf = (address: string): Bytes32 => bytes32(fromBase58(address));

const unknown = (problem: string): Error =>
  earnestError("MALFORMED_COMMAND", {
    problem,
    mend: "Give --network with a file of what GET /v1/network answers, or the signing key with --signer.",
  });
