import { createHash } from "node:crypto";
import { relative } from "node:path";
import { type EarnestApiError, isApiError } from "../../client/errors.ts";
import type { BadRow, RowGroup } from "../../contract/problems.ts";
import type { Task } from "../../contract/tasks.ts";
import type { CommandContext } from "../context.ts";
import { examples } from "../examples.ts";
import { type ExitCode, exitCodes } from "../exit-codes.ts";
import { readPieces } from "../lines.ts";
import type { AddCommand } from "../options.ts";
import { parseMarket, parsePositive } from "../parse-options.ts";
import type { Progress } from "../progress.ts";
import { badRowsPath, showGroups, writeBadRows } from "../rows/bad-rows.ts";
import { checkRows, sizeOf } from "../rows/check-rows.ts";
import { formatOf, type RowOptions, withRowOptions } from "../rows/options.ts";
import { reportRows } from "./check.ts";

interface AddOptions extends RowOptions {
  readonly dryRun?: true;
}

export const addTasks: AddCommand = (program, run) => {
  const tasks = program.command("tasks").description("The tasks of a market");
  const add = tasks
    .command("add")
    .description(
      "Stream a file of tasks into a market: all rows or none; cut off and repeated, it goes on where it was",
    )
    .argument("<market>", "The market's id", parseMarket)
    .argument("<file>", "CSV with a header, or JSON lines");
  examples(
    withRowOptions(add).option("--dry-run", "Check the file, and add nothing").action(run(addFile)),
    "earnest tasks add 00112233445566778899aabbccddeeff tasks.csv --map question=text",
  );
  examples(
    tasks
      .command("list")
      .description("A market's tasks in order")
      .argument("<market>", "The market's id", parseMarket)
      .option("--limit <n>", "At most so many", parsePositive, 20)
      .action(run(listTasks)),
    "earnest tasks list 00112233445566778899aabbccddeeff --limit 5",
  );
};

async function addFile(context: CommandContext, options: AddOptions, market: string, file: string): Promise<ExitCode> {
  if (options.dryRun === true) return reportRows(context, file, await checkRows(context, file, options));
  const path = context.path(file);
  const { id, control, map } = options;
  const wanted = {
    format: formatOf(file, options.format),
    signal: context.stopped,
    ...(id !== undefined && { id }),
    ...(control !== undefined && { control }),
    ...(map !== undefined && { map }),
  };
  const idempotencyKey = await keyOf(path, JSON.stringify([market, wanted.format, id, control, map]));
  const progress = context.output.progress(`Sending ${file}`, await sizeOf(path));
  try {
    const { markets } = await context.client();
    const { first, count } = await markets.importTasks(market, counted(path, progress), {
      ...wanted,
      idempotencyKey,
    });
    context.output.line(`${context.output.colours.green("✓")} ${count} tasks added, from number ${first}`);
    context.output.result({ ok: true, first, count });
    return exitCodes.ok;
  } catch (error) {
    if (!isApiError(error, "MALFORMED_ROWS")) throw error;
    progress.end();
    return await reportBadRows(context, path, error);
  } finally {
    progress.end();
  }
}

/** The same for the same file on the same way: whoever repeats a command that was cut off adds nothing twice. */
async function keyOf(path: string, way: string): Promise<string> {
  const hash = createHash("sha256").update(`${way}\n`);
  for await (const piece of readPieces(path)) hash.update(piece);
  return `tasks-${hash.digest("hex")}`;
}

async function* counted(path: string, progress: Progress): AsyncGenerator<Uint8Array> {
  let sent = 0;
  for await (const piece of readPieces(path)) {
    yield piece;
    sent += piece.length;
    progress.set(sent);
  }
}

/** The server names the first bad rows; those go to a file, to be mended and sent again. */
async function reportBadRows(context: CommandContext, path: string, error: EarnestApiError): Promise<ExitCode> {
  const { output } = context;
  const { rows, groups, badRows } = error.context as unknown as {
    rows: number;
    groups?: readonly RowGroup[];
    badRows?: readonly BadRow[];
  };
  const badPath = badRowsPath(path);
  await writeBadRows(badPath, badRows ?? []);
  showGroups(output, groups ?? []);
  const badFile = relative(context.path("."), badPath);
  output.line(`${output.colours.red("✗")} ${rows} rows are bad, nothing was added; the first are in ${badFile}`);
  const { code, message, next, requestId } = error;
  output.result({ ok: false, bad: rows, groups: groups ?? [], badFile, error: { code, message, next, requestId } });
  return exitCodes.failed;
}

async function listTasks(context: CommandContext, { limit }: { limit: number }, market: string): Promise<ExitCode> {
  const { markets } = await context.client();
  const found: Task[] = [];
  for await (const task of markets.tasks(market, { limit: Math.min(limit, 1_000) })) {
    found.push(task);
    if (found.length >= limit) break;
  }
  context.output.table(["task", "id", "reward", "content"], found.map(rowOf));
  if (found.length === 0) context.output.line("No tasks.");
  context.output.result({ ok: true, tasks: found });
  return exitCodes.ok;
}

const contentShown = 60;

function rowOf({ task, id, terms, content }: Task): string[] {
  const text = JSON.stringify(content);
  return [`${task}`, id, terms.reward, text.length > contentShown ? `${text.slice(0, contentShown)}…` : text];
}
