import { type ChildProcess, fork } from "node:child_process";
import { fileURLToPath } from "node:url";
import type { Job, Told } from "./worker.ts";
import type { SeedResult } from "./world/run-seed.ts";

export interface Done {
  readonly job: Job;
  readonly result: SeedResult;
  readonly cpuMs: number;
}

/** Runs jobs on so many processes, in their order; ends early where `onDone` says that it is enough. */
export async function runJobs(
  jobs: Iterator<Job>,
  processes: number,
  handle: { readonly onDone: (done: Done) => void; readonly onLine: (line: string) => void },
): Promise<void> {
  const program = fileURLToPath(new URL("./worker.js", import.meta.url));
  const work = (): Promise<void> =>
    new Promise((resolve, reject) => {
      const child: ChildProcess = fork(program, { stdio: ["ignore", "inherit", "inherit", "ipc"] });
      const next = (): void => {
        const { value, done } = jobs.next() as IteratorResult<Job, undefined>;
        if (done === true) child.disconnect();
        else child.send(value);
      };
      child.on("message", (told: Told) => {
        if (told.type === "line") return handle.onLine(told.line);
        if (told.type === "result") handle.onDone(told);
        next();
      });
      child.once("error", reject);
      child.once("exit", (code) =>
        code === 0 ? resolve() : reject(new Error(`a simulating process ended with ${code}`)),
      );
    });
  await Promise.all(Array.from({ length: processes }, work));
}
