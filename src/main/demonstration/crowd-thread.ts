import { Worker } from "node:worker_threads";
import type { CrowdOptions } from "./crowd.ts";
import type { SubmitToPaid } from "./payment-clock.ts";

type Watched = Pick<CrowdOptions, "onAnswer" | "stopped">;

/** What the thread is told: all of it can be copied. */
export interface CrowdData extends Omit<CrowdOptions, "client" | keyof Watched> {
  /** The requester's. */
  readonly apiKey: string;
}

/** What the thread says: how many answers are given, and in the end what they took. */
export type CrowdSaid = { readonly done: number } | { readonly submitToPaidMs: SubmitToPaid };

const program = new URL("./crowd-program.js", import.meta.url);

/** A recorded crowd at work in a thread of its own: whoever asks takes as much of a processor as who answers. */
export async function replayAside(data: CrowdData, { onAnswer, stopped }: Watched): Promise<SubmitToPaid> {
  stopped.throwIfAborted();
  const thread = new Worker(program, { workerData: data });
  const stop = (): void => thread.postMessage("stop");
  stopped.addEventListener("abort", stop, { once: true });
  try {
    return await new Promise((settle, fail) => {
      thread.on("message", (said: CrowdSaid) => {
        if ("done" in said) onAnswer(said.done);
        else settle(said.submitToPaidMs);
      });
      thread.on("error", fail);
      thread.on("exit", () => fail(new Error("the recorded crowd has ended before its work")));
    });
  } catch (error) {
    stopped.throwIfAborted();
    throw error;
  } finally {
    stopped.removeEventListener("abort", stop);
  }
}
