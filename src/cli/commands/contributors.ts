import type { Command } from "commander";
import { confirm } from "../confirm.ts";
import type { CommandContext } from "../context.ts";
import { examples } from "../examples.ts";
import { type ExitCode, exitCodes } from "../exit-codes.ts";
import type { AddCommand } from "../options.ts";
import { parseCount, parseKey, parseMarket, parsePositive, parseTokenAmount } from "../parse-options.ts";
import { showKey, showTime } from "../show.ts";

const anId = "00112233445566778899aabbccddeeff";
const aKey = "7EqQdEULxWcraVx3mXKFjc84LhCkMGZCkRuDpvcMwJeK";
const dayMs = 86_400_000;

export const addContributors: AddCommand = (program, run) => {
  const contributors = program.command("contributors").description("What a requester gives to single contributors");
  const ofOne = (command: Command): Command =>
    command
      .argument("<market>", "The market's id", parseMarket)
      .argument("<contributor>", "The contributor's key", parseKey);
  examples(
    ofOne(contributors.command("qualify").description("Grant a contributor a qualification in a market"))
      .argument("<name>", "The qualification's name, which tasks ask for by their eligibility")
      .option("--value <n>", "Its value, up to 1000000", parseCount, 1)
      .option("--days <n>", "How long it stands (default: for good)", parsePositive)
      .action(run(qualify)),
    `earnest contributors qualify ${anId} ${aKey} reader --days 90`,
  );
  examples(
    ofOne(contributors.command("bonus").description("Pay a contributor a bonus from a market's escrow"))
      .argument("<amount>", "In tokens", parseTokenAmount)
      .option("--note <text>", "What it is for; the log shows it", "")
      .action(run(bonus)),
    `earnest contributors bonus ${anId} ${aKey} 0.5 --note "Thank you" --yes`,
  );
};

interface QualifyOptions {
  readonly value: number;
  readonly days?: number;
}

async function qualify(
  context: CommandContext,
  { value, days }: QualifyOptions,
  market: string,
  contributor: string,
  name: string,
): Promise<ExitCode> {
  const { output } = context;
  const expiresAtMs = days === undefined ? null : context.clock() + days * dayMs;
  const grant = { contributor, name, value, expiresAtMs };
  await (await context.client()).markets.qualify(market, grant);
  const until = expiresAtMs === null ? "for good" : `until ${showTime(expiresAtMs)}`;
  output.line(`${output.colours.green("✓")} ${showKey(contributor)} has ${name} = ${value} ${until}`);
  output.result({ ok: true, market, ...grant });
  return exitCodes.ok;
}

async function bonus(
  context: CommandContext,
  { note }: { readonly note: string },
  market: string,
  contributor: string,
  amount: string,
): Promise<ExitCode> {
  const { output } = context;
  await confirm(context, `Pay ${showKey(contributor)} a bonus of ${amount}?`);
  await (await context.client()).markets.payBonus(market, { contributor, amount, note });
  output.line(`${output.colours.green("✓")} ${amount} paid to ${showKey(contributor)}`);
  output.result({ ok: true, market, contributor, amount, note });
  return exitCodes.ok;
}
