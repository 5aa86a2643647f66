import type { ComponentType } from "preact";
import { useEffect, useState } from "preact/hooks";
import { Loading, Problem } from "../parts/problem.tsx";

/**
 * A component whose code comes when it is first wanted: whoever never meets a task of that sort never loads it. Once it
 * is there, the next task of the sort is drawn at once.
 */
export interface Later<Props> {
  readonly View: ComponentType<Props>;
  /** Fetches the code before it is wanted. */
  readonly prepare: () => Promise<unknown>;
}

export function later<Props>(load: () => Promise<ComponentType<Props>>): Later<Props> {
  let loaded: ComponentType<Props> | null = null;
  const prepare = async (): Promise<void> => {
    loaded ??= await load();
  };
  function View(props: Props) {
    const [Loaded, setLoaded] = useState(() => loaded);
    const [problem, setProblem] = useState<unknown>(null);
    const begin = (): void => {
      setProblem(null);
      prepare().then(() => setLoaded(() => loaded), setProblem);
    };
    useEffect(() => {
      if (Loaded === null) begin();
    }, []);
    if (problem !== null) return <Problem error={problem} onRetry={begin} />;
    return Loaded === null ? <Loading /> : <Loaded {...(props as Props & object)} />;
  }
  return { View, prepare };
}
