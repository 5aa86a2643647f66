import { codePoints, editDistance } from "../agreement/edit-distance.ts";
import { type Crash, unknownState } from "./crash.ts";
import { limits } from "./limits.ts";

/** ClusterFuzz's constants (crash_comparer.py: SAME_FRAMES_THRESHOLD, COMPARE_THRESHOLD). */
const commonFramesMin = 2;
const similarityPercent = 80;

type Found = Pick<Crash, "type" | "state">;

/**
 * Whether two crashes are of one fault: two lines of their states in common in the same order, or lines that are on
 * average more than 80 % alike, line by line as far as both go. Where nothing is known of where they happened, it has
 * to be the same that happened: ClusterFuzz takes all of these for one.
 */
export function isDuplicate(one: Found, other: Found): boolean {
  const [first, second] = [bounded(one.state), bounded(other.state)];
  if (isUnknown(first) || isUnknown(second)) return isUnknown(first) && isUnknown(second) && one.type === other.type;
  return commonLines(first, second) >= commonFramesMin || areAlike(first, second);
}

const isUnknown = (state: readonly string[]): boolean => state.length === 0 || state[0] === unknownState;

/** Where among earlier crashes the first of the same fault is, or −1: who came first found it. */
export const firstDuplicateIn = (earlier: readonly Found[], crash: Found): number =>
  earlier.findIndex((each) => isDuplicate(each, crash));

const bounded = (state: readonly string[]): string[] =>
  state.slice(0, limits.stateLinesMax).map((line) => line.slice(0, limits.castLineMax));

/** The length of the longest sequence of lines that both have in this order, if with others in between. */
export function commonLines(one: readonly string[], other: readonly string[]): number {
  let before = other.map(() => 0);
  for (const line of one) {
    const row: number[] = [];
    for (const [j, each] of other.entries()) {
      const diagonal = j > 0 ? (before[j - 1] as number) : 0;
      row.push(line === each ? diagonal + 1 : Math.max(before[j] as number, row[j - 1] ?? 0));
    }
    before = row;
  }
  return before.at(-1) ?? 0;
}

/**
 * How alike two lines are: the characters of both without those that have to be changed, of all characters of both. In
 * whole numbers, so that the mean is compared exactly.
 */
function likeness(one: string, other: string): { readonly alike: bigint; readonly all: bigint } {
  const [first, second] = [codePoints(one), codePoints(other)];
  const all = first.length + second.length;
  if (all === 0) return { alike: 1n, all: 1n };
  return { alike: BigInt(all - editDistance(first, second, all)), all: BigInt(all) };
}

function areAlike(one: readonly string[], other: readonly string[]): boolean {
  const compared = Math.min(one.length, other.length);
  let [sum, denominator] = [0n, 1n];
  for (let i = 0; i < compared; i++) {
    const { alike, all } = likeness(one[i] as string, other[i] as string);
    sum = sum * all + alike * denominator;
    denominator *= all;
  }
  return sum * 100n > BigInt(similarityPercent * compared) * denominator;
}
