import type { Address } from "@solana/kit";
import { type EarnestError, earnestError, isEarnestError } from "../../../core/errors.ts";
import type { SignedTransaction } from "../messages.ts";
import { chunksOf, inParallel } from "../parallel.ts";
import { openPage, type PoolAddresses } from "../program/instructions.ts";
import { outcomesOf, submit } from "../submission.ts";
import { creationUnits, pageUnits } from "./claim-sizes.ts";
import {
  accountStates,
  type ClaimReason,
  type ClaimSource,
  type ClaimWish,
  claimPlan,
  type DueClaim,
  type DueClaims,
  findDue,
  findPaid,
  groupClaims,
  pageOf,
} from "./claims.ts";
import type { Escrow } from "./escrow.ts";
import { accountBytes, createTokenAccount } from "./pools.ts";
import { explained } from "./refusals.ts";
import { planSponsorship, type SponsorLedger, type SponsorPolicy, type SponsorReason } from "./sponsorship.ts";
import { signPlans, type TransactionVersion } from "./transactions.ts";

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
  /** The newest that the cluster takes, where left out. */
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
  const { source, wishes } = paying;
  const due = await findDue(escrow, at, source, wishes);
  const { accounts, waiting } = await grant(escrow, at, due.withoutAccount, paying.creation);
  const slices = slicesOf(due, accounts);
  const outcomes = await inParallel(slices, slicesAtOnce, (slice) => paySlice(escrow, at, paying, slice));
  return {
    paid: outcomes.flatMap((each) => each.paid),
    waiting: [...due.waiting, ...waiting, ...outcomes.flatMap((each) => each.waiting)],
    failures: outcomes.flatMap((each) => each.failures),
    transactions: outcomes.reduce((sum, each) => sum + each.transactions, 0),
  };
}

/** Some of those who are due, by their pages. */
interface Slice {
  readonly ready: readonly DueClaim[];
  /** Whose accounts are to be made. */
  readonly accounts: readonly DueClaim[];
  readonly closedPages: readonly number[];
}

/** So that no blockhash grows old while thousands are sent, and one slice is signed while another one is sent. */
const pagesPerSlice = 2;
const slicesAtOnce = 4;

function slicesOf({ ready, closedPages }: DueClaims, accounts: readonly DueClaim[]): Slice[] {
  const all = [...ready, ...accounts].map(({ leaf }) => pageOf(leaf.index));
  const pages = [...new Set(all)].toSorted((a, b) => a - b);
  return chunksOf(pages, pagesPerSlice).map((chunk) => {
    const some = new Set(chunk);
    const isHere = ({ leaf }: DueClaim): boolean => some.has(pageOf(leaf.index));
    return {
      ready: ready.filter(isHere),
      accounts: accounts.filter(isHere),
      closedPages: closedPages.filter((page) => some.has(page)),
    };
  });
}

async function paySlice(escrow: Escrow, at: PoolAddresses, paying: Paying, slice: Slice): Promise<PayingOutcome> {
  const { source, version = escrow.version ?? 0 } = paying;
  const setup = await setUp(escrow, at, slice, version);
  const ready = [...slice.ready, ...setup.made];
  await noteMade(paying.creation, slice.accounts, ready);
  const groups = groupClaims(source, ready, version);
  const plans = groups.map((group) => claimPlan(at, source, group, version));
  const sent = await sendAll(escrow, await signPlans(escrow, plans));
  // The program skips who cannot be paid after all; its pages say who was.
  const paid = await findPaid(escrow, at, ready);
  const unpaid = new Set(ready.map(({ leaf }) => leaf.index));
  for (const index of paid) unpaid.delete(index);
  const failures = groups.flatMap((group, i) => {
    const [error, indexes] = [sent[i] ?? null, group.indexes.filter((index) => unpaid.has(index))];
    for (const index of error === null ? [] : indexes) unpaid.delete(index);
    return error === null || indexes.length === 0 ? [] : [{ indexes, error }];
  });
  const skipped = [...unpaid].map((index) => ({ index, reason: "unusableAccount" as const }));
  const waiting = [...setup.waiting, ...skipped];
  return { paid, waiting, failures, transactions: setup.transactions + plans.length };
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
  const rent = await client.call((rpc) => rpc.getMinimumBalanceForRentExemption(accountBytes(at.tokenProgram)));
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

interface Setup {
  /** Whose accounts are there now. */
  readonly made: readonly DueClaim[];
  readonly waiting: readonly { readonly index: number; readonly reason: ClaimReason }[];
  readonly transactions: number;
}

/** Opens pages and makes token accounts. Only where a transaction failed the chain is asked who has an account. */
async function setUp(
  escrow: Escrow,
  at: PoolAddresses,
  { accounts, closedPages }: Slice,
  version: TransactionVersion,
): Promise<Setup> {
  const payer = escrow.payer.address;
  const opened = chunksOf(closedPages, pagesPerTransaction);
  const created = chunksOf(accounts, creationsPerTransaction[version]);
  const sent = await sendAll(
    escrow,
    await signPlans(escrow, [
      ...opened.map((chunk) => ({
        instructions: chunk.map((number) => openPage(at, payer, BigInt(number))),
        computeUnits: pageUnits * chunk.length,
      })),
      ...created.map((chunk) => ({
        version,
        instructions: chunk.map((each) => createTokenAccount(payer, each.destination, each.wallet as Address, at)),
        computeUnits: creationUnits * chunk.length,
      })),
    ]),
  );
  const results = sent.slice(opened.length);
  const doubtful = created.filter((_, i) => results[i] !== null).flat();
  const states = await accountStates(escrow, at, doubtful, "confirmed");
  const gone = new Set(doubtful.filter((_, i) => states[i] !== "usable"));
  return {
    made: accounts.filter((each) => !gone.has(each)),
    waiting: doubtful.flatMap(({ leaf: { index } }, i) => {
      if (states[i] === "usable") return [];
      return { index, reason: states[i] === "missing" ? "noAccount" : "unusableAccount" };
    }),
    transactions: sent.length,
  };
}

const pollMs = 400;
/** They travel together where the node takes several calls in one request. */
const sendsAtOnce = 32;

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
    await inParallel(open, sendsAtOnce, (each) => trySend(escrow, each, refusals));
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
