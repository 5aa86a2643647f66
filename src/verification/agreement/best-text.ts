import { normalise, type TextSchema } from "../answers/text.ts";
import { agree } from "./weighted.ts";

/** What somebody thinks of the texts that several wrote. */
export interface PeerVote {
  /** The index of the text that is best. */
  readonly best: number;
  /** The index of the voter's own text; null where the voter wrote none. */
  readonly own: number | null;
  /** Thousandths of a nat. */
  readonly weight: number;
}

/**
 * The best of several texts by the votes of peers; a vote for one's own text, or one equal to it, does not count. Texts
 * that are equal after normalisation are one, with the votes of all of them; the label is the first index of the best.
 * No candidates: −1.
 */
export function agreeOnBest(
  schema: TextSchema,
  candidates: readonly string[],
  votes: readonly PeerVote[],
): { readonly label: number; readonly confidencePpm: number } {
  const normal = candidates.map((candidate) => normalise(schema, candidate));
  const first = normal.map((each) => normal.indexOf(each));
  const distinct = [...new Set(first)];
  if (distinct.length === 0) return { label: -1, confidencePpm: 0 };
  const counted = votes
    .filter(({ best, own }) => own === null || first[best] !== first[own])
    .map(({ best, weight }) => ({ choice: distinct.indexOf(first[best] as number), weight }));
  const { choice, confidencePpm } = agree(counted, distinct.length);
  return { label: distinct[choice] as number, confidencePpm };
}
