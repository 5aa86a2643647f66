import { examples } from "../cli/examples.ts";
import type { AddCommand } from "../cli/options.ts";
import { parsePort, parsePositive } from "../cli/parse-options.ts";
import { addClusterFlags, type ClusterFlags } from "./cluster-flags.ts";
import type { Environment } from "./environment.ts";
import { loopback } from "./hosts.ts";

export interface GatewayFlags extends Partial<ClusterFlags> {
  readonly port: number;
  readonly host: string;
  readonly contact: string;
  readonly sessions?: string;
  readonly canaryUrl?: string;
  readonly canaryPort: number;
  readonly pause: number;
  readonly tunnels: number;
  readonly sessionsAtOnce: number;
}

/** `earnest gateway`: fetches the pages of bandwidth markets through nodes, in a process of its own beside the API's. */
export const gatewayCommand =
  (environment: Environment): AddCommand =>
  (program, run) => {
    const command = program
      .command("gateway")
      .description("Fetch the pages of bandwidth markets through nodes, on the data folder (or DATABASE_URL)")
      .requiredOption("--contact <url>", "Where sites learn who asks, and how to reach you; part of the user agent")
      .option("--port <number>", "Port that nodes connect to", parsePort, 4600)
      .option("--host <address>", "Address to listen on", loopback)
      .option("--sessions <dir>", "Where WARC files, indexes and receipts go (default: gateway in the data folder)")
      .option(
        "--canary-url <url>",
        "Public address of the hidden checks that --canary-port serves, with a / at its end",
      )
      .option("--canary-port <number>", "Port to serve hidden checks on", parsePort, 4601)
      .option("--pause <ms>", "From one request to a site to the next", parsePositive, 1_000)
      .option("--tunnels <number>", "The most nodes at a time", parsePositive, 20_000)
      .option(
        "--sessions-at-once <number>",
        "The most sessions at a time; the others wait for their turn",
        parsePositive,
        200,
      );
    examples(
      addClusterFlags(command).action(
        run<[], GatewayFlags>(async (context, options) => {
          const { runGateway } = await import("./gateway.ts");
          await runGateway(environment, context, options);
          return undefined;
        }),
      ),
      "earnest gateway --contact https://earnest.example/bot",
      "earnest gateway --contact https://earnest.example/bot --host 0.0.0.0 --canary-url https://pages.example/",
    );
  };
