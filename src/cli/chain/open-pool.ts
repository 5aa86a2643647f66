import { Commits } from "../../client/commits.ts";
import { Earnest } from "../../client/earnest.ts";
import { EarnestConnectionError } from "../../client/errors.ts";
import type { Network } from "../../contract/network.ts";
import { fromBase64, toBase58 } from "../../core/bytes.ts";
import { decodeCommit } from "../../core/commit/commit-message.ts";
import { earnestError, isEarnestError } from "../../core/errors.ts";
import { createSolanaClient } from "../../rails/solana/client.ts";
import { readAccounts, readPool } from "../../rails/solana/escrow/accounts.ts";
import { type Escrow, openEscrow, readCluster } from "../../rails/solana/escrow/escrow.ts";
import { type PoolAddresses, poolAddresses } from "../../rails/solana/program/instructions.ts";
import type { PoolAccount } from "../../rails/solana/program/layouts.ts";
import { signerFromSecret } from "../../rails/solana/tokens.ts";
import { readSeed } from "../commands/login.ts";
import { type CommandContext, serverUrl } from "../context.ts";
import { parsePublicKey } from "../crypto.ts";
import { type LeafFile, readLeaves } from "./leaf-file.ts";
import { requireSame } from "./require-same.ts";
import { transportTo } from "./transport-to.ts";

/** Options of the commands that speak to the chain and not to the operator. */
export interface ChainOptions {
  readonly rpc: string;
  readonly keypair: string;
  readonly attestor?: string;
  readonly leafFile?: string;
  readonly pool?: string;
  readonly mint?: string;
}

export interface OpenedPool {
  readonly escrow: Escrow;
  readonly at: PoolAddresses;
  readonly pool: PoolAccount;
  /** The wallet of the keypair file, which pays fees. */
  readonly wallet: PoolAddresses["pool"];
  /** What was given as a file; null: to be asked for. */
  readonly file: LeafFile | null;
}

/**
 * The pool that is meant, and who pays: named, or taken from the leaf file, from an attestor, or from the server. The
 * chain says everything else, so that whoever names a wrong one wastes a fee and nothing more.
 *
 * @throws ESCROW_ACCOUNT_NOT_FOUND, CLUSTER_MISMATCH, CHAIN_UNAVAILABLE, SERVER_UNAVAILABLE, COMMIT_NOT_FOUND,
 * TOKEN_NOT_FOUND, ESCROW_TERMS_MISMATCH where a named pool is another token's
 */
export async function openPool(context: CommandContext, options: ChainOptions): Promise<OpenedPool> {
  const payer = await signerFromSecret(await readSeed(context, options.keypair));
  const client = createSolanaClient({ rpcUrl: serverUrl(options.rpc), attempts: 3 });
  const file = options.leafFile === undefined ? null : await readLeaves(context.path(options.leafFile));
  const place = await placeOf(context, options, file);
  const address = place.pool as PoolAddresses["pool"];
  if (place.cluster !== null) await readCluster(client, place.cluster);
  const { accounts } = await readAccounts(client, [address], "confirmed");
  const program = accounts[0]?.owner as Escrow["program"] | undefined;
  const noPool = earnestError("ESCROW_ACCOUNT_NOT_FOUND", { kind: "pool", address });
  if (program === undefined) throw noPool;
  const escrow = await openEscrow({ client, program, cluster: null, sha256: null, payer }).catch((error: unknown) => {
    // Whose account it is, is no program that holds money of pools.
    throw isEarnestError(error, "PROGRAM_NOT_FOUND") ? noPool : error;
  });
  const pool = await readPool(escrow, address, "confirmed");
  const { network, mint, number, tokenProgram } = pool;
  if (options.mint !== undefined) requireSame("the mint", mint, options.mint, { kind: "pool", address });
  const at = poolAddresses({ program, network, mint, number, tokenProgram });
  return { escrow, at, pool, wallet: payer.address, file };
}

const withoutAttestor =
  "No attestor answers there: name another with --attestor URL, or use a leaf file with --leaf-file FILE.";

interface PoolPlace {
  readonly pool: string;
  /** Null where whoever named the pool does not say. */
  readonly cluster: string | null;
}

const toAddress = (text: string, what: string): string => toBase58(parsePublicKey(text, what));

async function placeOf(context: CommandContext, options: ChainOptions, file: LeafFile | null): Promise<PoolPlace> {
  if (options.pool !== undefined) return { pool: toAddress(options.pool, "a pool's address"), cluster: null };
  if (file !== null) return { pool: toBase58(file.header.pool), cluster: null };
  const mint = options.mint === undefined ? undefined : toAddress(options.mint, "a mint's address");
  return options.attestor === undefined
    ? await placeOfServer(context, mint)
    : await placeOfAttestor(context, options.attestor, mint);
}

async function placeOfAttestor(context: CommandContext, url: string, mint: string | undefined): Promise<PoolPlace> {
  const asked = new Commits(await transportTo(context, url)).list({ limit: 1, mint }).page();
  const { items } = await asked.catch((error: unknown) => {
    if (error instanceof EarnestConnectionError) context.output.note(withoutAttestor);
    throw error;
  });
  const [newest] = items;
  if (newest === undefined) throw earnestError("COMMIT_NOT_FOUND", { digest: "that is the newest" });
  const { pool, cluster } = decodeCommit(fromBase64(newest.message)).context;
  return { pool: toBase58(pool), cluster: toBase58(cluster) };
}

async function placeOfServer(context: CommandContext, mint: string | undefined): Promise<PoolPlace> {
  const { cluster, pool, tokens } = await networkOfServer(context);
  if (mint === undefined) return { pool, cluster };
  const token = tokens.find((each) => each.mint === mint);
  if (token === undefined) throw earnestError("TOKEN_NOT_FOUND", { mint });
  return { pool: token.pool, cluster };
}

/** What the profile remembers serves as well: it was written when the server still answered. */
async function networkOfServer(context: CommandContext): Promise<Network> {
  try {
    return await new Earnest(await context.clientOptions()).network();
  } catch (error) {
    const known = (await context.profile())?.network;
    if (known === null || known === undefined) throw error;
    return known;
  }
}
