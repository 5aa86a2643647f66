import { fromHex, toHex } from "./bytes.ts";
import { earnestError } from "./errors.ts";

/** A market's public id: 16 bytes, written as 32 hexadecimal digits. */
export type MarketId = string & { readonly __brand: "MarketId" };

export function marketId(text: string): MarketId {
  if (!/^[0-9a-f]{32}$/.test(text)) throw earnestError("MARKET_NOT_FOUND", { market: text.slice(0, 64) });
  return text as MarketId;
}

export const marketIdFromBytes = (bytes: Uint8Array): MarketId => marketId(toHex(bytes));
export const marketIdToBytes = (id: MarketId): Uint8Array => fromHex(id);
