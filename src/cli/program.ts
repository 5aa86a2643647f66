import { Command, CommanderError } from "commander";
import { Interrupted } from "./confirm.ts";
import { CommandContext, defaultServer, type GlobalOptions } from "./context.ts";
import { defaultProfile } from "./credentials.ts";
import { examples } from "./examples.ts";
import { type ExitCode, exitCodes } from "./exit-codes.ts";
import type { CliOptions, CommandGroup, Run } from "./options.ts";
import { Output } from "./output.ts";
import { reportError } from "./report-error.ts";

export interface Program {
  /** With every command, for who shows them all. */
  whole(): Promise<Command>;
  /** Runs the command line after the program's name. Gives the exit code, and never throws. */
  run(args: readonly string[]): Promise<ExitCode>;
}

/** What a program says of itself. */
export interface About {
  readonly name: string;
  readonly description: string;
  readonly example: string;
}

export const earnest: About = {
  name: "earnest",
  description: "Ask people and agents anywhere to do small pieces of work, verified and paid at once.",
  example: 'earnest ask "Which one is clearer?" a.txt b.txt --pay 0.05 --overlap 3',
};

/** A program of these commands, of which it loads the one that the command line names. */
export function createProgramOf(cli: CliOptions, groups: readonly CommandGroup[], about: About = earnest): Program {
  const command = rootCommand(cli, about);
  const running: Running = { context: null, exitCode: exitCodes.ok };
  const run = runWith(cli, running);
  const load = (isWanted: (name: string) => boolean) => addCommands(command, groups, run, isWanted);
  return {
    async whole() {
      await load(() => true);
      return command;
    },
    run: (args) => runProgram(cli, command, running, args, load),
  };
}

type Load = (isWanted: (name: string) => boolean) => Promise<void>;

async function addCommands(
  program: Command,
  groups: readonly CommandGroup[],
  run: Run,
  isWanted: (name: string) => boolean,
): Promise<void> {
  for (const { heading, commands } of groups) {
    program.commandsGroup(`${heading}:`);
    const wanted = Object.entries(commands).filter(([name]) => isWanted(name));
    for (const add of await Promise.all(wanted.map(([, definition]) => definition()))) add(program, run);
  }
}

/** What one run leaves behind for its end. */
interface Running {
  context: CommandContext | null;
  exitCode: ExitCode;
}

function rootCommand(cli: CliOptions, { name, description, example }: About): Command {
  const { stdout, stderr } = cli.io;
  const hasColours = stdout.isTTY === true && cli.settings.isColourWanted;
  const command = new Command(name)
    .description(description)
    .version(cli.version, "-V, --version", "Show the version")
    .option("--json", "End standard output with one JSON object; everything else goes to standard error")
    .option("--server <url>", `Server to talk to (default: the profile's, or ${defaultServer})`)
    .option("--profile <name>", `Profile of credentials to use (default: ${defaultProfile})`)
    .option("--data <dir>", "Data folder, with the credentials (default: earnest in the user's data folder)")
    .option("--yes", "Ask nothing: do it")
    .option("--verbose", "Show where an error came from")
    .option("--no-color", "No colours")
    .helpOption("-h, --help", "Show help")
    .commandsGroup("Help:")
    .helpCommand("help [command]", "Show help for a command")
    .configureHelp({ showGlobalOptions: true, sortSubcommands: false })
    .configureOutput({
      writeOut: (text) => void stdout.write(text),
      writeErr: (text) => void stderr.write(text),
      // Said by reportError, as every other error.
      outputError: () => undefined,
      getOutHelpWidth: () => stdout.columns ?? 100,
      getErrHelpWidth: () => stderr.columns ?? 100,
      getOutHasColors: () => hasColours,
      getErrHasColors: () => hasColours,
    })
    .showSuggestionAfterError(true)
    .exitOverride();
  return examples(command, example);
}

const runWith = (cli: CliOptions, running: Running): Run => {
  type Given = (context: CommandContext, options: object, ...args: unknown[]) => Promise<ExitCode | undefined>;
  return (act) =>
    async function (this: Command, ...given) {
      // A command's options are also those of the commands it belongs to, which read them first.
      const options = this.optsWithGlobals<GlobalOptions>();
      const context = new CommandContext(cli, options);
      running.context = context;
      // Commander appends the options and the command to the arguments.
      const exitCode = await (act as unknown as Given)(context, options, ...given.slice(0, -2));
      running.exitCode = exitCode ?? exitCodes.ok;
    };
};

async function runProgram(
  cli: CliOptions,
  command: Command,
  running: Running,
  args: readonly string[],
  load: Load,
): Promise<ExitCode> {
  const early = new Output(cli.io, { isJson: asksForJson(args), isColourWanted: cli.settings.isColourWanted });
  let exitCode: ExitCode;
  let isHelp = false;
  try {
    // As commander will read them: the version is all that this may print.
    const [named] = command.parseOptions([...args]).operands;
    await load((name) => name === named);
    if (command.commands.length === 0) await load(() => true);
    await command.parseAsync([...args], { from: "user" });
    exitCode = running.exitCode;
  } catch (error) {
    isHelp = error instanceof CommanderError && error.exitCode === 0;
    const output = running.context?.output ?? early;
    if (isHelp || early.gone.aborted) exitCode = exitCodes.ok;
    else if (cli.interrupted.aborted || error instanceof Interrupted) exitCode = interrupted(output);
    else exitCode = reportError(output, error, args.includes("--verbose"), helpFor(command, args));
  }
  if (!isHelp) await (running.context?.output ?? early).end();
  return exitCode;
}

/** The help of the command that the arguments name, as far as they do. */
function helpFor(program: Command, args: readonly string[]): string {
  let command = program;
  const names = [program.name()];
  for (const arg of args.filter((each) => !each.startsWith("-"))) {
    const named = command.commands.find((each) => each.name() === arg);
    // The value of an option that stands before the command.
    if (named === undefined) continue;
    command = named;
    names.push(arg);
  }
  return [...names, "--help"].join(" ");
}

function interrupted(output: Output): ExitCode {
  output.liveEnd();
  output.note("Interrupted.");
  output.failure({ ok: false, error: { code: "INTERRUPTED", message: "Interrupted." } });
  return exitCodes.interrupted;
}

/** Also where the command line is not understood, a program that asked for JSON gets it. */
function asksForJson(args: readonly string[]): boolean {
  const end = args.indexOf("--");
  return (end < 0 ? args : args.slice(0, end)).includes("--json");
}
