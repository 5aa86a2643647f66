import type { Market } from "../../contract/markets.ts";
import type { Network } from "../../contract/network.ts";
import { type Bytes32, bytes32, fromHex, toHex } from "../../core/bytes.ts";
import { earnestError } from "../../core/errors.ts";
import { jsonHash, tags } from "../../core/hash.ts";
import { marketId } from "../../core/market-id.ts";
import { createSolanaClient } from "../../rails/solana/client.ts";
import { readMarkets, readNetwork, readPool } from "../../rails/solana/escrow/accounts.ts";
import { type Escrow, openEscrow } from "../../rails/solana/escrow/escrow.ts";
import { ensureMarket, marketAt } from "../../rails/solana/escrow/markets.ts";
import { type PoolAddresses, poolAddresses } from "../../rails/solana/program/instructions.ts";
import type { MarketAccount, NetworkAccount } from "../../rails/solana/program/layouts.ts";
import { readProgramFile } from "../../rails/solana/program/program-file.ts";
import { signerFromSecret } from "../../rails/solana/tokens.ts";
import { readSeed } from "../commands/login.ts";
import type { CommandContext } from "../context.ts";
import { sha256 } from "../crypto.ts";
import { requireSame } from "./require-same.ts";
import { knownRpc, rpcOf } from "./rpc-of.ts";

type Address = PoolAddresses["pool"];
type Wallet = Awaited<ReturnType<typeof signerFromSecret>>;

export interface RequesterOptions {
  readonly keypair: string;
  readonly rpc?: string | undefined;
}

/** A market's account on chain, in the hands of the wallet that pays into it and gets back what is left. */
export interface RequesterMarket {
  readonly escrow: Escrow;
  readonly at: PoolAddresses;
  readonly decimals: number;
  readonly wallet: Wallet;
  readonly account: Address;
  /** Opens the account where there is none. */
  open(): Promise<void>;
  /** Null where it was never opened, or was refunded. */
  read(): Promise<MarketAccount | null>;
}

/**
 * What the server says of chain and market is checked before any money moves: the cluster, the program's code, where the
 * account is, and that its hash binds the spec that is shown.
 *
 * @throws MALFORMED_COMMAND where the keypair is another wallet's; CLUSTER_MISMATCH, PROGRAM_MISMATCH,
 * PROGRAM_NOT_FOUND, ESCROW_TERMS_MISMATCH, CHAIN_UNAVAILABLE
 */
export async function openRequesterMarket(
  context: CommandContext,
  { keypair, rpc }: RequesterOptions,
  market: Market,
  network: Network,
): Promise<RequesterMarket> {
  const wallet = await signerFromSecret(await readSeed(context, keypair));
  requireRequester(wallet.address, market);
  const specHash = specHashOf(market);
  const client = createSolanaClient({ rpcUrl: await rpcOf(context, rpc), attempts: 3 });
  const { sha256: program } = readProgramFile();
  const escrow = await openEscrow({
    client,
    program: network.program as Address,
    cluster: network.cluster,
    sha256: program,
    payer: wallet,
  });
  const pool = await readPool(escrow, market.token.pool as Address, "confirmed");
  const { mint, number, tokenProgram, decimals } = pool;
  const at = poolAddresses({ program: escrow.program, network: pool.network, mint, number, tokenProgram });
  const id = marketId(market.id);
  const account = marketAt(at, wallet.address, id);
  requireSame("the mint", mint, market.token.mint, { kind: "pool", address: at.pool });
  requireSame("the address", account, market.account, { kind: "market", address: account });
  return {
    escrow,
    at,
    decimals,
    wallet,
    account,
    async open() {
      await ensureMarket(escrow, at, { requester: wallet, id, specHash });
    },
    read: async () => (await readMarkets(escrow, [account], "confirmed"))[0] ?? null,
  };
}

function requireRequester(wallet: string, { id, refundTo }: Market): void {
  if (wallet === refundTo) return;
  throw earnestError("MALFORMED_COMMAND", {
    problem: `The keypair is that of ${wallet}; the account of market ${id} belongs to ${refundTo}`,
    mend: `Name the keypair file of ${refundTo}, or make a market with "refundTo": "${wallet}".`,
  });
}

function specHashOf({ id, spec, specHash }: Market): Bytes32 {
  const own = toHex(jsonHash(sha256, tags.spec, spec));
  requireSame("a spec of hash", specHash, own, { kind: "market", address: id });
  return bytes32(fromHex(own));
}

/** What anybody sees of a market's account, where a node is known. */
export interface AccountSight {
  readonly account: MarketAccount | null;
  readonly network: NetworkAccount;
}

/** Null where no node is known, or the one that was named does not answer: then that is said beside. */
export async function lookAtAccount(
  context: CommandContext,
  rpc: string | undefined,
  market: Market,
  { cluster, program, network }: Network,
): Promise<AccountSight | null> {
  const rpcUrl = await knownRpc(context, rpc);
  if (rpcUrl === null) return null;
  try {
    const client = createSolanaClient({ rpcUrl, attempts: 1, callTimeoutMs: 5_000 });
    const payer = await signerFromSecret(new Uint8Array(32));
    const escrow = await openEscrow({ client, program: program as Address, cluster, sha256: null, payer });
    const [accounts, found] = await Promise.all([
      readMarkets(escrow, [market.account as Address], "confirmed"),
      readNetwork(escrow, network as Address, "confirmed"),
    ]);
    return { account: accounts[0] ?? null, network: found };
  } catch (error) {
    // The local chain of the data folder need not be the one of this server.
    if (rpc !== undefined) context.output.note(`The account on chain cannot be shown: ${(error as Error).message}`);
    return null;
  }
}
