import { Store } from "../store.ts";
import type { Outcome } from "./answers.ts";

/** A verdict that just came, for whoever shows or reads it out. */
export interface News {
  readonly id: number;
  readonly outcome: Outcome;
}

export const news = new Store<News | null>(null);
let lastId = 0;
const shownMs = 6_000;

export function announce(outcome: Outcome): void {
  const id = ++lastId;
  news.set({ id, outcome });
  setTimeout(() => {
    if (news.value?.id === id) news.set(null);
  }, shownMs);
}
