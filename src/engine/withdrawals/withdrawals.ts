import { type Amount, zero } from "../../core/amount.ts";
import { bytes32, fromHex, toBase58, toHex } from "../../core/bytes.ts";
import { type EarnestError, earnestError, isEarnestError } from "../../core/errors.ts";
import { unsignedWire } from "../../rails/solana/escrow/transfers.ts";
import type { Connection, Queryable } from "../../store/pool.ts";
import { lockSponsor, readSponsored, readWithdrawalUse } from "../../store/settlement/sponsored.ts";
import {
  expirePlans,
  insertWithdrawal,
  listWithdrawals,
  type NewWithdrawal,
  noteWithdrawal,
  readUnderWay,
  readWithdrawal,
  signWithdrawal,
  type WithdrawalRow,
} from "../../store/settlement/withdrawals.ts";
import type { EngineContext } from "../context.ts";
import type { Once } from "../idempotency.ts";
import type { Pools } from "../pools.ts";
import { inTransaction } from "../transaction.ts";
import type { Session, WithdrawalView, WithdrawalWish } from "../types.ts";
import { refusalOf, type WithdrawalCost, withdrawalReasons } from "./policy.ts";

const dayMs = 86_400_000;
/** The life of a blockhash, 150 slots of 400 ms: what is signed later would not be taken. */
const signMsMax = 60_000;
/** How long a request waits for its transaction; then the loop does. */
const waitMs = 20_000;
const underWayAtOnce = 100;

type Place = Pick<NewWithdrawal, "contributor" | "destination">;

/**
 * What contributors send on from their own wallets, without SOL. The transaction is stored as it was planned, and never
 * changes: its owner signs exactly this, the operator signs nothing else, and the chain takes it once. What it costs is
 * counted when its owner has signed it, before it is sent, and no longer where it has expired.
 */
export class Withdrawals {
  readonly #context: EngineContext;
  readonly #pools: Pools;

  constructor(context: EngineContext, pools: Pools) {
    this.#context = context;
    this.#pools = pools;
  }

  async plan(session: Session, wish: WithdrawalWish, once?: Once): Promise<WithdrawalView> {
    const { pool, random, clock } = this.#context;
    const { rail, poolNumber } = await this.#pools.byMint(wish.mint);
    const { contributor, key } = session;
    const amount = wish.amount ?? (await this.held(session, wish.mint));
    const place = { contributor, destination: wish.to };
    // What is refused anyhow does not trouble the chain.
    await this.#check(pool, place, { amount, feeLamports: 0n, rentLamports: 0n });
    const planned = await rail.planTransfer(key, wish.to, amount);
    const { message, lastValidBlockHeight, feeLamports, rentLamports } = planned;
    const cost = { amount, feeLamports, rentLamports };
    const plannedAtMs = clock();
    const row = { id: random(16), pool: poolNumber, ...place, ...cost, message, lastValidBlockHeight, plannedAtMs };
    await inTransaction(pool, async (dbTx) => {
      await once?.claim(dbTx, toHex(row.id));
      await this.#check(dbTx, place, cost);
      if (!(await insertWithdrawal(dbTx, row))) throw await this.#underWay(dbTx, contributor);
    });
    return viewOf(session, rail.mint, {
      ...row,
      state: "planned",
      ownerSignature: null,
      transaction: null,
      problem: null,
    });
  }

  async held({ key }: Session, mint?: string): Promise<Amount> {
    const { rail } = await this.#pools.byMint(mint);
    const wallet = toBase58(key);
    return (await rail.heldBy([wallet])).get(wallet) ?? zero;
  }

