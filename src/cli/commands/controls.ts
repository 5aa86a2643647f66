import { confirm } from "../confirm.ts";
import type { CommandContext } from "../context.ts";
import { examples } from "../examples.ts";
import { type ExitCode, exitCodes } from "../exit-codes.ts";
import type { AddCommand } from "../options.ts";
import { parseMarket } from "../parse-options.ts";

export const addControls: AddCommand = (program, run) => {
  const controls = program.command("controls").description("The control tasks of a market");
  examples(
    controls
      .command("retire")
      .description("Show everybody the answers of a market's control tasks, which then take no more answers")
      .argument("<market>", "The market's id", parseMarket)
      .action(run(retire)),
    "earnest controls retire 00112233445566778899aabbccddeeff --yes",
  );
};

async function retire(context: CommandContext, _: object, market: string): Promise<ExitCode> {
  const { output } = context;
  await confirm(context, `Show everybody the answers of the control tasks of ${market}?`);
  const { retired, left } = await (await context.client()).markets.retireControls(market);
  output.line(`${output.colours.green("✓")} ${retired} control tasks retired`);
  if (left > 0) output.line(`${left} are just being answered: run it again later.`);
  output.result({ ok: true, market, retired, left });
  return exitCodes.ok;
}
