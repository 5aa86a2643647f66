import { createHmac } from "node:crypto";
import { resolve4, resolve6 } from "node:dns/promises";
import { createServer } from "node:http";
import { join } from "node:path";
import { examples } from "../cli/examples.ts";
import type { AddCommand } from "../cli/options.ts";
import { parsePositive } from "../cli/parse-options.ts";
import { toBase58, toUtf8 } from "../core/bytes.ts";
import { Gateway } from "../engine/gateway/gateway.ts";
import { gatewayMarkets, gatewayStandings } from "../engine/gateway/gateway-markets.ts";
import type { Canary } from "../engine/gateway/session.ts";
import { addClusterFlags, type ClusterFlags, clusterOf } from "./cluster-flags.ts";
import type { Environment } from "./environment.ts";
import { keptSeed, openDataFolder } from "./folder.ts";
import { gatewayOptions } from "./gateway-options.ts";
import { loopback } from "./hosts.ts";
import { createLogs } from "./log.ts";
import { startNetwork } from "./network.ts";
import { aborted, parsePort } from "./serve-command.ts";

interface Options extends Partial<ClusterFlags> {
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
        run<[], Options>(async (context, options) => {
          const { output } = context;
          const folder = await openDataFolder(context.dataFolder);
          const logs = createLogs(null);
          const cluster = await clusterOf(context, options);
          const network = await startNetwork({
            folder,
            databaseUrl: environment.databaseUrl,
            localnetPort: 0,
            ...(cluster !== null && { cluster }),
            domain: () => "",
            log: logs.log,
            say: (line) => output.note(line),
          });
          const secret = await keptSeed(folder, "gateway");
          const canary = options.canaryUrl === undefined ? null : canaryAt(options.canaryUrl, secret);
          const checks = canary === null ? null : await serveCanaries(options, canary);
          const gateway = await Gateway.open(
            gatewayOptions({
              name: toBase58(network.context.signer.publicKey),
              folder: options.sessions === undefined ? join(folder.path, "gateway") : context.path(options.sessions),
              markets: gatewayMarkets(network.engine, network.rail.decimals),
              standings: gatewayStandings(network.engine),
              web: { resolve: resolveAll, userAgent: `EarnestBot/1.0 (+${options.contact})` },
              politeness: { connectionsMax: 2, pauseMs: options.pause, domainPagesPerDayMax: 20_000 },
              canary,
              secret,
              tunnelsMax: options.tunnels,
              sessionsMax: options.sessionsAtOnce,
              log: logs.log,
            }),
          );
          const port = await gateway.listen(options.host, options.port);
          output.line(`Nodes connect to ${options.host}:${port}`);
          await aborted(context.stopped);
          output.note("Finishing what is in flight.");
          await gateway.close();
          checks?.close();
          await network.close();
          logs.flush();
          return undefined;
        }),
      ),
      "earnest gateway --contact https://earnest.example/bot",
      "earnest gateway --contact https://earnest.example/bot --host 0.0.0.0 --canary-url https://pages.example/",
    );
  };

/** Every address of a name, so that all of them can be looked at. */
async function resolveAll(name: string): Promise<readonly string[]> {
  const found = await Promise.allSettled([resolve4(name), resolve6(name)]);
  const addresses = found.flatMap((each) => (each.status === "fulfilled" ? each.value : []));
  if (addresses.length === 0) throw new Error(`${name} has no address`);
  return addresses;
}

/** A page for each nonce, whose content nobody can tell who does not fetch it. */
function canaryAt(url: string, secret: Uint8Array): Canary {
  return {
    url: (nonce) => `${url}${nonce}`,
    content: (nonce) => toUtf8(createHmac("sha256", secret).update(`canary ${nonce}`).digest("hex")),
  };
}

async function serveCanaries({ host, canaryPort }: Options, canary: Canary): Promise<{ close(): void }> {
  const server = createServer((request, response) => {
    const [, nonce] = /\/([0-9a-f]{32})$/.exec(request.url ?? "") ?? [];
    if (nonce === undefined) response.writeHead(404).end();
    else response.writeHead(200, { "content-type": "text/plain" }).end(canary.content(nonce));
  });
  await new Promise<void>((resolve, reject) => {
    server.once("error", reject);
    server.listen({ host, port: canaryPort }, resolve);
  });
  return server;
}
