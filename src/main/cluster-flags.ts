import { type Address, isAddress } from "@solana/kit";
import { type Command, InvalidArgumentError } from "commander";
import { serverUrl } from "../cli/context.ts";
import { parseTokenAmount } from "../cli/parse-options.ts";

/** What it takes to run a network on a cluster. */
export interface ClusterFlags {
  readonly rpc: string;
  readonly publicRpc: string;
  readonly keypair: string;
  readonly program: Address;
  readonly network: Address;
  readonly mint: Address;
  readonly permitMints: readonly string[] | "any";
  readonly allowFreezing: boolean;
  readonly unitPrice: bigint;
  readonly sponsorMin: string;
  readonly sponsorPerDay: number;
  readonly sponsorLamports: bigint;
  readonly withdrawPerDay: number;
  readonly withdrawLamports: bigint;
}

export const addClusterFlags = (command: Command): Command =>
  command
    .option("--rpc <url>", "Settle on the cluster of this Solana node, instead of on the local chain")
    .option("--public-rpc <url>", "There: a Solana node that browsers may ask too, named to everybody", serverUrl)
    .option("--keypair <file>", "There: the operator's keypair file, which pays fees and sponsored token accounts")
    .option("--program <address>", "There: the escrow program", parseAddress)
    .option("--network <address>", "There: the network's account, made by `earnest network create`", parseAddress)
    .option("--mint <address>", "There: the token that is paid in", parseAddress)
    .option(
      "--permit-mints <addresses>",
      "There: further tokens to pay in, with commas; any: also those that it then issues for requesters",
      parseMints,
    )
    .option("--allow-freezing", "There: also one whose issuer can freeze accounts; everybody is told")
    .option("--unit-price <micro-lamports>", "There: at most so much for a compute unit (default: 0)", parseWide)
    .option(
      "--sponsor-min <tokens>",
      "There: what a contributor must have earned before its token account is paid for (default: 1)",
      parseTokenAmount,
    )
    .option("--sponsor-per-day <count>", "There: token accounts paid for a day (default: 100)", parseWhole)
    .option("--sponsor-lamports <lamports>", "There: for all of them, ever (default: 500000000)", parseWide)
    .option(
      "--withdraw-per-day <count>",
      "There: withdrawals paid for a day, of each contributor (default: 3)",
      parseWhole,
    )
    .option("--withdraw-lamports <lamports>", "There: for all of them, a day (default: 20000000)", parseWide);

const parseMints = (text: string): readonly string[] | "any" =>
  text === "any" ? "any" : text.split(",").map(parseAddress);

export function parseAddress(text: string): Address {
  if (!isAddress(text)) throw new InvalidArgumentError("It must be an address in base58.");
  return text;
}

function parseWide(text: string): bigint {
  if (!/^\d{1,18}$/.test(text)) throw new InvalidArgumentError("It must be a whole number.");
  return BigInt(text);
}

const parseWhole = (text: string): number => Number(parseWide(text));
