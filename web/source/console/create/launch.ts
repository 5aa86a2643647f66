import type { Earnest } from "../../../../src/client/earnest.ts";
import type { Signer } from "../../../../src/client/keys.ts";
import type { Market, NewMarket } from "../../../../src/contract/markets.ts";
import { toBase58 } from "../../../../src/core/bytes.ts";
import { network } from "../../connection.ts";
import { PageFault } from "../../fault.ts";
import { isMore, isZero, remaining } from "../../parts/amounts.ts";
import { keepLaunch } from "./launches.ts";

export const launchSteps = ["create", "fund", "open", "tasks"] as const;
export type LaunchStep = (typeof launchSteps)[number];

export interface Launching {
  readonly client: Earnest;
  readonly wallet: Signer;
  /** The same for every attempt at this launch: what was done is not done twice. */
  readonly key: string;
  readonly description: NewMarket;
  /** What is to be in escrow. */
  readonly deposit: string;
  readonly first: Blob;
  readonly rest: { readonly name: string; readonly tasks: Blob; readonly count: number } | null;
}

/**
 * From a description to a running market. Each step looks at what is there, so that an attempt that was cut short, by a
 * funding that failed for instance, is gone on with where it stood.
 */
export async function launch(launching: Launching, onStep: (step: LaunchStep) => void): Promise<Market> {
  const { client, wallet, key, description, deposit, first, rest } = launching;
  onStep("create");
  let market = await client.markets.create(description, { idempotencyKey: key });
  market = await client.markets.get(market.id);
  if (rest !== null && rest.count > 0) {
    await keepLaunch({ market: market.id, name: rest.name, rest: rest.tasks, count: rest.count });
  }
  onStep("fund");
  market = await fundUpTo(client, wallet, market, deposit);
  onStep("open");
  if (market.status === "draft") market = await client.markets.open(market.id, { idempotencyKey: `${key}-open` });
  onStep("tasks");
  if (market.taskCount === 0) await addTasks(client, market.id, first, `${key}-first`);
  return await client.markets.get(market.id);
}

/** Pays in what is missing. Where tokens are worth nothing, the wallet is given what it lacks. */
export async function fundUpTo(client: Earnest, wallet: Signer, market: Market, wanted: string): Promise<Market> {
  const missing = remaining(wanted, market.escrow.deposited);
  return isZero(missing) ? market : await payIn(client, wallet, market, missing);
}

export async function payIn(client: Earnest, wallet: Signer, market: Market, amount: string): Promise<Market> {
  const address = toBase58(wallet.publicKey);
  const { token, id } = market;
  const held = await client.holdings(address, token.mint);
  if (isMore(amount, held)) {
    const { testTokens, mint } = await network();
    const lacking = remaining(amount, held);
    if (testTokens !== true || token.mint !== mint)
      throw new PageFault("TOKENS_LACKING", "create.tokensLacking", { lacking, address });
    await client.giveTestTokens(address, lacking);
  }
  return await client.markets.deposit(id, amount, wallet);
}

export const addTasks = (client: Earnest, market: string, tasks: Blob, idempotencyKey: string) =>
  client.markets.importTasks(market, tasks, { format: "jsonl", idempotencyKey });
