import { type Delivery, deliver } from "./deliveries.ts";
import { type Sender, signPlan, type TransactionPlan } from "./transactions.ts";

/** Where a delivery is kept by whoever must not do a thing twice; where left out, repeating it must be harmless. */
export interface Keeping {
  /** What was stored of an earlier try. */
  readonly stored?: Delivery | null;
  store(delivery: Delivery): Promise<void>;
}

const forgetful: Keeping = { store: () => Promise.resolve() };

/**
 * Sends a plan until it is final. Returns the signature; null where it was done already.
 *
 * @throws as `deliver`
 */
export async function sendPlan(
  escrow: Sender,
  plan: TransactionPlan,
  { keeping = forgetful, isDone }: { keeping?: Keeping | undefined; isDone?: () => Promise<boolean> } = {},
): Promise<string | null> {
  const how = { sign: () => signPlan(escrow, plan), store: (delivery: Delivery) => keeping.store(delivery) };
  const done = await deliver(escrow, isDone === undefined ? how : { ...how, isDone }, keeping.stored ?? null);
  return done?.transaction.signature ?? null;
}
