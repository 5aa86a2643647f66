import { join } from "node:path";
import { fileURLToPath } from "node:url";
import type { CommandContext } from "../cli/context.ts";
import { defaultProfile, readProfiles, writeProfile } from "../cli/credentials.ts";
import { exitCodes } from "../cli/exit-codes.ts";
import type { AddCommand } from "../cli/options.ts";
import { Earnest } from "../client/earnest.ts";
import { signerFromSeed } from "./crypto.ts";
import { keepCompany } from "./demonstration/companions.ts";
import { readDataset } from "./demonstration/dataset.ts";
import { type DemonstrationReport, demonstrate } from "./demonstration/demonstrate.ts";
import { patientRetries } from "./demonstration/patience.ts";
import { printReport } from "./demonstration/report.ts";
import { simulatePeople } from "./demonstration/simulated-people.ts";
import type { Environment } from "./environment.ts";
import { clearDataFolder, keptSeed, openDataFolder } from "./folder.ts";
import { anyAddress, byName, loopback } from "./hosts.ts";
import { inviteToLan, lanAddresses } from "./lan.ts";
import { type Serving, serve } from "./serve.ts";
import { aborted, defaultPort, parsePort } from "./serve-command.ts";

interface Options {
  readonly once?: true;
  readonly dataset?: string;
  readonly port: number;
  readonly fresh?: true;
  readonly lan?: true;
}

const simulatedPeople = 5;

const shipped = fileURLToPath(new URL("../../examples/rte", import.meta.url));

/** `earnest dev`: everything on one machine, and a demonstration with real recorded answers. */
export const devCommand =
  (environment: Environment): AddCommand =>
  (program, run) => {
    program
      .command("dev")
      .description("Run everything on this machine and show it at work on real recorded answers")
      .option("--once", "End when all checks are done; exit code 1 names the one that failed")
      .option("--dataset <dir>", "Folder with answers.csv and truth.csv (default: the rte recording that ships)")
      .option("--port <number>", "Port of the API; the next free one if it is taken", parsePort, defaultPort)
      .option("--fresh", "Forget all earlier data first")
      .option("--lan", "Let phones in the same network in too, without HTTPS, and show a code for their cameras")
      .action(run<[], Options>((context, options) => dev(environment, context, options)));
  };

async function dev(environment: Environment, context: CommandContext, options: Options) {
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
    const client = await requesterClient(context, serving, seed);
    const report = await demonstrate({ serving, client, seed, dataset, output, stderr: context.io.stderr, stopped });
    const seconds = Math.round((performance.now() - startedMs) / 100) / 10;
    printReport(output, report, seconds);
    output.result({ ...report, seconds, server: serving.url, rpc: serving.network.rpcUrl });
    if (options.once) return report.ok ? exitCodes.ok : exitCodes.failed;
    const { port } = new URL(serving.url);
    const lanUrls = options.lan ? lan.map((address) => `http://${address}:${port}`) : null;
    await stayUp(context, { serving, client, seed, report, lanUrls });
    return exitCodes.ok;
  } finally {
    await serving.close();
  }
}

interface Shown {
  readonly serving: Serving;
  readonly client: Earnest;
  readonly seed: Uint8Array;
  readonly report: DemonstrationReport;
  /** Where a phone finds the page; null where none was asked for. */
  readonly lanUrls: readonly string[] | null;
}

async function stayUp(context: CommandContext, { serving, client, seed, report, lanUrls }: Shown): Promise<void> {
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
  const { apiKey } = (await readProfiles(context.dataFolder))[defaultProfile] ?? { apiKey: null };
  if (apiKey !== null) output.line(`  The requester's console: ${byName(server)}/console#${apiKey}`);
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

/** The API key of the demonstration's requester, kept in the profile of the data folder. */
async function requesterClient(context: CommandContext, serving: Serving, seed: Uint8Array): Promise<Earnest> {
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
  return client;
}
