import { register } from "node:module";
import { installVirtualTimers } from "./time/virtual-timers.ts";
import type { SeedResult } from "./world/run-seed.ts";

/** One process of the simulator: seeds come in, what became of them goes out. It has no time but the simulated one. */
export interface Job {
  readonly seed: number;
  readonly mutation: string | null;
  readonly isTraced: boolean;
}

export type Told =
  | { readonly type: "ready" }
  | { readonly type: "line"; readonly line: string }
  | { readonly type: "result"; readonly job: Job; readonly result: SeedResult; readonly cpuMs: number };

if (process.send === undefined) throw new Error("this is started by sim.ts");
const tell = (told: Told): void => void process.send?.(told);

// Before anything of the product is loaded.
register("./link/hooks.js", import.meta.url);
installVirtualTimers();
const { runSeed } = await import("./world/run-seed.ts");
const { mutations } = await import("./mutations/all.ts");

async function run(job: Job): Promise<void> {
  const { seed, mutation: name, isTraced } = job;
  const mutation = mutations.find((each) => each.name === name) ?? null;
  if (mutation === null && name !== null) throw new Error(`there is no planted fault "${name}"`);
  // Thousands of refusals a seed, whose stacks nobody reads unless somebody looks.
  Error.stackTraceLimit = isTraced ? 10 : 0;
  const before = process.cpuUsage();
  const onLine = (line: string): void => tell({ type: "line", line });
  const result = await runSeed(seed, isTraced ? { mutation, onLine } : { mutation });
  const { user, system } = process.cpuUsage(before);
  tell({ type: "result", job, result, cpuMs: Math.round((user + system) / 1_000) });
}

process.on("message", (job: Job) => {
  run(job).catch((error: unknown) => {
    process.stderr.write(`seed ${job.seed}: ${error instanceof Error ? error.stack : String(error)}\n`);
    process.exitCode = 1;
    process.disconnect();
  });
});
tell({ type: "ready" });
