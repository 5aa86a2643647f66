import { useCallback, useEffect, useState } from "preact/hooks";
import { watched } from "../../connection.ts";

export interface Loaded<Value> {
  readonly value: Value | null;
  readonly problem: unknown;
  readonly reload: () => void;
}

/** Something that is read when a screen opens, and again when it is asked for. What was there stays until then. */
export function useLoad<Value>(load: () => Promise<Value>, of: readonly unknown[]): Loaded<Value> {
  const [value, setValue] = useState<Value | null>(null);
  const [problem, setProblem] = useState<unknown>(null);
  const [turn, setTurn] = useState(0);
  useEffect(() => {
    let isCurrent = true;
    watched(load()).then(
      (found) => {
        if (!isCurrent) return;
        setValue(() => found);
        setProblem(null);
      },
      (error: unknown) => {
        if (isCurrent) setProblem(error);
      },
    );
    return () => {
      isCurrent = false;
    };
  }, [...of, turn]);
  return { value, problem, reload: useCallback(() => setTurn((now) => now + 1), []) };
}
