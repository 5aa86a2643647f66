import { mkdir } from "node:fs/promises";
import { join } from "node:path";
import type { Earnest } from "../../client/earnest.ts";
import type { WireArchive } from "../../contract/archive-routes.ts";
import { toHex } from "../../core/bytes.ts";
import { earnestError, isEarnestError } from "../../core/errors.ts";
import type { CommandContext } from "../context.ts";
import { sha256 } from "../crypto.ts";
import { examples } from "../examples.ts";
import { type ExitCode, exitCodes } from "../exit-codes.ts";
import { readBinaryFile, writeFileWhole } from "../files.ts";
import type { AddCommand } from "../options.ts";
import { parseMarket } from "../parse-options.ts";

export const addArchives: AddCommand = (program, run) => {
  examples(
    program
      .command("archives")
      .description("Take the pages that a market had fetched: WARC files, indexes and receipts, into a folder")
      .argument("<market>", "The market's id", parseMarket)
      .requiredOption("-o, --out <dir>", "The folder; what is whole in it already is not taken again")
      .action(run(takeArchives)),
    "earnest archives 00112233445566778899aabbccddeeff -o pages",
  );
};

async function takeArchives(context: CommandContext, { out }: { out: string }, market: string): Promise<ExitCode> {
  const { output } = context;
  const { markets } = await context.client();
  const folder = context.path(out);
  await mkdir(folder, { recursive: true });
  const taken = { sessions: 0, pages: 0, bytes: 0 };
  for await (const archive of markets.archives(market)) {
    context.stopped.throwIfAborted();
    await takeArchive(markets, market, archive, folder);
    taken.sessions++;
    taken.pages += archive.pages;
    taken.bytes += archive.warcBytes;
  }
  output.line(`${taken.sessions} sessions with ${taken.pages} pages, ${taken.bytes} bytes, in ${out}`);
  output.result({ ok: true, ...taken, folder });
  return exitCodes.ok;
}

/** The WARC file last: where it is whole, all three are there. */
async function takeArchive(
  markets: Earnest["markets"],
  market: string,
  { slot, warcBytes, warcDigest }: WireArchive,
  folder: string,
): Promise<void> {
  const path = join(folder, `${market}-${slot}.warc.gz`);
  if ((await digestOf(path, warcBytes)) === warcDigest) return;
  for (const [part, name] of [
    ["receipt", `${slot}.json`],
    ["index", `${slot}.cdxj`],
  ] as const)
    await writeFileWhole(join(folder, name), await (await markets.archive(market, slot, part)).text());
  const warc = new Uint8Array(await (await markets.archive(market, slot, "warc")).arrayBuffer());
  if (toHex(sha256(warc)) !== warcDigest)
    throw earnestError("MALFORMED_FILE", { path, problem: "it came with another digest than the network says" });
  await writeFileWhole(path, warc);
}

/** Null where there is no such file of that size. */
async function digestOf(path: string, bytes: number): Promise<string | null> {
  try {
    return toHex(sha256(await readBinaryFile(path, bytes)));
  } catch (error) {
    if (isEarnestError(error, "FILE_NOT_FOUND") || isEarnestError(error, "FILE_SIZE_EXCEEDED")) return null;
    throw error;
  }
}
