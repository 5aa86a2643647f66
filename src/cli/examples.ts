import type { Command } from "commander";

const kept = new WeakMap<Command, readonly string[]>();
const keptKeys = new WeakMap<Command, Readonly<Record<string, string>>>();

/** Examples stand below a command's help, and in the reference. */
export function examples(command: Command, ...lines: readonly string[]): Command {
  kept.set(command, lines);
  const text = (): string => lines.map((line) => `  $ ${line.replace(/^\S+/, programOf(command))}`).join("\n");
  return command.addHelpText("after", () => `\nExample${lines.length > 1 ? "s" : ""}:\n${text()}`);
}

/** A part of the commands may be a program of another name. */
const programOf = (command: Command): string => (command.parent === null ? command.name() : programOf(command.parent));

export const examplesOf = (command: Command): readonly string[] => kept.get(command) ?? [];

/** What the object that a command prints with --json has, by key, for the reference. */
export function resultKeys(command: Command, keys: Readonly<Record<string, string>>): Command {
  keptKeys.set(command, keys);
  return command;
}

export const resultKeysOf = (command: Command): Readonly<Record<string, string>> => keptKeys.get(command) ?? {};
