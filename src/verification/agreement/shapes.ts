import type { Box, Polygon, Span } from "../answers/answer.ts";
import { type Agreement, countingWeights, fScorePpm, inFixedOrder, probabilityPpm, type Vote } from "./vote.ts";

/** What agreement has to know of spans, boxes or polygons. */
export interface ShapeType<Shape extends Span | Box | Polygon> {
  /** What two shapes share of their union, in parts per million; symmetric, a million for equal ones. */
  overlapPpm(one: Shape, other: Shape): number;
  compare(a: Shape, b: Shape): number;
  /** What stands for shapes that mean the same; they have one label. */
  middle(shapes: readonly Shape[], weights: readonly number[]): Shape;
}

interface Candidate<Shape> {
  readonly shape: Shape;
  readonly vote: number;
  readonly weight: number;
}

/** Whether two mean the same thing: null where they do not, otherwise how much they share. */
type Overlap<Shape> = (one: Shape, other: Shape) => number | null;

const overlapOf =
  <Shape extends Span | Box | Polygon>(type: ShapeType<Shape>, overlapPpmMin: number): Overlap<Shape> =>
  (one, other) => {
    const ppm = one.label === other.label ? type.overlapPpm(one, other) : 0;
    return ppm > 0 && ppm >= overlapPpmMin ? ppm : null;
  };

/**
 * Shapes of one label that overlap enough are gathered, at most one of each vote, around those that most weight
 * overlaps with; a gathering with more than half of the weight becomes one shape of the label, even splits (by weight,
 * then votes) none. Ties go to the shape that sorts first.
 */
export function agreeOnShapes<Shape extends Span | Box | Polygon>(
  type: ShapeType<Shape>,
  given: readonly Vote<readonly Shape[]>[],
  overlapPpmMin: number,
  shapesMax: number,
): Agreement<readonly Shape[]> {
  const votes = inFixedOrder<readonly Shape[]>(given);
  const weights = countingWeights(votes);
  const all = weights.reduce((sum, weight) => sum + weight, 0);
  const overlap = overlapOf(type, overlapPpmMin);
  const kept = gather(type, candidatesOf(votes, weights), overlap)
    .map((members) => ({ members, weight: members.reduce((sum, { weight }) => sum + weight, 0) }))
    .filter(({ members, weight }) => (2 * weight - all || 2 * members.length - votes.length) > 0)
    .sort((a, b) => b.weight - a.weight)
    .slice(0, shapesMax);
  const shapes = kept.map(({ members }) =>
    type.middle(
      members.map(({ shape }) => shape),
      members.map(({ weight }) => weight),
    ),
  );
  const label = withoutTwins(type, shapes);
  return { label, confidencePpm: confidenceOfShapes(type, votes, label, overlapPpmMin) };
}

function candidatesOf<Shape>(votes: readonly Vote<readonly Shape[]>[], weights: readonly number[]): Candidate<Shape>[] {
  return votes.flatMap(({ answer }, vote) => answer.map((shape) => ({ shape, vote, weight: weights[vote] as number })));
}

function gather<Shape extends Span | Box | Polygon>(
  type: ShapeType<Shape>,
  candidates: readonly Candidate<Shape>[],
  overlap: Overlap<Shape>,
): Candidate<Shape>[][] {
  const ranked = Array.from(scoresOf(candidates, overlap), (score, i) => ({ i, score })).sort(
    (a, b) =>
      b.score - a.score ||
      type.compare((candidates[a.i] as Candidate<Shape>).shape, (candidates[b.i] as Candidate<Shape>).shape) ||
      a.i - b.i,
  );
  const isTaken = new Uint8Array(candidates.length);
  const clusters: Candidate<Shape>[][] = [];
  for (const { i } of ranked) {
    if (isTaken[i] === 1) continue;
    const members = bestOfEachVote(candidates[i] as Candidate<Shape>, i, candidates, isTaken, overlap);
    for (const member of members) isTaken[member] = 1;
    clusters.push(members.map((member) => candidates[member] as Candidate<Shape>));
  }
  return clusters;
}

