import { type Address, generateKeyPairSigner, type KeyPairSigner } from "@solana/kit";
import { type Amount, amount, zero } from "../core/amount.ts";
import { type Bytes32, bytes32, fromBase58 } from "../core/bytes.ts";
import type { MarketId } from "../core/market-id.ts";
import type { TestLocalnet } from "./localnet/fixture.ts";
import { startTestLocalnet } from "./localnet/fixture.ts";
import type { LocalnetOptions } from "./localnet/localnet.ts";
import type { Rail, TokenDesk } from "./rail.ts";
import { createSolanaClient, type SolanaClient } from "./solana/client.ts";
import { type Escrow, openEscrow } from "./solana/escrow/escrow.ts";
import { testAttestors, testDelays } from "./solana/escrow/fixture.ts";
import { ensureMarket, marketAt, payIn } from "./solana/escrow/markets.ts";
import { ensureNetwork, type OpenNetwork } from "./solana/escrow/networks.ts";
import { ensurePool, type OpenPool } from "./solana/escrow/pools.ts";
import { createEscrowRail } from "./solana/escrow-rail.ts";
import { localnetProgram, readProgramFile } from "./solana/program/program-file.ts";
import { createTokenDesk } from "./solana/token-desk.ts";
import { createMint, type Mint, mintTo, requestSol } from "./solana/tokens.ts";

/** What a deposit is for: as the server's view of a market says it. */
export interface Funding {
  readonly market: MarketId;
  readonly specHash: Bytes32;
  readonly amount: Amount;
}

export interface TestRail {
  readonly net: TestLocalnet;
  readonly client: SolanaClient;
  readonly rail: Rail;
  readonly escrow: Escrow;
  readonly network: OpenNetwork;
  readonly pool: OpenPool;
  readonly mint: Mint;
  readonly operator: KeyPairSigner;
  /** Further tokens, whichever somebody asks for. */
  readonly tokens: TokenDesk;
  /** A requester with SOL and this many base units. */
  requester(tokens: bigint): Promise<KeyPairSigner>;
  /** Gives a wallet SOL and base units. */
  supply(wallet: string, tokens: bigint): Promise<void>;
  /** Opens the market's account on chain, where that is missing, and pays into it: the deposit's signature. */
  fund(requester: KeyPairSigner, funding: Funding): Promise<string>;
  close(): Promise<void>;
}

export const units = (value: bigint): Amount => amount(value);

export interface TestRailOptions extends Partial<LocalnetOptions> {
  readonly delays?: Partial<typeof testDelays>;
}

/** A network with one pool and three attestors, two of whom sign, on a localnet of its own. For tests. */
export async function startTestRail({ delays, ...options }: TestRailOptions = {}): Promise<TestRail> {
  const net = await startTestLocalnet(options);
  const client = createSolanaClient({ rpcUrl: net.rpcUrl });
  const operator = await funded(client);
  const mint = await createMint(client, operator, 6);
  const { sha256 } = readProgramFile();
  const escrow = await openEscrow({ client, program: localnetProgram, cluster: null, sha256, payer: operator });
  const network = await ensureNetwork(escrow, operator, {
    id: 1n,
    operator: operator.address,
    cluster: bytes32(fromBase58(escrow.cluster)),
    ...testDelays,
    refundDelaySeconds: 30 * 86_400,
    deadAfterSeconds: 60 * 86_400,
    ...delays,
    attestors: { threshold: 2, keys: testAttestors.map((each) => each.address) },
  });
  const pool = await ensurePool(escrow, { network: network.address, mint: mint.address as Address, number: 0 });
  return {
    net,
    client,
    rail: createEscrowRail(escrow, network.account, pool),
    escrow,
    network,
    pool,
    mint,
    operator,
    tokens: createTokenDesk({
      escrow,
      operator,
      network,
      permits: () => true,
      limits: { perDayMax: 2, allPerDayMax: 3, poolsMax: 3 },
      allowsFreezing: false,
      sponsorOf: () => ({ dueMin: zero, perDayMax: 100, lamportsMax: 10n ** 15n }),
    }),
    async requester(tokens) {
      const signer = await funded(client);
      await mintTo(client, operator, mint, signer.address, units(tokens));
      return signer;
    },
    async supply(wallet, tokens) {
      await requestSol(client, wallet, 1_000_000_000_000n);
      await mintTo(client, operator, mint, wallet, units(tokens));
    },
    async fund(requester, { market, specHash, amount: value }) {
      await ensureMarket(escrow, pool.at, { requester, id: market, specHash });
      const account = marketAt(pool.at, requester.address, market);
      return await payIn(escrow, pool.at, { market: account, owner: requester, amount: value });
    },
    async close() {
      await net.close();
      net.remove();
    },
  };
}

async function funded(client: SolanaClient): Promise<KeyPairSigner> {
  const signer = await generateKeyPairSigner();
  await requestSol(client, signer.address, 1_000_000_000_000n);
  return signer;
}
