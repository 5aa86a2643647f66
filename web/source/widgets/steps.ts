import { useRef } from "preact/hooks";
import type { Draft } from "./draft.ts";

const stepsMax = 100;

export interface Steps {
  /** Changes the draft so that it can be changed back. */
  readonly change: (draft: Draft) => void;
  readonly back: () => void;
  readonly forth: () => void;
  readonly canGoBack: boolean;
  /** Takes Control+Z, and with Shift the other way. */
  readonly takes: (event: KeyboardEvent) => boolean;
}

/** What was done to a draft, step by step, as long as its task is on the screen. */
export function useSteps(draft: Draft, onChange: (draft: Draft) => void): Steps {
  const past = useRef<Draft[]>([]);
  const future = useRef<Draft[]>([]);
  const travel = (from: Draft[], to: Draft[]): void => {
    if (from.length === 0) return;
    to.push(draft);
    onChange(from.pop());
  };
  const back = (): void => travel(past.current, future.current);
  const forth = (): void => travel(future.current, past.current);
  return {
    change(next) {
      past.current = [...past.current.slice(1 - stepsMax), draft];
      future.current = [];
      onChange(next);
    },
    back,
    forth,
    canGoBack: past.current.length > 0,
    takes({ key, ctrlKey, metaKey, shiftKey }) {
      if (!(ctrlKey || metaKey) || key.toLowerCase() !== "z") return false;
      if (shiftKey) forth();
      else back();
      return true;
    },
  };
}
