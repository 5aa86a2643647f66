import type { CommandContext } from "../context.ts";
import { credentialsPath } from "../credentials.ts";
import { examples } from "../examples.ts";
import { type ExitCode, exitCodes } from "../exit-codes.ts";
import type { AddCommand } from "../options.ts";
import { showSecret, showTime } from "../show.ts";

export const addConfig: AddCommand = (program, run) => {
  const config = program.command("config").description("What this command line is set to");
  examples(
    config
      .command("show")
      .description("Show server, profile and network; secrets are cut short")
      .action(run(showConfig)),
    "earnest config show",
  );
};

async function showConfig(context: CommandContext): Promise<ExitCode> {
  const { output, dataFolder, profileName } = context;
  const profile = await context.profile();
  const apiKey = await context.apiKey();
  const session = profile?.session ?? null;
  const network = profile?.network ?? null;
  const shown = {
    server: await context.server(),
    profile: profileName,
    data: dataFolder,
    credentials: profile === null ? null : credentialsPath(dataFolder),
    apiKey: apiKey === null ? null : showSecret(apiKey),
    contributor: session?.key ?? null,
    sessionExpires: session === null ? null : showTime(session.expiresAtMs),
    signer: network?.signer ?? null,
    mint: network?.mint ?? null,
    vault: network?.vault ?? null,
    fee: network === null ? null : `${network.feeBasisPoints / 100}%`,
  };
  output.table(
    ["", ""],
    Object.entries(shown).map(([name, value]) => [name, value ?? output.colours.dim("none")]),
  );
  output.result({ ok: true, ...shown, network });
  return exitCodes.ok;
}
