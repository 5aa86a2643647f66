import { type ChildProcessWithoutNullStreams, spawn } from "node:child_process";
import { createInterface } from "node:readline";
import type { Terms } from "../../contract/terms.ts";
import { earnestError } from "../../core/errors.ts";
import { Field } from "../../core/field.ts";
import type { Json } from "../../core/json.ts";

/** What a solver says to a task; null where it leaves it to others. */
export type Said = { readonly answer?: Json; readonly evidence?: Json; readonly content?: Json } | null;

/** Whoever does tasks: a program that is asked, or the sandbox. */
export interface Solving {
  solve(task: SolverTask): Promise<Said>;
  close(): Promise<void>;
}

/** What is told of a task: all that a person sees. */
export interface SolverTask {
  readonly market: string;
  readonly content: Json;
  readonly known: Terms["known"];
}

interface SolverOptions {
  /** Told each line of the program's standard error. */
  readonly onRemark: (line: string) => void;
  /** Ends the program. */
  readonly stopped: AbortSignal;
}

const lineCharactersMax = 200_000;
const endMsMax = 2_000;

/**
 * A program or agent that does tasks: for each line of JSON on its standard input, which is a task, it writes one to its
 * standard output, `{"answer": …, "evidence": …}` or `{"skip": true}`. JavaScript and TypeScript run in this Node.
 */
export class Solver implements Solving {
  readonly #path: string;
  readonly #child: ChildProcessWithoutNullStreams;
  readonly #ended: Promise<void>;
  #problem: string | null = null;
  #hear: ((line: string | null) => void) | null = null;

  constructor(path: string, { onRemark, stopped }: SolverOptions) {
    this.#path = path;
    const isScript = /\.[cm]?[jt]s$/.test(path);
    this.#child = isScript ? spawn(process.execPath, [path]) : spawn(path, []);
    createInterface({ input: this.#child.stderr }).on("line", onRemark);
    createInterface({ input: this.#child.stdout }).on("line", (line) => this.#hear?.(line));
    // A program that has ended takes no more lines; its end says why.
    this.#child.stdin.on("error", () => undefined);
    this.#ended = new Promise((resolve) => {
      const end = (problem: string): void => {
        this.#problem ??= problem;
        this.#hear?.(null);
        resolve();
      };
      this.#child.on("error", (error) => end(error.message));
      this.#child.on("close", (code, signal) => end(`it ended with ${signal ?? `exit code ${code}`}`));
    });
    stopped.addEventListener("abort", () => this.#child.kill(), { once: true });
  }

  /** @throws SOLVER_UNAVAILABLE where the program ended, MALFORMED_SOLUTION where it said something else */
  async solve(task: object): Promise<Said> {
    const line = await new Promise<string | null>((resolve) => {
      this.#hear = resolve;
      if (this.#problem === null) this.#child.stdin.write(`${JSON.stringify(task)}\n`);
      else resolve(null);
    });
    this.#hear = null;
    if (line === null) throw earnestError("SOLVER_UNAVAILABLE", { path: this.#path, problem: `${this.#problem}` });
    return readSaid(line);
  }

  /** Has the program end: by the end of its input, or where that is not enough, by a signal. */
  async close(): Promise<void> {
    this.#child.stdin.end();
    const timer = setTimeout(() => this.#child.kill("SIGKILL"), endMsMax);
    await this.#ended;
    clearTimeout(timer);
  }
}

function readSaid(line: string): Said {
  const fail = (problem: string) => earnestError("MALFORMED_SOLUTION", { problem });
  if (line.length > lineCharactersMax) throw fail(`the line has more than ${lineCharactersMax} characters`);
  let json: Json;
  try {
    json = JSON.parse(line) as Json;
  } catch {
    throw fail(`${JSON.stringify(line.slice(0, 80))} is no JSON`);
  }
  const { answer, evidence, content, skip } = new Field(json, "line", (path, problem) =>
    fail(`${path} ${problem}`),
  ).fields("answer", "evidence", "content", "skip");
  if (skip.value !== undefined && skip.boolean()) return null;
  return {
    ...(answer.value !== undefined && { answer: answer.value }),
    ...(evidence.value !== undefined && { evidence: evidence.value }),
    ...(content.value !== undefined && { content: content.value }),
  };
}
