import type { RankingSchema } from "../answers/ranking.ts";
import { kemenyOrder } from "./kemeny.ts";
import { type Agreement, countingWeights, probabilityPpm, sharePpm, type Vote } from "./vote.ts";

/**
 * The order that contradicts the least weight of what the votes say of pairs (Kemeny, 1959), cut to the top where the
 * schema asks for that. Of two items that a vote does not list it says nothing; one that it lists is before one that it
 * does not. Confidence: the least sure of the pairs that the label orders.
 */
export function agreeOnRanking(
  schema: RankingSchema,
  votes: readonly Vote<readonly number[]>[],
): Agreement<readonly number[]> {
  const size = schema.items.length;
  const order = kemenyOrder(size, preferences(size, votes, countingWeights(votes)));
  const label = order.slice(0, schema.top);
  if (votes.length === 0) return { label, confidencePpm: 0 };
  const prefer = preferences(
    size,
    votes,
    votes.map(({ weight }) => weight),
  );
  let least = Infinity;
  for (const [place, item] of label.entries()) {
    for (const other of order.slice(place + 1)) {
      const ahead = (prefer[item * size + other] as number) - (prefer[other * size + item] as number);
      least = Math.min(least, ahead);
    }
  }
  return { label, confidencePpm: probabilityPpm(least) };
}

/** The weight of those who put item i before item j, at i × size + j. */
function preferences(
  size: number,
  votes: readonly Vote<readonly number[]>[],
  weights: readonly number[],
): Float64Array {
  const prefer = new Float64Array(size * size);
  for (const [v, { answer }] of votes.entries()) {
    const place = placesOf(size, answer);
    for (const [i, item] of answer.entries()) {
      for (let other = 0; other < size; other++) {
        if ((place[other] as number) <= i) continue;
        const at = item * size + other;
        prefer[at] = (prefer[at] as number) + (weights[v] as number);
      }
    }
  }
  return prefer;
}

/** Where each item is; those that are not listed share the place after the last. */
function placesOf(size: number, order: readonly number[]): number[] {
  const place = Array.from({ length: size }, () => order.length);
  for (const [i, item] of order.entries()) place[item] = i;
  return place;
}

/**
 * Kendall's tau (1938), so that an order by chance earns nothing: pairs ordered as in the label less those ordered the
 * other way, over all that either orders. Nothing where that is negative.
 */
export function matchRanking(schema: RankingSchema, answer: readonly number[], label: readonly number[]): number {
  const size = schema.items.length;
  const [mine, theirs] = [placesOf(size, answer), placesOf(size, label)];
  let ordered = 0;
  let ahead = 0;
  for (let i = 0; i < size; i++) {
    for (let j = 0; j < i; j++) {
      const one = Math.sign((mine[i] as number) - (mine[j] as number));
      const other = Math.sign((theirs[i] as number) - (theirs[j] as number));
      if (one !== 0 || other !== 0) ordered++;
      ahead += one * other;
    }
  }
  return sharePpm(Math.max(ahead, 0), ordered);
}
