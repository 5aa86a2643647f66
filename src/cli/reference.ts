import type { Command, Option } from "commander";
import { examplesOf, resultKeysOf } from "./examples.ts";

/** docs/cli.md, from the definitions that the program itself runs by. */
export function cliReference(program: Command): string {
  const commands = program.commands.flatMap((command) => withSubcommands(command, [program.name()]));
  return [
    "# The command line",
    "",
    `${program.description()} This page is made from the program's own definitions by \`npm run generate\`.`,
    "",
    ...examplesOf(program).flatMap((line) => [`    ${line}`]),
    "",
    ...contents(program),
    "",
    "## Options of every command",
    "",
    ...optionTable(program.options),
    "",
    "## Exit codes",
    "",
    "| code | meaning |",
    "|---|---|",
    ...exitCodeRows.map(([code, meaning]) => `| ${code} | ${meaning} |`),
    ...commands.flatMap(({ command, path }) => section(command, path)),
    "",
  ].join("\n");
}

/** The commands by the headings of the help, each with a link to its section. */
function contents(program: Command): string[] {
  const headings = [...new Set(program.commands.map((each) => each.helpGroup()))];
  return headings.map((heading) => {
    const links = program.commands
      .filter((each) => each.helpGroup() === heading)
      .map((each) => `[${each.name()}](#${program.name()}-${each.name()})`);
    return `- **${heading.replace(/:$/, "")}**: ${links.join(", ")}`;
  });
}

const exitCodeRows: readonly (readonly [number, string])[] = [
  [0, "done; every check passed"],
  [1, "a check failed, or something else went wrong"],
  [2, "the command line or a file could not be used"],
  [3, "not signed in, or not allowed"],
  [4, "not enough money"],
  [5, "done in part: no answer yet, or not everything could be checked"],
  [130, "interrupted"],
];

interface Placed {
  readonly command: Command;
  readonly path: readonly string[];
}

function withSubcommands(command: Command, above: readonly string[]): Placed[] {
  const path = [...above, command.name()];
  return [{ command, path }, ...command.commands.flatMap((each) => withSubcommands(each, path))];
}

function keyTable(keys: Readonly<Record<string, string>>): string[] {
  const rows = Object.entries(keys).map(([key, meaning]) => `| \`${key}\` | ${cell(meaning)} |`);
  return rows.length === 0 ? [] : ["", "| with `--json` | |", "|---|---|", ...rows];
}

function section(command: Command, path: readonly string[]): string[] {
  // A command that only groups others has nothing to say but their sections.
  if (command.commands.length > 0) return ["", `## ${path.join(" ")}`, "", sentence(command.description())];
  const shown = command.registeredArguments.filter((argument) => argument.description !== "");
  return [
    "",
    `## ${path.join(" ")}`,
    "",
    sentence(command.description()),
    "",
    `    ${path.join(" ")} ${command.usage()}`,
    ...(shown.length === 0
      ? []
      : [
          "",
          "| argument | |",
          "|---|---|",
          ...shown.map((each) => `| \`${each.name()}\` | ${cell(each.description)} |`),
        ]),
    ...(command.options.length === 0 ? [] : ["", ...optionTable(command.options)]),
    ...keyTable(resultKeysOf(command)),
    ...(examplesOf(command).length === 0 ? [] : ["", "For example:", ""]),
    ...examplesOf(command).map((line) => `    ${line}`),
  ];
}

const optionTable = (options: readonly Option[]): string[] => [
  "| option | |",
  "|---|---|",
  ...options.filter(({ hidden }) => !hidden).map((each) => `| \`${each.flags}\` | ${cell(describe(each))} |`),
];

function describe({ description, defaultValue, defaultValueDescription, negate }: Option): string {
  const shown = defaultValueDescription ?? (typeof defaultValue === "boolean" ? "" : String(defaultValue ?? ""));
  return negate || shown === "" ? description : `${description} (default: ${shown})`;
}

const sentence = (text: string): string => (text.endsWith(".") ? text : `${text}.`);
const cell = (text: string): string => text.replaceAll("|", "\\|").replaceAll("\n", " ");
