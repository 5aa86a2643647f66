/** Where each portion begins of what is numbered from `from` to before `end`. */
export function* beginnings(from: number, end: number, portion: number): Generator<number> {
  for (let at = from; at < end; at += portion) yield at;
}

/** What is made of each, in order: the next is begun before this one is done, so that two resources are at work. */
export async function* ahead<Item, Made>(
  items: Iterable<Item>,
  make: (item: Item) => Promise<Made>,
): AsyncGenerator<Made> {
  let begun: Promise<Made> | null = null;
  for (const item of items) {
    const before: Promise<Made> | null = begun;
    begun = make(item);
    // Where nobody takes it any more, nobody hears of its failure either.
    begun.catch(() => undefined);
    if (before !== null) yield await before;
  }
  if (begun !== null) yield await begun;
}
