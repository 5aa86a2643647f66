import type { Address } from "@solana/kit";
import { type EarnestError, earnestError, isEarnestError } from "../../../core/errors.ts";
import type { SignedTransaction } from "../messages.ts";
import { openPage, type PoolAddresses } from "../program/instructions.ts";
import { outcomesOf, submit } from "../submission.ts";
import { creationUnits, pageUnits } from "./claim-sizes.ts";
import {
  type ClaimReason,
  type ClaimSource,
  type ClaimWish,
  claimPlan,
  type DueClaim,
  findDue,
  groupClaims,
} from "./claims.ts";
import type { Escrow } from "./escrow.ts";
import { createTokenAccount } from "./pools.ts";
import { explained, isRefusal } from "./refusals.ts";
import { planSponsorship, type SponsorLedger, type SponsorPolicy, type SponsorReason } from "./sponsorship.ts";
import { signPlans, type TransactionPlan, type TransactionVersion } from "./transactions.ts";

/** Who pays for token accounts that are missing. */
export type AccountCreation =
  /** Nobody: who has none waits. */
  | "never"
  /** Whoever pays the fees: for a contributor who claims for itself. */
  | "always"
  | {
      readonly policy: SponsorPolicy;
      readonly ledger: SponsorLedger;
      /** Makes durable whose accounts are paid for, before any is. */
      store(granted: readonly number[], lamportsEach: bigint): Promise<void>;
    };

export interface Paying {
  readonly source: ClaimSource;
  readonly wishes: readonly ClaimWish[];
  readonly creation: AccountCreation;
  readonly version?: TransactionVersion;
}

export interface PayingOutcome {
  /** Indexes whose claims are final. */
  readonly paid: readonly number[];
  readonly waiting: readonly { readonly index: number; readonly reason: ClaimReason | SponsorReason }[];
  /** What a claim was refused with; its leaves stay due. */
  readonly failures: readonly { readonly indexes: readonly number[]; readonly error: EarnestError }[];
  /** Transactions sent. */
  readonly transactions: number;
}

/**
 * Pays who can be paid. Nothing but the sponsorship has to be stored: what was paid stands on the chain's pages, so it
 * may be repeated after a crash, and by several at once, and nobody is paid twice.
 *
 * @throws SPONSOR_INSUFFICIENT where the sponsor could pay for nobody; LAMPORTS_INSUFFICIENT; CHAIN_UNAVAILABLE
 */
export async function payClaims(escrow: Escrow, at: PoolAddresses, paying: Paying): Promise<PayingOutcome> {
  const { source, wishes, version = 0 } = paying;
  const before = await findDue(escrow, at, source, wishes);
  const { accounts, waiting } = await grant(escrow, before.withoutAccount, paying.creation);
  const setup = setupPlans(escrow, at, before.closedPages, accounts);
  await sendAll(escrow, await signPlans(escrow, setup));
  const after = setup.length === 0 ? before : await findDue(escrow, at, source, wishes);
  const groups = groupClaims(source, after.ready, version);
  const plans = groups.map((group) => claimPlan(at, source, group, version));
  const sent = await sendAll(escrow, await signPlans(escrow, plans));
  const failures = groups.flatMap(({ indexes }, i) => {
    const error = sent[i] ?? null;
    return error === null || isRefusal(error, "NOTHING_DUE") ? [] : [{ indexes, error }];
  });
  const failed = new Set(failures.flatMap((each) => each.indexes));
  const paid = groups.flatMap(({ indexes }) => indexes).filter((index) => !failed.has(index));
  return { paid, waiting: [...after.waiting, ...waiting], failures, transactions: setup.length + plans.length };
}

interface Granted {
  readonly accounts: readonly DueClaim[];
  readonly waiting: readonly { readonly index: number; readonly reason: ClaimReason | SponsorReason }[];
}

const tokenAccountBytes = 165n;
const feeLamports = 5_000n;

