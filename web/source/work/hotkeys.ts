import { useEffect, useRef } from "preact/hooks";
import type { AnswerSchema } from "../../../src/contract/answers.ts";
import { type Draft, draftOfKey } from "../widgets/draft.ts";

export interface Hotkeys {
  /** Null where there is nothing to answer. */
  readonly schema: AnswerSchema | null;
  readonly draft: Draft;
  readonly onChange: (draft: Draft) => void;
  readonly onSend: () => void;
  /** By letter, in lower case. */
  readonly letters?: Readonly<Record<string, () => void>>;
}

/** 1 to 9 choose, Enter sends, letters do the rest; nothing of it while somebody writes, and never with Alt or Control. */
export function useHotkeys(hotkeys: Hotkeys): void {
  const latest = useRef(hotkeys);
  latest.current = hotkeys;
  useEffect(() => {
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
  if (altKey || metaKey || event.isComposing || document.querySelector("dialog[open]") !== null) return false;
  const isWriting = target instanceof HTMLTextAreaElement || isTextInput(target);
  if (key === "Enter" && schema !== null && (ctrlKey || (!isWriting && !opensSomething(target)))) {
    onSend();
    return true;
  }
  if (isWriting || ctrlKey) return false;
  if (schema !== null && /^[1-9]$/.test(key)) {
    onChange(draftOfKey(schema, draft, Number(key)));
    return true;
  }
  const act = letters[key.toLowerCase()];
  act?.();
  return act !== undefined;
}

const isTextInput = (target: EventTarget | null): boolean =>
  (target instanceof HTMLInputElement && !["radio", "checkbox"].includes(target.type)) ||
  target instanceof HTMLSelectElement;

/** Enter on a link or a button is for that link or button. */
const opensSomething = (target: EventTarget | null): boolean =>
  target instanceof HTMLAnchorElement || target instanceof HTMLButtonElement;
