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

export interface Trusted {
  readonly trust: ReceiptTrust;
  readonly origin: TrustOrigin;
  /** Of the token; null where no network is known. */
  readonly decimals: number | null;
}

/** @throws MALFORMED_COMMAND where nobody is known to trust; as `readPoolTrustAt` */
export async function findTrust(
  context: CommandContext,
  options: TrustOptions,
  files: readonly string[],
): Promise<Trusted> {
  const known = await knownNetwork(context, options, files);
  const signer = signerOf(options, known?.network ?? null);
  if (known === null) {
    if (options.rpc !== undefined) throw unknown("Which network's receipts these are is not known");
    if (signer === null) throw unknown("The network's signing key is not known");
    return { trust: { signer, commits: null }, origin: "none", decimals: null };
  }
  const network = await ofReceipts(context, known.network, files);
  const { decimals } = network;
  const places = knownPlaces(network);
  if (options.rpc === undefined) {
    const set = setOf(network);
    // Whoever names attestors without the chain does not say since which rotation.
    const commits = set === null || places === null ? null : { ...places, sets: { get: () => set } };
    return { trust: { signer, commits }, origin: known.origin, decimals };
  }
  if (places === null) throw unknown("What is known of the network does not say where its commits count");
  const now = await readPoolTrustAt(options.rpc, network);
  // Never the receipts themselves: somebody believed before says who attestors were before a rotation.
  const believed = known.origin === "receipts" ? null : setOf(network);
  return { trust: trustOfChain(signer, network, now, believed), origin: "chain", decimals };
}

/** By the token that the receipts are in, where it is one of the network's: each has a pool of its own. */
async function ofReceipts(context: CommandContext, network: Network, [first]: readonly string[]): Promise<Network> {
  const said = first === undefined ? null : await headerOf(context.path(first), first);
  const token = network.tokens.find(({ pool }) => pool === said?.pool);
  return token === undefined ? network : inToken(network, token);
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