async function grant(escrow: Escrow, missing: readonly DueClaim[], creation: AccountCreation): Promise<Granted> {
  if (missing.length === 0 || creation === "always") return { accounts: missing, waiting: [] };
  if (creation === "never") {
    return { accounts: [], waiting: missing.map(({ leaf }) => ({ index: leaf.index, reason: "noAccount" })) };
  }
  const { client, payer } = escrow;
  const rent = await client.call((rpc) => rpc.getMinimumBalanceForRentExemption(tokenAccountBytes));
  const { value: held } = await client.call((rpc) => rpc.getBalance(payer.address, { commitment: "confirmed" }));
  const lamportsEach = rent + feeLamports;
  const candidates = missing.map(({ leaf, due }) => ({ index: leaf.index, due }));
  const { granted, waiting } = planSponsorship(creation.policy, creation.ledger, candidates, { lamportsEach, held });
  if (granted.length === 0 && waiting.some((each) => each.reason === "emptySponsor")) {
    const needed = String(lamportsEach);
    throw earnestError("SPONSOR_INSUFFICIENT", { sponsor: payer.address, held: String(held), needed });
  }
  if (granted.length > 0) await creation.store(granted, lamportsEach);
  const chosen = new Set(granted);
  return { accounts: missing.filter(({ leaf }) => chosen.has(leaf.index)), waiting };
}

const creationsPerTransaction = 8;
const pagesPerTransaction = 8;

function setupPlans(
  escrow: Escrow,
  at: PoolAddresses,
  pages: readonly number[],
  accounts: readonly DueClaim[],
): (TransactionPlan & { readonly computeUnits: number })[] {
  const payer = escrow.payer.address;
  return [
    ...chunks(pages, pagesPerTransaction).map((chunk) => ({
      instructions: chunk.map((number) => openPage(at, payer, BigInt(number))),
      computeUnits: pageUnits * chunk.length,
    })),
    ...chunks(accounts, creationsPerTransaction).map((chunk) => ({
      instructions: chunk.map((each) => createTokenAccount(payer, each.destination, each.wallet as Address, at)),
      computeUnits: creationUnits * chunk.length,
    })),
  ];
}

function chunks<T>(items: readonly T[], size: number): T[][] {
  const result: T[][] = [];
  for (let at = 0; at < items.length; at += size) result.push(items.slice(at, at + size));
  return result;
}

const pollMs = 400;
const sendsAtOnce = 8;

/**
 * Sends transactions that may be lost without harm, until each is final. In their order: null, or why it failed.
 *
 * @throws CHAIN_UNAVAILABLE; LAMPORTS_INSUFFICIENT, as then none of them gets through
 */
export async function sendAll(
  escrow: Escrow,
  transactions: readonly SignedTransaction[],
): Promise<(EarnestError | null)[]> {
  const refusals = new Map<SignedTransaction, EarnestError>();
  const results = new Map<SignedTransaction, EarnestError | null>();
  for (let open = [...transactions]; open.length > 0; ) {
    for (const chunk of chunks(open, sendsAtOnce))
      await Promise.all(chunk.map((each) => trySend(escrow, each, refusals)));
    const outcomes = await outcomesOf(escrow.client, open);
    open.forEach((transaction, i) => {
      const { signature } = transaction;
      const outcome = outcomes[i];
      const refused = refusals.get(transaction);
      if (outcome === "finalized") results.set(transaction, null);
      else if (outcome === "expired")
        results.set(transaction, refused ?? earnestError("TRANSACTION_EXPIRED", { signature }));
      else if (outcome === "failed") {
        const problem = "a program refused it";
        results.set(transaction, refused ?? earnestError("TRANSACTION_FAILED", { signature, problem }));
      } else if (refused !== undefined) results.set(transaction, refused);
    });
    open = open.filter((each) => !results.has(each));
    if (open.length > 0) await escrow.client.sleep(pollMs);
  }
  return transactions.map((each) => results.get(each) ?? null);
}

async function trySend(
  escrow: Escrow,
  transaction: SignedTransaction,
  refusals: Map<SignedTransaction, EarnestError>,
): Promise<void> {
  try {
    refusals.delete(transaction);
    await submit(escrow.client, transaction);
  } catch (error) {
    const known = explained(error, escrow.payer.address);
    if (!isEarnestError(known) || isEarnestError(known, "CHAIN_UNAVAILABLE")) throw known;
    if (isEarnestError(known, "LAMPORTS_INSUFFICIENT")) throw known;
    refusals.set(transaction, known);
  }
}
