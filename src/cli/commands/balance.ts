import { routes } from "../../contract/routes.ts";
import type { CommandContext } from "../context.ts";
import { asContributor, type ContributorOptions, keypairOption } from "../contributor.ts";
import { examples } from "../examples.ts";
import { type ExitCode, exitCodes } from "../exit-codes.ts";
import type { AddCommand } from "../options.ts";

export const addBalance: AddCommand = (program, run) => {
  examples(
    program
      .command("balance")
      .description("What a contributor earned: of the profile, or of a keypair file")
      .option(...keypairOption)
      .action(run(balance)),
    "earnest balance --keypair ~/.config/solana/id.json",
  );
};

async function balance(context: CommandContext, options: ContributorOptions): Promise<ExitCode> {
  const { output } = context;
  const me = await asContributor(context, options, (transport, token) => transport.call(routes.getMe, { token }));
  const { released, held, settled } = me.balance;
  output.line(output.colours.dim(me.key));
  output.table(
    ["", ""],
    [
      ["released", released],
      ["held", held],
      ["settled", settled],
    ],
  );
  output.result({ ok: true, ...me });
  return exitCodes.ok;
}
