import type { Span } from "../answers/answer.ts";
import { compareSpans, type SpansSchema } from "../answers/spans.ts";
import type { AgreementParameters } from "./parameters.ts";
import { agreeOnShapes, confidenceOfShapes, matchShapes, type ShapeType } from "./shapes.ts";
import { type Agreement, lowerMedian, sharePpm, type Vote } from "./vote.ts";
import { agree } from "./weighted.ts";

const spanType: ShapeType<Span> = {
  overlapPpm(one, other) {
    const shared = Math.min(one.end, other.end) - Math.max(one.start, other.start);
    const covered = one.end - one.start + other.end - other.start - shared;
    return shared <= 0 ? 0 : sharePpm(shared, covered);
  },
  compare: compareSpans,
  // All start before they end, and so do the medians.
  middle: (spans, weights) => ({
    start: lowerMedian(
      spans.map(({ start }) => start),
      weights,
    ),
    end: lowerMedian(
      spans.map(({ end }) => end),
      weights,
    ),
    label: (spans[0] as Span).label,
  }),
};

/**
 * Where spans may overlap they are gathered like boxes. Where they may not, every character is voted on: the label with
 * most weight or none, ties to more votes, then to none, then to the lower index; characters of one label are one span
 * unless most of those who label both sides of a place end a span there.
 */
export function agreeOnSpans(
  schema: SpansSchema,
  votes: readonly Vote<readonly Span[]>[],
  { overlapPpmMin }: AgreementParameters,
): Agreement<readonly Span[]> {
  if (schema.overlap) return agreeOnShapes(spanType, votes, overlapPpmMin, schema.spansMax);
  const label = joined(schema.labels.length, votes).slice(0, schema.spansMax);
  return { label, confidencePpm: confidenceOfShapes(spanType, votes, label, overlapPpmMin) };
}

/** The spans of one vote, walked from left to right; they do not overlap. */
interface Walk {
  readonly spans: readonly Span[];
  readonly weight: number;
  at: number;
}

function joined(labels: number, votes: readonly Vote<readonly Span[]>[]): Span[] {
  const walks = votes.map(({ answer, weight }): Walk => ({ spans: answer, weight, at: 0 }));
  const places = [...new Set(votes.flatMap(({ answer }) => answer.flatMap(({ start, end }) => [start, end])))];
  places.sort((a, b) => a - b);
  const found: Span[] = [];
  for (const [i, start] of places.entries()) {
    const end = places[i + 1];
    const last = found.at(-1);
    const isEnd = last !== undefined && last.end === start && endsHere(walks, start, last.label);
    for (const walk of walks) while ((walk.spans[walk.at]?.end ?? Infinity) <= start) walk.at++;
    const label = labelAt(labels, walks, start);
    if (end === undefined || label === null) continue;
    if (last !== undefined && last.end === start && last.label === label && !isEnd)
      found[found.length - 1] = { ...last, end };
    else found.push({ start, end, label });
  }
  return found;
}

function labelAt(labels: number, walks: readonly Walk[], place: number): number | null {
  const votes = walks.map(({ spans, at, weight }) => {
    const span = spans[at];
    return { choice: span !== undefined && span.start <= place ? span.label + 1 : 0, weight };
  });
  const { choice } = agree(votes, labels + 1);
  return choice === 0 ? null : choice - 1;
}

/** Before the walks pass a place: whether those who have the label on both sides of it end a span there. */
function endsHere(walks: readonly Walk[], place: number, label: number): boolean {
  let weight = 0;
  let votes = 0;
  for (const walk of walks) {
    const [span, next] = [walk.spans[walk.at], walk.spans[walk.at + 1]];
    if (span === undefined || span.label !== label || span.start >= place) continue;
    const isSplit = span.end === place && next?.start === place && next.label === label;
    if (span.end === place && !isSplit) continue;
    weight += isSplit ? walk.weight : -walk.weight;
    votes += isSplit ? 1 : -1;
  }
  return (weight || votes) > 0;
}

/** The F-score of spans that overlap enough. */
export const matchSpans = (
  answer: readonly Span[],
  label: readonly Span[],
  { overlapPpmMin }: AgreementParameters,
): number => matchShapes(spanType, answer, label, overlapPpmMin);
