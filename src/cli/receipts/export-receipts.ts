import type { Earnest } from "../../client/earnest.ts";
import { linesOf } from "../../client/events.ts";
import type { SlotReceipt } from "../../contract/receipts.ts";
import { routes } from "../../contract/routes.ts";
import { formatSlot } from "../../core/slot.ts";
import { decodeEntry } from "../../market/entries.ts";
import { lastRuling } from "../../market/settlement/ruling-on.ts";
import type { CommandContext } from "../context.ts";
import { type ExitCode, exitCodes } from "../exit-codes.ts";
import { WholeFile } from "../files.ts";
import { networkOfMarket } from "../network-of-market.ts";
import { jsonLine } from "../output.ts";
import { decode } from "./check-receipt.ts";
import { type ReceiptRow, receiptsHeader } from "./receipts-file.ts";

/** Streams a market's receipts into a file that others can verify without asking anybody. */
export async function exportReceipts(
  context: CommandContext,
  { out }: { out?: string },
  market: string,
): Promise<ExitCode> {
  const { output } = context;
  const client = await context.client();
  const file = out === undefined ? null : await WholeFile.create(context.path(out));
  const write = (text: string): Promise<void> => (file === null ? output.rows(text) : file.write(text));
  let receipts = 0;
  try {
    await write(receiptsHeader(market, await networkOfMarket(client, market)));
    for await (const text of receiptsOf(client, market, context.stopped)) {
      context.stopped.throwIfAborted();
      await write(jsonLine(rowOf(text)));
      output.live(`${++receipts} receipts`);
    }
    output.liveEnd();
    await file?.finish();
    output.note(`${receipts} receipts${out === undefined ? "" : ` in ${out}`}`);
    output.result({ ok: true, receipts, ...(out !== undefined && { file: out }) });
    return exitCodes.ok;
  } catch (error) {
    // A cut export must never be taken for a whole one.
    await file?.discard();
    throw error;
  }
}

/** The binary receipts in base64, one for each slot with a verdict. */
async function* receiptsOf({ transport }: Earnest, market: string, signal: AbortSignal): AsyncGenerator<string> {
  const response = await transport.send(routes.listSlotReceipts, { params: { market } }, { signal });
  for await (const line of linesOf(response, transport.server)) yield (JSON.parse(line) as SlotReceipt).receipt;
}

/** With what it says in words, unverified: whoever trusts nobody verifies the file. */
function rowOf(receipt: string): ReceiptRow {
  const decoded = decode(receipt);
  const entries = decoded.entries.map(({ sequence, encoded }) => ({ sequence, entry: decodeEntry(encoded) }));
  const ruling = lastRuling(entries, decoded.slot)?.ruling;
  const epoch = decoded.commit === null ? null : `${decoded.commit.message.body.epoch}`;
  const { verdict = "review", reason = "" } = ruling ?? {};
  return { slot: formatSlot(decoded.slot), verdict, reason, epoch, receipt };
}
