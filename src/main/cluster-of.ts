import { readSeed } from "../cli/commands/login.ts";
import { type CommandContext, serverUrl } from "../cli/context.ts";
import { earnestError } from "../core/errors.ts";
import { localnetProgram } from "../rails/solana/program/program-file.ts";
import { signerFromSecret } from "../rails/solana/tokens.ts";
import { type ClusterOptions, clusterSponsor, clusterWithdrawals, sponsorMin } from "./cluster.ts";
import type { ClusterFlags } from "./cluster-flags.ts";

/** The cluster that the flags name; null for the local chain. */
export async function clusterOf(context: CommandContext, flags: Partial<ClusterFlags>): Promise<ClusterOptions | null> {
  const { rpc, keypair, program = localnetProgram, network, mint, unitPrice = 0n } = flags;
  if (rpc === undefined) return null;
  const missing = Object.entries({ keypair, network, mint }).find(([, value]) => value === undefined);
  if (keypair === undefined || network === undefined || mint === undefined) {
    const mend = "On a cluster name --keypair, --network and --mint as well.";
    throw earnestError("MALFORMED_COMMAND", { problem: `--rpc needs --${missing?.[0]}`, mend });
  }
  return {
    rpcUrl: serverUrl(rpc),
    publicRpcUrl: flags.publicRpc ?? null,
    operator: await signerFromSecret(await readSeed(context, keypair)),
    program,
    network,
    mint,
    permittedMints: flags.permitMints ?? [],
    allowsFreezing: flags.allowFreezing ?? false,
    unitPriceMax: unitPrice,
    sponsor: {
      perDayMax: flags.sponsorPerDay ?? clusterSponsor.perDayMax,
      lamportsMax: flags.sponsorLamports ?? clusterSponsor.lamportsMax,
    },
    sponsorMin: flags.sponsorMin ?? sponsorMin,
    withdrawals: {
      ...clusterWithdrawals,
      perDayMax: flags.withdrawPerDay ?? clusterWithdrawals.perDayMax,
      lamportsPerDayMax: flags.withdrawLamports ?? clusterWithdrawals.lamportsPerDayMax,
    },
  };
}
