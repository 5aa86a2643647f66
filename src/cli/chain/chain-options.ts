import type { Command } from "commander";

/** What every command has that speaks to the chain and not to the operator. */
export const withChain = (command: Command): Command =>
  command
    .requiredOption("--rpc <url>", "A Solana node")
    .requiredOption("--keypair <file>", "Keypair file (of solana-keygen) of the wallet that pays the fee")
    .option("--pool <address>", "The pool's account (default: the one of the leaf file, attestor or server)")
    .option("--mint <address>", "The token whose pool is meant (default: the network's home token)");

/** Who has the leaves. */
export const withLeaves = (command: Command): Command =>
  withChain(command)
    .option("--attestor <url>", "Take the leaves from an attestor instead of the server")
    .option("--leaf-file <file>", "Take the leaves from a leaf file, and ask nobody");
