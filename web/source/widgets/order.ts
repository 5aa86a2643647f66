import type { Json } from "../../../src/core/json.ts";

/** What was ranked so far, the best first; whatever is not among the items is left out. */
export const rankedOf = (items: readonly string[], draft: Json | undefined): string[] =>
  Array.isArray(draft) ? [...new Set(draft as string[])].filter((each) => items.includes(each)) : [];

/** Puts an item last, or takes it out again. What is left of a whole ranking follows by itself. */
export function toggledRank(items: readonly string[], top: number, ranked: readonly string[], item: string): string[] {
  if (ranked.includes(item)) return ranked.filter((each) => each !== item);
  if (ranked.length >= top) return [...ranked];
  const next = [...ranked, item];
  const rest = items.filter((each) => !next.includes(each));
  return rest.length === 1 && next.length === top - 1 ? [...next, ...rest] : next;
}

/** Puts the item at one place to another. */
export function moved<Item>(ranked: readonly Item[], from: number, to: number): Item[] {
  const item = ranked[from];
  if (item === undefined) return [...ranked];
  const rest = ranked.filter((_, i) => i !== from);
  const at = Math.max(0, Math.min(rest.length, to));
  return [...rest.slice(0, at), item, ...rest.slice(at)];
}
