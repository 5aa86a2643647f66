import { routes } from "../../contract/routes.ts";
import type { CommandContext } from "../context.ts";
import { asContributor, type ContributorOptions, keypairOption } from "../contributor.ts";
import { examples } from "../examples.ts";
import { type ExitCode, exitCodes } from "../exit-codes.ts";
import type { AddCommand } from "../options.ts";
import { parseMarket } from "../parse-options.ts";

export const addReturn: AddCommand = (program, run) => {
  examples(
    program
      .command("return")
      .description("Give an assignment back: it ends at once, unpaid and neutral")
      .argument("<market>", "The market's id", parseMarket)
      .argument("<slot>", "The slot, such as 3.0")
      .option(...keypairOption)
      .action(run(giveBack)),
    "earnest return 00112233445566778899aabbccddeeff 3.0",
  );
};

async function giveBack(
  context: CommandContext,
  options: ContributorOptions,
  market: string,
  slot: string,
): Promise<ExitCode> {
  const { output } = context;
  const { state } = await asContributor(context, options, (transport, token) =>
    transport.call(routes.giveBack, { params: { market, slot }, token }),
  );
  output.line(`${slot} is ${state}: nothing is paid, and nothing counts against you`);
  output.result({ ok: true, slot, state });
  return exitCodes.ok;
}
