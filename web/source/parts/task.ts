import { useRef, useState } from "preact/hooks";

export interface Task {
  readonly isBusy: boolean;
  readonly problem: unknown;
  run(work: () => Promise<unknown>): void;
}

/** Something that is done when somebody asks for it, one at a time, and what went wrong with it. */
export function useTask(): Task {
  const [isBusy, setBusy] = useState(false);
  const [problem, setProblem] = useState<unknown>(null);
  const running = useRef(false);
  const run = (work: () => Promise<unknown>): void => {
    if (running.current) return;
    running.current = true;
    setBusy(true);
    setProblem(null);
    work()
      .catch(setProblem)
      .finally(() => {
        running.current = false;
        setBusy(false);
      });
  };
  return { isBusy, problem, run };
}
