import { setTimeout as sleep } from "node:timers/promises";
import type { Command } from "commander";
import type { Earnest } from "../../client/earnest.ts";
import { isApiError } from "../../client/errors.ts";
import type { Market } from "../../contract/markets.ts";
import { type Amount, formatAmount, parseAmount } from "../../core/amount.ts";
import { earnestError } from "../../core/errors.ts";
import { outcomeOf } from "../../rails/solana/submission.ts";
import { isOff, PendingDeposits, payInOnce } from "../chain/pending-deposits.ts";
import { openRequesterMarket, type RequesterMarket, type RequesterOptions } from "../chain/requester-market.ts";
import type { CommandContext } from "../context.ts";
import { examples } from "../examples.ts";
import { type ExitCode, exitCodes } from "../exit-codes.ts";
import type { Run } from "../options.ts";
import { parseMarket, parseTokenAmount } from "../parse-options.ts";

export const rpcText = "A Solana node (default: the local chain of the data folder)";

export function addDeposit(markets: Command, run: Run): void {
  examples(
    markets
      .command("deposit")
      .description("Pay tokens into a market's account on chain, which it opens where needed, and credit them")
      .argument("<market>", "The market's id", parseMarket)
      .argument("<amount>", "How many tokens", parseTokenAmount)
      .requiredOption("--keypair <file>", "Keypair file (of solana-keygen) of the market's requester, who pays")
      .option("--rpc <url>", rpcText)
      .action(run(deposit)),
    "earnest markets deposit 00112233445566778899aabbccddeeff 25 --keypair id.json",
  );
}

/**
 * One deposit for each amount that is asked for: the command that is repeated after it was cut short goes on with the
 * same one, as what it signed is stored before it is sent, and is forgotten only when it was credited and its result written.
 */
async function deposit(
  context: CommandContext,
  options: RequesterOptions,
  id: string,
  wanted: string,
): Promise<ExitCode> {
  const client = await context.client();
  const [market, network] = await Promise.all([client.markets.get(id), client.network()]);
  const value = parseAmount(wanted, market.token.decimals);
  if (value === 0n) throw malformed("A deposit of 0 tokens is none", "Say how many tokens.");
  const chain = await openRequesterMarket(context, options, market, network);
  await requireOwner(client, market);
  const { cluster } = chain.escrow;
  const pending = await PendingDeposits.open(context.dataFolder, { cluster, account: chain.account });
  try {
    return await depositOnce({ context, client, market, chain, pending }, value);
  } finally {
    pending.close();
  }
}

const malformed = (problem: string, mend: string) => earnestError("MALFORMED_COMMAND", { problem, mend });

/** What only the owner gets is asked for first: a deposit that its payer cannot have credited would wait for another. */
async function requireOwner(client: Earnest, { id }: Market): Promise<void> {
  await client.markets.reviews(id);
}

interface Depositing {
  readonly context: CommandContext;
  readonly client: Earnest;
  readonly market: Market;
  readonly chain: RequesterMarket;
  readonly pending: PendingDeposits;
}

async function depositOnce(depositing: Depositing, value: Amount): Promise<ExitCode> {
  const { context, market, chain, pending } = depositing;
  const { output } = context;
  const show = (each: Amount): string => formatAmount(each, chain.decimals);
  const before = await finishOthers(depositing, value);
  const begun = await pending.get(value);
  const goesOn = begun !== null && !isOff(begun);
  if (!goesOn) requireNotOver(market);
  output.note(goesOn ? `Going on with the deposit of ${show(value)} that was begun.` : `Paying in ${show(value)}.`);
  await chain.open();
  const { escrow, at, wallet, account } = chain;
  const signature = await payInOnce(escrow, at, { market: account, owner: wallet, amount: value }, pending);
  const credited = await credit(depositing, signature);
  output.line(`${output.colours.green("✓")} ${show(value)} tokens for ${market.title}; free ${credited.escrow.free}`);
  output.line(output.colours.dim(signature));
  output.result({ ok: true, market: credited, amount: show(value), signature, account, before });
  // Whoever is killed before it was told does not know, and asks again: then this is said again, and not paid again.
  await output.end();
  await pending.remove(value);
  return exitCodes.ok;
}

function requireNotOver({ id, status }: Market): void {
  if (status !== "closing" && status !== "closed") return;
  throw earnestError("MARKET_STATE", { market: id, status, action: "take a deposit" });
}

/**
 * What earlier commands with other amounts began: credited where the chain has it, forgotten where it never will, and
 * not sent again, as nobody asks for it now.
 */
async function finishOthers(depositing: Depositing, value: Amount): Promise<readonly string[]> {
  const { context, market, chain, pending } = depositing;
  const credited: string[] = [];
  for (const { amount, delivery } of await pending.list()) {
    if (amount === value) continue;
    const shown = formatAmount(amount, chain.decimals);
    const { signature } = delivery.transaction;
    const outcome = isOff(delivery) ? "expired" : await outcomeOf(chain.escrow.client, delivery.transaction);
    if (outcome === "pending") {
      context.output.note(
        `An earlier deposit of ${shown} is not finished: earnest markets deposit ${market.id} ${shown}`,
      );
      continue;
    }
    if (outcome === "finalized") {
      await credit(depositing, signature);
      context.output.note(`An earlier deposit of ${shown} had arrived, and is credited.`);
      credited.push(signature);
    }
    await pending.remove(amount);
  }
  return credited;
}

const creditTries = 30;
const creditPauseMs = 1_000;

/** The server's node may see it later than ours. */
async function credit({ context, client, market }: Depositing, signature: string): Promise<Market> {
  for (let tries = 1; ; tries++) {
    try {
      return await client.markets.fund(market.id, signature);
    } catch (error) {
      if (isApiError(error, "DEPOSIT_STATE")) return await client.markets.get(market.id);
      if (!isApiError(error, "DEPOSIT_NOT_FOUND") || tries === creditTries) throw error;
      await sleep(creditPauseMs, undefined, { signal: context.stopped });
    }
  }
}
