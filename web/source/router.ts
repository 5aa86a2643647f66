import { Store } from "./store.ts";

/** Where the visitor is: a path of this page. */
export const place = new Store<string>(location.pathname);

addEventListener("popstate", () => place.set(location.pathname));

/** @param how "replace" where the way back should not lead to what only led on */
export function go(path: string, how: "push" | "replace" = "push"): void {
  if (path === place.value) return;
  // The node's page came with a policy that lets it ask this computer, the explorer's with one that lets it ask the
  // chain; the others show work of strangers, and may not.
  if (areaOf(path) !== areaOf(place.value)) {
    location.assign(path);
    return;
  }
  if (how === "push") history.pushState(null, "", path);
  else history.replaceState(null, "", path);
  place.set(path);
  scrollTo(0, 0);
  // Whoever listens instead of looking hears that the screen is another one.
  requestAnimationFrame(() => document.querySelector<HTMLElement>("main h1, main")?.focus({ preventScroll: true }));
}

const areaOf = (path: string): string | undefined => /^\/(?:node|explorer)(?=\/|$)/.exec(path)?.[0];

export type Screen =
  | { readonly name: "landing" }
  | { readonly name: "work"; readonly market: string | null }
  | { readonly name: "find" }
  | { readonly name: "test"; readonly market: string; readonly test: string }
  | { readonly name: "earnings" }
  | { readonly name: "wallet" }
  | { readonly name: "about" }
  | { readonly name: "node" }
  | { readonly name: "look" }
  | { readonly name: "receipt"; readonly market: string; readonly slot: string }
  | { readonly name: "entries"; readonly market: string; readonly lane: string; readonly sequences: string }
  | { readonly name: "unknown" };

export function screenOf(path: string): Screen {
  const [first = "", ...rest] = path.split("/").slice(1);
  const [a, b, c] = rest;
  switch (first) {
    case "":
      return { name: "landing" };
    case "desk":
      return a === undefined || /^[0-9a-f]{32}$/.test(a) ? { name: "work", market: a ?? null } : { name: "unknown" };
    case "tests":
      return a !== undefined && b !== undefined
        ? { name: "test", market: a, test: decodeURIComponent(b) }
        : { name: "unknown" };
    case "find":
      return { name: "find" };
    case "earnings":
      return { name: "earnings" };
    case "wallet":
      return { name: "wallet" };
    case "me":
      return { name: "about" };
    case "node":
      return { name: "node" };
    case "look":
      return { name: "look" };
    case "receipts":
      if (a === undefined || b === undefined) return { name: "unknown" };
      return c === undefined
        ? { name: "receipt", market: a, slot: b }
        : { name: "entries", market: a, lane: b, sequences: c };
    default:
      return { name: "unknown" };
  }
}
