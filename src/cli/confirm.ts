import { createInterface } from "node:readline/promises";
import { Writable } from "node:stream";
import { earnestError } from "../core/errors.ts";
import type { CommandContext } from "./context.ts";

/** What cannot be undone is done after a yes: --yes, or a person's at a terminal. Nobody else is ever asked. */
export async function confirm(context: CommandContext, question: string): Promise<void> {
  if (context.isYes) return;
  if (!canPrompt(context)) {
    throw earnestError("MALFORMED_COMMAND", {
      problem: `${question} Nobody is there to say so`,
      mend: "Add --yes to do it without being asked.",
    });
  }
  const answer = await prompt(context, `${question} [y/N] `);
  if (!/^y(es)?$/i.test(answer.trim())) {
    throw earnestError("MALFORMED_COMMAND", { problem: "Nothing was done", mend: "Answer y to do it." });
  }
}

export const canPrompt = ({ io, output }: CommandContext): boolean =>
  !output.isJson && io.stdin.isTTY === true && io.stderr.isTTY === true;

export async function prompt({ io, stopped }: CommandContext, question: string): Promise<string> {
  const readline = createInterface({ input: io.stdin, output: io.stderr });
  try {
    return await readline.question(question, { signal: stopped });
  } finally {
    readline.close();
  }
}

/** Asks without showing what is typed. */
export async function promptSecret({ io, stopped }: CommandContext, question: string): Promise<string> {
  io.stderr.write(question);
  const nowhere = new Writable({ write: (_chunk, _encoding, done) => done() });
  const readline = createInterface({ input: io.stdin, output: nowhere, terminal: true });
  try {
    return await readline.question("", { signal: stopped });
  } finally {
    readline.close();
    io.stderr.write("\n");
  }
}
