/**
 * Text of strangers, as it may stand on the page. It is always set as text, never as markup; what is left to guard is
 * how it looks: characters that turn what follows them round could make one thing look like another, and text without
 * end could bury the page.
 */
const directionControls = /[\u202a-\u202e\u2066-\u2069\u200e\u200f\u061c]/g;
const otherControls = /(?![\t\n\r])\p{Cc}|[\u2028\u2029\ufff9-\ufffb]/gu;
/** More marks than this on one letter grow over its neighbours. */
const stackedMarks = /(\p{M}{8})\p{M}+/gu;

export const charactersShown = 20_000;

export function safeText(text: string, max: number = charactersShown): string {
  const cut = text.length > max ? `${text.slice(0, max)}…` : text;
  return cut.replace(directionControls, "").replace(otherControls, "").replace(stackedMarks, "$1");
}
