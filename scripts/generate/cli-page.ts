import { PassThrough } from "node:stream";
import { createProgram } from "#src/cli/create-program";
import { cliReference } from "#src/cli/reference";
import { processCommands } from "#src/main/commands";
import type { Environment } from "#src/main/environment";

/** docs/cli.md: the same page whatever the environment, as nothing of it is read. */
export async function cliPage(): Promise<string> {
  const settings: Environment = {
    dataFolder: "",
    databaseUrl: null,
    server: null,
    apiKey: null,
    profile: null,
    isColourWanted: false,
  };
  const program = createProgram({
    io: { stdin: new PassThrough(), stdout: new PassThrough(), stderr: new PassThrough() },
    settings,
    version: "",
    workingFolder: "",
    clock: () => 0,
    interrupted: new AbortController().signal,
    extraCommands: processCommands(settings, ""),
  });
  return cliReference(await program.whole());
}
