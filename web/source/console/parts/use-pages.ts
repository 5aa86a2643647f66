import { useCallback, useEffect, useState } from "preact/hooks";
import { watched } from "../../connection.ts";
import type { Loaded } from "./use-load.ts";

export interface Page<Item> {
  readonly items: readonly Item[];
  readonly next: string | null;
}

export interface LoadedPages<Item> extends Loaded<readonly Item[]> {
  /** Reads the next page; null at the end of the list. */
  readonly more: (() => void) | null;
  readonly isBusy: boolean;
}

/**
 * A list that is read a page at a time, as somebody asks for more. What was read stays when the next page fails. For
 * another list the component needs another key.
 */
export function usePages<Item>(read: (after: string | null) => Promise<Page<Item>>): LoadedPages<Item> {
  const [shown, setShown] = useState<Page<Item> | null>(null);
  const [problem, setProblem] = useState<unknown>(null);
  /** The page that is asked for: behind this place, the how often-th time. */
  const [asked, setAsked] = useState<{ readonly after: string | null; readonly turn: number }>({
    after: null,
    turn: 0,
  });
  const [isBusy, setBusy] = useState(true);
  useEffect(() => {
    let isCurrent = true;
    setBusy(true);
    const settle = (then: () => void): void => {
      if (!isCurrent) return;
      setBusy(false);
      then();
    };
    watched(read(asked.after)).then(
      ({ items, next }) =>
        settle(() => {
          setProblem(null);
          setShown((now) => ({ items: asked.after === null ? items : [...(now?.items ?? []), ...items], next }));
        }),
      (error: unknown) => settle(() => setProblem(error)),
    );
    return () => {
      isCurrent = false;
    };
  }, [asked]);
  const next = shown?.next ?? null;
  const ask = (after: string | null): void => setAsked(({ turn }) => ({ after, turn: turn + 1 }));
  return {
    value: shown?.items ?? null,
    problem,
    // The page that failed is asked for again, and not those before it.
    reload: useCallback(() => setAsked((now) => ({ ...now, turn: now.turn + 1 })), []),
    more: next === null ? null : () => ask(next),
    isBusy,
  };
}
