import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { readFileSync } from "node:fs";
import { createInterface } from "node:readline";
import type { Readable } from "node:stream";
import { fileURLToPath } from "node:url";

/** A program of a bench in a process of its own, which says once on a line of JSON where it is found. */
export class LoadProcess<Said> {
  readonly #child: ChildProcess;
  readonly said: Said;

  private constructor(child: ChildProcess, said: Said) {
    this.#child = child;
    this.said = said;
  }

  static async start<Said>(program: URL, args: readonly string[]): Promise<LoadProcess<Said>> {
    // With the bench's own options of Node: `--cpu-prof` profiles every process.
    const child = spawn(process.execPath, [...process.execArgv, fileURLToPath(program), ...args], {
      stdio: ["ignore", "pipe", "inherit", "ipc"],
    });
    const lines = createInterface({ input: child.stdout as Readable });
    for await (const line of lines) {
      if (line.startsWith("{")) return new LoadProcess(child, JSON.parse(line) as Said);
    }
    throw new Error(`${fileURLToPath(program)} ended before it was ready`);
  }

  get pid(): number {
    return this.#child.pid as number;
  }

  /** One question at a time, of a program that answers such. */
  async ask<Answer>(question: string): Promise<Answer> {
    this.#child.send(question);
    const [answer] = (await once(this.#child, "message")) as [Answer];
    return answer;
  }

  async stop(signal: "SIGTERM" | "SIGKILL" = "SIGTERM"): Promise<void> {
    if (this.#child.exitCode !== null || this.#child.signalCode !== null) return;
    const exit = once(this.#child, "exit");
    this.#child.kill(signal);
    await exit;
  }
}

const ticksPerSecond = 100;

/** Seconds of processor time of a process so far, with those of its threads; 0 where it is gone or cannot be seen. */
export const processorSeconds = (pid: number): number => secondsIn(`/proc/${pid}/stat`);

/** Of the thread alone that runs its JavaScript. */
export const mainThreadSeconds = (pid: number): number => secondsIn(`/proc/${pid}/task/${pid}/stat`);

function secondsIn(file: string): number {
  try {
    const text = readFileSync(file, "utf8");
    const fields = text.slice(text.lastIndexOf(")") + 2).split(" ");
    return (Number(fields[11]) + Number(fields[12])) / ticksPerSecond;
  } catch {
    return 0;
  }
}

/** Megabytes of memory of a process that are resident now; 0 where it is gone or cannot be seen. */
export function residentMiB(pid: number): number {
  try {
    const found = /^VmRSS:\s+(\d+) kB$/m.exec(readFileSync(`/proc/${pid}/status`, "utf8"));
    return Number(found?.[1] ?? 0) / 1024;
  } catch {
    return 0;
  }
}
