import { million, sharePpm } from "./vote.ts";

/** What somebody of a group says of an item: that it is good, or that it is not. */
export interface GroupVote {
  /**
   * From what the voter answered before, never from the item that is judged: whoever disliked it would make up a group
   * of those who dislike it.
   */
  readonly group: number;
  readonly isFor: boolean;
}

/** `open` needs more votes. */
export type BridgedStatus = "passed" | "failed" | "open";

export interface GroupRule {
  readonly votesMin: number;
  readonly sharePpmMin: number;
}

/** Community Notes asks for five ratings before it says anything of a note. */
export const defaultGroupRule: GroupRule = { votesMin: 5, sharePpmMin: 600_000 };

export interface GroupAgreement {
  readonly status: BridgedStatus;
  /** What share of the group that is least for the item is for it, among groups with enough votes; none: a million. */
  readonly worstPpm: number;
}

/**
 * What groups agree on that otherwise disagree: every group has enough votes, and in the worst of them enough are for
 * it. However large the majority that one group is, it cannot pass what another one rejects. One group with enough votes
 * that is against fails it at once; with fewer than two groups nothing passes.
 *
 * @param groups how many there are, numbered from 0; votes of others do not count
 */
export function agreeByGroups(
  groups: number,
  votes: readonly GroupVote[],
  rule: GroupRule = defaultGroupRule,
): GroupAgreement {
  const counts = Array.from({ length: groups }, () => ({ all: 0, ours: 0 }));
  for (const { group, isFor } of votes) {
    const count = counts[group];
    if (count === undefined) continue;
    count.all++;
    if (isFor) count.ours++;
  }
  const heard = counts.filter(({ all }) => all >= rule.votesMin);
  const worstPpm = heard.reduce((worst, { ours, all }) => Math.min(worst, sharePpm(ours, all)), million);
  if (worstPpm < rule.sharePpmMin) return { status: "failed", worstPpm };
  const isComplete = groups >= 2 && heard.length === groups;
  return { status: isComplete ? "passed" : "open", worstPpm };
}
