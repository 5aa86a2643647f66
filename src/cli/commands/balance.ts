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
  const [me, { tokens }] = await asContributor(context, options, (transport, token) =>
    Promise.all([transport.call(routes.getMe, { token }), transport.call(routes.getNetwork, {})]),
  );
  output.line(output.colours.dim(me.key));
  output.table(
    ["token", "released", "held", "settled"],
    me.balances.map(({ mint, released, held, settled }) => [
      tokens.find((token) => token.mint === mint)?.symbol ?? mint,
      released,
      held,
      settled,
    ]),
  );
  output.result({ ok: true, ...me });
  return exitCodes.ok;
}
