import { fromHex, toBase58 } from "../core/bytes.ts";
import { isEarnestError } from "../core/errors.ts";
import type { PreparedTransaction } from "../rails/rail.ts";
import { findUncutLanes } from "../store/lanes/find-uncut-lanes.ts";
import { allocate, insertEpoch } from "../store/money/cut.ts";
import { finishPayout, insertPayout, lockDuePayouts, type Payout, readPendingPayouts } from "../store/money/payouts.ts";
import type { Connection } from "../store/pool.ts";
import type { EngineContext } from "./context.ts";
import type { Lanes } from "./lanes.ts";
import { eachLane } from "./sweep.ts";
import { inTransaction } from "./transaction.ts";

/** Payouts prepared in one database transaction. */
const payoutsMax = 1_000;
const pendingMax = 1_000;

/**
 * From verdicts to wallets: cut, allocate, prepare, send, confirm. Every step is durable before the next one begins, so
 * a crash between any two leaves work to go on with and nothing to pay twice.
 *
 * @throws where a lane could not be cut, after everybody else was paid
 */
export async function settleOnce(context: EngineContext, lanes: Lanes): Promise<void> {
  await confirmPending(context);
  const failures = await cutLanes(context, lanes);
  await prepareDue(context);
  await confirmPending(context);
  if (failures.length > 0) throw failures[0];
}

async function cutLanes(context: EngineContext, lanes: Lanes): Promise<unknown[]> {
  const uncut = await findUncutLanes(context.pool);
  if (uncut.length === 0) return [];
  const epoch = await inTransaction(context.pool, (dbTx) => insertEpoch(dbTx, context.clock()));
  return await eachLane(context, lanes, uncut, (each, { market, lane }) =>
    each.runAlong({
      commands: (_dbTx, state) =>
        Promise.resolve(
          state.epoch >= epoch ? [] : [{ type: "input", record: { entry: { kind: "cut", epoch }, attachment: null } }],
        ),
      after: async (dbTx, outcomes) => {
        if (outcomes.length > 0) await allocate(dbTx, market, lane, context.settings.operator);
      },
    }),
  );
}

async function prepareDue(context: EngineContext): Promise<void> {
  for (let after = ""; ; ) {
    const { last, transactions } = await inTransaction(context.pool, (dbTx) => preparePage(context, dbTx, after));
    for (const transaction of transactions) await send(context, transaction);
    if (last === null) return;
    after = last;
  }
}

interface Prepared {
  /** The last payee of the page, or null where there was none. */
  readonly last: string | null;
  readonly transactions: readonly PreparedTransaction[];
}

/** Who is in none of the transactions cannot be paid now (a frozen account, no address) and stays due. */
async function preparePage(context: EngineContext, dbTx: Connection, after: string): Promise<Prepared> {
  const due = await lockDuePayouts(dbTx, after, payoutsMax);
  const last = due.at(-1)?.payee ?? null;
  if (last === null) return { last, transactions: [] };
  const transactions = await context.rail.preparePayouts(
    due.map((payout) => ({ destination: walletOf(payout), amount: payout.amount })),
  );
  for (const transaction of transactions) {
    const payouts = transaction.payouts.map((place) => due[place] as Payout);
    await insertPayout(dbTx, {
      ...transaction,
      payees: payouts.map(({ payee }) => payee),
      amounts: payouts.map((payout) => payout.amount),
    });
  }
  return { last, transactions };
}

/** A contributor's wallet is its key; operators and requesters name theirs. */
const walletOf = ({ payee, destination }: Payout): string =>
  payee.startsWith("contributor/") ? toBase58(fromHex(destination)) : destination;

/** What the chain refuses now may be taken later; its outcome is asked for until it is final. */
async function send(context: EngineContext, transaction: PreparedTransaction): Promise<void> {
  try {
    await context.rail.send(transaction);
  } catch (error) {
    if (!isEarnestError(error, "TRANSACTION_FAILED")) throw error;
    context.log("a payout was refused", { signature: transaction.signature, problem: error.message });
  }
}

async function confirmPending(context: EngineContext): Promise<void> {
  const pending = await readPendingPayouts(context.pool, pendingMax);
  for (const { payees, ...transaction } of pending) {
    const prepared = { ...transaction, payouts: payees.map((_, place) => place) };
    const outcome = await context.rail.outcome(prepared);
    if (outcome === "pending") await send(context, prepared);
    else await inTransaction(context.pool, (dbTx) => finishPayout(dbTx, transaction.signature, outcome));
  }
}
