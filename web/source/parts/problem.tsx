import { useEffect, useRef } from "preact/hooks";
import { type EarnestApiError, EarnestConnectionError, isApiError } from "../../../src/client/errors.ts";
import { online } from "../connection.ts";
import { PageFault } from "../fault.ts";
import { apart, isMessageKey, t, type Values } from "../i18n.ts";
import { useStore } from "../store.ts";
import { useRefusals } from "./refusals.ts";

/** What went wrong, with its code and the one thing to do about it. */
export function Problem({ error, onRetry }: { readonly error: unknown; readonly onRetry?: () => void }) {
  const { code, text, inEnglish } = described(error);
  const isSaid = useRefusals(error);
  useRetryOnReturn(error instanceof EarnestConnectionError ? onRetry : undefined);
  return (
    <section class="notice notice-problem" role="alert">
      {isSaid && text !== null && <p>{text}</p>}
      {isSaid && inEnglish !== null && <InEnglish text={inEnglish} isBeside={text !== null} />}
      <p class="faint">
        <code>{code}</code>
      </p>
      {onRetry !== undefined && (
        <button type="button" class="button" onClick={onRetry}>
          {t("common.retry")}
        </button>
      )}
    </section>
  );
}

/** What a missing connection kept from happening happens when it is there again. */
function useRetryOnReturn(onRetry: (() => void) | undefined): void {
  const isOnline = useStore(online);
  const wasOnline = useRef(isOnline);
  useEffect(() => {
    if (isOnline && !wasOnline.current) onRetry?.();
    wasOnline.current = isOnline;
  }, [isOnline]);
}

const InEnglish = ({ text, isBeside }: { readonly text: string; readonly isBeside: boolean }) => (
  <p class={isBeside ? "faint" : undefined} lang="en" dir="auto">
    {text}
  </p>
);

interface Described {
  readonly code: string;
  /** In the language of the page; null where it has no words for the code. */
  readonly text: string | null;
  /** What the server says, where the page cannot say as much. */
  readonly inEnglish: string | null;
}

export function described(error: unknown): Described {
  const inEnglish = null;
  if (error instanceof EarnestConnectionError) return { code: error.code, text: t("common.noConnection"), inEnglish };
  if (error instanceof PageFault) return { code: error.code, text: error.text, inEnglish };
  if (isApiError(error)) return refused(error);
  return { code: "PAGE_FAILED", text: null, inEnglish: error instanceof Error ? error.message : String(error) };
}

/** What is words in an error's context, and not a number, a name or an amount, is English. */
const wordsInContext = ["problem", "action", "budget", "what", "requirement"];

function refused(error: EarnestApiError): Described {
  const { code, context, message, next } = error;
  const key = `error.${code}`;
  if (!isMessageKey(key)) return { code, text: null, inEnglish: `${message} ${next}` };
  const hasWords = wordsInContext.some((name) => Object.hasOwn(context, name));
  return { code, text: t(key, valuesIn(context)), inEnglish: hasWords ? message : null };
}

/** Names and amounts keep their own direction, whichever way the sentence runs. */
function valuesIn(context: EarnestApiError["context"]): Values {
  const values: Record<string, string | number> = {};
  for (const [name, value] of Object.entries(context)) {
    if (typeof value === "number") values[name] = value;
    else if (typeof value === "string") values[name] = apart(value);
  }
  return values;
}

export function Loading() {
  return (
    <p class="loading" role="status">
      {t("common.loading")}
    </p>
  );
}
