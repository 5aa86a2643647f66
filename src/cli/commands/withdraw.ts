import { Contributor } from "../../client/contributor.ts";
import { Earnest } from "../../client/earnest.ts";
import { UnaskedTransfer } from "../../client/withdrawals.ts";
import { parseAmount } from "../../core/amount.ts";
import { toBase58 } from "../../core/bytes.ts";
import { earnestError } from "../../core/errors.ts";
import type { CommandContext } from "../context.ts";
import { parsePublicKey } from "../crypto.ts";
import { examples } from "../examples.ts";
import { type ExitCode, exitCodes } from "../exit-codes.ts";
import type { AddCommand } from "../options.ts";
import { readKeypair } from "./login.ts";

interface WithdrawOptions {
  readonly mint?: string;
  readonly to: string;
  readonly amount: string;
  readonly keypair: string;
}

export const addWithdraw: AddCommand = (program, run) => {
  examples(
    program
      .command("withdraw")
      .description("Send earned tokens on to any wallet, without SOL: the network pays fee and rent")
      .requiredOption("--to <address>", "The wallet that gets them; its token account is made where it has none")
      .requiredOption("--amount <tokens>", 'How many tokens, or "all"')
      .requiredOption("--keypair <file>", "Keypair file (of solana-keygen) of the contributor, who signs the transfer")
      .option("--mint <address>", "The token (default: the network's home token)")
      .action(run(withdraw)),
    "earnest withdraw --to ADDRESS --amount 2.5 --keypair id.json",
    "earnest withdraw --to ADDRESS --amount all --keypair id.json",
  );
};

async function withdraw(context: CommandContext, options: WithdrawOptions): Promise<ExitCode> {
  const { output } = context;
  const to = toBase58(parsePublicKey(options.to, "a wallet's address"));
  const clientOptions = await context.clientOptions();
  const { mint } = options;
  const { tokens, ...home } = await new Earnest(clientOptions).network();
  const token = mint === undefined ? home : tokens.find((each) => each.mint === mint);
  if (token === undefined) throw earnestError("TOKEN_NOT_FOUND", { mint: mint ?? "" });
  const amount = options.amount === "all" ? null : options.amount;
  if (amount !== null) parseAmount(amount, token.decimals);
  const signer = await readKeypair(context, options.keypair);
  const contributor = new Contributor({ ...clientOptions, signer, automated: true });
  try {
    const done = await contributor.withdraw(to, amount, mint === undefined ? {} : { mint });
    const { green, yellow } = output.colours;
    const isFinal = done.state === "final";
    output.line(
      isFinal
        ? `${green("✓")} ${done.amount} tokens are at ${to}, by ${done.transaction}`
        : `${yellow("–")} ${done.amount} tokens to ${to}: ${done.state}${done.problem === null ? "" : ` (${done.problem})`}`,
    );
    const { feeLamports, rentLamports } = done.paidByNetwork;
    if (isFinal) output.note(`The network paid at most ${feeLamports + rentLamports} lamports for it.`);
    output.result({ ok: isFinal, ...done, toSign: undefined });
    return isFinal ? exitCodes.ok : exitCodes.failed;
  } catch (error) {
    if (!(error instanceof UnaskedTransfer)) throw error;
    throw earnestError("MALFORMED_COMMAND", {
      problem: error.message.replace(/\.$/, ""),
      mend: "Do not trust this server.",
    });
  } finally {
    await contributor.signOut().catch(() => undefined);
  }
}
