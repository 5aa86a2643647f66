import { join } from "node:path";
import { startAttestors } from "./attestors.ts";
import type { ClusterOptions } from "./cluster.ts";
import { type DataFolder, openDataFolder } from "./folder.ts";
import { type Front, openFront } from "./front.ts";
import { byName, loopback } from "./hosts.ts";
import { createLogs } from "./log.ts";
import { type Network, startNetwork } from "./network.ts";

export interface ServeOptions {
  readonly dataFolder: string;
  readonly databaseUrl: string | null;
  /** A cluster instead of the local chain. */
  readonly cluster?: ClusterOptions;
  /** From one cut to the next, instead of what the chain's side says. */
  readonly epochMs?: number;
  readonly epochAmount?: string;
  /** Where gateways keep what they fetched. Default: in the data folder. */
  readonly sessions?: string;
  readonly host: string;
  readonly port: number;
  /** What sign-ins must name where several processes stand behind one address; null: this process's own. */
  readonly domain: string | null;
  /** Null: standard error. */
  readonly logPath: string | null;
  readonly say: (line: string) => void;
}

export interface Serving {
  readonly folder: DataFolder;
  readonly network: Network;
  readonly url: string;
  close(): Promise<void>;
}

/** A network with its HTTP front. Closing finishes what is in flight, front first. */
export async function serve(options: ServeOptions): Promise<Serving> {
  const folder = await openDataFolder(options.dataFolder);
  const logs = createLogs(options.logPath);
  const { databaseUrl, say } = options;
  let domain = options.domain ?? "";
  const network = await startNetwork({
    folder,
    databaseUrl,
    localnetPort: options.port === 0 ? 0 : options.port + 1,
    ...(options.cluster !== undefined && { cluster: options.cluster }),
    ...(options.epochMs !== undefined && { epochMs: options.epochMs }),
    ...(options.epochAmount !== undefined && { epochAmount: options.epochAmount }),
    isOfOwnMachine: options.cluster === undefined && options.host === loopback,
    domain: () => domain,
    log: logs.log,
    say,
  });
  let front: Front;
  try {
    const { host, port, sessions = join(folder.path, "gateway") } = options;
    front = await openFront(network, { host, port, apiLog: logs.apiLog, sessions, say });
  } catch (error) {
    await network.close();
    throw error;
  }
  if (options.domain === null) domain = new URL(byName(front.url)).host;
  const { rpcUrl } = network;
  // On a cluster attestors are other people's.
  const isLocal = options.cluster === undefined;
  const attestors = isLocal ? await startAttestors(folder, { server: front.url, rpcUrl, log: logs.log }) : null;
  return {
    folder,
    network,
    url: front.url,
    async close() {
      await attestors?.close();
      await front.close();
      await network.close();
      logs.flush();
    },
  };
}
