import type { SpanMark } from "../rows.ts";
import { codePointsOf } from "../written.ts";

/**
 * The text that is marked, twice: as the requester wrote it, which spans count in code points, and as it is shown. What
 * would turn the text round or pile up stays in its place as a sign that shows nothing, so that every place in the one
 * is the same place in the other.
 */
const nothing = "\u2060";
const unsafe = /[\u202a-\u202e\u2066-\u2069\u200e\u200f\u061c\u2028\u2029\ufff9-\ufffb]|(?![\t\n\r])\p{Cc}/gu;
const stackedMarks = /(?<=\p{M}{8})\p{M}/gu;

export const shownText = (text: string): string =>
  text
    .replace(stackedMarks, (mark) => nothing.repeat(mark.length))
    .replace(unsafe, nothing)
    .replace(/\p{Surrogate}/gu, "\ufffd");

/** A stretch between two places, in UTF-16 code units as the page counts. */
export interface Stretch {
  readonly start: number;
  readonly end: number;
}

/** Words where the language has them; where a browser cannot tell, what stands between spaces. */
export function wordsOf(text: string): Stretch[] {
  if (typeof Intl.Segmenter !== "function") {
    return Array.from(text.matchAll(/\S+/g), ({ index, 0: word }) => ({ start: index, end: index + word.length }));
  }
  const segments = new Intl.Segmenter(undefined, { granularity: "word" }).segment(text);
  return Array.from(segments)
    .filter(({ segment, isWordLike }) => isWordLike === true || /[^\s\u2060]/.test(segment))
    .map(({ index, segment }) => ({ start: index, end: index + segment.length }));
}

/** The word at a place, or the nearest; -1 in a text without words. */
export function wordAt(words: readonly Stretch[], place: number): number {
  const after = words.findIndex(({ end }) => end > place);
  if (after === -1) return words.length - 1;
  const [before, found] = [words[after - 1], words[after] as Stretch];
  if (place >= found.start || before === undefined) return after;
  return place - before.end < found.start - place ? after - 1 : after;
}

/** The next place at which nothing is cut in two. */
export function nextPlace(text: string, place: number, by: 1 | -1): number {
  const around = text.slice(Math.max(0, place - 64), place + 64);
  const offset = Math.max(0, place - 64);
  const ends = graphemeEnds(around).map((end) => offset + end);
  const found = by === 1 ? ends.find((end) => end > place) : [offset, ...ends].findLast((end) => end < place);
  return Math.max(0, Math.min(text.length, found ?? place));
}

function graphemeEnds(text: string): number[] {
  if (typeof Intl.Segmenter !== "function") {
    let end = 0;
    return Array.from(text, (character) => (end += character.length));
  }
  return Array.from(
    new Intl.Segmenter(undefined, { granularity: "grapheme" }).segment(text),
    ({ index, segment }) => index + segment.length,
  );
}

/** Places as the page counts them, and as the log does. */
export const toCodePoints = (text: string, { start, end }: Stretch): Stretch => {
  const before = codePointsOf(text.slice(0, start));
  return { start: before, end: before + codePointsOf(text.slice(start, end)) };
};

export function fromCodePoints(text: string, { start, end }: Stretch): Stretch {
  let [units, points] = [0, 0];
  let from = text.length;
  for (const character of text) {
    if (points === start) from = units;
    if (points >= end) return { start: Math.min(from, units), end: units };
    units += character.length;
    points++;
  }
  return { start: Math.min(from, text.length), end: text.length };
}

/** A piece of the text in which nothing begins or ends. */
export interface Piece extends Stretch {
  /** Which of the spans cover it. */
  readonly covering: readonly number[];
  /** Which of them end with it: there their labels stand. */
  readonly ending: readonly number[];
  readonly isSelected: boolean;
}

export function piecesOf(length: number, spans: readonly Stretch[], selected: Stretch | null): Piece[] {
  const all = selected === null ? spans : [...spans, selected];
  const places = [...new Set([0, length, ...all.flatMap(({ start, end }) => [start, end])])]
    .filter((place) => place >= 0 && place <= length)
    .sort((a, b) => a - b);
  return places.slice(1).map((end, i) => {
    const start = places[i] as number;
    const which = (is: (span: Stretch) => boolean): number[] => spans.flatMap((span, at) => (is(span) ? [at] : []));
    return {
      start,
      end,
      covering: which((span) => span.start <= start && span.end >= end),
      ending: which((span) => span.end === end && span.start < end),
      isSelected: selected !== null && selected.start <= start && selected.end >= end,
    };
  });
}

/**
 * Marks a stretch. Where a character may be in one span only, the new one takes the place of those it touches; the same
 * span is never there twice.
 */
export function withSpan(spans: readonly SpanMark[], added: SpanMark, mayOverlap: boolean): SpanMark[] {
  const isSame = (each: SpanMark): boolean =>
    each.start === added.start && each.end === added.end && each.label === added.label;
  const touches = (each: SpanMark): boolean => each.start < added.end && added.start < each.end;
  const kept = spans.filter((each) => !isSame(each) && (mayOverlap || !touches(each)));
  return [...kept, added].sort((a, b) => a.start - b.start || a.end - b.end || (a.label < b.label ? -1 : 1));
}
