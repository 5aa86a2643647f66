import { createInterface } from "node:readline";
import { Writable } from "node:stream";
import { earnestError } from "../core/errors.ts";
import type { CommandContext } from "./context.ts";

/** The person pressed Ctrl-C while the terminal was ours, so that no signal came of it. */
export class Interrupted extends Error {}

/** What cannot be undone is done after a yes: --yes, or a person's at a terminal. Nobody else is ever asked. */
export async function confirm(context: CommandContext, question: string): Promise<void> {
  if (context.isYes) return;
  if (!canPrompt(context)) {
    throw earnestError("MALFORMED_COMMAND", {
      problem: `${question} Nobody is there to say so`,
      mend: "Add --yes to do it without being asked.",
    });
  }
  const prompter = new Prompter(context);
  const answer = await prompter.ask(`${question} [y/N] `).finally(() => prompter.end());
  if (answer === null || !/^y(es)?$/i.test(answer.trim())) {
    throw earnestError("MALFORMED_COMMAND", { problem: "Nothing was done", mend: "Answer y to do it." });
  }
}

export const canPrompt = ({ io, output }: CommandContext): boolean =>
  !output.isJson && io.stdin.isTTY === true && io.stderr.isTTY === true;

/** Asks one question after the other. The terminal edits the lines by itself, so that Ctrl-C stays a signal. */
export class Prompter {
  readonly #context: CommandContext;
  readonly #readline: ReturnType<typeof createInterface>;
  readonly #lines: AsyncIterator<string>;

  constructor(context: CommandContext) {
    this.#context = context;
    this.#readline = createInterface({ input: context.io.stdin, terminal: false });
    this.#lines = this.#readline[Symbol.asyncIterator]();
    context.stopped.addEventListener("abort", this.end, { once: true });
  }

  /** The line that was entered; null where the input has ended. */
  async ask(question: string): Promise<string | null> {
    this.#context.stopped.throwIfAborted();
    this.#context.io.stderr.write(question);
    const next = await this.#lines.next();
    this.#context.stopped.throwIfAborted();
    return next.done === true ? null : next.value;
  }

  readonly end = (): void => {
    this.#context.stopped.removeEventListener("abort", this.end);
    this.#readline.close();
  };
}

/** Asks without showing what is typed. */
export function promptSecret({ io, stopped }: CommandContext, question: string): Promise<string> {
  io.stderr.write(question);
  const nowhere = new Writable({ write: (_chunk, _encoding, done) => done() });
  const readline = createInterface({ input: io.stdin, output: nowhere, terminal: true });
  const close = (): void => readline.close();
  stopped.addEventListener("abort", close, { once: true });
  return new Promise<string>((resolve, reject) => {
    readline.once("line", resolve);
    readline.once("SIGINT", () => reject(new Interrupted()));
    readline.once("close", () => resolve(""));
  }).finally(() => {
    stopped.removeEventListener("abort", close);
    readline.close();
    io.stderr.write("\n");
  });
}
