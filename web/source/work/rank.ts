import type { OpenWork } from "../../../src/contract/open-work.ts";

/**
 * The order in which work is shown: what somebody may do before what they lack something for; of that, where they said
 * where they are, what is near, the nearest first; then as the network ranks it, by what an hour of it pays.
 */
export function ranked(found: readonly OpenWork[], distances: ReadonlyMap<string, number>): readonly OpenWork[] {
  const keyOf = ({ market, qualifies }: OpenWork): readonly [number, number] => [
    qualifies === false ? 1 : 0,
    distances.get(market) ?? Number.POSITIVE_INFINITY,
  ];
  return found
    .map((work, i) => ({ work, i, key: keyOf(work) }))
    .sort((a, b) => a.key[0] - b.key[0] || compared(a.key[1], b.key[1]) || a.i - b.i)
    .map(({ work }) => work);
}

/** Two that are nowhere are equally far. */
const compared = (a: number, b: number): number => (a === b ? 0 : a - b);
