import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { isEarnestError } from "../core/errors.ts";
import type { Localnet } from "../rails/localnet/localnet.ts";
import { startLocalnetThread } from "../rails/localnet/thread.ts";
import { createSolanaClient } from "../rails/solana/client.ts";
import { type DataFolder, writePrivately } from "./folder.ts";
import type { Log } from "./log.ts";

export interface LocalChainOptions {
  readonly folder: DataFolder;
  /** The first choice: where it is taken, others are tried. */
  readonly port: number;
  readonly log: Log;
  readonly say: (line: string) => void;
}

interface Addresses {
  readonly rpcUrl: string;
  readonly wsUrl: string;
}

export interface LocalChain extends Addresses {
  close(): Promise<void>;
}

/** For a chain that another process is just starting to answer. */
const chainMsMax = 20_000;

/**
 * The local chain belongs to the first process on a data folder. Later ones find its address there, and one of them
 * takes its place, at the same address, when it has ended.
 */
export async function openLocalChain(options: LocalChainOptions): Promise<LocalChain> {
  const { folder, say } = options;
  const path = join(folder.path, "localnet.json");
  const deadline = Date.now() + chainMsMax;
  for (let { port } = options; ; ) {
    try {
      const net = await startOn(folder, port, port === 0 ? 0 : port + 1);
      await writePrivately(path, JSON.stringify({ rpcUrl: net.rpcUrl, wsUrl: net.wsUrl }));
      return net;
    } catch (error) {
      if (isEarnestError(error, "DATA_FOLDER_UNAVAILABLE")) {
        const running = await runningChain(path);
        if (running !== null) return follow(running, options);
        // Its holder may be on its way up, or down: then the next attempt finds it, or takes its place.
        if (Date.now() > deadline) throw error;
        await sleep(200);
        continue;
      }
      if (!isEarnestError(error, "PORT_UNAVAILABLE") || port > options.port + 100) throw error;
      say(`port ${port} is taken; trying ${port + 10}`);
      port += 10;
    }
  }
}

const startOn = (folder: DataFolder, rpcPort: number, wsPort: number): Promise<Localnet> =>
  startLocalnetThread({ folder: folder.localnet, rpcPort, wsPort });

async function runningChain(path: string): Promise<Addresses | null> {
  try {
    const chain = JSON.parse(await readFile(path, "utf8")) as Addresses;
    await createSolanaClient({ rpcUrl: chain.rpcUrl, attempts: 1 }).call((rpc) => rpc.getGenesisHash());
    return chain;
  } catch {
    return null;
  }
}

const watchMs = 500;
const pauseMsMax = 10_000;

/** Uses the chain of another process, and takes its place when that has ended: the folder's lock says whose it is. */
function follow({ rpcUrl, wsUrl }: Addresses, { folder, log, say }: LocalChainOptions): LocalChain {
  const closing = new AbortController();
  const [rpcPort, wsPort] = [rpcUrl, wsUrl].map((url) => Number(new URL(url).port)) as [number, number];
  const succeed = async (): Promise<Localnet | null> => {
    for (let pauseMs = watchMs; await pause(pauseMs, closing.signal); ) {
      try {
        const net = await startOn(folder, rpcPort, wsPort);
        say("the process of the local Solana runtime has ended; this one runs it from now on");
        return net;
      } catch (error) {
        if (isEarnestError(error, "DATA_FOLDER_UNAVAILABLE")) continue;
        // The port may be taken, or the disk full: somebody has to mend that, and may take long.
        log("the local chain could not be taken over", { problem: String(error) });
        pauseMs = Math.min(2 * pauseMs, pauseMsMax);
      }
    }
    return null;
  };
  const succeeded = succeed();
  return {
    rpcUrl,
    wsUrl,
    async close() {
      closing.abort();
      await (await succeeded)?.close();
    },
  };
}

/** False where it was called off. The wait alone must not keep a process from ending. */
const pause = (ms: number, signal: AbortSignal): Promise<boolean> =>
  sleep(ms, true, { signal, ref: false }).catch(() => false);
