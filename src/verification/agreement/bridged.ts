import type { Place } from "./factorisation.ts";
import { factorise, type Rating } from "./factorisation.ts";
import { agreeByGroups, type BridgedStatus, type GroupVote } from "./group-agreement.ts";

/** Below that many raters who rated enough, the model has too little to tell camps by. */
export const ratersMinOfFactorisation = 200;

/** Parts per million. As Community Notes publishes them; the scale of intercepts differs between markets: calibrate. */
export interface BridgedRule {
  readonly interceptMin: number;
  /** What passed once stays so down to here, that it does not come and go. */
  readonly interceptMinToStay: number;
  readonly factorMax: number;
}

export const defaultBridgedRule: BridgedRule = {
  interceptMin: 400_000,
  interceptMinToStay: 390_000,
  factorMax: 500_000,
};

/** Good in the eyes of both camps, bad in those of both, or neither (Community Notes: below −.05 − .8 |factor|). */
export function statusOfPlace(
  place: Place | null,
  hasPassed: boolean,
  rule: BridgedRule = defaultBridgedRule,
): BridgedStatus {
  if (place === null) return "open";
  const { interceptPpm, factorPpm } = place;
  const factor = Math.abs(factorPpm);
  const needed = hasPassed ? rule.interceptMinToStay : rule.interceptMin;
  if (interceptPpm >= needed && factor < rule.factorMax) return "passed";
  return interceptPpm < -50_000 - Math.floor((4 * factor) / 5) ? "failed" : "open";
}

const isFor = ({ valuePpm }: Rating): boolean => valuePpm > 500_000;

/**
 * What each item is worth to groups that disagree. With at least 200 raters an item passes by its place in the model of
 * Community Notes, and not while a group rejects it; with fewer, by its worst group alone. Halves count as against.
 *
 * @param groupOf each rater's group from what it answered before, −1 where it is not known
 * @param passed the items that have passed already
 */
export function agreeBridged(
  { raters, items, groups }: { readonly raters: number; readonly items: number; readonly groups: number },
  ratings: readonly Rating[],
  groupOf: readonly number[],
  passed: ReadonlySet<number> = new Set(),
  rule: BridgedRule = defaultBridgedRule,
): readonly BridgedStatus[] {
  const model = factorise(raters, items, ratings);
  const votes = Array.from({ length: items }, (): GroupVote[] => []);
  for (const rating of ratings) {
    votes[rating.item]?.push({ group: groupOf[rating.rater] ?? -1, isFor: isFor(rating) });
  }
  return votes.map((each, item) => {
    const byGroups = agreeByGroups(groups, each).status;
    if (model.ratersHeard < ratersMinOfFactorisation || byGroups === "failed") return byGroups;
    return statusOfPlace(model.items[item] ?? null, passed.has(item), rule);
  });
}

/** Raters nearer to the middle than this belong to no group. */
const factorMinOfGroup = 50_000;

/**
 * Two groups by the side on which raters stand, from the ratings of items that are settled: never from those that are to
 * be judged by the groups. −1 for those in the middle or with too few ratings.
 */
export function groupsFromHistory(raters: number, items: number, history: readonly Rating[]): readonly number[] {
  return factorise(raters, items, history).raters.map((place) => {
    if (place === null || Math.abs(place.factorPpm) < factorMinOfGroup) return -1;
    return place.factorPpm > 0 ? 1 : 0;
  });
}
