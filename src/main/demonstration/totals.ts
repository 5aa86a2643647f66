import { type Amount, addAmounts, zero } from "../../core/amount.ts";
import { toBase58 } from "../../core/bytes.ts";
import { listContributorKeys } from "../../store/identity/list-contributor-keys.ts";
import type { Network } from "../network.ts";

const ownersPerCall = 500;

/** What contributors hold on chain, by RPC, from their own token accounts. */
export async function chainTotal({ rail, context }: Network): Promise<Amount> {
  let total: Amount = zero;
  let owners: string[] = [];
  const add = async (): Promise<void> => {
    for (const held of (await rail.heldBy(owners)).values()) total = addAmounts(total, held);
    owners = [];
  };
  for await (const { key } of listContributorKeys(context.pool)) {
    owners.push(toBase58(key));
    if (owners.length === ownersPerCall) await add();
  }
  await add();
  return total;
}
