import type { Address, Instruction } from "@solana/kit";
import { isWritableRole } from "@solana/kit";
import type { SolanaClient } from "../client.ts";

/** What is paid on top of base fees, where a cluster is busy. */
export interface FeePolicy {
  /** Micro-lamports a compute unit, at most; 0 pays no priority fee, and does not ask what others pay. */
  readonly unitPriceMax: bigint;
  /** As much as this share of recent slots would have taken, in percent. */
  readonly percentile: number;
  /** No transaction asks for more. */
  readonly computeUnitsMax: number;
}

export const defaultFees: FeePolicy = { unitPriceMax: 0n, percentile: 75, computeUnitsMax: 1_300_000 };

/** The most getRecentPrioritizationFees takes. */
const accountsMax = 128;

/** What to pay for a compute unit, from what was paid lately for writing the same accounts. */
export async function unitPrice(
  client: SolanaClient,
  policy: FeePolicy,
  instructions: readonly Instruction[],
): Promise<bigint> {
  if (policy.unitPriceMax === 0n) return 0n;
  const written = writableAddresses(instructions).slice(0, accountsMax);
  const recent = await client.call((rpc) => rpc.getRecentPrioritizationFees(written));
  return priceOf(
    recent.map((each) => each.prioritizationFee),
    policy,
  );
}

const writableAddresses = (instructions: readonly Instruction[]): Address[] => [
  ...new Set(
    instructions.flatMap(({ accounts = [] }) =>
      accounts.filter((each) => isWritableRole(each.role)).map((each) => each.address),
    ),
  ),
];

/** The percentile of recent prices, capped; 0 where nobody says what was paid. */
export function priceOf(recent: readonly bigint[], { percentile, unitPriceMax }: FeePolicy): bigint {
  const sorted = recent.toSorted((a, b) => (a < b ? -1 : a > b ? 1 : 0));
  const place = Math.min(sorted.length - 1, Math.floor((sorted.length * percentile) / 100));
  const price = sorted[place] ?? 0n;
  return price < unitPriceMax ? price : unitPriceMax;
}

/** The limit to ask for where a simulation took so many: a tenth and a little more, as accounts differ by then. */
export const unitLimit = (simulated: bigint, { computeUnitsMax }: FeePolicy): number =>
  Math.min(Math.ceil(Number(simulated) * 1.1) + 1_000, computeUnitsMax);
