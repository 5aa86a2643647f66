import { useLayoutEffect, useRef } from "preact/hooks";

/** Keys that the widget on the screen takes before the page does; true where it took the key. */
export type KeyTaker = (event: KeyboardEvent) => boolean;

const takers: { readonly current: KeyTaker }[] = [];

export const isTakenByWidget = (event: KeyboardEvent): boolean => takers.at(-1)?.current(event) ?? false;

export function useWidgetKeys(taker: KeyTaker): void {
  const latest = useRef(taker);
  latest.current = taker;
  // At once, and not after the next paint: who sees the task may press a key.
  useLayoutEffect(() => {
    takers.push(latest);
    return () => void takers.splice(takers.indexOf(latest), 1);
  }, []);
}
