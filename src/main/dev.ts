import { join } from "node:path";
import { fileURLToPath } from "node:url";
import type { CommandContext } from "../cli/context.ts";
import { defaultProfile, readProfiles, writeProfile } from "../cli/credentials.ts";
import { exitCodes } from "../cli/exit-codes.ts";
import { Earnest } from "../client/earnest.ts";
import { signerFromSeed } from "./crypto.ts";
import { keepCompany } from "./demonstration/companions.ts";
import { readDataset } from "./demonstration/dataset.ts";
import { type DemonstrationReport, demonstrate } from "./demonstration/demonstrate.ts";
import { patientRetries } from "./demonstration/patience.ts";
import { printReport } from "./demonstration/report.ts";
import { simulatePeople } from "./demonstration/simulated-people.ts";
import type { DevFlags } from "./dev-command.ts";
import type { Environment } from "./environment.ts";
import { clearDataFolder, keptSeed, openDataFolder } from "./folder.ts";
import { anyAddress, byName, loopback } from "./hosts.ts";
import { aborted } from "./interrupts.ts";
import { inviteToLan, lanAddresses } from "./lan.ts";
import { type Serving, serve } from "./serve.ts";

const simulatedPeople = 5;

const shipped = fileURLToPath(new URL("../../examples/rte", import.meta.url));

/** Everything on one machine, and a demonstration of it; then it stays up, unless it is to run once. */
export async function dev(environment: Environment, context: CommandContext, options: DevFlags) {
  const startedMs = performance.now();
  const { output, stopped } = context;
  const dataset = await readDataset(options.dataset === undefined ? shipped : context.path(options.dataset));
  const lan = options.lan ? lanAddresses() : [];
  if (options.fresh) await clearDataFolder(await openDataFolder(context.dataFolder), (line) => output.note(line));
  const serving = await serve({
    dataFolder: context.dataFolder,
    databaseUrl: environment.databaseUrl,
    host: lan.length > 0 ? anyAddress : loopback,
    port: options.port,
    domain: null,
    logPath: join(context.dataFolder, "earnest.log"),
    say: (line) => output.note(line),
  });
  try {
    const seed = await keptSeed(serving.folder, "requester");
    const { client, apiKey } = await requesterClient(context, serving, seed);
    const { stderr } = context.io;
    const report = await demonstrate({ serving, client, apiKey, seed, dataset, output, stderr, stopped });
    const seconds = Math.round((performance.now() - startedMs) / 100) / 10;
    printReport(output, report, seconds);
    output.result({ ...report, seconds, server: serving.url, rpc: serving.network.rpcUrl });
    if (options.once) return report.ok ? exitCodes.ok : exitCodes.failed;
    const { port } = new URL(serving.url);
    const lanUrls = options.lan ? lan.map((address) => `http://${address}:${port}`) : null;
    await stayUp(context, { serving, client, apiKey, seed, report, lanUrls });
    return exitCodes.ok;
  } finally {
    await serving.close();
  }
}

interface Shown {
  readonly serving: Serving;
  readonly client: Earnest;
  readonly apiKey: string;
  readonly seed: Uint8Array;
  readonly report: DemonstrationReport;
  /** Where a phone finds the page; null where none was asked for. */
  readonly lanUrls: readonly string[] | null;
}

async function stayUp(context: CommandContext, shown: Shown): Promise<void> {
  const { serving, client, apiKey, seed, report, lanUrls } = shown;
  const { output, stopped } = context;
  const { url: server, network } = serving;
  const common = {
    server,
    client,
    seed,
    stopped,
    onError: (error: unknown) => network.context.log("a simulated contributor failed", { error: String(error) }),
  };
  const people = Promise.all([
    simulatePeople({ ...common, ...(await fromNow(client, report.balance)), count: simulatedPeople }),
    keepCompany({ ...common, ...(await fromNow(client, report.visitorMarket)) }),
  ]);
  output.line();
  output.line(
    `  ${report.openTasks} tasks with something to see are open; ${simulatedPeople} simulated people answer \`earnest ask\`.`,
  );
  output.line(`  Local Solana RPC: ${network.rpcUrl}`);
  // Behind the #, where browsers keep it to themselves; the page takes it out of the address at once.
  output.line(`  The requester's console: ${byName(server)}/console#${apiKey}`);
  if (lanUrls !== null) inviteToLan(output, lanUrls);
  output.line(`Earnest is at ${output.colours.bold(byName(server))}   (Ctrl-C ends it)`);
  await aborted(stopped);
  output.note("Finishing what is in flight.");
  await people;
}

/** A market, and the newest entry of its log. */
async function fromNow(client: Earnest, market: string): Promise<{ readonly market: string; readonly after: number }> {
  const { lanes } = await client.markets.get(market);
  return { market, after: lanes[0]?.sequence ?? 0 };
}

/** The demonstration's requester, whose API key is kept in the profile of the data folder. */
async function requesterClient(
  context: CommandContext,
  serving: Serving,
  seed: Uint8Array,
): Promise<{ readonly client: Earnest; readonly apiKey: string }> {
  const { engine } = serving.network;
  const known = (await readProfiles(context.dataFolder))[defaultProfile]?.apiKey ?? null;
  const works =
    known !== null &&
    (await engine.authenticateApiKey(known).then(
      () => true,
      () => false,
    ));
  const apiKey = works
    ? known
    : (await engine.createApiKey(signerFromSeed(seed).publicKey, "test", "demonstration")).secret;
  // A machine that is busy with something else turns requests away for a while: a demonstration is not worth failing for.
  const client = new Earnest({ server: serving.url, apiKey, retriesMax: patientRetries });
  await writeProfile(context.dataFolder, defaultProfile, {
    server: serving.url,
    apiKey,
    session: null,
    network: await client.network(),
  });
  return { client, apiKey };
}
