import type { Command } from "commander";
import type { CommandContext } from "./context.ts";
import type { ExitCode } from "./exit-codes.ts";

export type OutputStream = NodeJS.WritableStream & { readonly isTTY?: boolean; readonly columns?: number };

export interface Io {
  readonly stdin: NodeJS.ReadableStream & { readonly isTTY?: boolean };
  readonly stdout: OutputStream;
  readonly stderr: OutputStream;
}

/** What the environment says; options on the command line come first. */
export interface CliSettings {
  /** Holds credentials.json. */
  readonly dataFolder: string;
  readonly server: string | null;
  readonly apiKey: string | null;
  readonly profile: string | null;
  /** False where the environment asks for no colours. */
  readonly isColourWanted: boolean;
}

/** Everything the command line is given: it reads no environment and no clock of its own. */
export interface CliOptions {
  readonly io: Io;
  readonly settings: CliSettings;
  readonly version: string;
  /** Where relative paths begin. */
  readonly workingFolder: string;
  readonly clock: () => number;
  /** Aborts when the person presses Ctrl-C. */
  readonly interrupted: AbortSignal;
  /** Lets Ctrl-C end the process at once while work keeps it from hearing of it; without this, the work is only done. */
  readonly whileBlocked?: <Result>(work: () => Result) => Result;
  readonly extraCommands?: Commands;
}

/** Adds a command to the program; `run` makes a commander action of a function that is given the context. */
export type AddCommand = (program: Command, run: Run) => void;

/** By name, in the order of the help: what defines a command, and all it needs, is loaded where it is asked for. */
export type Commands = Readonly<Record<string, () => Promise<AddCommand>>>;

/** Commands that the help shows together. */
export interface CommandGroup {
  readonly heading: string;
  readonly commands: Commands;
}

/** A command's own options and arguments come as commander parsed them. */
export type Act<Args extends readonly unknown[], Options> = (
  context: CommandContext,
  options: Options,
  ...args: Args
) => Promise<ExitCode | undefined>;

export type Run = <Args extends readonly unknown[], Options = Record<never, never>>(
  act: Act<Args, Options>,
) => (this: Command, ...given: unknown[]) => Promise<void>;
