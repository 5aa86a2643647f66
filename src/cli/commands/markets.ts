import type { Command } from "commander";
import { type Market, type NewMarket, newMarket } from "../../contract/markets.ts";
import { formatAmount } from "../../core/amount.ts";
import { earnestError, isEarnestError } from "../../core/errors.ts";
import { newVerification, pointerInto } from "../../market/composition.ts";
import { type AccountSight, lookAtAccount } from "../chain/requester-market.ts";
import type { CommandContext } from "../context.ts";
import { pointing, readDescription } from "../description.ts";
import { examples } from "../examples.ts";
import { type ExitCode, exitCodes } from "../exit-codes.ts";
import type { AddCommand, Run } from "../options.ts";
import { parseMarket, parsePositive } from "../parse-options.ts";
import { marketHead, marketRow, showAccount, showHowToFund, showMarket } from "../show-market.ts";
import { addClose } from "./close.ts";
import { addDeposit, rpcText } from "./deposit.ts";
import { addMarketContributors } from "./market-contributors.ts";
import { addMarketReport } from "./market-report.ts";

const anId = "00112233445566778899aabbccddeeff";

export const addMarkets: AddCommand = (program, run) => {
  const markets = program.command("markets").description("Create, fund and run markets");
  addReading(markets, run);
  examples(
    markets
      .command("create")
      .description("Create a market from a JSON description, as a draft")
      .argument("<file>", "JSON with at least title, answer.choices and reward")
      .option("--dry-run", "Check the description, and create nothing")
      .action(run(createMarket)),
    "earnest markets create market.json",
  );
  examples(
    markets
      .command("prepaid")
      .description("The prepaid balance that `earnest ask` spends; made where there is none")
      .action(run(prepaid)),
    "earnest markets prepaid",
  );
  addDeposit(markets, run);
  examples(
    markets
      .command("fund")
      .description("Credit a finalized deposit that was made elsewhere, by its signature")
      .argument("<market>", "The market's id", parseMarket)
      .argument("<signature>", "Signature of the deposit's transaction")
      .action(run(fundMarket)),
    `earnest markets fund ${anId} 5VERv8NMvzbJMEkV8xnrLkEaWRtSz9CosKDYjCJjBRnbJLgp8uirBgmQpjKhoR4tjF3ZpRzrFmBV6UjKdiSZkQUW`,
  );
  for (const move of moves) addMove(markets, run, move);
  addClose(markets, run);
  addMarketContributors(markets, run);
  addMarketReport(markets, run);
};

function addReading(markets: Command, run: Run): void {
  examples(
    markets
      .command("list")
      .description("Markets of this network, newest first")
      .option("--owner <key>", "Only markets of this owner")
      .option("--limit <n>", "At most so many", parsePositive, 20)
      .action(run(listMarkets)),
    "earnest markets list --limit 5",
  );
  examples(
    markets
      .command("show")
      .description("A market's terms, state and money, and its account on chain where a node is known")
      .argument("<market>", "The market's id", parseMarket)
      .option("--rpc <url>", rpcText)
      .action(run(showOne)),
    `earnest markets show ${anId}`,
  );
}

interface Move {
  readonly name: "open" | "pause" | "resume";
  readonly description: string;
}

const moves: readonly Move[] = [
  { name: "open", description: "Begin to offer the market's work" },
  { name: "pause", description: "Offer no further work for now" },
  { name: "resume", description: "Offer work again" },
];

function addMove(markets: Command, run: Run, { name, description }: Move): void {
  const command = markets
    .command(name)
    .description(description)
    .argument("<market>", "The market's id", parseMarket)
    .action(
      run<[string]>(async (context, _, market) => {
        const { markets: api } = await context.client();
        return reportMove(context, await api[name](market));
      }),
    );
  examples(command, `earnest markets ${name} ${anId}`);
}

