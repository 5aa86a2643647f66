import type { Address, KeyPairSigner } from "@solana/kit";
import { type Amount, parseAmount, zero } from "../core/amount.ts";
import { fromBase58, toHex } from "../core/bytes.ts";
import { earnestError } from "../core/errors.ts";
import type { WithdrawalPolicy } from "../engine/withdrawals/policy.ts";
import { createSolanaClient } from "../rails/solana/client.ts";
import { readNetwork } from "../rails/solana/escrow/accounts.ts";
import { openEscrow } from "../rails/solana/escrow/escrow.ts";
import { defaultFees } from "../rails/solana/escrow/fees.ts";
import { ensurePool } from "../rails/solana/escrow/pools.ts";
import type { SponsorPolicy } from "../rails/solana/escrow/sponsorship.ts";
import { readProgramFile } from "../rails/solana/program/program-file.ts";
import { createTokenDesk } from "../rails/solana/token-desk.ts";
import type { ChainSide } from "./chain-side.ts";

/** A network that lives on a cluster: what its operator has to say of it. */
export interface ClusterOptions {
  readonly rpcUrl: string;
  readonly publicRpcUrl: string | null;
  readonly operator: KeyPairSigner;
  readonly program: Address;
  readonly network: Address;
  readonly mint: Address;
  /** Further tokens that requesters may have it pay in; "any" also has it issue some for them. */
  readonly permittedMints: readonly string[] | "any";
  /** Takes a mint whose issuer can freeze token accounts. */
  readonly allowsFreezing: boolean;
  /** Micro-lamports a compute unit, at most. */
  readonly unitPriceMax: bigint;
  readonly sponsor: Omit<SponsorPolicy, "dueMin">;
  /** In tokens: what must be due before a token account is paid for. */
  readonly sponsorMin: string;
  readonly withdrawals: WithdrawalPolicy;
}

/** A token account costs a contributor's operator about 2,000,000 lamports: a hundred of them a day, half a SOL in all. */
export const clusterSponsor = { perDayMax: 100, lamportsMax: 500_000_000n } as const;
/** Whoever closes a token account gets its rent: earning an account has to cost more than that is worth. */
export const sponsorMin = "1";
/** Fees of 10,000 lamports and a token account now and then: thrice a day for each contributor, 0.02 SOL a day in all. */
export const clusterWithdrawals: WithdrawalPolicy = {
  amountMin: zero,
  perDayMax: 3,
  accountsMax: 1,
  lamportsPerDayMax: 20_000_000n,
};
/** A mint, its pool and their token accounts take some 0.02 SOL of rent. */
const clusterTokens = { perDayMax: 1, allPerDayMax: 10, poolsMax: 32 } as const;
const epochMs = 30_000;

/**
 * Joins a network on a cluster, and opens its pool of this mint where it is missing.
 *
 * @throws PROGRAM_NOT_FOUND, PROGRAM_MISMATCH (not the program that ships with this version), ESCROW_ACCOUNT_NOT_FOUND,
 * ESCROW_TERMS_MISMATCH (a network of another operator or cluster), MINT_NOT_FOUND, MINT_REFUSED, LAMPORTS_INSUFFICIENT,
 * CHAIN_UNAVAILABLE
 */
export async function openClusterSide(options: ClusterOptions): Promise<ChainSide> {
  const {
    rpcUrl,
    operator,
    program,
    network: address,
    mint,
    unitPriceMax,
    sponsor,
    withdrawals,
    allowsFreezing,
  } = options;
  const client = createSolanaClient({ rpcUrl });
  const { sha256 } = readProgramFile();
  const fees = { ...defaultFees, unitPriceMax };
  const escrow = await openEscrow({ client, program, cluster: null, sha256, payer: operator, fees });
  const account = await readNetwork(escrow, address, "finalized");
  const differs = (field: string, found: string, expected: string): never => {
    throw earnestError("ESCROW_TERMS_MISMATCH", { kind: "network", address, field, found, expected });
  };
  const cluster = toHex(fromBase58(escrow.cluster));
  if (toHex(account.cluster) !== cluster) differs("the cluster", toHex(account.cluster), cluster);
  if (account.operator !== operator.address) differs("the operator", account.operator, operator.address);
  const pool = await ensurePool(escrow, { network: address, mint, number: 0, allowsFreezing });
  const network = { address, account };
  const dueMin = (decimals: number): Amount => parseAmount(options.sponsorMin, decimals);
  const { permittedMints } = options;
  const isListed = (asked: string | null): boolean =>
    asked !== null && permittedMints !== "any" && permittedMints.includes(asked);
  const tokens = createTokenDesk({
    escrow,
    operator,
    network,
    permits: (asked) => permittedMints === "any" || isListed(asked),
    limits: clusterTokens,
    allowsFreezing,
    // Whoever issues a token can earn as much of it as it likes: accounts for it are not given away.
    sponsorOf: (asked, decimals) => ({
      ...sponsor,
      perDayMax: isListed(asked) ? sponsor.perDayMax : 0,
      dueMin: dueMin(decimals),
    }),
  });
  return {
    client,
    operator,
    mint: { address: mint, decimals: pool.account.decimals },
    settlement: { escrow, network, pool },
    rpcUrl,
    wsUrl: rpcUrl.replace(/^http/, "ws"),
    publicRpcUrl: options.publicRpcUrl,
    epochMs,
    sponsor: { ...sponsor, dueMin: dueMin(pool.account.decimals) },
    tokens,
    withdrawals,
  };
}
