import { createHash } from "node:crypto";
import { availableParallelism } from "node:os";
import { Worker } from "node:worker_threads";
import type { Execution, Limits, Program } from "./execution.ts";
import type { StartedQuickJs } from "./guests/javascript.ts";
import { KeptModules } from "./kept-modules.ts";
import type { Request, ThreadData, ThreadMessage } from "./thread-program.ts";

export interface SandboxOptions {
  /** Executions at the same time; as many as there are processors, unless said. */
  readonly threads?: number;
  /** A thread that takes longer is killed, which is a fault: fuel, not time, ends a program that is too long. */
  readonly wallMsMax?: number;
  /** The compiled program of a thread. */
  readonly threadProgram?: URL;
}

const usualWallMsMax = 60_000;
const compiled = new URL("./thread-program.js", import.meta.url);

/** What a thread may take of the host beside the guests' memory; the stack is several times what guests may use. */
const resourceLimits = { maxOldGenerationSizeMb: 128, maxYoungGenerationSizeMb: 16, stackSizeMb: 64 };

interface Job {
  readonly asked: { readonly program: Program; readonly input: Uint8Array; readonly limits: Limits };
  readonly end: (execution: Execution) => void;
}

/**
 * Runs programs of strangers in threads that can be killed. A program sees its input and nothing else: no clock, no
 * randomness, no files, no network. Output and fuel are the same on every machine; docs/sandbox.md says how.
 */
export class Sandbox {
  readonly #wallMsMax: number;
  readonly #program: URL;
  readonly #waiting: Job[] = [];
  readonly #threads: (Thread | null)[];
  /** Made by the first thread that needed it. */
  #quickJs: StartedQuickJs | null = null;
  #isClosed = false;

  constructor({ threads, wallMsMax, threadProgram }: SandboxOptions = {}) {
    this.#threads = Array.from({ length: threads ?? availableParallelism() }, () => null);
    this.#wallMsMax = wallMsMax ?? usualWallMsMax;
    this.#program = threadProgram ?? compiled;
  }

  /** Never throws for what a program does: that is how the execution ended. */
  execute(program: Program, input: Uint8Array, limits: Limits): Promise<Execution> {
    if (this.#isClosed) return Promise.resolve(closed);
    return new Promise((end) => {
      this.#waiting.push({ asked: { program, input, limits }, end });
      this.#next();
    });
  }

  #next(): void {
    for (let i = 0; i < this.#threads.length && this.#waiting.length > 0; i++) {
      this.#threads[i] ??= new Thread(this.#program, this.#quickJs, (started) => {
        this.#quickJs = started;
      });
      const thread = this.#threads[i] as Thread;
      if (!thread.isBusy) this.#run(thread, i, this.#waiting.shift() as Job);
    }
  }

  #run(thread: Thread, i: number, { asked, end }: Job): void {
    thread.execute(asked, this.#wallMsMax, (execution) => {
      if (thread.isDead) this.#threads[i] = null;
      end(execution);
      this.#next();
    });
  }

  /** Kills what runs; what waits ends as a fault. */
  async close(): Promise<void> {
    this.#isClosed = true;
    for (const { end } of this.#waiting.splice(0)) end(closed);
    await Promise.all(this.#threads.flatMap((thread) => (thread === null ? [] : [thread.kill()])));
  }
}

const fault = (problem: string): Execution => ({ outcome: "fault", problem, fuel: 0 });

const closed = fault("the sandbox was closed");

class Thread {
  readonly #worker: Worker;
  readonly #modules = new KeptModules();
  #end: ((execution: Execution) => void) | null = null;
  isDead = false;

  constructor(program: URL, started: StartedQuickJs | null, keep: (started: StartedQuickJs) => void) {
    const workerData: ThreadData = { started };
    // Nothing of the process's environment, arguments or input.
    this.#worker = new Worker(program, { workerData, resourceLimits, env: {}, argv: [], execArgv: [] });
    this.#worker.unref();
    this.#worker.on("message", (message: ThreadMessage) => {
      if ("started" in message) keep(message.started);
      else this.#end?.(message.execution);
    });
    this.#worker.on("error", (error) => this.#die(error.message));
    this.#worker.on("exit", () => this.#die("the thread ended"));
  }

  get isBusy(): boolean {
    return this.#end !== null;
  }

  execute({ program, ...rest }: Job["asked"], wallMsMax: number, end: (execution: Execution) => void): void {
    const timer = setTimeout(() => void this.kill(`it took longer than ${wallMsMax} ms`), wallMsMax);
    this.#end = (execution) => {
      clearTimeout(timer);
      this.#end = null;
      this.#worker.unref();
      end(execution);
    };
    this.#worker.ref();
    const request: Request = { ...rest, program: this.#sent(program) };
    this.#worker.postMessage(request);
  }

  #sent(program: Program): Request["program"] {
    if (program.language === "javascript") return program;
    const { module, hash = createHash("sha256").update(module).digest("hex") } = program;
    return this.#modules.send(hash, module);
  }

  #die(problem: string): void {
    this.isDead = true;
    this.#end?.(fault(problem));
  }

  async kill(problem = "the sandbox was closed"): Promise<void> {
    this.#die(problem);
    await this.#worker.terminate();
  }
}
