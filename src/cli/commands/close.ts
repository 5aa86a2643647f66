import type { Command } from "commander";
import type { Earnest } from "../../client/earnest.ts";
import { isApiError } from "../../client/errors.ts";
import type { Market } from "../../contract/markets.ts";
import { closeMarket } from "../../rails/solana/escrow/markets.ts";
import { lookAtAccount, openRequesterMarket, type RequesterMarket } from "../chain/requester-market.ts";
import { confirm } from "../confirm.ts";
import type { CommandContext } from "../context.ts";
import { examples } from "../examples.ts";
import { type ExitCode, exitCodes } from "../exit-codes.ts";
import type { Run } from "../options.ts";
import { parseMarket } from "../parse-options.ts";
import { showDuration } from "../show.ts";
import { refundText } from "../show-market.ts";
import { rpcText } from "./deposit.ts";

interface CloseOptions {
  readonly keypair?: string;
  readonly rpc?: string;
}

export function addClose(markets: Command, run: Run): void {
  const id = "00112233445566778899aabbccddeeff";
  examples(
    markets
      .command("close")
      .description("End a market for good; with the requester's keypair on chain as well, from where the refund comes")
      .argument("<market>", "The market's id", parseMarket)
      .option("--keypair <file>", "Keypair file (of solana-keygen) of the market's requester")
      .option("--rpc <url>", rpcText)
      .action(run<[string], CloseOptions>(close)),
    `earnest markets close ${id} --keypair id.json --yes`,
    `earnest markets close ${id} --yes`,
  );
}

/** Repeated, it does what is still to be done: the server is asked first, so that no work is offered any more. */
async function close(context: CommandContext, { keypair, rpc }: CloseOptions, id: string): Promise<ExitCode> {
  const { output } = context;
  const client = await context.client();
  const [market, network] = await Promise.all([client.markets.get(id), client.network()]);
  const chain = keypair === undefined ? null : await openRequesterMarket(context, { keypair, rpc }, market, network);
  await confirm(context, `Close the market ${id} for good?`);
  const closed = await closeOnServer(client, market, chain !== null);
  output.line(`${output.colours.green("✓")} ${market.title} is ${closed.status}; free ${closed.escrow.free}`);
  if (chain !== null) return await endOnChain(context, closed, chain);
  const sight = await lookAtAccount(context, rpc, market, network);
  const endsAtMs = sight?.account?.closesAt ? 1_000 * Number(sight.account.closesAt) : null;
  if (sight?.account?.closesAt) output.line(`It is ended on chain: ${refundText(sight.account.closesAt)}.`);
  else if (sight === null || sight.account !== null) sayWhatIsLeft(context, closed, sight?.network.refundDelaySeconds);
  output.result({ ok: true, market: closed, endsAtMs });
  return exitCodes.ok;
}

/** Who ends it on chain may have closed it here before. */
async function closeOnServer(client: Earnest, { id }: Market, mayBeClosed: boolean): Promise<Market> {
  try {
    return await client.markets.close(id);
  } catch (error) {
    if (!mayBeClosed || !isApiError(error, "MARKET_STATE")) throw error;
    return await client.markets.get(id);
  }
}

function sayWhatIsLeft({ output }: CommandContext, { id, refundTo }: Market, delaySeconds: number | undefined): void {
  const delay = delaySeconds === undefined ? "the network's refund delay" : showDuration(delaySeconds);
  output.line(`What nobody earned lies on chain until ${refundTo} ends its account there too:`);
  output.line(`  earnest markets close ${id} --keypair FILE`);
  output.line(`The refund comes with the first commit that is ${delay} later.`);
}

async function endOnChain(context: CommandContext, market: Market, chain: RequesterMarket): Promise<ExitCode> {
  const { output } = context;
  const { escrow, at, wallet, account } = chain;
  if ((await chain.read()) === null) {
    output.line("Nothing of it is on chain: it was never funded, or is refunded already.");
    output.result({ ok: true, market, account: null, endsAtMs: null });
    return exitCodes.ok;
  }
  await closeMarket(escrow, at, wallet, account);
  const closesAt = (await chain.read())?.closesAt ?? 0n;
  output.line(`${output.colours.green("✓")} ended on chain: ${refundText(closesAt)},`);
  output.line(`  to ${market.refundTo}; should nobody send it: earnest refund ${market.id}`);
  output.result({ ok: true, market, account, endsAtMs: 1_000 * Number(closesAt) });
  return exitCodes.ok;
}
