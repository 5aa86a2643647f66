/** Finding one of thousands of names by a few letters of it. */
const plain = (text: string): string => text.normalize("NFKD").replace(/\p{M}/gu, "").toLowerCase();

export interface Found<Item> {
  readonly items: readonly Item[];
  /** How many there are in all. */
  readonly count: number;
}

/** What has every word that was typed: whole names first, then names and words that begin so, then the rest. */
export function matching<Item>(
  items: readonly Item[],
  nameOf: (item: Item) => string,
  query: string,
  most: number,
): Found<Item> {
  const wanted = plain(query).split(/\s+/).filter(Boolean);
  if (wanted.length === 0) return { items: items.slice(0, most), count: items.length };
  const [first = ""] = wanted;
  const ranked = items.flatMap((item, at) => {
    const name = plain(nameOf(item));
    if (!wanted.every((word) => name.includes(word))) return [];
    const isWordStart = new RegExp(`(?:^|[^\\p{L}\\p{N}])${escaped(first)}`, "u").test(name);
    const rank = name === wanted.join(" ") ? 0 : name.startsWith(first) ? 1 : isWordStart ? 2 : 3;
    return [{ item, at, rank, length: name.length }];
  });
  ranked.sort((a, b) => a.rank - b.rank || a.length - b.length || a.at - b.at);
  return { items: ranked.slice(0, most).map(({ item }) => item), count: ranked.length };
}

const escaped = (text: string): string => text.replace(/[\\^$.*+?()[\]{}|/]/g, "\\$&");
