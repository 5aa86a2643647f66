import { InvalidArgumentError } from "commander";
import { examples } from "../cli/examples.ts";
import type { AddCommand } from "../cli/options.ts";
import { parsePort, parseTokenAmount } from "../cli/parse-options.ts";
import { addClusterFlags, type ClusterFlags } from "./cluster-flags.ts";
import type { Environment } from "./environment.ts";
import { loopback } from "./hosts.ts";
import { aborted } from "./interrupts.ts";

export const defaultPort = 4500;

function parseSeconds(text: string): number {
  if (!/^[1-9]\d{0,4}$/.test(text)) throw new InvalidArgumentError("It must be a number of seconds from 1 to 99999.");
  return Number(text);
}

interface Options extends Partial<ClusterFlags> {
  readonly port: number;
  readonly host: string;
  readonly domain?: string;
  readonly epoch?: number;
  readonly epochAmount?: string;
  readonly sessions?: string;
}

/** `earnest serve`: one API process, the first or a further one on the same data. */
export const serveCommand =
  (environment: Environment): AddCommand =>
  (program, run) => {
    const command = program
      .command("serve")
      .description("Run an API process on the data folder (or DATABASE_URL), alone or beside others")
      .option("--port <number>", "Port of the API; the next free one if it is taken", parsePort, defaultPort)
      .option("--host <address>", "Address to listen on", loopback)
      .option("--domain <host>", "Host that sign-ins must name, the same for all processes (default: this one's)")
      .option(
        "--sessions <dir>",
        "Where gateways keep WARC files, for requesters (default: gateway in the data folder)",
      )
      .option("--epoch <seconds>", "From one commit to the next (default: 2, on a cluster 30)", parseSeconds)
      .option("--epoch-amount <tokens>", "Earlier, once so much was earned since the last cut", parseTokenAmount);
    examples(
      addClusterFlags(command).action(
        run<[], Options>(async (context, options) => {
          const { output } = context;
          const [{ clusterOf }, { serve }] = await Promise.all([import("./cluster-of.ts"), import("./serve.ts")]);
          const cluster = await clusterOf(context, options);
          const serving = await serve({
            dataFolder: context.dataFolder,
            databaseUrl: environment.databaseUrl,
            ...(cluster !== null && { cluster }),
            ...(options.epoch !== undefined && { epochMs: options.epoch * 1_000 }),
            ...(options.epochAmount !== undefined && { epochAmount: options.epochAmount }),
            ...(options.sessions !== undefined && { sessions: context.path(options.sessions) }),
            host: options.host,
            port: options.port,
            domain: options.domain ?? null,
            logPath: null,
            say: (line) => output.note(line),
          });
          const { rpcUrl } = serving.network;
          output.line(`Serving ${serving.url}, ${cluster === null ? "local Solana" : "Solana"} at ${rpcUrl}`);
          await aborted(context.stopped);
          output.note("Finishing what is in flight.");
          await serving.close();
          return undefined;
        }),
      ),
      "earnest serve --port 4500",
      "earnest serve --rpc https://rpc.example --keypair operator.json --program P --network N --mint M",
    );
  };
