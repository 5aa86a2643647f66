import type { ComponentChildren } from "preact";
import { Loading, Problem } from "../../parts/problem.tsx";
import type { Loaded } from "./use-load.ts";

interface LoadedViewProps<Value> {
  readonly of: Loaded<Value>;
  /** What is said where there is nothing; without it there is always something. */
  readonly empty?: { readonly text: string; readonly is: (value: Value) => boolean };
  readonly children: (value: Value) => ComponentChildren;
}

/** What was read; or that it is on its way, that there is nothing, or what failed and how to try again. */
export function LoadedView<Value>({ of: { value, problem, reload }, empty, children }: LoadedViewProps<Value>) {
  const isEmpty = value !== null && empty?.is(value) === true;
  return (
    <>
      {problem !== null && <Problem error={problem} onRetry={reload} />}
      {value === null && problem === null && <Loading />}
      {isEmpty && <p class="faint">{empty?.text}</p>}
      {value !== null && !isEmpty && children(value)}
    </>
  );
}
