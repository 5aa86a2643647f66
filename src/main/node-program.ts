#!/usr/bin/env node
import { createProgramOf } from "../cli/program.ts";
import { readEnvironment } from "./environment.ts";
import { listenForInterrupts } from "./interrupts.ts";
import { nodeCommand } from "./node-command.ts";

/** The node alone, for machines without the rest: what `npm run node:package` makes a download of. */
declare const EARNEST_VERSION: string | undefined;
const version = typeof EARNEST_VERSION === "undefined" ? "0.0.0" : EARNEST_VERSION;

const interrupts = listenForInterrupts();
const program = createProgramOf(
  {
    io: { stdin: process.stdin, stdout: process.stdout, stderr: process.stderr },
    settings: readEnvironment(process.env, process.getuid?.()),
    version,
    workingFolder: process.cwd(),
    clock: Date.now,
    interrupted: interrupts.signal,
    whileBlocked: interrupts.whileBlocked,
  },
  [{ heading: "Commands", commands: { node: async () => nodeCommand(version) } }],
  {
    name: "earnest-node",
    description: "Lend what this machine has to spare to a network of Earnest, and earn by it.",
    example: "earnest-node node start --help",
  },
);

process.exitCode = await program.run(process.argv.slice(2));
