import { join } from "node:path";
import { Worker } from "node:worker_threads";
import { type DataFolder, keptSeed } from "./folder.ts";
import type { Log } from "./log.ts";
import { localAttestors } from "./settlement.ts";

/** One of the local network's attestors: what it is told, and nothing of the server's memory. */
export interface LocalAttestor {
  readonly name: string;
  readonly seed: Uint8Array;
  readonly folder: string;
}

export interface AttestorsData {
  readonly server: string;
  readonly rpcUrl: string;
  readonly attestors: readonly LocalAttestor[];
}

/** What the thread says. */
export interface AttestorSaid {
  readonly name: string;
  readonly text: string;
}

export interface Attestors {
  close(): Promise<void>;
}

const program = new URL("./attestors-program.js", import.meta.url);

/**
 * The attestors of a network on one machine, beside the server: as `earnest attest` runs them elsewhere, with their own
 * keys and folders, over the server's public address. The first process on a data folder has them; the others wait.
 */
export async function startAttestors(
  folder: DataFolder,
  { server, rpcUrl, log }: { readonly server: string; readonly rpcUrl: string; readonly log: Log },
): Promise<Attestors> {
  const attestors: LocalAttestor[] = [];
  for (const name of localAttestors) {
    attestors.push({ name, seed: await keptSeed(folder, name), folder: join(folder.path, "attestors", name) });
  }
  const data: AttestorsData = { server, rpcUrl, attestors };
  const thread = new Worker(program, { workerData: data });
  const ended = new Promise<void>((resolve) => thread.once("exit", () => resolve()));
  thread.on("message", ({ name, text }: AttestorSaid) => log(text, { attestor: name }));
  thread.on("error", (error) => log("the attestors have ended", { error: String(error) }));
  return {
    async close() {
      thread.postMessage("close");
      await ended;
    },
  };
}
