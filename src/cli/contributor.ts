import { Contributor } from "../client/contributor.ts";
import { Transport } from "../client/transport.ts";
import { earnestError } from "../core/errors.ts";
import { readKeypair } from "./commands/login.ts";
import type { CommandContext } from "./context.ts";

/** Options of the commands that act for a contributor. */
export interface ContributorOptions {
  readonly keypair?: string;
}

export const keypairOption = ["--keypair <file>", "Sign in with this keypair file (of solana-keygen)"] as const;

type Act<T> = (transport: Transport, token: string) => Promise<T>;

/**
 * Acts for the contributor of a keypair file, in a session that ends with the command, or of the profile.
 *
 * @throws CREDENTIALS_NOT_FOUND where there is neither
 */
export async function asContributor<T>(
  context: CommandContext,
  { keypair }: ContributorOptions,
  act: Act<T>,
): Promise<T> {
  if (keypair !== undefined) return await asKeypair(context, keypair, act);
  const token = await context.sessionToken();
  if (token !== null) return await act((await context.client()).transport, token);
  throw earnestError("CREDENTIALS_NOT_FOUND", {
    expected: "a contributor: sign in with `earnest login --keypair FILE`, or name one with --keypair",
  });
}

async function asKeypair<T>(context: CommandContext, file: string, act: Act<T>): Promise<T> {
  const options = await context.clientOptions();
  const contributor = new Contributor({ ...options, signer: await readKeypair(context, file), automated: true });
  const { token } = await contributor.signIn();
  try {
    return await act(new Transport(options), token);
  } finally {
    // What was asked for is done or refused by now; a session that is not ended expires.
    await contributor.signOut().catch(() => undefined);
  }
}
