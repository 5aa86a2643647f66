import type { Command } from "commander";
import type { ContributorRecord } from "../../contract/contributors.ts";
import type { CommandContext } from "../context.ts";
import { examples } from "../examples.ts";
import { type ExitCode, exitCodes } from "../exit-codes.ts";
import type { Run } from "../options.ts";
import { parseMarket, parsePositive } from "../parse-options.ts";
import { showKey, showPercent } from "../show.ts";

interface ContributorsOptions {
  readonly limit: number;
  readonly errors?: true;
}

export function addMarketContributors(markets: Command, run: Run): void {
  examples(
    markets
      .command("contributors")
      .description("Who worked in a market of yours, what became of their answers, and what the model says of them")
      .argument("<market>", "The market's id", parseMarket)
      .option("--limit <n>", "At most so many", parsePositive, 100)
      .option("--errors", "Also what each answers where what is right")
      .action(run(listContributors)),
    "earnest markets contributors 00112233445566778899aabbccddeeff --errors",
  );
}

async function listContributors(
  context: CommandContext,
  { limit, errors }: ContributorsOptions,
  market: string,
): Promise<ExitCode> {
  const { output } = context;
  const { markets } = await context.client();
  const found: ContributorRecord[] = [];
  for await (const each of markets.contributors(market, { limit: Math.min(limit, 100) })) {
    found.push(each);
    if (found.length >= limit) break;
  }
  if (found.length === 0) output.line("Nobody has worked here yet.");
  else output.table(head, found.map(rowOf));
  if (errors === true) for (const each of found) showErrors(context, each);
  output.result({ ok: true, market, contributors: found });
  return exitCodes.ok;
}

const head = ["contributor", "answers", "controls", "agreed", "accepted", "rejected", "held", "earned", "standing"];

const rowOf = (each: ContributorRecord): string[] => [
  `${showKey(each.contributor)}${each.automated ? " (automated)" : ""}`,
  `${each.answers}`,
  `${each.controls.right}/${each.controls.answered}`,
  `${each.agreement.agreed}/${each.agreement.judged}`,
  `${each.accepted}`,
  `${each.rejected}`,
  `${each.held}`,
  each.earned,
  each.standing === null ? "" : `${each.standing.standing}, ${showPercent(each.standing.informative)}`,
];

function showErrors({ output }: CommandContext, { contributor, errors }: ContributorRecord): void {
  if (errors === null || errors.length === 0) return;
  output.line();
  output.line(output.colours.bold(showKey(contributor)));
  output.table(
    ["where right is", "answers", "how often", "between", "and", "seen"],
    errors.map(({ truth, answer, probability, low, high, answers }) => [
      textOf(truth),
      textOf(answer),
      showPercent(probability),
      showPercent(low),
      showPercent(high),
      `${answers}`,
    ]),
  );
}

const textOf = (answer: unknown): string => (typeof answer === "string" ? answer : JSON.stringify(answer));