  async send(session: Session, id: string, signature: Uint8Array): Promise<WithdrawalView> {
    const row = await this.#row(session, id);
    if (!(await this.#context.verify(session.key, row.message, signature))) {
      throw earnestError("SIGNATURE_MISMATCH", { what: "the transaction" });
    }
    const signed = row.state === "planned" ? await this.#sign(session, row, signature) : row;
    if (signed.ownerSignature === null) throw stateError(signed);
    if (signed.state !== "sent") return await this.one(session, id);
    try {
      await this.#step(signed, signed.ownerSignature, waitMs);
    } catch (error) {
      if (!isEarnestError(error)) throw error;
      // It is stored, and goes its way without this request.
      this.#context.log("a withdrawal waits", { withdrawal: id, problem: error.message });
    }
    return await this.one(session, id);
  }

  async one(session: Session, id: string): Promise<WithdrawalView> {
    return await this.#view(session, await this.#row(session, id));
  }

  async list(session: Session, limit: number): Promise<WithdrawalView[]> {
    const rows = await listWithdrawals(this.#context.pool, session.contributor, limit);
    return await Promise.all(rows.map((row) => this.#view(session, row)));
  }

  /** Takes those under way a step further, whoever sent them, and ends the plans that nobody signed. */
  async advance(): Promise<void> {
    const { pool, clock, log } = this.#context;
    await expirePlans(pool, clock() - signMsMax, clock());
    for (const row of await readUnderWay(pool, underWayAtOnce)) {
      try {
        if (row.ownerSignature !== null) await this.#step(row, row.ownerSignature, 0);
      } catch (error) {
        if (!isEarnestError(error) || isEarnestError(error, "CHAIN_UNAVAILABLE")) throw error;
        log("a withdrawal cannot be sent", { withdrawal: toHex(row.id), problem: error.message });
      }
    }
  }

  async #view(session: Session, row: WithdrawalRow): Promise<WithdrawalView> {
    return viewOf(session, (await this.#pools.byNumber(row.pool)).rail.mint, row);
  }

  async #row({ contributor }: Session, id: string): Promise<WithdrawalRow> {
    const row = await readWithdrawal(this.#context.pool, contributor, fromHex(id));
    if (row === null) throw earnestError("WITHDRAWAL_NOT_FOUND", { withdrawal: id });
    return row;
  }

  /** Spends of the budget, and makes the owner's signature durable. */
  async #sign(session: Session, row: WithdrawalRow, signature: Uint8Array): Promise<WithdrawalRow> {
    const { pool, clock } = this.#context;
    if (clock() > row.plannedAtMs + signMsMax) throw stateError({ ...row, state: "expired" });
    await inTransaction(pool, async (dbTx) => {
      await lockSponsor(dbTx);
      const now = await readWithdrawal(dbTx, row.contributor, row.id);
      // Somebody else was faster, with this signature or with a new plan.
      if (now?.state !== "planned") return;
      await this.#check(dbTx, row, row);
      await signWithdrawal(dbTx, row.id, signature, clock());
    });
    return await this.#row(session, toHex(row.id));
  }

  async #step(row: WithdrawalRow, ownerSignature: Uint8Array, patienceMs: number): Promise<void> {
    const { pool, clock } = this.#context;
    const { rail } = await this.#pools.byNumber(row.pool);
    const became = await rail.sendTransfer(row, ownerSignature, patienceMs);
    const { signature: transaction, problem } = became;
    const state = became.state === "finalized" ? "final" : became.state === "pending" ? "sent" : became.state;
    const isNew = row.transaction !== transaction || row.problem !== problem || state !== row.state;
    const endedAtMs = state === "sent" ? null : clock();
    if (isNew) await noteWithdrawal(pool, row.id, { state, transaction, problem, endedAtMs });
  }

  /** @throws WITHDRAWAL_REFUSED */
  async #check(on: Queryable, { contributor, destination }: Place, cost: WithdrawalCost): Promise<void> {
    const { clock, settings } = this.#context;
    const sinceMs = Math.floor(clock() / dayMs) * dayMs;
    const use = await readWithdrawalUse(on, { sinceMs, contributor, destination });
    const sponsored = await readSponsored(on, sinceMs);
    const reason = refusalOf(settings.withdrawals, settings.sponsor, { use, sponsored }, cost);
    if (reason !== null) throw earnestError("WITHDRAWAL_REFUSED", { reason, problem: withdrawalReasons[reason] });
  }

  async #underWay(dbTx: Connection, contributor: number): Promise<EarnestError> {
    const rows = await listWithdrawals(dbTx, contributor, 10);
    const open = rows.find(({ state }) => state === "sent" || state === "planned");
    return open === undefined ? earnestError("DATABASE_UNAVAILABLE", { retryAfterSeconds: 1 }) : stateError(open);
  }
}

const stateError = ({ id, state }: WithdrawalRow): EarnestError =>
  earnestError("WITHDRAWAL_STATE", { withdrawal: toHex(id), state });

const viewOf = ({ key }: Session, mint: string, row: WithdrawalRow): WithdrawalView => ({
  id: toHex(row.id),
  from: key,
  to: bytes32(row.destination),
  mint,
  amount: row.amount,
  state: row.state,
  feeLamports: row.feeLamports,
  rentLamports: row.rentLamports,
  toSign: row.state === "planned" ? { message: row.message, wire: unsignedWire(row.message) } : null,
  plannedAtMs: row.plannedAtMs,
  expiresAtMs: row.plannedAtMs + signMsMax,
  transaction: row.transaction,
  problem: row.problem,
});
