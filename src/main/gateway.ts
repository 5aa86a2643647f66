import { createHmac } from "node:crypto";
import { resolve4, resolve6 } from "node:dns/promises";
import { createServer } from "node:http";
import { join } from "node:path";
import type { CommandContext } from "../cli/context.ts";
import { toBase58, toUtf8 } from "../core/bytes.ts";
import { Gateway } from "../engine/gateway/gateway.ts";
import { gatewayMarkets, gatewayStandings } from "../engine/gateway/gateway-markets.ts";
import type { Canary } from "../engine/gateway/session.ts";
import { clusterOf } from "./cluster-of.ts";
import type { Environment } from "./environment.ts";
import { keptSeed, openDataFolder } from "./folder.ts";
import type { GatewayFlags } from "./gateway-command.ts";
import { gatewayOptions } from "./gateway-options.ts";
import { aborted } from "./interrupts.ts";
import { createLogs } from "./log.ts";
import { startNetwork } from "./network.ts";

/** A gateway until it is stopped: its markets and books are the network's, which it joins as a process beside the API's. */
export async function runGateway(
  environment: Environment,
  context: CommandContext,
  options: GatewayFlags,
): Promise<void> {
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
}

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

async function serveCanaries({ host, canaryPort }: GatewayFlags, canary: Canary): Promise<{ close(): void }> {
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
