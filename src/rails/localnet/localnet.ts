import type { Server } from "node:http";
import { Chain } from "./chain.ts";
import { createHttpServer, listen } from "./http.ts";
import { PubSub } from "./pubsub.ts";
import { Sender } from "./sender.ts";

export interface LocalnetOptions {
  /** Everything it knows is in this folder; a new folder is a new chain. */
  readonly folder: string;
  /** Loopback unless told otherwise: whoever reaches it can have any number of test tokens. */
  readonly host?: string;
  /** 8899 and 8900 are what wallets expect; 0 picks a free port. */
  readonly rpcPort?: number;
  readonly wsPort?: number;
  /** Unix milliseconds. */
  readonly clock: () => number;
  readonly segmentBytes?: number;
  readonly historyBytes?: number;
}

export interface Localnet {
  readonly rpcUrl: string;
  readonly wsUrl: string;
  close(): Promise<void>;
}

const segmentBytesDefault = 32 << 20;
const historyBytesDefault = 1 << 30;

/**
 * A Solana node of one's own: the Agave runtime with a JSON-RPC and pub/sub front that unmodified clients and wallets
 * use, and a journal that survives the process.
 *
 * @throws PORT_UNAVAILABLE, DATA_FOLDER_UNAVAILABLE, DISK_FULL_EXCEEDED
 */
export async function startLocalnet(options: LocalnetOptions): Promise<Localnet> {
  const { folder, clock, host = "127.0.0.1", rpcPort = 8899, wsPort = 8900 } = options;
  const { segmentBytes = segmentBytesDefault, historyBytes = historyBytesDefault } = options;
  const chain = await Chain.open({ folder, clock, segmentBytes, historyBytes });
  const sender = new Sender(chain);
  const pubSub = new PubSub(chain);
  sender.listen((committed) => pubSub.publish(committed));
  const servers = [createHttpServer({ chain, sender }), createHttpServer({ chain, sender })] as const;
  for (const server of servers) pubSub.attach(server);
  const close = async (): Promise<void> => {
    pubSub.close();
    await Promise.all(servers.map(stop));
    await chain.close();
  };
  try {
    const rpc = await listen(servers[0], host, rpcPort);
    const ws = await listen(servers[1], host, wsPort);
    const name = host.includes(":") ? `[${host}]` : host;
    return { rpcUrl: `http://${name}:${rpc}`, wsUrl: `ws://${name}:${ws}`, close };
  } catch (error) {
    await close();
    throw error;
  }
}

function stop(server: Server): Promise<void> {
  return new Promise((resolve) => {
    server.close(() => resolve());
    server.closeAllConnections();
  });
}
