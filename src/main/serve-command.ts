import { InvalidArgumentError } from "commander";
import type { AddCommand } from "../cli/options.ts";
import type { Environment } from "./environment.ts";
import { serve } from "./serve.ts";

export const defaultPort = 4500;
export const loopback = "127.0.0.1";

/** @throws InvalidArgumentError, which the command line reports as a usage error. */
export function parsePort(text: string): number {
  const port = Number(text);
  if (!/^\d{1,5}$/.test(text) || port > 65_535) throw new InvalidArgumentError("It must be a number from 0 to 65535.");
  return port;
}

interface Options {
  readonly port: number;
  readonly host: string;
  readonly domain?: string;
}

/** `earnest serve`: one API process, the first or a further one on the same data. */
export const serveCommand =
  (environment: Environment): AddCommand =>
  (program, run) => {
    program
      .command("serve")
      .description("Run an API process on the data folder (or DATABASE_URL), alone or beside others")
      .option("--port <number>", "Port of the API; the next free one if it is taken", parsePort, defaultPort)
      .option("--host <address>", "Address to listen on", loopback)
      .option("--domain <host>", "Host that sign-ins must name, the same for all processes (default: this one's)")
      .action(
        run<[], Options>(async (context, options) => {
          const { output } = context;
          const serving = await serve({
            dataFolder: context.dataFolder,
            databaseUrl: environment.databaseUrl,
            host: options.host,
            port: options.port,
            domain: options.domain ?? null,
            logPath: null,
            say: (line) => output.note(line),
          });
          output.line(`Serving ${serving.url}, local Solana at ${serving.network.rpcUrl}`);
          await aborted(context.stopped);
          output.note("Finishing what is in flight.");
          await serving.close();
          return undefined;
        }),
      );
  };

export const aborted = (signal: AbortSignal): Promise<void> =>
  new Promise((resolve) => {
    if (signal.aborted) resolve();
    else signal.addEventListener("abort", () => resolve(), { once: true });
  });
