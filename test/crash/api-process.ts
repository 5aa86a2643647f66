import { type ChildProcess, spawn } from "node:child_process";
import { closeSync, existsSync, openSync, readFileSync } from "node:fs";
import { createInterface } from "node:readline";
import { setTimeout as sleep } from "node:timers/promises";

export interface ApiProcessOptions {
  /** dist/main/earnest.js */
  readonly program: string;
  readonly dataFolder: string;
  readonly port: number;
  /** What it writes to standard error goes to the end of this file. */
  readonly logPath: string;
}

export interface Exit {
  readonly code: number | null;
  readonly signal: NodeJS.Signals | null;
}

interface Running {
  readonly child: ChildProcess;
  readonly exit: Promise<Exit>;
  readonly ready: Promise<string>;
}

/** `earnest serve` as a process of its own, started, killed and started again. */
export class ApiProcess {
  readonly #options: ApiProcessOptions;
  #running: Running | null = null;
  #expectsExit = false;
  /** Where it serves now; null while it is down or starting. */
  url: string | null = null;
  rpcUrl: string | null = null;
  /** Exits that nobody asked for. */
  readonly surprises: string[] = [];

  constructor(options: ApiProcessOptions) {
    this.#options = options;
  }

  get pid(): number | undefined {
    return this.#running?.child.pid;
  }

  start(): void {
    if (this.#running !== null) throw new Error("it runs already");
    const { program, dataFolder, port, logPath } = this.#options;
    const log = openSync(logPath, "a");
    const args = [program, "serve", "--port", `${port}`, "--data", dataFolder];
    const { DATABASE_URL: _, ...env } = process.env;
    // A group of its own: Ctrl-C reaches the test alone, which then stops everything in order.
    const child = spawn(process.execPath, args, { env, stdio: ["ignore", "pipe", log], detached: true });
    closeSync(log);
    this.#expectsExit = false;
    const exit = new Promise<Exit>((resolve) => {
      child.once("exit", (code, signal) => resolve({ code, signal }));
      child.once("error", () => resolve({ code: null, signal: null }));
    });
    const ready = this.#readiness(child, exit);
    ready.catch(() => undefined);
    exit.then((how) => this.#ended(how)).catch(() => undefined);
    this.#running = { child, exit, ready };
  }

  /** The URL, as soon as it serves. */
  async ready(msMax: number): Promise<string> {
    if (this.#running === null) throw new Error("it does not run");
    const late = sleep(msMax, null, { ref: false }).then(() => {
      throw new Error(`the API process does not serve after ${msMax / 1000} s\n${this.lastLines()}`);
    });
    return await Promise.race([this.#running.ready, late]);
  }

  /** kill -9; returns when it is gone. */
  async kill(): Promise<void> {
    await this.#end("SIGKILL", 10_000);
  }

  /** Ends it as Ctrl-C does. */
  async stop(msMax = 30_000): Promise<Exit> {
    return await this.#end("SIGINT", msMax);
  }

  lastLines(count = 12): string {
    const { logPath } = this.#options;
    return existsSync(logPath) ? readFileSync(logPath, "utf8").trimEnd().split("\n").slice(-count).join("\n") : "";
  }

  async #end(signal: NodeJS.Signals, msMax: number): Promise<Exit> {
    const running = this.#running;
    if (running === null) return { code: null, signal: null };
    this.#expectsExit = true;
    running.child.kill(signal);
    const late = sleep(msMax, null, { ref: false }).then(() => {
      running.child.kill("SIGKILL");
      throw new Error(`the API process is still there ${msMax / 1000} s after ${signal}\n${this.lastLines()}`);
    });
    return await Promise.race([running.exit, late]);
  }

  #ended(how: Exit): void {
    this.#running = null;
    this.url = null;
    if (!this.#expectsExit) {
      this.surprises.push(`the API process ended by itself (${how.code ?? how.signal})\n${this.lastLines()}`);
    }
  }

  async #readiness(child: ChildProcess, exit: Promise<Exit>): Promise<string> {
    const lines = createInterface({ input: child.stdout as NodeJS.ReadableStream });
    const serving = new Promise<string>((resolve) => {
      lines.on("line", (line) => {
        const [, url, rpcUrl] = /^Serving (\S+), local Solana at (\S+)$/.exec(line) ?? [];
        if (url === undefined || rpcUrl === undefined) return;
        this.url = url;
        this.rpcUrl = rpcUrl;
        resolve(url);
      });
    });
    const ended = exit.then(({ code, signal }) => {
      throw new Error(`the API process ended (${code ?? signal}) before it served\n${this.lastLines()}`);
    });
    return await Promise.race([serving, ended]);
  }
}
