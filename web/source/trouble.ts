import { Store } from "./store.ts";

/** What went wrong where nobody waited for it; shown on every screen until somebody closes it. */
export const trouble = new Store<unknown>(null);

/** Starts work that nobody waits for. It never fails in silence. */
export function start(work: Promise<unknown>): void {
  work.catch((error: unknown) => trouble.set(error));
}
