import { mistakes } from "./mistakes.ts";
import type { Reader } from "./reader.ts";
import { choiceOf, familyOf, type Shown, textOf, wordsOf } from "./shown.ts";
import { blame, friendly, hostile, negations, praise, self } from "./word-lists.ts";

/** So many words before a word may turn it round: "not at all what I call good". */
const reach = 4;

/** Reads tone, liking and usage by lists of words. It reads no irony, and leaves what has none of its words. */
export const lexicon: Reader = {
  read(shown) {
    switch (familyOf(shown)) {
      case "tone":
        return toneOf(shown);
      case "sentiment":
        return likingOf(shown);
      case "wording":
        return betterOf(shown);
      default:
        return null;
    }
  },
};

function toneOf(shown: Shown): string | null {
  const text = textOf(shown);
  const words = wordsOf(text);
  const count = (list: ReadonlySet<string>): number => words.filter((word) => list.has(word)).length;
  const lean = count(friendly) - count(hostile);
  if (lean !== 0) return choiceOf(shown, lean > 0 ? "friendly" : "hostile");
  // Who speaks of neither themselves nor us, and does not raise their voice, informs.
  const isPlain = count(friendly) === 0 && count(self) === 0 && !words.includes("you") && !/[!?]/.test(text);
  return isPlain ? choiceOf(shown, "neutral") : null;
}

function likingOf(shown: Shown): string | null {
  let [praised, blamed] = [0, 0];
  for (const clause of textOf(shown).split(/[.;!?]|\b(?:although|but|though|yet)\b/)) {
    const words = wordsOf(clause);
    for (const [i, word] of words.entries()) {
      const isTurned = words
        .slice(Math.max(i - reach, 0), i)
        .some((each) => negations.has(each) || each.endsWith("n't"));
      if (isTurned ? blame.has(word) : praise.has(word)) praised++;
      if (isTurned ? praise.has(word) : blame.has(word)) blamed++;
    }
  }
  if (praised > 0 && blamed > 0) return choiceOf(shown, "mixed");
  return praised > 0 ? choiceOf(shown, "positive") : blamed > 0 ? choiceOf(shown, "negative") : null;
}

/** Of two sentences the one with fewer mistakes. */
function betterOf({ choices, content }: Shown): string | null {
  const [a, b] = choices.map(({ id, label }) => {
    const text = content.find((each) => each.label === label)?.text.toLowerCase() ?? "";
    return { id, found: mistakes.filter((mistake) => mistake.test(text)).length };
  });
  if (a === undefined || b === undefined || a.found === b.found) return null;
  return a.found < b.found ? a.id : b.id;
}
