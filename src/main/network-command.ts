import type { Address } from "@solana/kit";
import { InvalidArgumentError } from "commander";
import { readSeed } from "../cli/commands/login.ts";
import { type CommandContext, serverUrl } from "../cli/context.ts";
import { examples } from "../cli/examples.ts";
import { type ExitCode, exitCodes } from "../cli/exit-codes.ts";
import type { AddCommand } from "../cli/options.ts";
import { bytes32, fromBase58 } from "../core/bytes.ts";
import { createSolanaClient } from "../rails/solana/client.ts";
import { openEscrow } from "../rails/solana/escrow/escrow.ts";
import { ensureNetwork } from "../rails/solana/escrow/networks.ts";
import { localnetProgram, readProgramFile } from "../rails/solana/program/program-file.ts";
import { signerFromSecret } from "../rails/solana/tokens.ts";
import { parseAddress } from "./cluster-flags.ts";

interface Options {
  readonly rpc: string;
  readonly keypair: string;
  readonly program: Address;
  readonly attestors: readonly Address[];
  readonly threshold: number;
  readonly id: number;
  readonly refundDelay: number;
  readonly deadAfter: number;
  readonly rotationDelay: number;
  readonly validity: number;
}

const day = 86_400;

/** `earnest network create`: a network's account on a cluster, whose terms nobody can change afterwards. */
export const networkCommand: AddCommand = (program, run) => {
  const network = program.command("network").description("Networks on a cluster: their attestors and their delays");
  examples(
    network
      .command("create")
      .description("Create a network's account on chain, or find the one that is there; its delays never change")
      .requiredOption("--rpc <url>", "A Solana node of the cluster")
      .requiredOption("--keypair <file>", "The operator's keypair file: creates it, pays its rent, gets the fees")
      .requiredOption("--attestors <keys>", "Keys of the attestors, with commas", parseAttestors)
      .requiredOption("--threshold <n>", "How many of them sign a commit: more than half", parseWhole)
      .option(
        "--program <address>",
        "The escrow program (default: where every local chain has it)",
        parseAddress,
        localnetProgram,
      )
      .option("--id <n>", "To tell an operator's networks apart", parseWhole, 1)
      .option("--refund-delay <seconds>", "From ending a market to its refund", parseWhole, 30 * day)
      .option("--dead-after <seconds>", "Without a commit for so long everybody may leave", parseWhole, 60 * day)
      .option("--rotation-delay <seconds>", "From proposing attestors to having them", parseWhole, 7 * day)
      .option("--validity <seconds>", "How long a signed message may land", parseWhole, 600)
      .action(run<[], Options>(create)),
    "earnest network create --rpc https://rpc.example --keypair operator.json --attestors A,B,C --threshold 2",
  );
};

async function create(context: CommandContext, options: Options): Promise<ExitCode> {
  const { output } = context;
  const operator = await signerFromSecret(await readSeed(context, options.keypair));
  const client = createSolanaClient({ rpcUrl: serverUrl(options.rpc), attempts: 3 });
  const { sha256 } = readProgramFile();
  const { program } = options;
  const escrow = await openEscrow({ client, program, cluster: null, sha256, payer: operator });
  const { address } = await ensureNetwork(escrow, operator, {
    id: BigInt(options.id),
    operator: operator.address,
    cluster: bytes32(fromBase58(escrow.cluster)),
    refundDelaySeconds: options.refundDelay,
    deadAfterSeconds: options.deadAfter,
    rotationDelaySeconds: options.rotationDelay,
    maxValiditySeconds: options.validity,
    attestors: { threshold: options.threshold, keys: options.attestors },
  });
  output.line(
    `${output.colours.green("✓")} network ${address}: ${options.threshold} of ${options.attestors.length} sign`,
  );
  output.line(
    `Run it with: earnest serve --rpc ${options.rpc} --keypair ${options.keypair} --network ${address} --mint MINT`,
  );
  output.result({ ok: true, network: address, program, operator: operator.address, cluster: escrow.cluster });
  return exitCodes.ok;
}

const parseAttestors = (text: string): Address[] => text.split(",").map(parseAddress);

function parseWhole(text: string): number {
  if (!/^[1-9]\d{0,8}$/.test(text)) throw new InvalidArgumentError("It must be a whole number from 1.");
  return Number(text);
}
