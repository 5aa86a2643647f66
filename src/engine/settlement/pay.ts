import { type Amount, zero } from "../../core/amount.ts";
import { bytes32, toBase58 } from "../../core/bytes.ts";
import { earnestError } from "../../core/errors.ts";
import type { PayoutLeaf } from "../../core/merkle/leaves.ts";
import type { PoolFold } from "../../market/settlement/pool-fold.ts";
import type { ClaimWish } from "../../rails/solana/escrow/claims.ts";
import type { AccountCreation, PayingOutcome } from "../../rails/solana/escrow/paying.ts";
import { endSponsorships, grantSponsorships, readClaims, upsertClaimed } from "../../store/settlement/claims.ts";
import { lockSponsor, readSponsored } from "../../store/settlement/sponsored.ts";
import type { PoolContext } from "../pools.ts";
import { inTransaction } from "../transaction.ts";
import { type Committed, claimSource } from "./committed.ts";

/** Claimed for at a time: what one round of transactions carries. */
const wishesMax = 8_192;
/** Who cannot be paid now (a frozen account, a full sponsor's queue) is tried again when more is due, or then. */
const retryMs = 600_000;
const dayMs = 86_400_000;

/** What is known of the leaves: what was paid, whose accounts are sponsored, who has to wait. */
export class Payments {
  readonly #context: PoolContext;
  #claimed: Map<number, Amount> | null = null;
  readonly #sponsored = new Map<number, "granted" | "made">();
  readonly #waiting = new Map<number, { readonly due: Amount; readonly untilMs: number }>();

  constructor(context: PoolContext) {
    this.#context = context;
  }

  /** Sends everybody what the last commit says they are owed and the chain has not paid yet. */
  async pay(committed: Committed, fold: PoolFold): Promise<void> {
    const source = claimSource(committed);
    const due = await this.#due(committed);
    for (let at = 0; at < due.length; at += wishesMax) {
      const leaves = due.slice(at, at + wishesMax);
      const wishes = leaves.map((leaf) => wishOf(leaf, fold));
      const outcome = await this.#context.rail.payClaims(source, wishes, await this.#creation());
      await this.#note(leaves, outcome);
    }
  }

  async #due({ leaves: { payouts } }: Committed): Promise<PayoutLeaf[]> {
    const claimed = await this.#known();
    const nowMs = this.#context.clock();
    return payouts.filter(({ index, cumulative }) => {
      if (cumulative <= (claimed.get(index) ?? zero)) return false;
      const waiting = this.#waiting.get(index);
      return waiting === undefined || waiting.due !== cumulative || waiting.untilMs <= nowMs;
    });
  }

  async #known(): Promise<Map<number, Amount>> {
    if (this.#claimed !== null) return this.#claimed;
    const rows = await readClaims(this.#context.pool, this.#context.poolNumber);
    for (const { contributor, sponsored } of rows) if (sponsored !== null) this.#sponsored.set(contributor, sponsored);
    this.#claimed = new Map(rows.map(({ contributor, claimed }) => [contributor, claimed]));
    return this.#claimed;
  }

  /** What was paid stands on the chain's pages; who paid it does not matter. */
  async #note(leaves: readonly PayoutLeaf[], { paid, waiting, failures }: PayingOutcome): Promise<void> {
    const { pool, poolNumber, clock, log } = this.#context;
    const done = new Set([
      ...paid,
      ...waiting.filter((each) => each.reason === "nothingDue").map(({ index }) => index),
    ]);
    const claims = leaves
      .filter(({ index }) => done.has(index))
      .map(({ index, cumulative }) => ({ contributor: index, claimed: cumulative }));
    await upsertClaimed(pool, claims, poolNumber);
    for (const { contributor, claimed } of claims) this.#claimed?.set(contributor, claimed);
    const untilMs = clock() + retryMs;
    const dueOf = new Map(leaves.map(({ index, cumulative }) => [index, cumulative]));
    for (const { index } of waiting)
      if (!done.has(index)) this.#waiting.set(index, { due: dueOf.get(index) ?? zero, untilMs });
    for (const { indexes, error } of failures)
      log("claims were refused", { leaves: indexes.length, problem: error.message });
  }

  async #creation(): Promise<AccountCreation> {
    const { pool, poolNumber, sponsor } = this.#context;
    const { today, lamports } = await readSponsored(pool, this.#dayBegan());
    return {
      policy: sponsor,
      ledger: { stateOf: (index) => this.#sponsored.get(index) ?? "none", today, lamports },
      storeGranted: async (indexes, lamportsEach) => {
        await this.#grant(indexes, lamportsEach);
        for (const index of indexes) this.#sponsored.set(index, "granted");
      },
      storeMade: async (indexes) => {
        await endSponsorships(pool, indexes, poolNumber);
        for (const index of indexes) this.#sponsored.set(index, "made");
      },
    };
  }

  /** Withdrawals spend of the same budget meanwhile: the next round counts again. @throws BUDGET_EXCEEDED */
  async #grant(indexes: readonly number[], lamportsEach: bigint): Promise<void> {
    const { pool, poolNumber, clock, sponsor } = this.#context;
    const needed = lamportsEach * BigInt(indexes.length);
    await inTransaction(pool, async (dbTx) => {
      await lockSponsor(dbTx);
      const left = sponsor.lamportsMax - (await readSponsored(dbTx, this.#dayBegan())).lamports;
      if (needed > left)
        throw earnestError("BUDGET_EXCEEDED", { budget: "sponsor's", needed: `${needed}`, left: `${left}` });
      await grantSponsorships(dbTx, indexes, { atMs: clock(), lamportsEach }, poolNumber);
    });
  }

  #dayBegan(): number {
    return Math.floor(this.#context.clock() / dayMs) * dayMs;
  }
}

/** Whose account may be made where it is missing; the operator's belongs to the wallet that fees go to. */
const wishOf = ({ index }: PayoutLeaf, fold: PoolFold): ClaimWish => {
  const wallet = fold.walletOf(index);
  return { index, wallet: wallet === null ? null : (toBase58(bytes32(wallet)) as ClaimWish["wallet"]) };
};
