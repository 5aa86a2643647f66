import { type Amount, amount } from "../../../core/amount.ts";
import { pageAddress } from "../program/derived-addresses.ts";
import type { PoolAddresses } from "../program/instructions.ts";
import { pageSlots } from "../program/layouts.ts";
import { readPages, readPool } from "./accounts.ts";
import type { Escrow } from "./escrow.ts";

/** The index of the leaf that fees go to. */
const operatorIndex = 0;

/**
 * What the program has paid contributors, by its own pages: the same wherever they sent their tokens since, and whoever
 * else holds some.
 */
export async function claimedByContributors(escrow: Escrow, at: PoolAddresses): Promise<Amount> {
  const { leafCount } = await readPool(escrow, at.pool, "finalized");
  const count = Math.ceil(Number(leafCount) / pageSlots);
  const addresses = Array.from({ length: count }, (_, number) => pageAddress(at.program, at.pool, BigInt(number)));
  const pages = await readPages(escrow, addresses, "finalized");
  const all = pages.reduce((sum, page) => (page?.claimed ?? []).reduce((so, each) => so + each, sum), 0n);
  return amount(all - (pages[0]?.claimed[operatorIndex] ?? 0n));
}
