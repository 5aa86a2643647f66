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
  findPaid,
  groupClaims,
} from "./claims.ts";
import type { Escrow } from "./escrow.ts";
import { createTokenAccount, token2022Program } from "./pools.ts";
import { explained } from "./refusals.ts";
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
      storeGranted(indexes: readonly number[], lamportsEach: bigint): Promise<void>;
      /** Makes durable whose paid-for accounts were seen on the chain. */
      storeMade(indexes: readonly number[]): Promise<void>;
    };

export interface Paying {
  readonly source: ClaimSource;
  readonly wishes: readonly ClaimWish[];
  readonly creation: AccountCreation;
  readonly version?: TransactionVersion;
}

export interface PayingOutcome {
  /** Whose pages say that they were paid, by this or by others meanwhile. */
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
  const { accounts, waiting } = await grant(escrow, at, before.withoutAccount, paying.creation);
  const setup = setupPlans(escrow, at, before.closedPages, accounts, version);
  await sendAll(escrow, await signPlans(escrow, setup));
  const after = setup.length === 0 ? before : await findDue(escrow, at, source, wishes);
  await noteMade(paying.creation, accounts, after.ready);
  const groups = groupClaims(source, after.ready, version);
  const plans = groups.map((group) => claimPlan(at, source, group, version));
  const sent = await sendAll(escrow, await signPlans(escrow, plans));
  // The program skips who cannot be paid after all; its pages say who was.
  const paid = await findPaid(escrow, at, after.ready, "confirmed");
  const unpaid = new Set(after.ready.map(({ leaf }) => leaf.index));
  for (const index of paid) unpaid.delete(index);
  const failures = groups.flatMap((group, i) => {
    const [error, indexes] = [sent[i] ?? null, group.indexes.filter((index) => unpaid.has(index))];
    for (const index of error === null ? [] : indexes) unpaid.delete(index);
    return error === null || indexes.length === 0 ? [] : [{ indexes, error }];
  });
  const skipped = [...unpaid].map((index) => ({ index, reason: "unusableAccount" as const }));
  const all = [...after.waiting, ...waiting, ...skipped];
  return { paid, waiting: all, failures, transactions: setup.length + plans.length };
}

/** A paid-for account was made as soon as it was seen: closing it later gives nobody another one. */
async function noteMade(
  creation: AccountCreation,
  created: readonly DueClaim[],
  ready: readonly DueClaim[],
): Promise<void> {
  if (typeof creation === "string") return;
  const now = new Set(created.map(({ leaf }) => leaf.index));
  const indexes = ready.map(({ leaf }) => leaf.index);
  const made = indexes.filter((index) => now.has(index) || creation.ledger.stateOf(index) === "granted");
  if (made.length > 0) await creation.storeMade(made);
}

interface Granted {
  readonly accounts: readonly DueClaim[];
  readonly waiting: readonly { readonly index: number; readonly reason: ClaimReason | SponsorReason }[];
}

/** An associated token account of Token-2022 also says that its owner stays. */
const accountBytes = { classic: 165n, token2022: 170n };
const feeLamports = 5_000n;

async function grant(
  escrow: Escrow,
  at: PoolAddresses,
  missing: readonly DueClaim[],
  creation: AccountCreation,
): Promise<Granted> {
  if (missing.length === 0 || creation === "always") return { accounts: missing, waiting: [] };
  if (creation === "never") {
    return { accounts: [], waiting: missing.map(({ leaf }) => ({ index: leaf.index, reason: "noAccount" })) };
  }
  const { client, payer } = escrow;
  const bytes = at.tokenProgram === token2022Program ? accountBytes.token2022 : accountBytes.classic;
  const rent = await client.call((rpc) => rpc.getMinimumBalanceForRentExemption(bytes));
  const { value: held } = await client.call((rpc) => rpc.getBalance(payer.address, { commitment: "confirmed" }));
  const lamportsEach = rent + feeLamports;
  const candidates = missing.map(({ leaf, due }) => ({ index: leaf.index, due }));
  const plan = planSponsorship(creation.policy, creation.ledger, candidates, { lamportsEach, held });
  const { granted, resumed, waiting } = plan;
  if (granted.length + resumed.length === 0 && waiting.some((each) => each.reason === "emptySponsor")) {
    const needed = String(lamportsEach);
    throw earnestError("SPONSOR_INSUFFICIENT", { sponsor: payer.address, held: String(held), needed });
  }
  if (granted.length > 0) await creation.storeGranted(granted, lamportsEach);
  const chosen = new Set([...granted, ...resumed]);
  return { accounts: missing.filter(({ leaf }) => chosen.has(leaf.index)), waiting };
}

/** What fits 1,232 bytes; and the instructions a transaction may run in all, which is 64. */
const creationsPerTransaction = { 0: 8, 1: 12 } as const satisfies Record<TransactionVersion, number>;
const pagesPerTransaction = 8;

function setupPlans(
  escrow: Escrow,
  at: PoolAddresses,
  pages: readonly number[],
  accounts: readonly DueClaim[],
  version: TransactionVersion,
): (TransactionPlan & { readonly computeUnits: number })[] {
  const payer = escrow.payer.address;
  return [
    ...chunks(pages, pagesPerTransaction).map((chunk) => ({
      instructions: chunk.map((number) => openPage(at, payer, BigInt(number))),
      computeUnits: pageUnits * chunk.length,
    })),
    ...chunks(accounts, creationsPerTransaction[version]).map((chunk) => ({
      version,
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
