import { type Network, network as networkSchema } from "../../contract/network.ts";
import type { Json } from "../../core/json.ts";
import { jsonLine } from "../output.ts";

/**
 * Portable receipts, one to a line, as `earnest receipts export` writes them and anybody may pass them on:
 *
 *     {"format":"earnest-receipts/1","market":"…","network":{…}}
 *     {"slot":"3.1","verdict":"rejected","reason":"DISAGREES","epoch":"2","receipt":"…"}
 *
 * `receipt` is the binary receipt in base64: all that is proved is in it. What stands beside it is for people, and must
 * say the same. The header says which network issued them, for whoever knows no better.
 */
export const receiptsFormat = "earnest-receipts/1";

export interface ReceiptRow {
  readonly slot: string;
  readonly verdict: string;
  readonly reason: string;
  /** Of the commit that the receipt stands on; null while it stands on a signed head. */
  readonly epoch: string | null;
  readonly receipt: string;
}

export const receiptsHeader = (market: string, network: Network): string =>
  jsonLine({ format: receiptsFormat, market, network });

/** Null for what is no header; a header's network is null where it cannot be read. */
export function readHeader(value: Json): { readonly network: Network | null } | null {
  if (value === null || typeof value !== "object" || Array.isArray(value)) return null;
  const { format, network } = value as { readonly [name: string]: Json };
  if (format !== receiptsFormat) return null;
  return { network: networkSchema.safeParse(network).data ?? null };
}

/** Null for what is not a row with a binary receipt. */
export function readReceiptRow(value: Json): (Partial<ReceiptRow> & { readonly receipt: string }) | null {
  if (value === null || typeof value !== "object" || Array.isArray(value)) return null;
  const { receipt } = value as { readonly [name: string]: Json };
  return typeof receipt === "string" ? (value as Partial<ReceiptRow> & { readonly receipt: string }) : null;
}
