import { createWriteStream } from "node:fs";
import { rename } from "node:fs/promises";
import { basename, join } from "node:path";
import { Readable } from "node:stream";
import { pipeline } from "node:stream/promises";
import type { VerifySignature } from "../../cli/receipts/check-acknowledgement.ts";
import { AcknowledgementCheck } from "../../cli/receipts/check-acknowledgement.ts";
import { ResultCheck } from "../../cli/receipts/check-result.ts";
import { readRows } from "../../cli/receipts/read-rows.ts";
import type { Earnest } from "../../client/earnest.ts";
import { result } from "../../contract/results.ts";
import { type Amount, addAmounts, parseAmount, zero } from "../../core/amount.ts";
import type { Json } from "../../core/json.ts";

/** A label as text; the choices of the demonstration are texts already. */
export const labelText = (label: Json): string => (typeof label === "string" ? label : JSON.stringify(label));

export interface Exported {
  readonly jsonl: string;
  readonly csv: string;
}

/** A market's results as files, written whole or not at all. */
export async function exportResults(client: Earnest, market: string, folder: string, name: string): Promise<Exported> {
  const write = async (format: "jsonl" | "csv"): Promise<string> => {
    const path = join(folder, `${name}.${format}`);
    const stream = await client.markets.resultBytes(market, format);
    await pipeline(Readable.fromWeb(stream), createWriteStream(`${path}.tmp`));
    await rename(`${path}.tmp`, path);
    return path;
  };
  return { jsonl: await write("jsonl"), csv: await write("csv") };
}

export interface FileTotals {
  readonly rewards: Amount;
  readonly paidAnswers: number;
  readonly contributorsPaid: number;
  /** The label of each task, by the requester's id; control tasks left out. */
  readonly labels: ReadonlyMap<string, string>;
  readonly receipts: number;
}

/**
 * What an exported file proves by itself: every receipt is checked against the network's key before its rewards count.
 *
 * @throws where one receipt is not good.
 */
export async function readExport(path: string, decimals: number, verify: VerifySignature): Promise<FileTotals> {
  const acknowledgements = new AcknowledgementCheck(verify);
  const results = new ResultCheck(new Map());
  const labels = new Map<string, string>();
  let rewards: Amount = zero;
  let paidAnswers = 0;
  const contributorsPaid = new Set<string>();
  let receipts = 0;
  for await (const read of readRows(path, basename(path))) {
    if ("problem" in read) throw new Error(`${read.where}: ${read.problem}`);
    const row = result.parse(read.value);
    results.check(row, acknowledgements.check(row.receipt));
    for (const { contributor, reward } of row.paid) {
      rewards = addAmounts(rewards, parseAmount(reward, decimals));
      contributorsPaid.add(contributor);
    }
    paidAnswers += row.paid.length;
    receipts++;
    if (!row.control) labels.set(row.id, labelText(row.label));
  }
  return { rewards, paidAnswers, contributorsPaid: contributorsPaid.size, labels, receipts };
}
