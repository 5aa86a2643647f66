import { builtInCommands } from "./commands.ts";
import type { CliOptions } from "./options.ts";
import { createProgramOf, type Program } from "./program.ts";

/** The whole command line. */
export const createProgram = (cli: CliOptions): Program =>
  createProgramOf(cli, [
    ...builtInCommands,
    { heading: "Run a network, or a part of one", commands: cli.extraCommands ?? {} },
  ]);
