import type { ComponentChildren } from "preact";
import { useEffect, useRef } from "preact/hooks";
import { t } from "../i18n.ts";
import { Icon } from "./icons.tsx";

interface SheetProps {
  readonly title: string;
  readonly onClose: () => void;
  readonly children: ComponentChildren;
}

/** Something to read or set beside the work. The browser's own dialogue keeps the focus in it, and Escape closes it. */
export function Sheet({ title, onClose, children }: SheetProps) {
  const dialogue = useRef<HTMLDialogElement>(null);
  useEffect(() => {
    // A tap beside it closes it too, where the browser knows how.
    dialogue.current?.setAttribute("closedby", "any");
    dialogue.current?.showModal();
  }, []);
  return (
    <dialog ref={dialogue} class="sheet" aria-labelledby="sheet-title" onClose={onClose}>
      <div class="sheet-inside">
        <header class="sheet-header">
          <h2 id="sheet-title">{title}</h2>
          <button
            type="button"
            class="button-icon"
            aria-label={t("common.close")}
            onClick={() => dialogue.current?.close()}
          >
            <Icon name="cross" />
          </button>
        </header>
        {children}
      </div>
    </dialog>
  );
}
