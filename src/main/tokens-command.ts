import type { Command } from "commander";
import { rpcOf } from "../cli/chain/rpc-of.ts";
import type { CommandContext } from "../cli/context.ts";
import { parsePublicKey } from "../cli/crypto.ts";
import { examples } from "../cli/examples.ts";
import { type ExitCode, exitCodes } from "../cli/exit-codes.ts";
import type { Run } from "../cli/options.ts";
import { parseTokenAmount } from "../cli/parse-options.ts";
import { formatAmount, parseAmount } from "../core/amount.ts";
import { toBase58 } from "../core/bytes.ts";
import { earnestError } from "../core/errors.ts";
import { createSolanaClient } from "../rails/solana/client.ts";
import { ensureSol, findMint, mintTo, signerFromSecret } from "../rails/solana/tokens.ts";
import { keptSeed, openDataFolder } from "./folder.ts";

const walletLamports = 1_000_000_000n;

/** `earnest demo tokens`: what somebody needs who tries out being a requester on the local network. */
export function addTokens(demo: Command, run: Run): void {
  examples(
    demo
      .command("tokens")
      .description("Give a wallet test tokens and SOL of the local network, which are worth nothing")
      .argument("<wallet>", "The wallet's address")
      .argument("<amount>", "How many tokens", parseTokenAmount)
      .action(run<[string, string]>(give)),
    "earnest demo tokens 7EqQdEULxWcraVx3mXKFjc84LhCkMGZCkRuDpvcMwJeK 100",
  );
}

async function give(context: CommandContext, _: object, wallet: string, amount: string): Promise<ExitCode> {
  const { output } = context;
  const address = toBase58(parsePublicKey(wallet, "a wallet's address"));
  const client = createSolanaClient({ rpcUrl: await rpcOf(context, undefined), attempts: 3 });
  const folder = await openDataFolder(context.dataFolder);
  const operator = await signerFromSecret(await keptSeed(folder, "operator"));
  const { address: token } = await signerFromSecret(await keptSeed(folder, "mint"));
  const mint = await findMint(client, token);
  if (mint === null) throw earnestError("MINT_NOT_FOUND", { mint: token });
  const value = parseAmount(amount, mint.decimals);
  await ensureSol(client, address, walletLamports);
  await mintTo(client, operator, mint, address, value);
  const given = formatAmount(value, mint.decimals);
  output.line(`${output.colours.green("✓")} ${address} got ${given} test tokens, and SOL for fees`);
  output.result({ ok: true, wallet: address, amount: given, mint: mint.address });
  return exitCodes.ok;
}
