import { useLayoutEffect, useRef } from "preact/hooks";
import type { AnswerSchema } from "../../../src/contract/answers.ts";
import { type Draft, draftOfKey } from "../widgets/draft.ts";
import { isTakenByWidget } from "../widgets/widget-keys.ts";

export interface Hotkeys {
  /** Null where there is nothing to answer. */
  readonly schema: AnswerSchema | null;
  readonly draft: Draft;
  readonly onChange: (draft: Draft) => void;
  readonly onSend: () => void;
  /** By letter, in lower case. */
  readonly letters?: Readonly<Record<string, () => void>>;
}

/**
 * 1 to 9 choose, Enter sends, letters do the rest; the widget on the screen comes first. Nothing of it while somebody
 * writes but Control and Enter, which send; never with Alt.
 */
export function useHotkeys(hotkeys: Hotkeys): void {
  const latest = useRef(hotkeys);
  latest.current = hotkeys;
  // At once, and not after the next paint: who sees the task may press a key.
  useLayoutEffect(() => {
    const onKey = (event: KeyboardEvent): void => {
      if (pressed(latest.current, event)) event.preventDefault();
    };
    addEventListener("keydown", onKey);
    return () => removeEventListener("keydown", onKey);
  }, []);
}

/** True where the key meant something. */
function pressed({ schema, draft, onChange, onSend, letters = {} }: Hotkeys, event: KeyboardEvent): boolean {
  const { key, altKey, ctrlKey, metaKey, target } = event;
  if (event.defaultPrevented || altKey || event.isComposing) return false;
  if (document.querySelector("dialog[open]") !== null) return false;
  const isWriting = writes(target);
  if (schema !== null && !isWriting && isTakenByWidget(event)) return true;
  if (key === "Enter" && schema !== null && (ctrlKey || metaKey || !needsEnter(target))) {
    onSend();
    return true;
  }
  if (isWriting || ctrlKey || metaKey) return false;
  if (schema !== null && /^[1-9]$/.test(key)) {
    onChange(draftOfKey(schema, draft, Number(key)));
    return true;
  }
  const act = letters[key.toLowerCase()];
  act?.();
  return act !== undefined;
}

const notWritten: ReadonlySet<string> = new Set(["radio", "checkbox", "range", "file", "button"]);

const writes = (target: EventTarget | null): boolean =>
  target instanceof HTMLTextAreaElement ||
  target instanceof HTMLSelectElement ||
  (target instanceof HTMLInputElement && !notWritten.has(target.type));

/** Enter on a link or a button is for that link or button; in a text of several lines it is a new line. */
const needsEnter = (target: EventTarget | null): boolean =>
  target instanceof HTMLAnchorElement ||
  target instanceof HTMLButtonElement ||
  target instanceof HTMLTextAreaElement ||
  target instanceof HTMLSelectElement ||
  (target instanceof HTMLElement && target.tagName === "SUMMARY") ||
  (target instanceof HTMLInputElement && ["file", "button", "search"].includes(target.type));
