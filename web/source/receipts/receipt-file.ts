import type { Network } from "../../../src/contract/network.ts";
import type { ReceiptFacts } from "../../../src/market/settlement/verify-receipt.ts";

export interface KeptReceipt {
  readonly network: Network;
  readonly market: string;
  readonly slot: string;
  /** In base64, as it was fetched. */
  readonly receipt: string;
}

/** A file of one receipt, as `earnest receipts verify` takes it: it needs neither this page nor its server. */
export function receiptFile({ network, market, slot, receipt }: KeptReceipt, facts: ReceiptFacts): Blob {
  const { verdict, reason, committed } = facts;
  const header = { format: "earnest-receipts/1", market, network };
  const row = { slot, verdict, reason, epoch: committed === null ? null : `${committed.epoch}`, receipt };
  return new Blob([`${JSON.stringify(header)}\n${JSON.stringify(row)}\n`], { type: "application/jsonl" });
}
