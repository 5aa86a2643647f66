import { equalBytes } from "../../core/bytes.ts";
import type { EpochLeaves } from "../../core/commit/leaf-file.ts";

type Payouts = EpochLeaves["payouts"];

export interface Changes {
  /** The first index that is owed less than before, or has no leaf any more. */
  readonly fallen: number | null;
  /** Whether somebody is paid elsewhere. */
  readonly isMoved: boolean;
}

/** What became of the leaves of the last commit; both in the order of their indexes. */
export function changesOf(before: Payouts, now: Payouts): Changes {
  let isMoved = false;
  let at = 0;
  for (const old of before) {
    while (at < now.length && (now[at]?.index as number) < old.index) at++;
    const leaf = now[at];
    if (leaf?.index !== old.index || leaf.cumulative < old.cumulative) return { fallen: old.index, isMoved };
    isMoved ||= !equalBytes(leaf.destination, old.destination);
  }
  return { fallen: null, isMoved };
}

/**
 * The floor of a commit. Where a destination changed, all older roots are dead from this epoch on: they name an account
 * that must not be paid any more. Elsewhere it stays.
 */
export const floorOf = (epoch: bigint, floor: bigint, before: Payouts, now: Payouts): bigint =>
  changesOf(before, now).isMoved ? epoch : floor;