function reportMove({ output }: CommandContext, market: Market): ExitCode {
  output.line(`${output.colours.green("✓")} ${market.title} is ${market.status}; free ${market.escrow.free}`);
  output.result({ ok: true, market });
  return exitCodes.ok;
}

interface ListOptions {
  readonly owner?: string;
  readonly limit: number;
}

async function listMarkets(context: CommandContext, { owner, limit }: ListOptions): Promise<ExitCode> {
  const { output } = context;
  const found: Market[] = [];
  const { markets } = await context.client();
  for await (const market of markets.list({ limit: Math.min(limit, 100), ...(owner !== undefined && { owner }) })) {
    found.push(market);
    if (found.length >= limit) break;
  }
  if (found.length === 0) output.line("No markets.");
  else output.table(marketHead, found.map(marketRow));
  output.result({ ok: true, markets: found });
  return exitCodes.ok;
}

async function showOne(context: CommandContext, { rpc }: { rpc?: string }, id: string): Promise<ExitCode> {
  const { output } = context;
  const client = await context.client();
  const [market, network] = await Promise.all([client.markets.get(id), client.network()]);
  showMarket(output, market);
  const sight = await lookAtAccount(context, rpc, market, network);
  if (sight !== null) showAccount(output, market, sight, market.token.decimals);
  output.result({ ok: true, market, onChain: sight === null ? null : accountJson(sight, market.token.decimals) });
  return exitCodes.ok;
}

/** Times in milliseconds; `account` is null where it was never opened, or was refunded. */
function accountJson({ account }: AccountSight, decimals: number): object {
  if (account === null) return { account };
  const { deposited, openedAt, closesAt } = account;
  const endsAtMs = closesAt === 0n ? null : 1_000 * Number(closesAt);
  return { account: { deposited: formatAmount(deposited, decimals), openedAtMs: 1_000 * Number(openedAt), endsAtMs } };
}

async function createMarket(context: CommandContext, { dryRun }: { dryRun?: true }, file: string): Promise<ExitCode> {
  const { output } = context;
  const wanted = await readDescription<NewMarket>(context, file, newMarket);
  await pointing(context, file, () => checkVerification(wanted));
  if (dryRun === true) {
    output.line(`${file} describes a market.`);
    output.result({ ok: true, dryRun: true, market: newMarket.parse(wanted) });
    return exitCodes.ok;
  }
  const client = await context.client();
  const market = await pointing(context, file, () => client.markets.create(wanted));
  output.line(`${output.colours.green("✓")} created ${market.id}`);
  showHowToFund(output, market);
  output.result({ ok: true, market });
  return exitCodes.ok;
}

/** What can be said of a composition without the rest of its market. */
function checkVerification({ verification }: NewMarket): void {
  try {
    if (verification) newVerification(verification);
  } catch (error) {
    if (!isEarnestError(error, "MALFORMED_SPEC")) throw error;
    const { path, problem } = error.context;
    throw earnestError("MALFORMED_SPEC", { path: pointerInto("verification", path), problem });
  }
}

async function fundMarket(context: CommandContext, _: object, id: string, signature: string): Promise<ExitCode> {
  const market = await (await context.client()).markets.fund(id, signature);
  const exitCode = reportMove(context, market);
  if (market.status === "closing" || market.status === "closed") {
    const way = market.status === "closed" ? "goes back" : "goes back with the refund";
    context.output.line(`The market takes no more work: the deposit ${way} to ${market.refundTo}.`);
  }
  return exitCode;
}

async function prepaid(context: CommandContext): Promise<ExitCode> {
  const { output } = context;
  const client = await context.client();
  const market = await client.balance();
  output.line(`${output.colours.bold(market.escrow.free)} free of ${market.escrow.deposited}; ${market.status}`);
  output.line(output.colours.dim(market.id));
  showHowToFund(output, market);
  output.result({ ok: true, market });
  return exitCodes.ok;
}
