import { useEffect, useRef } from "preact/hooks";
import { EarnestConnectionError, isApiError } from "../../../src/client/errors.ts";
import { online } from "../connection.ts";
import { PageFault } from "../fault.ts";
import { t } from "../i18n.ts";
import { useStore } from "../store.ts";

/** What went wrong, with its code and the one thing to do about it. */
export function Problem({ error, onRetry }: { readonly error: unknown; readonly onRetry?: () => void }) {
  const { code, text } = described(error);
  useRetryOnReturn(error instanceof EarnestConnectionError ? onRetry : undefined);
  return (
    <section class="notice notice-problem" role="alert">
      <p>{text}</p>
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

export function described(error: unknown): { readonly code: string; readonly text: string } {
  if (error instanceof EarnestConnectionError) return { code: error.code, text: t("common.noConnection") };
  if (error instanceof PageFault) return { code: error.code, text: error.text };
  if (isApiError(error)) return { code: error.code, text: `${error.message} ${error.next}` };
  return { code: "PAGE_FAILED", text: error instanceof Error ? error.message : String(error) };
}

export function Loading() {
  return (
    <p class="loading" role="status">
      {t("common.loading")}
    </p>
  );
}
