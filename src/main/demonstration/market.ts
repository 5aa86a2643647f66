import type { Earnest } from "../../client/earnest.ts";
import type { Market, NewMarket } from "../../contract/markets.ts";
import type { NewTask } from "../../contract/tasks.ts";
import { type Amount, amount, feeRoundedUp, parseAmount } from "../../core/amount.ts";
import { marketId } from "../../core/market-id.ts";
import { deposit } from "../../rails/solana/deposits.ts";
import { signerFromSecret } from "../../rails/solana/tokens.ts";
import { fundWallet, type Network } from "../network.ts";
import type { Kept } from "./kept.ts";

export interface Requester {
  readonly network: Network;
  readonly client: Earnest;
  readonly seed: Uint8Array;
  readonly kept: Kept;
}

export interface Wanted {
  /** Under which it is remembered between starts. */
  readonly key: string;
  readonly market: NewMarket;
  readonly tasks: readonly NewTask[];
  /** Slots that may have to be paid. */
  readonly slots: number;
}

/**
 * Brings a market to the point where work can begin: created, funded on chain, opened, with all its tasks. Goes on
 * where an earlier start was cut short.
 */
export async function prepareMarket(requester: Requester, wanted: Wanted): Promise<Market> {
  const { client, kept } = requester;
  let remembered = kept.get(wanted.key);
  if (remembered === undefined) {
    const { id } = await client.markets.create(wanted.market);
    remembered = { market: id, deposit: null, submitToPaidMs: null };
    await kept.set(wanted.key, remembered);
  }
  let market = await client.markets.get(remembered.market);
  if (market.status === "draft") market = await fundAndOpen(requester, wanted, market);
  const missing = wanted.tasks.slice(market.taskCount);
  if (missing.length > 0) await client.markets.addTasks(market.id, missing);
  return await client.markets.get(market.id);
}

async function fundAndOpen(requester: Requester, wanted: Wanted, market: Market): Promise<Market> {
  const { client, kept, network } = requester;
  const needed = cost(network, wanted, market);
  if (parseAmount(market.escrow.deposited, network.rail.decimals) < needed) {
    const remembered = kept.get(wanted.key);
    const signature = remembered?.deposit ?? (await sendDeposit(requester, market.id, needed));
    await kept.set(wanted.key, { market: market.id, deposit: signature, submitToPaidMs: null });
    await client.markets.fund(market.id, signature);
  }
  return await client.markets.open(market.id);
}

/** Rewards and fees of all slots, and what opening sets aside for appeals and newcomers. */
function cost({ rail, context }: Network, { slots, market: description }: Wanted, market: Market): Amount {
  const read = (text: string): bigint => parseAmount(text, rail.decimals);
  const reward = parseAmount(description.reward, rail.decimals);
  const price = reward + feeRoundedUp(reward, context.settings.feeBasisPoints);
  return amount(price * BigInt(slots) + read(market.appeal.budget) + read(market.newcomer?.budget ?? "0"));
}

/** The requester buys test tokens from the operator's mint and pays them into the vault, with the market's name. */
export async function sendDeposit({ network, seed }: Requester, market: string, value: Amount): Promise<string> {
  const from = await signerFromSecret(seed);
  await fundWallet(network, from.address, value);
  const { client, mint, operator } = network;
  return await deposit(client, { mint, vaultOwner: operator.address, from, market: marketId(market), amount: value });
}

/** The prepaid balance that `earnest ask` spends, with something in it from the start. */
export async function prepareBalance(requester: Requester, value: Amount): Promise<Market> {
  const { client, kept } = requester;
  const balance = await client.balance();
  if (balance.status !== "draft") return balance;
  const signature = kept.get("balance")?.deposit ?? (await sendDeposit(requester, balance.id, value));
  await kept.set("balance", { market: balance.id, deposit: signature, submitToPaidMs: null });
  if (balance.escrow.deposited === "0") await client.markets.fund(balance.id, signature);
  return await client.markets.open(balance.id);
}
