import { useEffect, useState } from "preact/hooks";
import { isApiError } from "../../../src/client/errors.ts";
import { addWords, type Loaders } from "../i18n.ts";

const loaders: Loaders = {
  es: () => import("../../messages/refusals/es.json"),
  pt: () => import("../../messages/refusals/pt.json"),
  fr: () => import("../../messages/refusals/fr.json"),
  hi: () => import("../../messages/refusals/hi.json"),
  ar: () => import("../../messages/refusals/ar.json"),
  zh: () => import("../../messages/refusals/zh.json"),
  id: () => import("../../messages/refusals/id.json"),
};

let areThere = false;
let adding: Promise<void> | null = null;

/** What each code of the API says in each language. Most visits need none of it: it comes with the first refusal. */
function addRefusals(): Promise<void> {
  adding ??= (async () => {
    const english = await import("../../messages/refusals/en.json");
    await addWords(english.default, loaders);
    areThere = true;
  })();
  adding.catch(() => {
    adding = null;
  });
  return adding;
}

/** Whether an error can be said now. Where its words cannot be loaded, the server's are said. */
export function useRefusals(error: unknown): boolean {
  const [isSaid, setSaid] = useState(areThere);
  const isNeeded = isApiError(error) && !isSaid;
  useEffect(() => {
    const say = (): void => setSaid(true);
    if (isNeeded) addRefusals().then(say, say);
  }, [isNeeded]);
  return !isNeeded;
}
