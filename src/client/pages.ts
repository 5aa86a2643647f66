/** A list that comes in pages: iterate over all of it, or take one page. */
export interface Pages<Item> extends AsyncIterable<Item> {
  page(after?: string | null): Promise<{ readonly items: readonly Item[]; readonly next: string | null }>;
}

export function pagesOf<Item>(
  read: (after: string | null) => Promise<{ readonly items: readonly Item[]; readonly next: string | null }>,
): Pages<Item> {
  return {
    page: (after = null) => read(after),
    async *[Symbol.asyncIterator]() {
      for (let after: string | null = null; ; ) {
        const page = await read(after);
        yield* page.items;
        if (page.next === null) return;
        after = page.next;
      }
    },
  };
}
