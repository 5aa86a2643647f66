import type { Pages } from "../../../../src/client/pages.ts";
import type { Page } from "./use-pages.ts";

/** So many pages of a list as somebody asked for, read anew: what is shown changes meanwhile. */
export async function firstPages<Item>(list: Pages<Item>, count: number): Promise<Page<Item>> {
  let found: Page<Item> = await list.page(null);
  for (let i = 1; i < count && found.next !== null; i++) {
    const { items, next } = await list.page(found.next);
    found = { items: [...found.items, ...items], next };
  }
  return found;
}
