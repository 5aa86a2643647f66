import { formatAmount } from "../../core/amount.ts";
import { bytes32, fromBase58, toHex } from "../../core/bytes.ts";
import { earnestError } from "../../core/errors.ts";
import { listMarkets } from "../../rails/solana/escrow/accounts.ts";
import { refundMarket } from "../../rails/solana/escrow/markets.ts";
import type { MarketAccount } from "../../rails/solana/program/layouts.ts";
import { withLeaves } from "../chain/chain-options.ts";
import { findMarket } from "../chain/leaves.ts";
import { type ChainOptions, type OpenedPool, openPool } from "../chain/open-pool.ts";
import type { CommandContext } from "../context.ts";
import { examples } from "../examples.ts";
import { type ExitCode, exitCodes } from "../exit-codes.ts";
import type { AddCommand } from "../options.ts";

export const addRefund: AddCommand = (program, run) => {
  examples(
    withLeaves(program.command("refund"))
      .description("Pay a closed market's rest back to its requester; anybody may, and the operator need not")
      .argument("<market>", "The market's id, or its account on chain")
      .action(run(refund)),
    "earnest refund 00112233445566778899aabbccddeeff --rpc https://rpc.example --keypair id.json",
  );
};

async function refund(context: CommandContext, options: ChainOptions, market: string): Promise<ExitCode> {
  const { output } = context;
  const opened = await openPool(context, options);
  const { escrow, at, pool } = opened;
  const [address, account] = await accountOf(opened, market);
  const place = { account: bytes32(fromBase58(address)), openedAt: Number(account.openedAt) };
  const found = await findMarket(context, options, opened, place);
  const signature = await refundMarket(escrow, at, address, found);
  const rest = formatAmount(account.deposited - (found?.allocated ?? 0n), pool.decimals);
  output.line(`${output.colours.green("✓")} ${rest} tokens went back to ${account.refundTo}`);
  output.result({
    ok: true,
    market: toHex(account.id),
    account: address,
    refunded: rest,
    to: account.refundTo,
    signature,
  });
  return exitCodes.ok;
}

type MarketAddress = Parameters<typeof refundMarket>[2];

/** @throws ESCROW_ACCOUNT_NOT_FOUND where it was never opened, or was refunded */
async function accountOf({ escrow, at }: OpenedPool, market: string): Promise<readonly [MarketAddress, MarketAccount]> {
  for (const [address, account] of await listMarkets(escrow, at.pool, "confirmed")) {
    if (address === market || toHex(account.id) === market) return [address, account];
  }
  throw earnestError("ESCROW_ACCOUNT_NOT_FOUND", { kind: "market", address: market });
}
