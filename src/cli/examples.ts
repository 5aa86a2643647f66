import type { Command } from "commander";

const kept = new WeakMap<Command, readonly string[]>();

/** Examples stand below a command's help, and in the reference. */
export function examples(command: Command, ...lines: readonly string[]): Command {
  kept.set(command, lines);
  return command.addHelpText(
    "after",
    `\nExample${lines.length > 1 ? "s" : ""}:\n${lines.map((l) => `  $ ${l}`).join("\n")}`,
  );
}

export const examplesOf = (command: Command): readonly string[] => kept.get(command) ?? [];
