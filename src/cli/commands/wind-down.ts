import { windDownPool } from "../../rails/solana/escrow/pools.ts";
import { withChain } from "../chain/chain-options.ts";
import { type ChainOptions, openPool } from "../chain/open-pool.ts";
import { confirm } from "../confirm.ts";
import type { CommandContext } from "../context.ts";
import { examples } from "../examples.ts";
import { type ExitCode, exitCodes } from "../exit-codes.ts";
import type { AddCommand } from "../options.ts";

export const addWindDown: AddCommand = (program, run) => {
  examples(
    withChain(program.command("wind-down"))
      .description("End a pool in which nobody has committed for the dead time: everybody may take what is theirs")
      .option("--attestor <url>", "Take the pool from an attestor instead of the server")
      .action(run(windDown)),
    "earnest wind-down --rpc https://rpc.example --keypair id.json --pool ADDRESS",
  );
};

async function windDown(context: CommandContext, options: ChainOptions): Promise<ExitCode> {
  const { output } = context;
  const { escrow, at, pool } = await openPool(context, options);
  if (pool.state !== 1) {
    await confirm(context, `Wind down the pool ${at.pool}, for good?`);
    await windDownPool(escrow, at);
  }
  output.line(`${output.colours.green("✓")} ${at.pool} is wound down: claim what is owed, held earnings included`);
  output.result({ ok: true, pool: at.pool, wasWoundDown: pool.state === 1 });
  return exitCodes.ok;
}
