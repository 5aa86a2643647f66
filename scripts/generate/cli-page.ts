import { PassThrough } from "node:stream";
import { createProgram } from "#src/cli/create-program";
import { cliReference } from "#src/cli/reference";
import { attestCommand } from "#src/main/attest-command";
import { devCommand } from "#src/main/dev-command";
import type { Environment } from "#src/main/environment";
import { gatewayCommand } from "#src/main/gateway-command";
import { nodeCommand } from "#src/main/node-command";
import { serveCommand } from "#src/main/serve-command";

/** docs/cli.md: the same page whatever the environment, as nothing of it is read. */
export function cliPage(): string {
  const settings: Environment = {
    dataFolder: "",
    databaseUrl: null,
    server: null,
    apiKey: null,
    profile: null,
    isColourWanted: false,
  };
  const { command } = createProgram({
    io: { stdin: new PassThrough(), stdout: new PassThrough(), stderr: new PassThrough() },
    settings,
    version: "",
    workingFolder: "",
    clock: () => 0,
    interrupted: new AbortController().signal,
    extraCommands: [
      devCommand(settings),
      serveCommand(settings),
      attestCommand,
      gatewayCommand(settings),
      nodeCommand(""),
    ],
  });
  return cliReference(command);
}
