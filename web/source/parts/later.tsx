import type { ComponentChild } from "preact";
import { useEffect, useState } from "preact/hooks";
import { Loading, Problem } from "./problem.tsx";

type View = () => ComponentChild;

/** A part of the page whose code comes when somebody wants it, as nobody needs it to earn. */
export function Later({ load }: { readonly load: () => Promise<View> }) {
  const [Loaded, setLoaded] = useState<View | null>(null);
  const [problem, setProblem] = useState<unknown>(null);
  const start = (): void => {
    setProblem(null);
    load().then((view) => setLoaded(() => view), setProblem);
  };
  useEffect(start, [load]);
  if (problem !== null) return <Problem error={problem} onRetry={start} />;
  return Loaded === null ? <Loading /> : <Loaded />;
}
