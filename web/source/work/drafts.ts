import { useEffect, useRef, useState } from "preact/hooks";
import { readOne, write } from "../database.ts";
import { start } from "../trouble.ts";
import type { Draft } from "../widgets/draft.ts";

/** What was begun on a task, kept as it is typed: a closed page or a lost connection costs nothing. */
export function useDraft(key: string | null): readonly [Draft, (draft: Draft) => void] {
  const [held, setHeld] = useState<{ readonly key: string | null; readonly draft: Draft }>({ key, draft: undefined });
  // A read that comes late must not take away what was chosen for the task after it.
  const wanted = useRef(key);
  wanted.current = key;
  useEffect(() => {
    if (key === null) return;
    const isNewer = (now: typeof held): boolean => now.key === key && now.draft !== undefined;
    const take = (draft: Draft): void => setHeld((now) => (isNewer(now) ? now : { key, draft }));
    start(readOne<Draft>("drafts", key).then((draft) => (wanted.current === key ? take(draft) : undefined)));
  }, [key]);
  const set = (draft: Draft): void => {
    setHeld({ key, draft });
    if (key !== null) start(write("drafts", key, draft));
  };
  return [held.key === key ? held.draft : undefined, set];
}
