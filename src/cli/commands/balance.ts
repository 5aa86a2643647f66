import { Contributor } from "../../client/contributor.ts";
import { routes } from "../../contract/routes.ts";
import type { Me } from "../../contract/sessions.ts";
import { earnestError } from "../../core/errors.ts";
import type { CommandContext } from "../context.ts";
import { examples } from "../examples.ts";
import { type ExitCode, exitCodes } from "../exit-codes.ts";
import type { AddCommand } from "../options.ts";
import { readKeypair } from "./login.ts";

export const addBalance: AddCommand = (program, run) => {
  examples(
    program
      .command("balance")
      .description("What a contributor earned: of the profile, or of a keypair file")
      .option("--keypair <file>", "Sign in with this keypair file (of solana-keygen)")
      .action(run(balance)),
    "earnest balance --keypair ~/.config/solana/id.json",
  );
};

async function balance(context: CommandContext, { keypair }: { keypair?: string }): Promise<ExitCode> {
  const { output } = context;
  const me = keypair === undefined ? await ofProfile(context) : await ofKeypair(context, keypair);
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

async function ofProfile(context: CommandContext): Promise<Me> {
  const token = await context.sessionToken();
  if (token === null) {
    throw earnestError("CREDENTIALS_NOT_FOUND", {
      expected: "a contributor: sign in with `earnest login --keypair FILE`, or name one with --keypair",
    });
  }
  return await (await context.client()).transport.call(routes.getMe, { token });
}

async function ofKeypair(context: CommandContext, file: string): Promise<Me> {
  const signer = await readKeypair(context, file);
  const contributor = new Contributor({ ...(await context.clientOptions()), signer, automated: true });
  const me = await contributor.me();
  await contributor.signOut();
  return me;
}
