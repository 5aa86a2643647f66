import { extname } from "node:path";
import { Option } from "commander";
import { EarnestConnectionError } from "../../client/errors.ts";
import type { CommandContext } from "../context.ts";
import { examples } from "../examples.ts";
import { type ExitCode, exitCodes } from "../exit-codes.ts";
import { WholeFile } from "../files.ts";
import type { AddCommand } from "../options.ts";
import { jsonLine } from "../output.ts";
import { parseCount, parseMarket } from "../parse-options.ts";

type Format = "jsonl" | "csv";

interface ResultsOptions {
  readonly out?: string;
  readonly format?: Format;
  readonly task?: number;
}

export const addResults: AddCommand = (program, run) => {
  examples(
    program
      .command("results")
      .description("Export settled labels with confidence, votes and receipt")
      .argument("<market>", "The market's id", parseMarket)
      .option("-o, --out <file>", "Write to a file (default: standard output)")
      .addOption(
        new Option("--format <format>", "Form of the rows (default: by the file's ending)").choices(["jsonl", "csv"]),
      )
      .option("--task <number>", "Only the row of this task, as JSON", parseCount)
      .action(run(results)),
    "earnest results 00112233445566778899aabbccddeeff -o results.csv",
    "earnest results 00112233445566778899aabbccddeeff | head -1",
  );
};

async function results(context: CommandContext, options: ResultsOptions, market: string): Promise<ExitCode> {
  const file = options.out === undefined ? null : await WholeFile.create(context.path(options.out));
  try {
    const write = (text: string | Uint8Array): Promise<void> =>
      file === null ? context.output.rows(text) : file.write(text);
    const rows =
      options.task === undefined
        ? await copyRows(context, market, formatOf(options), write)
        : await oneRow(context, market, options.task, write);
    context.stopped.throwIfAborted();
    await file?.finish();
    context.output.note(`${rows} rows${options.out === undefined ? "" : ` in ${options.out}`}`);
    context.output.result({ ok: true, rows, ...(options.out !== undefined && { file: options.out }) });
    return exitCodes.ok;
  } catch (error) {
    // A cut export must never be taken for a whole one.
    await file?.discard();
    throw error;
  }
}

const formatOf = ({ out, format }: ResultsOptions): Format =>
  format ?? (extname(out ?? "").toLowerCase() === ".csv" ? "csv" : "jsonl");

type Write = (bytes: string | Uint8Array) => Promise<void>;

async function copyRows(context: CommandContext, market: string, format: Format, write: Write): Promise<number> {
  const client = await context.client();
  const counter = new RowCounter(format === "csv");
  for await (const bytes of bytesOf(await client.markets.resultBytes(market, format), client.transport.server)) {
    context.stopped.throwIfAborted();
    counter.take(bytes);
    await write(bytes);
    context.output.live(`${counter.rows} rows`);
  }
  context.output.liveEnd();
  return format === "csv" ? Math.max(0, counter.rows - 1) : counter.rows;
}

async function oneRow(context: CommandContext, market: string, task: number, write: Write): Promise<number> {
  let rows = 0;
  const { markets } = await context.client();
  for await (const row of markets.results(market, { task, signal: context.stopped })) {
    await write(jsonLine(row));
    rows++;
  }
  return rows;
}

async function* bytesOf(stream: ReadableStream<Uint8Array>, server: string): AsyncGenerator<Uint8Array> {
  try {
    for await (const bytes of stream) yield bytes;
  } catch (error) {
    throw error instanceof TypeError ? new EarnestConnectionError(server, error) : error;
  }
}

const quote = 0x22;
const lineFeed = 0x0a;

/** Counts rows as they stream by: ends of lines, but for those within quoted fields of CSV. */
class RowCounter {
  rows = 0;
  #quotes = 0;
  readonly #hasQuotedEnds: boolean;

  constructor(hasQuotedEnds: boolean) {
    this.#hasQuotedEnds = hasQuotedEnds;
  }

  take(bytes: Uint8Array): void {
    for (const byte of bytes) {
      if (byte === quote && this.#hasQuotedEnds) this.#quotes++;
      else if (byte === lineFeed && this.#quotes % 2 === 0) this.rows++;
    }
  }
}
