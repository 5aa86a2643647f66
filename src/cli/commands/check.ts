import { relative } from "node:path";
import { earnestError } from "../../core/errors.ts";
import type { CommandContext } from "../context.ts";
import { examples } from "../examples.ts";
import { type ExitCode, exitCodes } from "../exit-codes.ts";
import type { AddCommand } from "../options.ts";
import { parseList } from "../parse-options.ts";
import { showGroups } from "../rows/bad-rows.ts";
import { type CheckedRows, checkRows } from "../rows/check-rows.ts";
import { type RowOptions, withRowOptions } from "../rows/options.ts";

interface CheckOptions extends RowOptions {
  readonly choices?: readonly string[];
}

export const addCheck: AddCommand = (program, run) => {
  const command = program
    .command("check")
    .description("Check a file of tasks without a server; bad rows go to FILE.bad.jsonl")
    .argument("<file>", "CSV with a header, or JSON lines");
  examples(
    withRowOptions(command)
      .option("--choices <a,b>", "What can be answered: known answers must be among them", parseList)
      .action(run(check)),
    "earnest check pairs.jsonl --map prompt=q,a=r1,b=r2",
    "earnest check tasks.csv --id name --control gold --choices yes,no",
  );
};

async function check(context: CommandContext, options: CheckOptions, file: string): Promise<ExitCode> {
  return reportRows(context, file, await checkRows(context, file, options));
}

/** What the check of a file found; also what a dry run of the import says. */
export function reportRows(context: CommandContext, file: string, { rows, bad }: CheckedRows): ExitCode {
  const { output } = context;
  if (rows === 0) throw earnestError("MALFORMED_FILE", { path: file, problem: "it holds no rows" });
  if (bad.rows === 0) {
    output.line(`${output.colours.green("✓")} ${rows} rows are good`);
    output.result({ ok: true, rows, bad: 0, groups: [] });
    return exitCodes.ok;
  }
  const badFile = relative(context.path("."), bad.path);
  showGroups(output, bad.groups);
  output.line(`${output.colours.red("✗")} ${bad.rows} of ${rows} rows are bad; they are in ${badFile}`);
  output.result({ ok: false, rows, bad: bad.rows, groups: bad.groups, badFile });
  return exitCodes.failed;
}