/** The weight that overlaps with each candidate, by how much; whole numbers, so that no order leaves a trace. */
function scoresOf<Shape>(candidates: readonly Candidate<Shape>[], overlap: Overlap<Shape>): Float64Array {
  const scores = new Float64Array(candidates.length);
  for (const [i, one] of candidates.entries()) {
    for (let j = 0; j <= i; j++) {
      const other = candidates[j] as Candidate<Shape>;
      const perMille = Math.floor((overlap(one.shape, other.shape) ?? 0) / 1000);
      if (perMille === 0) continue;
      scores[i] = (scores[i] as number) + other.weight * perMille;
      if (i !== j) scores[j] = (scores[j] as number) + one.weight * perMille;
    }
  }
  return scores;
}

/** The candidate itself, and of each other vote the free shape that overlaps most with it. */
function bestOfEachVote<Shape>(
  centre: Candidate<Shape>,
  at: number,
  candidates: readonly Candidate<Shape>[],
  isTaken: Uint8Array,
  overlap: Overlap<Shape>,
): number[] {
  const best = new Map<number, { readonly i: number; readonly ppm: number }>();
  for (const [i, each] of candidates.entries()) {
    if (isTaken[i] === 1 || each.vote === centre.vote) continue;
    const ppm = overlap(centre.shape, each.shape);
    if (ppm !== null && ppm > (best.get(each.vote)?.ppm ?? 0)) best.set(each.vote, { i, ppm });
  }
  return [at, ...[...best.values()].map(({ i }) => i)].sort((a, b) => a - b);
}

function withoutTwins<Shape extends Span | Box | Polygon>(type: ShapeType<Shape>, shapes: readonly Shape[]): Shape[] {
  const sorted = shapes.toSorted((a, b) => type.compare(a, b));
  return sorted.filter((shape, i) => i === 0 || type.compare(sorted[i - 1] as Shape, shape) !== 0);
}

/**
 * The least sure of: that a shape of the label is there, and that one is not there which some saw and the label does not
 * have. Whoever has a shape that overlaps enough says it is there, everybody else says it is not.
 */
export function confidenceOfShapes<Shape extends Span | Box | Polygon>(
  type: ShapeType<Shape>,
  votes: readonly Vote<readonly Shape[]>[],
  label: readonly Shape[],
  overlapPpmMin: number,
): number {
  if (votes.length === 0) return 0;
  const overlap = overlapOf(type, overlapPpmMin);
  const all = votes.reduce((sum, { weight }) => sum + weight, 0);
  const support = (shape: Shape): number =>
    votes.reduce(
      (sum, { answer, weight }) => sum + (answer.some((each) => overlap(shape, each) !== null) ? weight : 0),
      0,
    );
  let least = label.reduce((so, shape) => Math.min(so, 2 * support(shape) - all), all);
  for (const { answer } of votes) {
    for (const shape of answer) {
      if (label.some((each) => overlap(each, shape) !== null)) continue;
      least = Math.min(least, all - 2 * support(shape));
    }
  }
  return probabilityPpm(least);
}

/**
 * The F-score of shapes that overlap enough with one of the label, each with at most one: pairs are made by how much
 * they overlap, ties by their places.
 */
export function matchShapes<Shape extends Span | Box | Polygon>(
  type: ShapeType<Shape>,
  answer: readonly Shape[],
  label: readonly Shape[],
  overlapPpmMin: number,
): number {
  const overlap = overlapOf(type, overlapPpmMin);
  const pairs = answer.flatMap((one, i) =>
    label.flatMap((other, j) => {
      const ppm = overlap(one, other);
      return ppm === null ? [] : [{ i, j, ppm }];
    }),
  );
  pairs.sort((a, b) => b.ppm - a.ppm || a.i - b.i || a.j - b.j);
  const [mine, theirs] = [new Set<number>(), new Set<number>()];
  for (const { i, j } of pairs) {
    if (mine.has(i) || theirs.has(j)) continue;
    mine.add(i);
    theirs.add(j);
  }
  return fScorePpm(mine.size, answer.length, label.length);
}
