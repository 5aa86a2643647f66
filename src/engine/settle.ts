import { fromHex, toBase58 } from "../core/bytes.ts";
import { isEarnestError } from "../core/errors.ts";
import { marketIdFromBytes } from "../core/market-id.ts";
import type { PreparedTransaction } from "../rails/rail.ts";
import { findUncutLanes } from "../store/lanes/find-uncut-lanes.ts";
import { allocate, insertEpoch } from "../store/money/cut.ts";
import { finishPayout, insertPayout, lockDuePayouts, type Payout, readPendingPayouts } from "../store/money/payouts.ts";
import type { EngineContext } from "./context.ts";
import type { Lanes } from "./lanes.ts";
import { inTransaction } from "./transaction.ts";

/** Payouts prepared in one database transaction. */
const payoutsMax = 1_000;
const pendingMax = 1_000;

/**
 * From verdicts to wallets: cut, allocate, prepare, send, confirm. Every step is durable before the next one begins, so
 * a crash between any two leaves work to go on with and nothing to pay twice.
 */
export async function settleOnce(context: EngineContext, lanes: Lanes): Promise<void> {
  await confirmPending(context);
  await cutLanes(context, lanes);
  await prepareDue(context);
  await confirmPending(context);
}

async function cutLanes(context: EngineContext, lanes: Lanes): Promise<void> {
  const uncut = await findUncutLanes(context.pool);
  if (uncut.length === 0) return;
  const epoch = await inTransaction(context.pool, (dbTx) => insertEpoch(dbTx, context.clock()));
  for (const { market, lane } of uncut) {
    await lanes.get(marketIdFromBytes(market), lane).runAlong({
      commands: (_dbTx, state) =>
        Promise.resolve(
          state.epoch >= epoch ? [] : [{ type: "input", record: { entry: { kind: "cut", epoch }, attachment: null } }],
        ),
      after: async (dbTx, outcomes) => {
        if (outcomes.length > 0) await allocate(dbTx, market, lane, context.settings.operator);
      },
    });
  }
}

async function prepareDue(context: EngineContext): Promise<void> {
  for (;;) {
    const prepared = await inTransaction(context.pool, async (dbTx) => {
      const due = await lockDuePayouts(dbTx, payoutsMax);
      if (due.length === 0) return [];
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
      return transactions;
    });
    if (prepared.length === 0) return;
    for (const transaction of prepared) await send(context, transaction);
  }
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
