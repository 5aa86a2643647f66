import type { Command } from "commander";
import { type Market, type NewMarket, newMarket } from "../../contract/markets.ts";
import { earnestError, isEarnestError } from "../../core/errors.ts";
import { newVerification, pointerInto } from "../../market/composition.ts";
import { confirm } from "../confirm.ts";
import type { CommandContext } from "../context.ts";
import { pointing, readDescription } from "../description.ts";
import { examples } from "../examples.ts";
import { type ExitCode, exitCodes } from "../exit-codes.ts";
import type { AddCommand, Run } from "../options.ts";
import { parseMarket, parsePositive } from "../parse-options.ts";
import { marketHead, marketRow, showHowToFund, showMarket } from "../show-market.ts";
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
  examples(
    markets
      .command("fund")
      .description("Credit a finalized deposit to a market")
      .argument("<market>", "The market's id", parseMarket)
      .argument("<signature>", "Signature of the deposit's transaction")
      .action(run(fundMarket)),
    `earnest markets fund ${anId} 5VERv8NMvzbJMEkV8xnrLkEaWRtSz9CosKDYjCJjBRnbJLgp8uirBgmQpjKhoR4tjF3ZpRzrFmBV6UjKdiSZkQUW`,
  );
  for (const move of moves) addMove(markets, run, move);
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
      .description("A market's terms, state and money")
      .argument("<market>", "The market's id", parseMarket)
      .action(run(showOne)),
    `earnest markets show ${anId}`,
  );
}

interface Move {
  readonly name: "open" | "pause" | "resume" | "close";
  readonly description: string;
  readonly isFinal?: true;
}

const moves: readonly Move[] = [
  { name: "open", description: "Begin to offer the market's work" },
  { name: "pause", description: "Offer no further work for now" },
  { name: "resume", description: "Offer work again" },
  { name: "close", description: "End a market; what is left goes back once every slot has ended", isFinal: true },
];

function addMove(markets: Command, run: Run, { name, description, isFinal }: Move): void {
  const command = markets
    .command(name)
    .description(description)
    .argument("<market>", "The market's id", parseMarket)
    .action(
      run<[string]>(async (context, _, market) => {
        if (isFinal === true) await confirm(context, `Close the market ${market} for good?`);
        const { markets: api } = await context.client();
        return reportMove(context, await api[name](market));
      }),
    );
  examples(command, `earnest markets ${name} ${anId}${isFinal === true ? " --yes" : ""}`);
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

async function showOne(context: CommandContext, _: object, id: string): Promise<ExitCode> {
  const market = await (await context.client()).markets.get(id);
  showMarket(context.output, market);
  context.output.result({ ok: true, market });
  return exitCodes.ok;
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
  showHowToFund(output, market, await client.network());
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
  showHowToFund(output, market, await client.network());
  output.result({ ok: true, market });
  return exitCodes.ok;
}
