import { formatAmount } from "../../core/amount.ts";
import { bytes32, fromBase58, toBase58 } from "../../core/bytes.ts";
import { type ClaimReason, claimReasons } from "../../rails/solana/escrow/claims.ts";
import { payClaims } from "../../rails/solana/escrow/paying.ts";
import { tokenAddress } from "../../rails/solana/program/derived-addresses.ts";
import { withLeaves } from "../chain/chain-options.ts";
import { findLeaf } from "../chain/leaves.ts";
import { type ChainOptions, openPool } from "../chain/open-pool.ts";
import type { CommandContext } from "../context.ts";
import { parsePublicKey } from "../crypto.ts";
import { examples } from "../examples.ts";
import { type ExitCode, exitCodes } from "../exit-codes.ts";
import type { AddCommand } from "../options.ts";

interface ClaimOptions extends ChainOptions {
  readonly wallet?: string;
}

export const addClaim: AddCommand = (program, run) => {
  examples(
    withLeaves(program.command("claim"))
      .description("Take what a contributor earned out of the pool; it takes the chain and leaves, not the operator")
      .option("--wallet <address>", "The wallet that is paid (default: that of the keypair file)")
      .action(run(claim)),
    "earnest claim --rpc https://rpc.example --keypair id.json --attestor https://attestor.example",
    "earnest claim --rpc https://rpc.example --keypair id.json --attestor https://attestor.example --mint MINT",
    "earnest claim --rpc https://rpc.example --keypair id.json --leaf-file epoch.leaves",
  );
};

async function claim(context: CommandContext, options: ClaimOptions): Promise<ExitCode> {
  const { output } = context;
  const opened = await openPool(context, options);
  const { escrow, at, pool } = opened;
  const wallet = options.wallet === undefined ? opened.wallet : asWallet(options.wallet);
  const account = tokenAddress(wallet, at.mint, at.tokenProgram);
  const { leaf, source } = await findLeaf(context, options, opened, bytes32(fromBase58(account)));
  const wishes = [{ index: leaf.index, wallet }];
  const { paid, waiting, failures } = await payClaims(escrow, at, { source, wishes, creation: "always" });
  const [failure] = failures;
  if (failure !== undefined) throw failure.error;
  const owed = leaf.cumulative + (pool.state === 1 ? leaf.held : 0n);
  const show = (value: bigint): string => formatAmount(value, pool.decimals);
  const isPaid = paid.length > 0;
  const reason = waiting[0]?.reason ?? null;
  const { green, yellow } = output.colours;
  if (isPaid) output.line(`${green("✓")} ${show(owed)} tokens in all are in ${account}`);
  else output.line(`${yellow("–")} ${reasonText(reason)}: ${show(owed)} tokens in all, to ${account}`);
  if (leaf.held > 0n && pool.state !== 1) output.note(`${show(leaf.held)} more are held for now.`);
  const amounts = { owed: show(owed), held: show(leaf.held) };
  output.result({
    ok: isPaid || reason === "nothingDue",
    paid: isPaid,
    reason,
    wallet,
    account,
    index: leaf.index,
    ...amounts,
  });
  return isPaid || reason === "nothingDue" ? exitCodes.ok : exitCodes.failed;
}

const reasonText = (reason: string | null): string => claimReasons[reason as ClaimReason] ?? "nothing was paid";

const asWallet = (text: string) => toBase58(parsePublicKey(text, "a wallet")) as ReturnType<typeof tokenAddress>;
