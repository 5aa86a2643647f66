import type { Earnest } from "../../client/earnest.ts";
import type { Market, NewMarket } from "../../contract/markets.ts";
import type { NewTask } from "../../contract/tasks.ts";
import { type Amount, amount, feeRoundedUp, parseAmount } from "../../core/amount.ts";
import { bytes32, fromHex } from "../../core/bytes.ts";
import { marketId } from "../../core/market-id.ts";
import { ensureMarket, payIn } from "../../rails/solana/escrow/markets.ts";
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
    const signature = remembered?.deposit ?? (await sendDeposit(requester, market, needed));
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

/** The requester is given test tokens, opens the market's account on chain and pays them into it. */
export async function sendDeposit(
  { network, seed }: Pick<Requester, "network" | "seed">,
  market: Market,
  value: Amount,
): Promise<string> {
  const requester = await signerFromSecret(seed);
  await fundWallet(network, requester.address, value);
  const { escrow, pool } = network.settlement;
  const specHash = bytes32(fromHex(market.specHash));
  const account = await ensureMarket(escrow, pool.at, { requester, id: marketId(market.id), specHash });
  return await payIn(escrow, pool.at, { market: account, owner: requester, amount: value });
}

/** The prepaid balance that `earnest ask` spends, with something in it from the start. */
export async function prepareBalance(requester: Requester, value: Amount): Promise<Market> {
  const { client, kept } = requester;
  const balance = await client.balance();
  if (balance.status !== "draft") return balance;
  const signature = kept.get("balance")?.deposit ?? (await sendDeposit(requester, balance, value));
  await kept.set("balance", { market: balance.id, deposit: signature, submitToPaidMs: null });
  if (balance.escrow.deposited === "0") await client.markets.fund(balance.id, signature);
  return await client.markets.open(balance.id);
}
