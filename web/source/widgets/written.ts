/** The limit of a text counts code points, as the log does; what somebody sees as one sign may be several of them. */
export function codePointsOf(text: string): number {
  let count = 0;
  for (const _ of text) count++;
  return count;
}

/** Whether signs are in it that count as more than one. */
export function hasCompounds(text: string): boolean {
  if (/^[\x20-\x7e\n]*$/.test(text) || typeof Intl.Segmenter !== "function") return false;
  for (const { segment } of new Intl.Segmenter(undefined, { granularity: "grapheme" }).segment(text)) {
    if (codePointsOf(segment) > 1) return true;
  }
  return false;
}

/** Halves of signs, which an editor may leave behind, are no text that can be sent. */
export const wellFormed = (text: string): string => text.replace(/\p{Surrogate}/gu, "");
