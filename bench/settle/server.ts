import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { chmod, mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";
import { startEmbedded } from "#src/store/embedded";

const program = fileURLToPath(new URL("../../main/earnest.js", import.meta.url));

/** A whole network in a process of its own: PostgreSQL, chain, API and three attestors. */
export interface Server {
  readonly url: string;
  readonly rpcUrl: string;
  readonly dataFolder: string;
  readonly chainFolder: string;
  readonly pid: number;
  /** Its PostgreSQL, with the main process. */
  readonly database: { readonly url: string; readonly pid: number };
  close(): Promise<void>;
}

/** `flags`: options of Node for it alone. */
export async function startServer(flags: readonly string[] = []): Promise<Server> {
  const folder = await mkdtemp(join(tmpdir(), "earnest-settle-"));
  // PostgreSQL may run as another account, which has to pass through.
  await chmod(folder, 0o755);
  const dataFolder = join(folder, "data");
  // With the bench's own options of Node: `--cpu-prof` profiles every thread of both.
  const child = spawn(process.execPath, [...process.execArgv, ...flags, program, "serve", "--port", "0"], {
    env: { ...process.env, EARNEST_DATA: dataFolder },
    stdio: ["ignore", "pipe", "ignore"],
  });
  try {
    const { url, rpcUrl } = await addresses(child);
    const database = await startEmbedded({ folder: join(dataFolder, "postgres"), log: () => undefined });
    const close = async () => {
      await database.stop();
      await end(child, folder);
    };
    return {
      url,
      rpcUrl,
      dataFolder,
      chainFolder: join(dataFolder, "localnet"),
      pid: child.pid as number,
      database,
      close,
    };
  } catch (error) {
    await end(child, folder);
    throw error;
  }
}

async function addresses(child: ChildProcess): Promise<Pick<Server, "url" | "rpcUrl">> {
  const lines = createInterface({ input: child.stdout as NonNullable<typeof child.stdout> });
  for await (const line of lines) {
    const [, url, rpcUrl] = /^Serving (\S+), local Solana at (\S+)$/.exec(line) ?? [];
    if (url !== undefined && rpcUrl !== undefined) return { url, rpcUrl };
  }
  throw new Error("the server ended before it served");
}

async function end(child: ChildProcess, folder: string): Promise<void> {
  if (child.exitCode === null) {
    const exit = once(child, "exit");
    child.kill("SIGTERM");
    await exit;
  }
  await rm(folder, { recursive: true, force: true });
}
