import type { KeyPairSigner } from "@solana/kit";
import type { Earnest } from "../../src/client/earnest.ts";
import type { Amount } from "../../src/core/amount.ts";
import { bytes32, fromHex } from "../../src/core/bytes.ts";
import { marketId } from "../../src/core/market-id.ts";
import type { TestRail } from "../../src/rails/rail-fixture.ts";

/** What a requester does on chain to fund a market, by what the server says of it: the deposit's signature. */
export async function depositInto(
  rail: TestRail,
  wallet: KeyPairSigner,
  client: Earnest,
  market: string,
  amount: Amount,
): Promise<string> {
  const { specHash } = await client.markets.get(market);
  return await rail.fund(wallet, { market: marketId(market), specHash: bytes32(fromHex(specHash)), amount });
}
