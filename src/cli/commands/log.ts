import { decodedOrNull, isExecuted } from "../../attestor/claimed-execution.ts";
import type { Earnest } from "../../client/earnest.ts";
import { fromBase64, toBase64, toHex } from "../../core/bytes.ts";
import { taskInput } from "../../market/executed.ts";
import type { CommandContext } from "../context.ts";
import { sha256 } from "../crypto.ts";
import { examples } from "../examples.ts";
import { type ExitCode, exitCodes } from "../exit-codes.ts";
import { WholeFile } from "../files.ts";
import { headerLine } from "../log/log-file.ts";
import { networkOfMarket } from "../network-of-market.ts";
import type { AddCommand } from "../options.ts";
import { jsonLine } from "../output.ts";
import { parseMarket } from "../parse-options.ts";

export const addLog: AddCommand = (program, run) => {
  examples(
    program
      .command("log")
      .description("Export a market's log, with its entries as they were hashed and its signed head")
      .argument("<market>", "The market's id", parseMarket)
      .option("-o, --out <file>", "Write to a file (default: standard output)")
      .action(run(exportLog)),
    "earnest log 00112233445566778899aabbccddeeff -o market.log",
  );
};

type Write = (text: string) => Promise<void>;

async function exportLog(context: CommandContext, { out }: { out?: string }, market: string): Promise<ExitCode> {
  const { output } = context;
  const client = await context.client();
  const file = out === undefined ? null : await WholeFile.create(context.path(out));
  const write: Write = (text) => (file === null ? output.rows(text) : file.write(text));
  try {
    const { lanes } = await client.markets.get(market);
    const network = await networkOfMarket(client, market);
    let entries = 0;
    for (const { lane, sequence } of lanes) {
      await write(headerLine(market, lane, network));
      const progress = output.progress(`Lane ${lane}`, sequence);
      entries += await copyLane(context, client, { market, lane }, write, progress.set).finally(progress.end);
    }
    await file?.finish();
    output.note(`${entries} entries${out === undefined ? "" : ` in ${out}`}`);
    output.result({ ok: true, entries, lanes: lanes.length, ...(out !== undefined && { file: out }) });
    return exitCodes.ok;
  } catch (error) {
    await file?.discard();
    throw error;
  }
}

const pageSize = 1_000;

/** The log may grow while it is copied; the copy ends where a page ends at the head that came with it. */
async function copyLane(
  context: CommandContext,
  { markets }: Earnest,
  { market, lane }: { readonly market: string; readonly lane: number },
  write: Write,
  done: (entries: number) => void,
): Promise<number> {
  const shown = new Set<string>();
  for (let last = 0; ; ) {
    context.stopped.throwIfAborted();
    const lines: string[] = [];
    const { records, head } = await markets.log(market, { lane, from: last + 1, limit: pageSize });
    for (const record of records) {
      const inputs = isExecuted(Buffer.from(record.encoded.slice(0, 4), "base64"))
        ? await inputsOf(markets, market, fromBase64(record.encoded), shown)
        : "";
      lines.push(inputs, jsonLine(record));
    }
    await write(lines.join(""));
    last = records.at(-1)?.sequence ?? last;
    done(last);
    if (last < head.sequence && records.length > 0) continue;
    await write(jsonLine({ head }));
    return last;
  }
}

/** How many inputs are remembered as shown: one that is shown twice does no harm. */
const shownMax = 10_000;

/** A line with the input of an execution that lies in its task's content: the log has its hash, whoever repeats it needs it. */
async function inputsOf(
  markets: Earnest["markets"],
  market: string,
  encoded: Uint8Array,
  shown: Set<string>,
): Promise<string> {
  const entry = decodedOrNull(encoded);
  if (entry?.kind !== "executed") return "";
  const key = `${entry.task} ${toHex(entry.input)}`;
  if (shown.has(key)) return "";
  if (shown.size >= shownMax) shown.clear();
  shown.add(key);
  const input = taskInput(sha256, (await markets.task(market, entry.task)).content, entry.input);
  return input === null ? "" : jsonLine({ task: entry.task, inputs: [toBase64(input)] });
}
